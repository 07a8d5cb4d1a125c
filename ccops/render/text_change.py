"""One change as a block of terminal lines: what is written, before and after, undo last."""

from collections.abc import Iterator
from datetime import datetime

from ccops.model import Live, Step
from ccops.planning.plan import Change, FieldChange, Verdict
from ccops.render.attached import attached
from ccops.render.headcount import further, headcount, moved, sizes
from ccops.render.layout import Block, Line, Span, line
from ccops.render.moment import absolute
from ccops.render.style import Meaning
from ccops.render.words import (
    WORDING,
    irreversible,
    recipient_names,
    recipients,
    scheduled,
    sends,
    undo,
    waiting,
    what,
)

_NAMES = 12
_HANG = 4 + _NAMES


def headed(change: Change) -> Line:
    """The block's first line: symbol, campaign and, at the right edge, where it is declared."""
    wording = WORDING[change.verdict]
    return line(
        Span(wording.symbol, wording.meaning),
        " ",
        Span(change.campaign, Meaning.STRONG),
        right=Span(f"{change.place.file}:{change.place.line}", Meaning.DIM),
    )


def change_blocks(change: Change, *, now: datetime, show_requests: bool) -> tuple[Block, ...]:
    """A change that writes, field by field."""
    requests = _requests(change.steps) if show_requests else ()
    back = undo(change)
    return (
        headed(change),
        line("    ", Span(what(change), _loudness(change)), hang=4),
        *((_field(" ", "why", change.reason),) if change.reason else ()),
        *_content(change.before),
        *recipients_blocks(change),
        *_contacts(change),
        *_send(change, now),
        *(_field(" ", "waiting", waiting(wait, zone=change.zone)) for wait in change.waiting),
        *(_field(" ", "also", one) for one in attached(change, now=now)),
        *((_field(" ", "undo", back),) if back else ()),
        *requests,
    )


def _loudness(change: Change) -> Meaning:
    if irreversible(change):
        return Meaning.IRREVERSIBLE
    return Meaning.UNSCHEDULE if change.verdict is Verdict.UNSCHEDULE else Meaning.PLAIN


def _content(live: Live | None) -> Iterator[Block]:
    """What the email is, so that nobody approves a name alone; ccops never writes it."""
    if live is None:
        return
    yield _field(" ", "subject", f'"{live.subject}"')
    yield _field(" ", "from", f"{live.from_name} <{live.from_email}>")


def recipients_blocks(change: Change, *, written: bool = True) -> Iterator[Block]:
    """Who receives it; where that differs, before and after, or, unless written, both as facts."""
    changed = [one for one in change.fields if one.path == "recipients"]
    for one in changed:
        if written:
            yield from _compared("recipients", one.before, one.after, _sign(one))
        else:
            told = f"declared: {one.after or 'nobody'}; now: {one.before or 'nobody'}"
            yield _field(" ", "recipients", told)
    if change.audience is not None and not changed:
        yield _field(" ", "recipients", recipients(change.audience))


def _contacts(change: Change) -> Iterator[Block]:
    """How many receive the send, where there is one; what is not counted is never nobody."""
    audience = change.audience
    if audience is None or change.send is None:
        return
    sized = zip(recipient_names(audience), sizes(audience), strict=True)
    each = ", ".join(f"{name} {size}" for name, size in sized if size)
    many = headcount(audience, further=further(change))
    yield _field(" ", "contacts", f"{many}, everybody once: {each}" if each else many)
    if moved(audience):
        yield _field(" ", "", moved(audience))


def _send(change: Change, now: datetime) -> Iterator[Block]:
    was = scheduled(change.before)
    before = None if was is None else absolute(was, zone=change.zone)
    after = None if change.send is None else sends(change.send, zone=change.zone, now=now)
    symbol = WORDING[change.verdict].symbol
    if was == change.send:
        symbol, before = " ", None
    elif before is not None and after is not None:
        symbol = "~"
    yield from _compared("sends", before, after, symbol)


def _sign(field: FieldChange) -> str:
    if field.before is None:
        return "+"
    return "-" if field.after is None else "~"


def _compared(name: str, before: str | None, after: str | None, symbol: str) -> Iterator[Block]:
    if before is None and after is None:
        return
    yield _field(symbol, name, str(after if before is None else before))
    if before is not None and after is not None:
        yield _field(" ", "", f"→ {after}")


_SYMBOLS = {wording.symbol: wording.meaning for wording in WORDING.values()} | {
    "+": Meaning.OK,
    " ": Meaning.PLAIN,
}


def _field(symbol: str, name: str, value: str) -> Line:
    return line("  ", Span(symbol, _SYMBOLS[symbol]), f" {name:<{_NAMES}}", value, hang=_HANG)


def _requests(steps: tuple[Step, ...]) -> Iterator[Block]:
    for number, step in enumerate(steps, start=1):
        yield line(
            f"    request {number}   ",
            Span(f"{step.method} {step.path}", Meaning.STRONG),
            hang=None,
        )
        if step.body is not None:
            yield line(" " * _HANG, step.body, hang=None)
