"""Read the campaigns of a pull, each with the fewest requests, and say before what that takes."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from ccops.constantcontact import reader
from ccops.model import CampaignRow, Desired, Live, RecipientKind, Status
from ccops.planning.adopt import doubtful, wants_history
from ccops.planning.adopt_names import Directory, directory
from ccops.planning.adopt_owner import Owners
from ccops.planning.relock import kept_pin
from ccops.planning.resolve import needs
from ccops.ports import Send
from ccops.render.moment import duration
from ccops.render.phrases import counted
from ccops.session.locked import Living
from ccops.session.wiring import RESERVE, Session, today

LARGE = 100
"""A pull of more requests than these is announced, with what is left of the day's."""
_ANSWER = timedelta(milliseconds=100)
"""What a request takes where nothing is paced: a guess, for the estimate of the time."""
_PARTS: Mapping[Status, int] = {Status.SCHEDULED: 3, Status.DONE: 2}
"""Requests for an activity with its schedule and history, where they are read."""

Directories = Callable[[RecipientKind], Directory]
"""What the living lists, or the living segments, are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The account as a pull reads it, and the manifests that there are.

    `by_id` holds the living campaigns by id. `directories` is for the directing thread alone.
    """

    session: Session
    by_id: Mapping[str, CampaignRow]
    owners: Owners
    directories: Directories


def lines_of(session: Session) -> Sequence[Send]:
    """The connections to read campaigns on, the first one only where there is no other.

    Lists and segments are read on that when the first campaign turns out to need them.
    """
    return session.send.readers[1:] or session.send.readers


def directories_of(living: Living) -> Directories:
    """Put each collection into order once, when it is first asked for."""
    return cache(lambda kind: directory(living(kind)))


def of_kinds(
    source: Source, live: Live, owner: Desired | None
) -> Mapping[RecipientKind, Directory]:
    """What is needed to speak of a campaign's recipients, and of those of its manifest."""
    kinds = {RecipientKind.LISTS} if live.recipients.lists else set()
    kinds |= {RecipientKind.SEGMENT} if live.recipients.segments else set()
    kinds |= needs([owner]) if owner else set()
    return {kind: source.directories(kind) for kind in kinds}


def read_campaign(source: Source, line: Send, row: CampaignRow) -> Live | None:
    """Read a campaign's activity; None: it has none, or was removed since it was listed.

    What contradicts itself is read once more, after a pause: a send may just begin. For any
    thread that has the line to itself.
    """
    known = _with_activity(source, line, row)
    if known is None or known.activity_id is None:
        return None
    live = reader.read_live(line, known, wants_history=wants_history)
    if live is None or not doubtful(live):
        return live
    time.sleep(source.session.workspace.settings.limits.reread.total_seconds())
    return reader.read_live(line, known, wants_history=wants_history)


def _with_activity(source: Source, line: Send, row: CampaignRow) -> CampaignRow | None:
    """Learn a campaign's activity, from the lock if what it pins holds still."""
    owner = source.owners.likely(row)
    lock = source.session.workspace.lock
    pin = kept_pin(owner, row, source.by_id, lock) if owner else None
    if pin is not None:
        return replace(row, activity_id=pin.activity_id)
    found = reader.read_campaign(line, row.campaign_id)
    return None if found is None else replace(row, activity_id=found.activity_id)


def forecast(source: Source, rows: Sequence[CampaignRow]) -> str:
    """Say what it takes to read these campaigns; empty if that is not worth a word."""
    requests = sum(_cost(source, row) for row in rows)
    if requests <= LARGE:
        return ""
    limits = source.session.workspace.settings.limits
    spent = source.session.meter.spent(today())
    budget = max(limits.per_day - RESERVE, 0)
    takes = duration(requests * max(limits.request_gap, _ANSWER))
    return (
        f"Reading {counted(len(rows), 'campaign')} takes about {counted(requests, 'request')} "
        f"and {takes}; {max(budget - spent, 0):,} of today's {budget:,} are left."
    )


def _cost(source: Source, row: CampaignRow) -> int:
    owner, lock = source.owners.likely(row), source.session.workspace.lock
    known = owner is not None and kept_pin(owner, row, source.by_id, lock) is not None
    return _PARTS.get(row.status, 1) + (not known)


def by_id(rows: Iterable[CampaignRow]) -> Mapping[str, CampaignRow]:
    """The campaigns by id, in their order."""
    return {row.campaign_id.lower(): row for row in rows}
