"""Names: compared exactly, and guessed at kindly when they are not found."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

_CUTOFF = 0.75
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
_QUOTES = dict.fromkeys("\u2018\u2019\u201a\u201b\u00b4\u0060\u02bc\u2032", "'")
_DOUBLE = dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
_LETTERS = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u03bf\u03b1\u03c1\u03bd\u0131",
        "aeopcyxijsoapvi",
        strict=True,
    )
)
_ALIKE = str.maketrans(_DASHES | _QUOTES | _DOUBLE | _LETTERS)

_REMARKS = {
    "\u2013": "an en dash",
    "\u2014": "an em dash",
    "\u2011": "a non-breaking hyphen",
    "\u2212": "a minus sign",
    "\u2018": "a curly quote",
    "\u2019": "a curly apostrophe",
    "\u201c": "curly quotes",
    "\u201d": "curly quotes",
    "\u00a0": "a non-breaking space",
    "\u202f": "a narrow non-breaking space",
    "\u200b": "an invisible zero-width space",
    "\u00ad": "an invisible soft hyphen",
}


def plain(name: str) -> str:
    """Give a name's composed form (NFC), in which names are compared; nothing else is folded."""
    return unicodedata.normalize("NFC", name)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same text, however their accents are composed."""
    return plain(one) == plain(other)


def fold(name: str) -> str:
    """Fold what people confuse: case, dashes, quotes, spaces, invisible and look-alike letters."""
    compatible = unicodedata.normalize("NFKC", name).casefold().translate(_ALIKE)
    seen = "".join(char for char in compatible if unicodedata.category(char) != "Cf")
    return " ".join(seen.split())


def suggest(name: str, known: Iterable[str], *, near: bool = True) -> str:
    """Ask whether a similar known name was meant: `did you mean "A — B"? (it has an em dash)`.

    Empty when nothing is similar. `near=False` looks only for names that fold alike: comparing
    letter by letter takes too long for thousands of unknown names.
    """
    folded = {fold(one): one for one in known}
    want = fold(name)
    keys = [want] if want in folded else []
    if near and not keys:
        keys = get_close_matches(want, folded, n=1, cutoff=_CUTOFF)
    return "".join(f'did you mean "{folded[key]}"?{_remark(name, folded[key])}' for key in keys)


def _remark(name: str, found: str) -> str:
    """Say which character, hard to see, is in only one of two names that look alike."""
    if fold(name) != fold(found):
        return ""
    for has, lacks, who in ((found, name, "it"), (name, found, "yours")):
        told = [words for char, words in _REMARKS.items() if char in has and char not in lacks]
        if told:
            return f" ({who} has {told[0]})"
    if name.casefold() == found.casefold():
        return " (upper and lower case differ)"
    return " (it has a letter of another alphabet, or other spaces)"
