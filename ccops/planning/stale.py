"""What of the cache may still be believed, and what must be read again. Pure.

Whether scheduling, unscheduling and sending move a campaign's `updated_at` is unpublished. So it
is believed only where nothing is under way: never of what is, or should be, scheduled.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ccops.model import CampaignRow, Limits, Live, Status, Target
from ccops.planning.cache import MARGIN, Reading
from ccops.planning.case import Facts, completed, disagreement
from ccops.planning.verdict import decide
from ccops.ports import JournalEntry

Written = Mapping[str, datetime]
"""When the journal last said something of an activity, by its id in lower case."""

_QUIET = frozenset({Status.DRAFT, Status.DONE, Status.ERROR})
"""What becomes something else only by somebody's doing, and not by itself."""
_STILL = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """A campaign's reading in the cache, beside what is known of it now.

    `row` is the listing's now, None when it lists none; `written` the journal's newest word of
    the activity.
    """

    reading: Reading
    row: CampaignRow | None
    written: datetime | None


def last_written(entries: Iterable[JournalEntry]) -> Written:
    """Return when each activity was last written of; a write that is open may still take effect."""
    newest = {entry.activity_id.lower(): entry for entry in entries}
    return {key: _STILL if one.state.open else one.at for key, one in newest.items()}


def must_be_read(known: Recollection, target: Target, *, now: datetime, limits: Limits) -> bool:
    """Whether a cached reading is too uncertain for a plan with this target.

    Besides what may have changed, everything that the plan would write is read: so a write never
    rests on the cache's word.
    """
    live = known.reading.live
    return (
        moved(known)
        or known.reading.read_at > now
        or not {live.status, known.reading.row.status} <= _QUIET
        or _sends_since(known.reading, target)
        or bool(disagreement(target, live))
        or _would_be_written(live, target, now, limits)
    )


def moved(known: Recollection) -> bool:
    """Whether the campaign may have changed since, by the listing's or the journal's word.

    A change that is dated shortly before the reading may have happened after it: the vendor's
    dates are in whole seconds, and a reading may lag.
    """
    reading, row = known.reading, known.row
    certain = reading.read_at - MARGIN
    return (
        row is None
        or row != reading.row
        or row.updated_at is None
        or row.updated_at > certain
        or (known.written is not None and known.written > certain)
    )


def _sends_since(reading: Reading, target: Target) -> bool:
    """Whether a declared send lies ahead, or lay between the reading and now: it may be out."""
    certain, unsent = reading.read_at - MARGIN, not completed(reading.live)
    return any(when > certain if isinstance(when, datetime) else unsent for when in target.sends)


def _would_be_written(live: Live, target: Target, now: datetime, limits: Limits) -> bool:
    return decide(Facts(target=target, live=live, now=now, limits=limits)).verdict.writes


def keeps_history(known: Recollection, live: Live, now: datetime) -> bool:
    """Whether a campaign that was scheduled, and is, has the send history that it had.

    A send ends the schedule that it was made by (spec: there are none but of SCHEDULED). Here
    the same schedule, for an instant that is still ahead, stood at both readings, the listing
    dates no change since the first one, and ccops wrote nothing. So for a send to have happened
    between them, somebody must have unscheduled the campaign, sent it at once and scheduled it
    again for the very same second, and none of the three may have moved `updated_at`. A plan may
    rest on that; an apply reads the history itself.
    """
    was = known.reading.live
    return (
        was.history is not None
        and was.status is Status.SCHEDULED
        and live.status is Status.SCHEDULED
        and len(live.schedules) == 1
        and live.schedules == was.schedules
        and live.schedules[0] > now
        and not moved(known)
    )


def overtaken(reading: Reading, target: Target, now: datetime) -> bool:
    """Whether time alone may have changed what a plan would say that reads nothing.

    Something was being sent, or was due between the reading and now.
    """
    due = (*reading.live.schedules, *(one for one in target.sends if isinstance(one, datetime)))
    since = reading.read_at - MARGIN
    return reading.live.status is Status.EXECUTING or any(since < one <= now for one in due)
