"""Lines are padded by terminal cells, wrapped only in terminals, and colored last."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.render.escape import cells
from ccops.render.layout import BLANK, Block, Span, Table, line, paint, sections
from ccops.render.style import PLAIN, Meaning, Style
from tests.render.hostile import hostile

spans = st.lists(st.builds(Span, hostile, st.sampled_from(Meaning)), max_size=4)


def painted(*blocks: Block, width: int | None = None, encoding: str = "utf-8") -> list[str]:
    """The lines of the plain text."""
    return paint(blocks, style=PLAIN, width=width, encoding=encoding).splitlines()


@given(spans, st.one_of(st.none(), st.integers(10, 120)))
def test_styled_is_plain_without_escapes(parts: list[Span], width: int | None) -> None:
    """Colors never change what is said or where lines end."""
    block = line(*parts, hang=4)
    styled = paint((block,), style=Style(color=True), width=width, encoding="utf-8")
    plain = paint((block,), style=PLAIN, width=width, encoding="utf-8")
    assert re.sub(r"\x1b\[[\d;]+m", "", styled) == plain


@given(spans, st.integers(10, 120))
def test_wrapping_loses_no_word(parts: list[Span], width: int) -> None:
    """A wrapped line has the same words in the same order, and none beyond its width but one."""
    block = line(*parts, hang=4)
    whole, wrapped = painted(block), painted(block, width=width)
    assert " ".join(wrapped).split() == " ".join(whole).split()
    assert all(cells(one) <= width or len(one.split()) <= 2 for one in wrapped)


@given(st.lists(st.tuples(hostile, hostile), min_size=1, max_size=4))
def test_columns_stand_under_each_other(rows: list[tuple[str, str]]) -> None:
    """The second column begins at one cell in all rows, whatever the first one holds."""
    table = Table(rows=tuple((Span(first), Span("|" + second)) for first, second in rows))
    lines = painted(table, encoding="ascii")
    width = max(
        cells(one) for one in (painted(line(first + "|"), encoding="ascii")[0] for first, _ in rows)
    )
    assert {one[width + 3] for one in lines} == {"|"}


def test_right_aligned_text_ends_at_the_edge() -> None:
    """At 88 cells at most, at a narrower terminal's edge, or on its own line."""
    place = Span("file.yaml:1")
    block = line("@ Gift guide", right=place)
    assert painted(block) == ["@ Gift guide" + " " * 65 + "file.yaml:1"]
    assert painted(block, width=30) == ["@ Gift guide       file.yaml:1"]
    assert painted(block, width=20) == ["@ Gift guide", "    file.yaml:1"]


def test_continuations_hang() -> None:
    """A wrapped line goes on below its value; an exact one is not wrapped."""
    text = "name  one two three four"
    assert painted(line(text, hang=6), width=16) == ["name  one two", "      three four"]
    assert painted(line(text, hang=None), width=16) == [text]
    assert painted(line("a", Span("b", Meaning.OK), " cc"), width=4) == ["ab", "cc"]


@pytest.mark.parametrize(
    ("encoding", "marks"),
    [("utf-8", ["日本 x", "^^^^"]), ("ascii", ["<U+65E5><U+672C> x", "^" * 16])],
)
def test_marks_stand_under_what_they_mean(encoding: str, marks: list[str]) -> None:
    """A mark is as wide as its text is where it is printed."""
    assert painted(line("日本 x"), line(Span("日本", fill="^")), encoding=encoding) == marks


def test_empty_parts_leave_no_gap() -> None:
    """Sections are parted by one blank line each; empty ones do not count."""
    assert painted(*sections((), (line("a"),), (), (line("b"), BLANK, line("c")))) == [
        "a",
        "",
        "b",
        "",
        "c",
    ]
    assert paint((), style=PLAIN, width=None, encoding="utf-8") == ""
    assert painted(Table(rows=())) == []
