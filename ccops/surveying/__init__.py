"""The parts of a survey: the listing, the names, and one campaign after another."""
