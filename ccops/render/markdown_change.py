"""One change in Markdown: a table row, a list item, a folded diff."""

from collections.abc import Iterator
from datetime import datetime

from ccops.model import Now, RecipientKind
from ccops.planning.audience import Audience
from ccops.planning.plan import (
    Change,
)
from ccops.render.attached import attached
from ccops.render.escape import code, fence, summary_html
from ccops.render.headcount import contacts, further, headcount, moved, sizes
from ccops.render.moment import absolute, local, moment, relative, utc
from ccops.render.source import Source, located
from ccops.render.words import (
    WORDING,
    irreversible,
    recipient_names,
    recipients,
    scheduled,
    sends,
    undo,
    undo_limit,
    what,
)


def send_row(change: Change, *, now: datetime) -> str:
    """A table row of two cells, which is what a phone can show: what to whom, and when.

    Until when it can be taken back stands below the time: a further cell would be out of sight.
    """
    symbol = WORDING[change.verdict].symbol
    first = (
        code(change.campaign, table=True),
        _subject(change),
        _whom(change),
        f"`{symbol}` {_what(change)}",
    )
    cells = (first, (*_when(change, now), _undo(change)))
    return f"| {' | '.join(map(_broken, cells))} |"


def _subject(change: Change) -> str:
    subject = change.before.subject if change.before else ""
    return f"“{code(subject, table=True, limit=_SUBJECT)}”" if subject else ""


def _whom(change: Change) -> str:
    names = addressed(change.audience, table=True)
    many = f"**{contacts(change.audience, further=further(change))}**"
    told = ", ".join(filter(None, (many, moved(change.audience))))
    return f"to {names}: {told}" if names else told


def addressed(audience: Audience | None, *, table: bool = False) -> str:
    """Each list with its size where it has one, `VIP` (2,481), `Board` (9); or segment `Lapsed`.

    Of very many the first are named: all of them stand in the details.
    """
    if audience is None:
        return ""
    sized = [
        f"{code(name, table=table)}{f' ({size})' if size else ''}"
        for name, size in zip(recipient_names(audience), sizes(audience), strict=True)
    ]
    kind = "segment " if audience.kind == RecipientKind.SEGMENT else ""
    more = len(sized) - _NAMED
    named = ", ".join(sized) if more <= 1 else f"{', '.join(sized[:_NAMED])} and {more} more lists"
    return f"{kind}{named}"


_SUBJECT, _NAMED = 100, 10


def _broken(parts: tuple[str, ...]) -> str:
    """One cell or list item with line breaks in it."""
    return "<br>".join(part for part in parts if part)


def _what(change: Change) -> str:
    return f"**{what(change)}**" if irreversible(change) else what(change)


def _when(change: Change, now: datetime) -> tuple[str, ...]:
    if change.send is None or isinstance(change.send, Now):
        return ("**as soon as applied**",)
    zone, was = change.zone, scheduled(change.before)
    return (
        f"**{local(change.send, zone=zone)}**",
        f"{utc(change.send, zone=zone)}, {relative(change.send, zone=zone, now=now)}",
        f"was {local(was, zone=zone)}" if was is not None and was != change.send else "",
    )


def _undo(change: Change) -> str:
    limit = undo_limit(change)
    return f"Undo: {'**no**' if limit == 'no' else limit}" if limit else ""


def other_row(change: Change, *, now: datetime) -> str:
    """A list item for a change after which nothing is scheduled."""
    symbol, zone = WORDING[change.verdict].symbol, change.zone
    was = scheduled(change.before)
    to, back = addressed(change.audience), undo(change)
    parts = (
        f"- `{symbol}` {code(change.campaign)}: **{what(change)}.**",
        "" if was is None else f"It was to be sent {moment(was, zone=zone, now=now)}.",
        f"Recipients: {to}" if to else "",
        f"Undo: {back}" if back else "",
    )
    return _broken(parts)


def person_row(change: Change, *, now: datetime) -> str:
    """A list item for a campaign that only a person can take further."""
    when = scheduled(change.before)
    holds = "" if when is None else f"Still sends {moment(when, zone=change.zone, now=now)}."
    parts = (
        f"- {code(change.campaign)} **{WORDING[change.verdict].says}.**",
        f"Why: {code(change.reason)}" if change.reason else "",
        f"To do: {code(change.remedy)}" if change.remedy else "",
        f"**{holds}**" if holds else "",
        *(f"Also: {code(one)}" for one in attached(change, now=now)),
    )
    return _broken(parts)


def details(change: Change, *, now: datetime, source: Source | None = None) -> str:
    """The change as a folded diff with its requests, and where it is declared."""
    symbol = WORDING[change.verdict].symbol
    title = f"{summary_html(f'{symbol} {change.campaign}')} {what(change)}"
    diff = fence((*_diff(change, now), *_requests(change)))
    place = located(change.place, source)
    return f"<details><summary>{title}</summary>\n\n{diff}\n\n{place}\n\n</details>\n"


def _diff(change: Change, now: datetime) -> Iterator[str]:
    if change.reason:
        yield f"  why:         {change.reason}"
    if change.before is not None:
        yield f'  subject:     "{change.before.subject}"'
        yield f"  from:        {change.before.from_name} <{change.before.from_email}>"
    changed = [one for one in change.fields if one.path == "recipients"]
    pairs = [(one.before, one.after) for one in changed]
    for before, after in pairs:
        yield from _lines("recipients:", before, after, "+")
    if change.audience is not None and not changed:
        yield f"  recipients:  {recipients(change.audience)}"
    if change.audience is not None and change.send is not None:
        yield f"  contacts:    {headcount(change.audience, further=further(change))}"
    was = scheduled(change.before)
    before = None if was is None or was == change.send else absolute(was, zone=change.zone)
    after = None if change.send is None else sends(change.send, zone=change.zone, now=now)
    sign = "!" if isinstance(change.send, Now) else " " if was == change.send else "+"
    yield from _lines("sends:", before, after, sign)
    yield from (f"  {'also:':<12} {one}" for one in attached(change, now=now))


def _lines(name: str, before: str | None, after: str | None, sign: str) -> Iterator[str]:
    if before is not None:
        yield f"- {name:<12} {before}"
    if after is not None:
        yield f"{sign} {name:<12} {after}"


def _requests(change: Change) -> Iterator[str]:
    for number, step in enumerate(change.steps, start=1):
        yield f"  request {number}:   {step.method} {step.path}"
