"""A secret that can be used and cannot be shown."""

import re
from typing import NoReturn

from ccops.errors import AccessDenied, Diagnostic

_VISIBLE = re.compile(r"[!-~]+", re.ASCII)
_made: set[str] = set()
"""The text of every secret of this process. What it is used for stays in memory longer anyway."""

_HIDDEN = "***"
_SHORTEST = 8
"""Tokens and codes of the API are longer (docs); a word like "sandbox" would hide half a text."""


class Secret:
    """A token. Its text comes out of `reveal` alone: not of `repr`, `str`, formats or pickles.

    Raises:
        AccessDenied: CC525, the text is empty or has characters that no token has. A line break
            in a header would be quoted by the HTTP library's error, so it is refused here.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not _VISIBLE.fullmatch(text):
            message = "the access token is empty or has a blank, a line break or the like in it"
            remedy = "copy it again: it is one long word"
            raise AccessDenied(Diagnostic(code="CC525", message=message, help=remedy))
        self._text = text
        if len(text) >= _SHORTEST:
            _made.add(text)

    def reveal(self) -> str:
        """Return the text. Only the client calls this, for the Authorization header."""
        return self._text

    def __repr__(self) -> str:
        return _HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied into a file")


def redacted(text: str, *more: str) -> str:
    """Return a text that may quote anything, a traceback say, without any secret in it.

    Hidden is every secret of eight characters or more that this process ever made, whatever
    became of it: tokens given, stored and renewed, codes and verifiers; and `more`. A longer one
    goes first, so that nothing of it is left when a shorter one is part of it. Python's and
    JSON's spellings of a text with quotes or backslashes are hidden too.
    """
    words = {one for one in (*_made, *more) if one}
    spellings = {spelling for one in words for spelling in _spellings(one)}
    for spelling in sorted(spellings, key=lambda one: (-len(one), one)):
        text = text.replace(spelling, _HIDDEN)
    return text


def _spellings(word: str) -> tuple[str, ...]:
    in_json = word.replace("\\", "\\\\").replace('"', '\\"')
    return word, repr(word)[1:-1], in_json
