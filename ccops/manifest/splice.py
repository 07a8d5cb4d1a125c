"""Small changes of a text that leave all else as it stands: the means of `edit`.

Each gives edits. None ever takes a comment away: where a line goes, its comment stays, on a line of
its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ccops.manifest.comments import cover, find_comments
from ccops.manifest.document import Loader
from ccops.manifest.scalars import resolve
from ccops.manifest.spans import Kind, Span, find_roots
from ccops.manifest.writer import quote

_BARE = re.compile(r"[^\W_](?:[^\[\]{},#?:]|:(?! ))*(?<!:)")
_HEADER = re.compile(r"[|>][-+0-9]*")


class CannotSplice(Exception):
    """A text is written in a way in which this cannot be changed without touching more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Id:
    """A list or segment that is named by its id: `{id: …}`."""

    id: str


Word = str | Id
"""What can stand as one value: a text, or an id."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Write `text` in place of what stands from `start` to `end`, counted in code points."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The text of a file and what stands where in it.

    `bare` is the text with blanks for scalars and comments: its punctuation can be searched.
    """

    text: str
    roots: tuple[Span, ...]
    comments: tuple[Span, ...]
    bare: str

    def line_start(self, at: int) -> int:
        """Give where the line of a place starts; a byte order mark is before it."""
        found = self.text.rfind("\n", 0, at) + 1
        return found or len(self.text) - len(self.text.removeprefix("\ufeff"))

    def line_end(self, at: int) -> int:
        """Give where the line of a place ends, before its line break."""
        found = self.text.find("\n", at)
        end = len(self.text) if found < 0 else found
        return end - 1 if self.text[at:end].endswith("\r") else end

    def column(self, at: int) -> int:
        """Give how far the line of a place is indented."""
        row = self.text[self.line_start(at) : self.line_end(at)]
        return len(row) - len(row.lstrip(" "))

    @property
    def line_break(self) -> str:
        """How lines end in this file."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def comment(self, start: int, end: int) -> Span | None:
        """Give the first comment that begins between two places."""
        return next((one for one in self.comments if start <= one.start < end), None)


def open_page(file: str, text: str, loader: Loader) -> Page:
    """Find what stands where in a file that was read without an error."""
    roots = tuple(find_roots(file, text, loader))
    comments = tuple(find_comments(text, roots))
    return Page(text=text, roots=roots, comments=comments, bare=cover(text, roots))


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Make edits, none of which overlaps another."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def spell(word: Word, style: str = "") -> str:
    """Write a value in the style of quotes that was used before it, wherever it can be.

    Without quotes it is written as the author would: names with digits, times and addresses.
    """
    if isinstance(word, Id):
        return f"{{id: {word.id}}}"
    if style == "'" and word.isprintable():
        return "'" + word.replace("'", "''") + "'"
    if style in {'"', "'"}:
        sure = quote(word)
        return sure if sure.startswith('"') else f'"{sure}"'
    return word if _is_bare(word) else quote(word)


def _is_bare(text: str) -> bool:
    """Whether a text means itself without quotes, in brackets too.

    What other YAML readers take for a number, a date or a truth value does not.
    """
    if quote(text) == text:
        return True
    telling = " " in text or any(char.isalpha() for char in text)
    plain = _BARE.fullmatch(text) and text.isprintable() and text == text.strip()
    return bool(plain and telling and not text.isalpha() and isinstance(resolve(text), str))


def replace_value(page: Page, old: Span, word: Word) -> Iterator[Edit]:
    """Write another value in the place of one, in the same quotes.

    Raises:
        CannotSplice: the old one is a mapping with a comment or line break in it.
    """
    if old.kind is Kind.MAPPING and isinstance(word, Id):
        inner = old.entries["id"][1]
        yield from replace_value(page, inner, word.id)
    elif not old.written:
        yield from _replace_block(page, old, word)
    else:
        if old.kind is not Kind.SCALAR:
            alone(page, old)
        yield Edit(old.start, old.end, _beside(page, old.end, word, old.style))


def alone(page: Page, old: Span) -> None:
    """Make sure that a collection can be replaced whole. Raises CannotSplice if it cannot."""
    if page.comment(old.start, old.end) or "\n" in page.text[old.start : old.end]:
        raise CannotSplice("a value that would be replaced stands on several lines")


def _beside(page: Page, end: int, word: Word, style: str) -> str:
    """Spell a value that ends where the old one does; a comment one blank behind asks for quotes."""
    return spell(word, '"' if page.text.startswith(" #", end) and not style else style)


def _replace_block(page: Page, old: Span, word: Word) -> Iterator[Edit]:
    """Replace a `|` or `>` and the lines after it; the comment beside it stays."""
    header = _HEADER.match(page.text, old.start)
    end = header.end() if header else old.start + 1
    yield Edit(old.start, end, _beside(page, end, word, ""))
    yield Edit(page.line_end(end), old.end, "")


def remove_lines(page: Page, start: int, end: int) -> Iterator[Edit]:
    """Take out the lines from the one of `start` to the one of `end`, but not their comments."""
    whole: list[tuple[int, int]] = []
    at = page.line_start(start)
    while at < end:
        stop = page.line_end(at)
        after = page.text.find("\n", stop) + 1 or len(page.text)
        words = at + page.column(at)
        comment = page.comment(at, stop)
        if comment:
            yield Edit(words, comment.start, "")
        elif words < stop:
            first = whole.pop()[0] if whole and whole[-1][1] == at else at
            whole.append((first, after))
        at = after
    for first, last in whole:
        yield Edit(first if page.text[last - 1] == "\n" else _break_before(page, first), last, "")


def _break_before(page: Page, at: int) -> int:
    """Give where the line before ends: a file without a line break at its end stays so."""
    return page.line_end(page.line_start(at) - 1 - page.text[:at].endswith("\r\n"))


def insert_line(page: Page, behind: int, line: str, column: int) -> Edit:
    """Write a line below the one of a place, and below the comments there that are deeper."""
    at = page.line_end(behind)
    while row := _deeper(page, at, column):
        at = row
    return Edit(at, at, page.line_break + line)


def _deeper(page: Page, at: int, column: int) -> int | None:
    """Give the end of the next line if it is a comment that is indented deeper than a column."""
    start = page.text.find("\n", at) + 1
    if not start:
        return None
    words = start + page.column(start)
    comment = page.comment(words, words + 1)
    return comment.end if comment and page.column(start) > column else None


def cut(page: Page, start: int, end: int) -> Edit:
    """Take out a part of what stands in brackets. Raises CannotSplice if a comment is in it."""
    if page.comment(start, end):
        raise CannotSplice("a comment stands between brackets, in what would be removed")
    return Edit(start, end, "")


def cut_out(page: Page, spans: Sequence[tuple[int, int]], first: int, last: int) -> Edit:
    """Take entries number `first` to `last` out of what stands in brackets, and their commas."""
    if first:
        return cut(page, spans[first - 1][1], spans[last][1])
    return cut(page, spans[0][0], spans[last + 1][0])
