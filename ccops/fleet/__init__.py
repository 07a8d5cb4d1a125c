"""Many workspaces, one command: each account is a job of its own, in a process of its own."""
