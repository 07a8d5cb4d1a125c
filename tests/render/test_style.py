"""Color is decided in one order, and only dresses what the text says already."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.render.style import PLAIN, ColorChoice, Meaning, Style, wants_color

SGR = re.compile(r"\x1b\[[\d;]+m")
AUTO = ColorChoice.AUTO


@given(st.text(st.characters(exclude_characters="\x1b")), st.sampled_from(Meaning))
def test_color_only_adds_escapes(text: str, meaning: Meaning) -> None:
    """Without its escape sequences, colored text is the plain one."""
    assert SGR.sub("", Style(color=True).dress(text, meaning)) == PLAIN.dress(text, meaning) == text


@pytest.mark.parametrize("meaning", Meaning)
def test_only_base_colors(meaning: Meaning) -> None:
    """Bold, dim and the eight base colors: the reader's theme sets the contrast."""
    dressed = Style(color=True).dress("x", meaning)
    codes = re.findall(r"\d+", "".join(SGR.findall(dressed)))
    assert {int(code) for code in codes} <= {0, 1, 2, *range(30, 38), *range(40, 48)}


@pytest.mark.parametrize(
    ("choice", "env", "tty", "wanted"),
    [
        (AUTO, {}, True, True),
        (AUTO, {}, False, False),
        (ColorChoice.ALWAYS, {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        (ColorChoice.NEVER, {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, True, False),
        (AUTO, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        (AUTO, {"NO_COLOR": "", "FORCE_COLOR": ""}, True, True),
        (AUTO, {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        (AUTO, {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, False, True),
        (AUTO, {"CLICOLOR_FORCE": "0"}, False, False),
        (AUTO, {"TERM": "dumb", "GITHUB_ACTIONS": "true"}, True, False),
        (AUTO, {"GITHUB_ACTIONS": "true"}, False, True),
        (AUTO, {"GITLAB_CI": "true"}, False, True),
    ],
)
def test_the_first_that_speaks_decides(
    choice: ColorChoice, env: Mapping[str, str], tty: bool, wanted: bool
) -> None:
    """Flag, NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM=dumb, a known CI, the terminal."""
    assert wants_color(choice, env, tty=tty) is wanted
