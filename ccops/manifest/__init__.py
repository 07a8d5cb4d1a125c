"""YAML text → Desired: every mistake of every file, at once."""
