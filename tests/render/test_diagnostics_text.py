"""Diagnostics name what is wrong, where, why and what to do, with carets under the place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import Diagnostic, Place, Severity
from ccops.render.diagnostics import diagnostics_text
from ccops.render.escape import cells, visible
from ccops.render.style import PLAIN

GOLDEN = Path(__file__).parent / "golden"

UNKNOWN_LIST = Diagnostic(
    code="CC301",
    message='unknown contact list "Newsletter - US"',
    place=Place(
        file="campaigns/black-friday.yaml",
        line=11,
        column=9,
        width=15,
        text="      - Newsletter - US",
    ),
    label='not in account "Fern & Field Co."',
    help='did you mean "Newsletter — US"? (it has an em dash)',
)
TWICE = Diagnostic(
    code="CC002",
    message="key `subject` is set twice",
    place=Place(
        file="campaigns/gift-guide.yaml",
        line=9,
        column=13,
        width=2,
        text='  subject: "日本語 🎁 guide"',
    ),
    label="set again here",
    help="YAML would silently keep the last value; remove one",
    also=(
        (
            Place(
                file="campaigns/gift-guide.yaml",
                line=5,
                column=3,
                width=7,
                text='  subject: "Gift guide"',
            ),
            "first set here",
        ),
        (Place(file="ccops.yaml", line=2, column=1), "allowed here"),
    ),
)
OFFLINE = Diagnostic(
    code="CC501",
    message="no answer from Constant Contact",
    help="check the network",
    severity=Severity.WARNING,
)
NOTED = Diagnostic(
    code="CC210", message="nothing to read", label="no file matches", severity=Severity.NOTE
)
ALL = (UNKNOWN_LIST, TWICE, OFFLINE, NOTED)


def text(*diagnostics: Diagnostic, limit: int | None = 20, plain: bool = False) -> str:
    """The plain text, not wrapped."""
    return diagnostics_text(diagnostics, style=PLAIN, limit=limit, plain=plain)


@pytest.mark.parametrize(("name", "plain"), [("framed", False), ("plain", True)])
def test_the_whole_text(name: str, plain: bool) -> None:
    """With source lines for people, and one line each for editors and screen readers."""
    expected = (GOLDEN / f"diagnostics-{name}.txt").read_text(encoding="utf-8")
    assert text(*ALL, plain=plain) == expected


@given(st.text("日aé🎁 \t-", max_size=30), st.integers(1, 40), st.integers(0, 40))
def test_carets_stand_under_their_text(source: str, column: int, width: int) -> None:
    """Wide characters and tabs count as what they take in a terminal."""
    place = Place(file="a.yaml", line=7, column=column, width=width, text="x" + source)
    shown = text(Diagnostic(code="CC101", message="m", place=place)).splitlines()
    before = ("x" + source)[: column - 1].ljust(column - 1).expandtabs(4)
    carets = shown[4].removeprefix("  | ")
    assert len(carets) - len(carets.lstrip()) == cells(visible(before))
    assert set(carets.strip()) == {"^"}


def test_a_long_line_is_cut_to_its_place() -> None:
    """The caret still stands under what is meant, wherever in the line that is."""
    source = "a" * 500 + "HERE" + "b" * 500
    place = Place(file="a.yaml", line=1, column=501, width=4, text=source)
    shown = text(Diagnostic(code="CC101", message="m", place=place)).splitlines()
    at = shown[3].index("HERE")
    assert shown[4].rstrip() == "  |".ljust(at) + "^^^^"
    assert max(map(len, shown)) < 200


def test_two_places_in_one_line_show_it_once() -> None:
    """The source line is not repeated for each mark."""
    one = Place(file="a.yaml", line=3, column=1, width=1, text="a: b")
    two = Place(file="a.yaml", line=3, column=4, width=1, text="a: b")
    found = Diagnostic(code="CC002", message="m", place=two, label="value", also=((one, "key"),))
    assert text(found).splitlines()[3:6] == ["3 | a: b", "  | - key", "  |    ^ value"]


def test_neighbouring_lines_have_no_gap_mark() -> None:
    """Dots stand only for lines left out."""
    places = [Place(file="a.yaml", line=at, column=1, width=1, text="a") for at in (3, 4, 9)]
    also = ((places[1], ""), (places[2], ""))
    shown = text(Diagnostic(code="CC002", message="m", place=places[0], also=also))
    assert shown.count("...") == 1


def test_no_more_than_the_limit() -> None:
    """The rest is counted, and the summary counts all."""
    shown = text(*[OFFLINE] * 5, UNKNOWN_LIST, limit=2)
    assert shown.count("warning[CC501]") == 2
    assert "… and 4 more.\n" in shown
    assert "Failed. 1 error and 5 warnings in 1 file. Nothing was written.\n" in shown
    assert text(*[OFFLINE] * 30, limit=None).count("warning[") == 30


def test_every_error_that_anybody_reads_is_shown() -> None:
    """Not the first twenty: whoever corrects those does not want to run it again for the rest."""
    shown = diagnostics_text((UNKNOWN_LIST,) * 101, style=PLAIN)
    assert (shown.count("error["), "… and 1 more.\n" in shown) == (100, True)


@pytest.mark.parametrize(
    ("diagnostics", "summary"),
    [
        ((OFFLINE,), "1 warning.\n"),
        ((NOTED,), "No error and no warning.\n"),
        ((), "No error and no warning.\n"),
        ((UNKNOWN_LIST, UNKNOWN_LIST), "Failed. 2 errors in 1 file. Nothing was written.\n"),
    ],
)
def test_the_summary(diagnostics: tuple[Diagnostic, ...], summary: str) -> None:
    """What was found is counted; only errors fail."""
    assert text(*diagnostics).endswith(summary)


def test_the_caller_says_whether_anything_was_written() -> None:
    """After a write the summary must not claim the contrary."""
    shown = diagnostics_text((UNKNOWN_LIST,), style=PLAIN, closing="")
    assert shown.endswith("Failed. 1 error in 1 file.\n")
