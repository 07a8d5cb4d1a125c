"""The emergency brake: stop what is scheduled, and keep it stopped."""
