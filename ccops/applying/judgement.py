"""What a reading says about a write that was made, or may have been made, before it.

Read back after every write, and at the start of a run for every write that an earlier run left
open. Pure; the protocol acts on the answer.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from ccops.model import NOW, Live, Status, StepKind
from ccops.planning.canonical import digest
from ccops.planning.case import EARLY, base_status
from ccops.planning.plan import Change
from ccops.ports import JournalEntry


class Trace(StrEnum):
    """How a write shows in the account.

    TOOK: it took effect. ABSENT: the account is as if it had not been made. FOREIGN: scheduled at
    our time, but not with our recipients or content. OTHER: scheduled at another time.
    SENT_FOREIGN: sent at our time, but not as ours. SENT_OTHER: sent at another time than ours.
    SURPLUS: sent, well before our time, and yet our schedule stands: it would be sent once more.
    """

    TOOK = "took"
    ABSENT = "absent"
    FOREIGN = "foreign"
    OTHER = "other"
    SENT_FOREIGN = "sent-foreign"
    SENT_OTHER = "sent-other"
    SURPLUS = "surplus"


LATE = timedelta(minutes=15)
"""Constant Contact starts a send within minutes of its time (inferred)."""

Content = tuple[object, ...]
"""Everything of an activity that ccops never changes, for comparing."""


def content(live: Live) -> Content:
    """What must stay as it was planned: name, role, format, sender, subject and preheader."""
    sender = (live.from_name, live.from_email, live.reply_to)
    kind = (live.name, live.role, live.ab_test, live.format_type)
    return (*kind, *sender, live.subject, live.preheader)


def content_digest(live: Live) -> str:
    """The same as text for the journal: "sha256:" and 64 hex digits."""
    return digest(content(live))


def same(one: Live, other: Live) -> bool:
    """Whether two readings show the same; a history that was not read counts as empty."""
    return replace(one, history=one.history or ()) == replace(other, history=other.history or ())


def stages(change: Change) -> tuple[Live, ...]:
    """The states that the plan's requests lead through, from the one it was made for.

    The last, after a send, is left out: it is never resumed from.
    """
    if change.before is None:
        return ()
    states = [change.before]
    for step in change.steps:
        states.append(_after(step.kind, states[-1], change))
    return tuple(states)


def _after(kind: StepKind, state: Live, change: Change) -> Live:
    match kind:
        case StepKind.UNSCHEDULE:
            return replace(state, status=base_status(state), schedules=())
        case StepKind.UPDATE:
            return replace(state, recipients=change.target.recipients or state.recipients)
        case StepKind.SCHEDULE if isinstance(change.send, datetime):
            return replace(state, status=Status.SCHEDULED, schedules=(change.send,))
        case StepKind.SCHEDULE:
            return state
        case _:
            assert_never(kind)


def went(entry: JournalEntry, live: Live) -> bool:
    """Whether something was sent, or is being sent, since the write of `entry` was intended."""
    return live.status is Status.EXECUTING or len(live.history or ()) > entry.past


def trace(entry: JournalEntry, live: Live | None, change: Change, read_at: datetime) -> Trace:
    """Tell whether the write of `entry` shows in `live`, read at `read_at` (server's clock)."""
    if live is None:
        return Trace.ABSENT
    match entry.step.kind:
        case StepKind.UNSCHEDULE:
            return Trace.TOOK if _returned(entry, live, change) else Trace.ABSENT
        case StepKind.UPDATE:
            return Trace.TOOK if live.recipients == entry.recipients else Trace.ABSENT
        case StepKind.SCHEDULE:
            return _scheduled(entry, live, change, read_at)
        case _:
            assert_never(entry.step.kind)


def _returned(entry: JournalEntry, live: Live, change: Change) -> bool:
    """Whether the schedule was removed rather than used up: back where it was, nothing sent."""
    resting = live.status is not Status.SCHEDULED and not went(entry, live)
    return resting and (change.before is None or live.status is base_status(change.before))


def _as_intended(entry: JournalEntry, live: Live, change: Change) -> bool:
    """Whether the content is what it was when the write was intended, whatever was planned since.

    A line that does not tell is judged by the plan.
    """
    if entry.content:
        return content_digest(live) == entry.content
    return change.before is None or content(live) == content(change.before)


def _at_another_time(entry: JournalEntry, live: Live, read_at: datetime) -> bool:
    """Whether the first send since the write was well before its time, or long after it."""
    if not isinstance(entry.when, datetime):
        return False
    since = (live.history or ())[entry.past :]
    ran = since[0].ran_at if since else read_at
    late = bool(since) and ran > entry.when + LATE
    return late or ran < entry.when - EARLY


def _scheduled(entry: JournalEntry, live: Live, change: Change, read_at: datetime) -> Trace:
    ours = live.recipients == entry.recipients and _as_intended(entry, live, change)
    if went(entry, live):
        if _at_another_time(entry, live, read_at):
            return Trace.SURPLUS if live.schedules == (entry.when,) else Trace.SENT_OTHER
        return Trace.TOOK if ours else Trace.SENT_FOREIGN
    if live.status is not Status.SCHEDULED or entry.when is NOW:
        return Trace.ABSENT
    if live.schedules != (entry.when,):
        return Trace.OTHER
    return Trace.TOOK if ours else Trace.FOREIGN
