"""Desired × Live → Plan: pure, total, tested as a table."""
