"""Text as data: spans, lines and tables, turned into a string in one place.

Renderers say what stands where; `paint` makes foreign text harmless, fits the encoding, aligns
by terminal cells, wraps and colors. As every span passes through it, nothing can be forgotten.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ccops.render.escape import cells, terminal
from ccops.render.style import Meaning, Style

TARGET = 88
"""Where right-aligned text ends when the width is unknown or larger."""
WIDEST = 100
"""Prose is wrapped here at the latest: longer lines are hard to read."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text and what it stands for.

    With `fill`, a single character, it is that character once for each cell of the text: how
    carets stand under the text they mean.
    """

    text: str
    meaning: Meaning = Meaning.PLAIN
    fill: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. `right` is pushed to the right edge.

    Continuations of a wrapped line are indented by `hang`; None: the line is never wrapped.
    """

    spans: tuple[Span, ...] = ()
    right: Span | None = None
    hang: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows whose columns are padded to equal width, two blanks between them; nothing is cut.

    Of columns that are wider together than the terminal, the first are kept; the cells of the
    others follow one after the other, on the same line as far as they fit.
    """

    rows: tuple[tuple[Span, ...], ...]
    indent: int = 2


Block = Line | Table
BLANK = Line()


def line(*parts: str | Span, right: Span | None = None, hang: int | None = 0) -> Line:
    """A line of spans; bare text is a plain one."""
    spans = tuple(Span(part) if isinstance(part, str) else part for part in parts)
    return Line(spans=spans, right=right, hang=hang)


def sections(*parts: Iterable[Block]) -> tuple[Block, ...]:
    """The parts that are not empty, with a blank line between each two."""
    filled = [found for found in map(tuple, parts) if found]
    spaced = [block for part in filled for block in (BLANK, *part)]
    return tuple(spaced[1:])


def paint(blocks: Iterable[Block], *, style: Style, width: int | None, encoding: str) -> str:
    """The blocks as text that ends with a line break.

    `width` is the terminal's, in cells; None means that the output is no terminal, so that
    nothing is wrapped and `grep` sees whole lines.
    """
    rows = [row for block in blocks for row in _rows(block, width, encoding)]
    return "".join(f"{_dressed(row, style)}\n" for row in rows)


_Row = tuple[Span, ...]


def _rows(block: Block, width: int | None, encoding: str) -> Iterator[_Row]:
    if isinstance(block, Table):
        yield from _table(block, width, encoding)
        return
    spans = tuple(_settled(span, encoding) for span in block.spans)
    if block.right is not None:
        yield from _justified(spans, _settled(block.right, encoding), min(width or TARGET, TARGET))
    elif width is None or block.hang is None or _width(spans) <= min(width, WIDEST):
        yield spans
    else:
        yield from _wrapped(spans, min(width, WIDEST), block.hang)


def _settled(span: Span, encoding: str) -> Span:
    """The span as it will be printed, whose cells can be counted."""
    text = terminal(span.text, encoding)
    return Span(span.fill * max(cells(text), 1) if span.fill else text, span.meaning)


def _justified(left: _Row, right: Span, edge: int) -> Iterator[_Row]:
    gap = edge - _width(left) - cells(right.text)
    if gap > 1:
        yield (*left, Span(" " * gap), right)
    else:
        yield left
        yield (Span("    "), right)


def _table(table: Table, width: int | None, encoding: str) -> Iterator[_Row]:
    rows = [[_settled(span, encoding) for span in row] for row in table.rows]
    columns = max(map(len, rows), default=0)
    widths = [
        max(cells(row[column].text) for row in rows if column < len(row))
        for column in range(columns)
    ]
    edges = [table.indent + sum(widths[:at]) + 2 * (at - 1) for at in range(1, columns + 1)]
    kept = [one for one, edge in zip(widths, edges, strict=True) if width is None or edge <= width]
    for row in rows:
        yield from _flowing(row, kept, width, table.indent)


def _flowing(
    row: Sequence[Span], kept: Sequence[int], width: int | None, indent: int
) -> Iterator[_Row]:
    """The cells of the columns that are kept, then the others, on as many lines as they need."""
    padded = (_padded(cell, most) for cell, most in zip(row, kept, strict=False))
    shown: _Row = (Span(" " * indent), *(piece for pair in padded for piece in pair))
    if width is None:
        yield shown
        return
    hang = indent + 4
    for cell in filter(lambda one: one.text.strip(), row[len(kept) :]):
        if len(shown) > 1 and _width((*shown, cell)) > width:
            yield from _wrapped(shown, width, hang)
            shown = (Span(" " * hang),)
        shown = (*shown, cell, Span("  "))
    yield from _wrapped(shown, width, hang)


def _padded(span: Span, width: int) -> _Row:
    return (span, Span(" " * (width - cells(span.text) + 2)))


def _width(row: Iterable[Span]) -> int:
    return sum(cells(span.text) for span in row)


def _wrapped(spans: _Row, width: int, hang: int) -> Iterator[_Row]:
    row: _Row = ()
    for gap, word in _words(spans):
        if row and _width(row) + _width(gap) + _width(word) > width:
            yield row
            row = (Span(" " * hang), *word)
        else:
            row = (*row, *gap, *word)
    yield row


def _words(spans: _Row) -> Iterator[tuple[_Row, _Row]]:
    """Each word with the blanks before it; a word may run through several spans."""
    gap: list[Span] = []
    word: list[Span] = []
    for span in spans:
        for piece in re.findall(r" +|[^ ]+", span.text):
            if piece[0] == " " and word:
                yield tuple(gap), tuple(word)
                gap, word = [], []
            (gap if piece[0] == " " else word).append(Span(piece, span.meaning))
    if word:
        yield tuple(gap), tuple(word)


def _dressed(row: _Row, style: Style) -> str:
    while row and not row[-1].text.rstrip():
        row = row[:-1]
    if not row:
        return ""
    *rest, last = row
    dressed = "".join(style.dress(span.text, span.meaning) for span in rest)
    return dressed + style.dress(last.text.rstrip(), last.meaning)
