"""What a reading says about a write that was made, or may have been made, before it.

Read back after every write, and at the start of a run for every write that an earlier run left
open. Pure; the protocol acts on the answer.
"""

from datetime import datetime
from enum import StrEnum

from ccops.model import NOW, Live, Recipients, Status, StepKind, Target, When
from ccops.planning.case import completed
from ccops.planning.plan import Change
from ccops.ports import JournalEntry


class Trace(StrEnum):
    """How a write shows in the account.

    TOOK: it took effect. ABSENT: the account is as if it had not been made. FOREIGN: scheduled at
    our time, but not with our recipients or content. OTHER: scheduled at another time.
    """

    TOOK = "took"
    ABSENT = "absent"
    FOREIGN = "foreign"
    OTHER = "other"


Content = tuple[object, ...]
"""Everything of an activity that ccops never changes, for comparing."""


def content(live: Live) -> Content:
    """What must stay as it was planned: name, role, format, sender, subject and preheader."""
    sender = (live.from_name, live.from_email, live.reply_to)
    return (
        live.name,
        live.role,
        live.ab_test,
        live.format_type,
        *sender,
        live.subject,
        live.preheader,
    )


def trace(entry: JournalEntry, live: Live | None, change: Change, read_at: datetime) -> Trace:
    """Tell whether the write of `entry` shows in `live`, read at `read_at` (server's clock)."""
    if live is None:
        return Trace.ABSENT
    match entry.step.kind:
        case StepKind.UNSCHEDULE:
            return Trace.TOOK if _unscheduled(live, change, read_at) else Trace.ABSENT
        case StepKind.UPDATE:
            return Trace.TOOK if live.recipients == entry.recipients else Trace.ABSENT
        case StepKind.SCHEDULE:
            return _scheduled(entry.when, entry.recipients, live, change)


def _unscheduled(live: Live, change: Change, read_at: datetime) -> bool:
    """Whether the schedule was removed rather than used up: it cannot fire before its time."""
    if live.status in {Status.SCHEDULED, Status.EXECUTING}:
        return False
    old = change.before.schedules if change.before else ()
    return live.status is Status.DRAFT or all(read_at < when for when in old)


def _scheduled(
    when: When | None, recipients: Recipients | None, live: Live, change: Change
) -> Trace:
    if _fired(when, live, change.target):
        return Trace.TOOK
    if live.status is not Status.SCHEDULED:
        return Trace.ABSENT
    if not isinstance(when, datetime) or live.schedules != (when,):
        return Trace.OTHER
    planned = content(change.before) if change.before else content(live)
    ours = live.recipients == recipients and content(live) == planned
    return Trace.TOOK if ours else Trace.FOREIGN


def _fired(when: When | None, live: Live, target: Target) -> bool:
    """Whether the send itself is under way or over: then the schedule cannot show any more."""
    if live.status is Status.EXECUTING:
        return True
    if when is NOW:
        return live.status is Status.DONE or bool(live.history)
    return when in target.sends and len(completed(live)) > target.sends.index(when)
