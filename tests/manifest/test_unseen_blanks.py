"""What only looks like a blank is named, with its column, wherever it makes a mistake."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops import resources
from ccops.errors import Diagnostic, Place
from ccops.manifest.reader import examine_manifests
from ccops.manifest.settings import examine_settings
from ccops.manifest.text import examine, split
from ccops.manifest.unseen import code_point, noted

SEPARATORS = [
    char for char in map(chr, range(0x21, sys.maxunicode)) if unicodedata.category(char) == "Zs"
]
FILLERS = list("\u115f\u1160\u2800\u3164\uffa0")
GOOD = "campaign: A\nrecipients:\n  lists: [X]\nsend_at: unscheduled\n"


SCHEMA = resources.schema("campaign")


def errors(text: str) -> list[tuple[str, str]]:
    """The code of each mistake in a manifest, and all that is said of it."""
    _, found = examine_manifests([("a.yaml", text)], schema=SCHEMA, zone="UTC")
    return [(one.code, f"{one.place}: {one.message} {one.label} {one.help}") for one in found]


@pytest.mark.parametrize("char", SEPARATORS, ids=ascii)
@pytest.mark.parametrize("before", ["", "  "])
def test_no_separator_but_a_blank_indents(char: str, before: str) -> None:
    """It is the one thing said of the file: what YAML makes of it cannot be seen."""
    (said,) = errors(GOOD.replace("  lists", f"{before}{char}lists"))
    column = len(before) + 1
    assert said[0] == "CC009"
    assert said[1].startswith(f"a.yaml:3:{column}: {code_point(char)} only looks like a blank")
    assert f"in the indentation, column {column} " in said[1]


@pytest.mark.parametrize("char", [*SEPARATORS, *FILLERS], ids=ascii)
@pytest.mark.parametrize(
    ("where", "column", "code"),
    [
        ("  lists{}: [X]\nsend_at: unscheduled\n", 8, "CC101"),
        ("  lists: [X]\nsend_at: {}unscheduled\n", 10, "CC110"),
        ("  lists: [X]\nsend_at: unscheduled{}\n", 21, "CC110"),
        ("  lists: [X]\nsend_at: unscheduled\ntimezone: UTC{}\n", 14, "CC112"),
        ("  lists: [X]\nsend_at:{}unscheduled\n", 9, "CC001"),
    ],
)
def test_a_mistake_that_an_odd_blank_makes_names_it(
    char: str, where: str, column: int, code: str
) -> None:
    """Before and after a key, a value and a colon."""
    (said,) = errors("campaign: A\nrecipients:\n" + where.format(char))
    assert said[0] == code
    assert f"{code_point(char)} in column {column} only looks like a blank" in said[1]


def test_the_workspace_file_is_read_as_closely() -> None:
    """There it is a time zone, or the hours of a guard."""
    text = "version: 1\naccount: p\ntimezone:  \xa0UTC\nguards: {quiet-hours: 20:00\xa0- 8:00}\n"
    _, found = examine_settings(
        "ccops.yaml", text, schema=resources.schema("workspace"), loopback=False
    )
    said = {one.code: one.help.partition(";")[0] for one in found}
    named = "U+00A0 (NO-BREAK SPACE) in column"
    assert said == {
        "CC112": f"{named} 12 only looks like a blank",
        "CC130": f"{named} 28 only looks like a blank",
    }


@given(st.text(" \xa0\u3000x", max_size=12), st.integers(1, 14), st.integers(1, 14))
def test_only_what_stands_in_the_mistake_is_named(text: str, column: int, width: int) -> None:
    """An odd blank elsewhere in the line is not what is wrong."""
    place = Place(file="a", line=1, column=column, width=width, text=text)
    one = Diagnostic(code="CC101", message="x", place=place)
    span = text[column - 1 : column - 1 + width]
    odd = [at for at, char in enumerate(span, column) if char in "\xa0\u3000"]
    said = noted(one).help
    assert said.partition(" in column ")[2] == (f"{odd[0]} only looks like a blank" if odd else "")
    assert noted(Diagnostic(code="CC101", message="x")).help == ""


@pytest.mark.parametrize("char", [*SEPARATORS, *FILLERS], ids=ascii)
def test_in_a_text_it_may_be_meant(char: str) -> None:
    """A name with one inside is another name, and may be the right one."""
    composed = unicodedata.is_normalized("NFC", char)
    assert (errors(GOOD.replace("[X]", f'["X{char}Y"]')) == []) is composed
    (source,) = split("a", f'a: "b{char}c"\n')
    assert examine(source) == ()
