"""Phrases that every report is made of. It needs no other module: `validate` starts with it."""

from collections.abc import Sequence


def counted(amount: int, noun: str) -> str:
    """For example `1 error`, `2,000 errors`."""
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def joined(items: Sequence[str]) -> str:
    """For example `a, b and c`."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
