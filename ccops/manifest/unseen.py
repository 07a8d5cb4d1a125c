"""Blanks that are none: what looks like a blank on a screen, and is a letter to YAML.

They come from word processors, chats and web pages. In a text they may be meant; where a line or a
key begins or ends they never are, and what YAML makes of them cannot be seen.
"""

import re
import unicodedata
from dataclasses import replace

from ccops.errors import Diagnostic

# All of Unicode's separators of words but U+0020; and letters and signs that are drawn as nothing.
_SEPARATORS = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
_ODD_BLANK = re.compile(f"[{_SEPARATORS}{_FILLERS}]")
ODD_INDENT = re.compile(f" *[{_SEPARATORS}]")
"""The beginning of a line up to the first separator in it that is no blank; none is printable."""


def code_point(char: str) -> str:
    """Name a character, as in `U+00A0 (NO-BREAK SPACE)`."""
    name = unicodedata.name(char, "control character" if char < "\xa0" else "not a character")
    return f"U+{ord(char):04X} ({name})"


def noted(one: Diagnostic, *, whole_line: bool = False) -> Diagnostic:
    """Add to a diagnostic's help that an odd blank stands in what it is about, and in which column.

    `whole_line`: what is wrong may stand anywhere in the line.
    """
    place = one.place
    if place is None or place.text.isascii():
        return one
    first = place.column - 1
    span = (0,) if whole_line else (first, first + place.width)
    found = _ODD_BLANK.search(place.text, *span)
    if found is None:
        return one
    odd = f"{code_point(found.group())} in column {found.start() + 1} only looks like a blank"
    return replace(one, help=f"{odd}; {one.help}" if one.help else odd)
