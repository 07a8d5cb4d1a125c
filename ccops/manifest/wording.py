"""How messages name what a person wrote, and what they may have meant."""

import difflib
from collections.abc import Iterable

_LONGEST = 60


def excerpt(text: str) -> str:
    """Give a text for a message: the beginning of a long one, for a file may hold a megabyte."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the known word most like this one, whatever its case, dashes and blanks."""
    folded = {_fold(one): one for one in known}
    close = difflib.get_close_matches(_fold(word), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
