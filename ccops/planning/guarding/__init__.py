"""The guards that `ccops.yaml` configures: one module per family, each guard a pure function."""
