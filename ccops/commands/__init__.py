"""One file per command: gather, decide in the core, speak."""
