"""The facts that guards ask for: read only for the sends that a plan makes, and only what they need."""
