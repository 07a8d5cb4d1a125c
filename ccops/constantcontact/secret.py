"""A secret that can be used and cannot be shown."""

import re
from typing import NoReturn

from ccops.errors import AccessDenied, Diagnostic

_VISIBLE = re.compile(r"[!-~]+", re.ASCII)


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

    def reveal(self) -> str:
        """Return the text. Only the client calls this, for the Authorization header."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied into a file")
