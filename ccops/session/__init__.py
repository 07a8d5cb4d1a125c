"""The composition root: commands say what they want, and get it from wired parts."""
