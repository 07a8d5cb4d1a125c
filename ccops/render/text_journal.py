"""The journal for the terminal: what is open, what is known of it, and how a person closes it."""

from collections.abc import Iterator

from ccops.planning.resolution import Choice, consequence
from ccops.planning.shown import shows
from ccops.ports import JournalEntry
from ccops.render.documents import instant
from ccops.render.journaling import (
    STATES,
    JournalView,
    OpenWrite,
    Resolved,
    account,
    briefly,
    by_itself,
    decision,
    wanted,
)
from ccops.render.layout import Block, Line, Span, Table, line, paint, sections
from ccops.render.moment import absolute
from ccops.render.phrases import counted
from ccops.render.style import Meaning, Style

_NAMES = 14
_HANG = 4 + _NAMES


def journal_text(
    view: JournalView, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """The open writes, or, when it is asked for, every line as a table."""
    if view.lines is None:
        writes = (tuple(_write(one, view)) for one in view.writes)
        blocks = sections(*writes, _end(view))
    else:
        blocks = sections(_lines(view.lines, view), _end(view))
    return paint(blocks, style=style, width=width, encoding=encoding)


def _write(one: OpenWrite, view: JournalView) -> Iterator[Block]:
    entry, zone = one.write.entry, view.zone_of(one.write.entry)
    yield line(Span("OPEN", Meaning.IRREVERSIBLE), "  ", Span(entry.campaign, Meaning.STRONG))
    yield _field("write", entry.write_id, whole=True)
    yield _field("was to", wanted(entry, zone=zone, names=view.names))
    yield _field("request", f"{entry.step.method} {entry.step.path}", whole=True)
    if entry.step.body is not None:
        yield _field("body", entry.step.body, whole=True)
    yield _field("intended", f"{absolute(one.write.begun, zone=zone)}, by run {entry.run}")
    yield _field("plan", entry.plan, whole=True)
    yield _field("state", f"{entry.state}: {STATES[entry.state]}")
    if entry.detail:
        yield _field("known", f"{entry.detail} ({absolute(entry.at, zone=zone)})")
    shown = account(one, view.names, zone=zone) if one.read else f"not read: {view.unread}"
    yield _field("account", shown)
    yield _field("to do", by_itself(entry))
    for choice in Choice:
        command, follows = decision(choice, one, zone=zone)
        yield line("    ", Span(command, Meaning.STRONG), hang=None)
        yield line(f"        {follows}", hang=8)


def _field(name: str, text: str, *, whole: bool = False) -> Line:
    return line(f"    {name:<{_NAMES}}", text, hang=None if whole else _HANG)


def _lines(lines: tuple[JournalEntry, ...], view: JournalView) -> Iterator[Block]:
    if lines:
        titles = ("TIME", "CAMPAIGN", "STEP", "STATE", "DETAIL", "WRITE")
        head = tuple(Span(title, Meaning.STRONG) for title in titles)
        yield Table(rows=(head, *(_row(one, view.zone_of(one)) for one in lines)), indent=0)


def _row(entry: JournalEntry, zone: str) -> tuple[Span, ...]:
    return (
        Span(instant(entry.at)),
        Span(entry.campaign),
        Span(briefly(entry, zone=zone)),
        Span(entry.state, Meaning.IRREVERSIBLE if entry.state.open else Meaning.PLAIN),
        Span(entry.detail or "-"),
        Span(entry.write_id, Meaning.DIM),
    )


def _end(view: JournalView) -> Iterator[Block]:
    if view.lines is not None:
        yield line(f"{counted(len(view.lines), 'line')}, {_open(view)}.")
    elif view.writes:
        yield line(Span("Open:", Meaning.IRREVERSIBLE), f" {_open(view)}.")
    else:
        yield line(Span("Nothing is open.", Meaning.OK), " Every write's outcome is known.")
    if view.undeclared:
        whose = "Times of campaigns that no manifest here is about"
        yield line(Span(f"{whose} are in {view.zone}.", Meaning.DIM))
    yield line(Span(f"Journal: {view.store}", Meaning.DIM), hang=None)


def _open(view: JournalView) -> str:
    return f"{counted(len(view.writes), 'write')} with an unknown outcome"


def resolved_text(
    done: Resolved, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """What was recorded, on which reading it rests, and what follows."""
    entry = done.entry
    blocks = (
        line(Span("Recorded.", Meaning.OK), " ", Span(entry.campaign, Meaning.STRONG)),
        _field("write", entry.write_id, whole=True),
        _field("was to", wanted(entry, zone=done.zone, names={})),
        _field("state", f"{entry.state}: {STATES[entry.state]}"),
        _field("detail", entry.detail),
        _field("account", shows(done.live, zone=done.zone)),
        _field("follows", consequence(entry, done.choice, zone=done.zone)),
        line("Nothing was written to the account. Next: ccops plan"),
    )
    return paint(blocks, style=style, width=width, encoding=encoding)
