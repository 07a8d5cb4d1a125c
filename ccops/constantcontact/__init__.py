"""The vendor: its spelling, paths and quirks are named nowhere else."""
