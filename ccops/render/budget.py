"""Fitting a page into a budget by leaving out whole parts, never by cutting text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ccops.render.escape import log_page

ROOM = 60_000
"""UTF-8 bytes that GitHub takes in any comment: it refuses more than 65,536 characters (issues)."""

_NOTE = 160
"""Bytes set aside for the note of a section that lost rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page: a head and rows.

    The first `required` rows are left out at the very last (None: all are required). A section of
    lower `worth` loses rows earlier, from its end.
    """

    head: str
    rows: tuple[str, ...] = ()
    required: int | None = None
    worth: int = 0

    @property
    def least(self) -> int:
        """How many rows are required."""
        return len(self.rows) if self.required is None else min(self.required, len(self.rows))


def fitted(sections: Sequence[Section], budget: int, *, most: int = 0) -> str:
    """The sections as one text of at most `budget` UTF-8 bytes, a blank line between each two.

    A section that loses rows says how many. What is required is kept even above the budget, but
    not above `most` (0: the budget, or what GitHub takes, if that is more), since a page that is
    refused hides everything: then the lowest section loses required rows first, and says it aloud.
    Heads are never left out. Nothing in the text is obeyed by a log.
    """
    sections = [_inert(section) for section in sections]
    kept = [len(section.rows) for section in sections]
    weight = sum(_weight(section) for section in sections)
    excess = weight - budget
    for at in sorted(range(len(sections)), key=lambda at: sections[at].worth):
        kept[at], excess = _thinned(sections[at], kept[at], sections[at].least, excess)
    excess += budget - (most or max(budget, ROOM))
    for at in reversed(range(len(sections))):
        kept[at], excess = _thinned(sections[at], kept[at], 0, excess)
    texts = (_text(section, count) for section, count in zip(sections, kept, strict=True))
    return "\n".join(texts)


def _inert(section: Section) -> Section:
    return replace(
        section, head=log_page(section.head), rows=tuple(log_page(row) for row in section.rows)
    )


def _weight(section: Section) -> int:
    return _size(section.head) + sum(map(_size, section.rows)) + 1


def _size(text: str) -> int:
    return len(text.encode()) + 1


def _thinned(section: Section, kept: int, least: int, excess: int) -> tuple[int, int]:
    if excess > 0 and kept > least:
        excess += _NOTE
    while excess > 0 and kept > least:
        kept -= 1
        excess -= _size(section.rows[kept])
    return kept, excess


def _text(section: Section, kept: int) -> str:
    rows = "".join(f"{row}\n" for row in section.rows[:kept])
    return f"{section.head}\n{rows}{_left_out(section, kept)}"


def _left_out(section: Section, kept: int) -> str:
    total = len(section.rows)
    if kept == total:
        return ""
    amount = f"{total - kept:,} of {total:,} left out to fit"
    if kept >= section.least:
        return f"\n_{amount}: run `ccops plan` to see all._\n"
    return f"\n**{amount}. Do not decide by this page: run `ccops plan` to see all.**\n"
