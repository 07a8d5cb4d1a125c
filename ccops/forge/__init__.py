"""The forges that hold the manifests: where plans are reviewed."""
