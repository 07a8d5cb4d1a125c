"""Plan → effects → Report."""
