"""Memory between runs: lock, journal, pacing and the daily ledger."""
