"""Comments and blank lines of a file, and the key or entry that each belongs to.

A parser drops them, so they are found in what stands between the scalars: there nothing but
blanks, line breaks, punctuation and comments can be, for tags, anchors and directives are refused.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ccops.manifest.spans import Kind, Span, leaves

_COMMENT = re.compile(r"#[^\r\n]*")
_LINE = re.compile(r"(?P<punctuation>[^#\n]*?)(?P<gap> *)(?P<comment>#[^\n]*)?")
_MARKER = re.compile(r"(?:---|\.\.\.)(?: |$)")
_MODELINE = re.compile(r"#\s*(?:yaml-language-server:|(?:vim?|ex):|-\*-)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What stands on a line between scalars: a comment, a `---`, or nothing (a blank line).

    `row` and `column` count from 0; `gap` are the blanks before a comment beside something, and
    `aligned` says whether the comment of the line above or below begins in the same column.
    """

    text: str
    row: int = 0
    column: int = 0
    gap: int = 0
    aligned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What belongs to one scalar: the lines above it, the comment beside it, the lines below."""

    above: tuple[Line, ...] = ()
    beside: Line | None = None
    below: tuple[Line, ...] = ()


NOTHING = Notes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything of a file that no parser tells of.

    `notes` are by where their scalar starts. `between[n]` are the lines before manifest number n
    that are no one key's, the last of them those at the end of the file.
    """

    notes: Mapping[int, Notes]
    between: tuple[tuple[Line, ...], ...]

    def of(self, span: Span) -> Notes:
        """Give the notes of a scalar or an empty collection."""
        return self.notes.get(span.start, NOTHING)


def find_comments(text: str, roots: Iterable[Span]) -> Iterator[Span]:
    """Find every comment of a file, without the line break; `roots` are all of its manifests."""
    at = 0
    for leaf in (one for root in roots for one in leaves(root)):
        yield from _comments(text, at, leaf.start)
        yield from _comments(text, leaf.start, _inner(text, leaf))
        at = leaf.end
    yield from _comments(text, at, len(text))


def cover(text: str, roots: Sequence[Span]) -> str:
    """Give a text of the same length in which scalars and comments are blanks.

    What is left is punctuation and line breaks, so that it can be searched for either.
    """
    scalars = (leaf for root in roots for leaf in leaves(root) if leaf.kind is Kind.SCALAR)
    pieces, at = [], 0
    for span in sorted((*scalars, *find_comments(text, roots)), key=lambda span: span.start):
        start = max(at, span.start)  # a comment behind a `|` is inside of its scalar
        pieces += [text[at:start], re.sub(r"[^\n]", " ", text[start : span.end])]
        at = max(at, span.end)
    return "".join((*pieces, text[at:]))


def _inner(text: str, leaf: Span) -> int:
    """Give how far a comment may stand in it: behind a `|`, or inside of empty brackets."""
    if not leaf.written:
        return text.find("\n", leaf.start)
    return leaf.start if leaf.kind is Kind.SCALAR else leaf.end


def _comments(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _COMMENT.finditer(text, start, end):
        yield Span(start=found.start(), end=found.end(), text=found.group())


def survey(text: str, roots: Sequence[Span]) -> Surroundings:
    """Find what belongs to which scalar, in a text whose line breaks are line feeds.

    A comment beside a scalar is that one's. Lines of comments belong to the key or entry below
    them; but to the one above them if they are indented deeper than what comes below, or if they
    stand directly below the one and apart from the other. What comes first in a file is nobody's
    down to the last blank line, `---` or modeline.
    """
    lines = _Lines(text)
    values = {start for root in roots for start in _values(root)}
    notes: dict[int, Notes] = {}
    between: list[tuple[Line, ...]] = []
    before: Span | None = None
    for root in roots:
        first, *others = leaves(root)
        beside, rest = lines.gap(before.end if before else None, first.start)
        below, rest = _deeper(rest, 0) if before else ((), rest)
        _add(notes, before, beside, below)
        head, above = _head(rest)
        between.append(head)
        notes[first.start] = Notes(above=above)
        before = first
        for leaf in others:
            beside, rest = lines.gap(before.end, leaf.start)
            below, above = ((), rest) if leaf.start in values else lines.shared(rest, leaf)
            _add(notes, before, beside, below)
            notes[leaf.start] = Notes(above=above)
            before = leaf
    beside, rest = lines.gap(before.end if before else None, len(text))
    below, rest = _deeper(rest, 0)
    _add(notes, before, beside, below)
    return Surroundings(notes=_aligned(notes), between=(*between, rest))


def _add(
    notes: dict[int, Notes], span: Span | None, beside: Line | None, below: tuple[Line, ...]
) -> None:
    if span is not None:
        notes[span.start] = replace(notes[span.start], beside=beside, below=below)


def _values(span: Span) -> Iterator[int]:
    """Give where the first scalar of each key's value starts."""
    for _, value in span.entries.values():
        yield next(leaves(value)).start
        yield from _values(value)
    for item in span.items:
        yield from _values(item)


def _head(lines: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Part what stands at the top of a manifest from what belongs to its first key."""
    tops = (
        number
        for number, line in enumerate(lines, 1)
        if not line.text.startswith("#") or _MODELINE.match(line.text)
    )
    top = max(tops, default=0)
    return tuple(lines[:top]), tuple(lines[top:])


def _deeper(lines: Sequence[Line], column: int) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Part the comments that are indented deeper than a column from those that follow."""
    number, end = 0, 0
    for number, line in enumerate(lines, 1):
        if line.text and line.column <= column:
            break
        end = number if line.text else end
    return tuple(lines[:end]), tuple(lines[end:])


@dataclass(slots=True)
class _Lines:
    """A text, and where its lines start."""

    text: str
    starts: list[int]

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(one.end() for one in re.finditer("\n", text))]

    def number(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1

    def column(self, at: int) -> int:
        return at - self.starts[self.number(at)]

    def gap(self, start: int | None, end: int) -> tuple[Line | None, tuple[Line, ...]]:
        """Read the lines between two scalars: the comment beside the first, and the others."""
        rows = self.text[start or 0 : end].split("\n")
        beside, others = None, []
        at = 0 if start is None else self.column(start)
        first = 0 if start is None else self.number(start)
        for number, row in enumerate(rows):
            line, closing = _line(row, first + number, at)
            if line and beside is None and start is not None and (number == 0 or closing):
                beside = line
            elif line:
                others.append(line)
            elif number < len(rows) - 1 and not row.strip() and (number or start is None):
                others.append(Line(text=""))
            at = 0
        return beside, tuple(others)

    def shared(
        self, lines: tuple[Line, ...], leaf: Span
    ) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """Part the lines between two keys or entries: those of the first, those of the second."""
        start = self.starts[self.number(leaf.start)]
        row = self.text[start : leaf.start]
        below, rest = _deeper(lines, len(row) - len(row.lstrip(" ")))
        if below or not rest or not rest[0].text:
            return below, rest
        blank = next((number for number, line in enumerate(rest, 1) if not line.text), 0)
        return rest[:blank], rest[blank:]


def _line(row: str, number: int, at: int) -> tuple[Line | None, bool]:
    """Read one line between scalars, and whether it closes brackets that stood open."""
    found = _LINE.fullmatch(row)
    comment = found["comment"].rstrip() if found and found["comment"] else ""
    gap = len(found["gap"]) if found else 0
    if not at and _MARKER.match(row):
        return Line(text=f"{row[:3]}{' ' * gap}{comment}".rstrip(), row=number), False
    if not found or not comment:
        return None, False
    punctuation = found["punctuation"].strip()
    closing = bool(punctuation) and not punctuation.strip(" ,]}")
    column = at + found.start("comment")
    return Line(text=comment, row=number, column=column, gap=gap), closing


def _aligned(notes: Mapping[int, Notes]) -> Mapping[int, Notes]:
    """Mark the comments that stand in one column with that of the line above or below."""
    columns = {one.beside.row: one.beside.column for one in notes.values() if one.beside}

    def marked(one: Notes) -> Notes:
        if one.beside is None:
            return one
        near = {columns.get(one.beside.row - 1), columns.get(one.beside.row + 1)}
        return replace(one, beside=replace(one.beside, aligned=one.beside.column in near))

    return {start: marked(one) for start, one in notes.items()}
