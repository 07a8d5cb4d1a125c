"""Which part of the accounts is looked at today, so that all are within a cycle."""

from datetime import date
from hashlib import sha256


def due(account: str, *, days: int, day: date) -> bool:
    """Whether an account's turn is on this UTC day, in a cycle of so many days.

    Each account has one turn in any `days` days that follow each other, always the same one,
    whatever other accounts there are; over many accounts the turns are about evenly spread.
    """
    place = int.from_bytes(sha256(account.encode()).digest()[:8], "big")
    return place % days == day.toordinal() % days
