"""Reading campaigns and putting manifests into a workspace: the parts of `ccops pull`."""
