"""Constant Contact email sends, kept in git."""

__version__ = "0.1.0"
