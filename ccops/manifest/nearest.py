"""Did you mean …? One measure of likeness for keys, zones and names."""

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the known word most like this one, whatever its case, dashes and blanks."""
    folded = {_fold(one): one for one in known}
    close = difflib.get_close_matches(_fold(word), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
