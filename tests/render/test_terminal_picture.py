"""The picture of a plan in the documents is a picture of today's plan."""

import re
from xml.etree import ElementTree as ET

from tests.render.terminal_picture import PICTURE, picture, svg

TEXT = "{http://www.w3.org/2000/svg}text"


def test_the_picture_is_current() -> None:
    """`python -m tests.render.terminal_picture` draws it anew."""
    assert PICTURE.read_text(encoding="utf-8") == picture()


def test_the_picture_says_what_the_terminal_says() -> None:
    """Every word of it, in order; text that looks like SVG stays text."""
    shown = svg("\x1b[1;37;41m! <b>&\x1b[0m sends\n\nlast\n", title="a < b")
    root = ET.fromstring(shown)
    assert [one.text for one in root.iter(TEXT)] == ["! <b>&", " sends", "last"]
    assert len(re.findall("<rect", shown)) == 2


def test_the_picture_needs_nothing_else() -> None:
    """No script, and nothing is fetched."""
    names = {one.tag.rpartition("}")[2] for one in ET.fromstring(picture()).iter()}
    assert names == {"svg", "title", "rect", "text"}
