"""Fitting a page into a budget by leaving out whole parts, never by cutting text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ccops.render.escape import log_page

_NOTE = 160
"""Bytes set aside for the note of a section that lost rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page: a head and rows.

    The first `required` rows are never left out (None: none is). A section of lower `worth`
    loses rows earlier, from its end.
    """

    head: str
    rows: tuple[str, ...] = ()
    required: int | None = None
    worth: int = 0


def fitted(sections: Sequence[Section], budget: int) -> str:
    """The sections as one text of at most `budget` UTF-8 bytes, a blank line between each two.

    A section that loses rows says how many. If what is required takes more than the budget, so
    does the text: nothing required is ever hidden. Nothing in the text is obeyed by a log.
    """
    sections = [_inert(section) for section in sections]
    excess = sum(_weight(section) for section in sections) - budget
    kept = [len(section.rows) for section in sections]
    for at in sorted(range(len(sections)), key=lambda at: sections[at].worth):
        if excess > 0:
            kept[at], excess = _thinned(sections[at], excess)
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


def _thinned(section: Section, excess: int) -> tuple[int, int]:
    kept = len(section.rows)
    least = kept if section.required is None else min(section.required, kept)
    if kept > least:
        excess += _NOTE
    while excess > 0 and kept > least:
        kept -= 1
        excess -= _size(section.rows[kept])
    return kept, excess


def _text(section: Section, kept: int) -> str:
    total = len(section.rows)
    rows = "".join(f"{row}\n" for row in section.rows[:kept])
    left_out = f"\n_{total - kept:,} of {total:,} left out to fit: run `ccops plan` to see all._\n"
    return f"{section.head}\n{rows}{left_out if kept < total else ''}"
