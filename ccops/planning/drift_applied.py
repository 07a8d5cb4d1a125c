"""What ccops left behind in each activity, as its journal tells it: one side of a drift. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ccops.model import Recipients, SendRecord, StepKind, When
from ccops.planning.applied import AppliedSend, watched
from ccops.planning.case import EARLY
from ccops.planning.names import same_name
from ccops.ports import JournalEntry, WriteState

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_EFFECTIVE = frozenset({WriteState.VERIFIED, WriteState.COMPENSATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LastApplied:
    """What ccops last verified of one activity.

    `sends` are those that it asked for or took back, by their place in the send history.
    `recipients` are those that it verified last (None: it never did), `content` the digest of
    what it never writes, as it was when it last wrote ("": not recorded). `at` is the newest
    line that counts, UTC. `open`: the outcome of its newest write is not known.
    """

    activity_id: str
    campaign: str
    sends: tuple[AppliedSend, ...]
    recipients: Recipients | None
    content: str
    at: datetime
    open: bool

    @property
    def newest(self) -> AppliedSend | None:
        """The last send that ccops asked for; None: it took that back, or never asked."""
        last = self.sends[-1] if self.sends else None
        return None if last is None or last.withdrawn else last

    def scheduled(self, history: Sequence[SendRecord]) -> When | None:
        """The send that ccops left scheduled and that did not happen as asked; None: none is."""
        last = self.newest
        if last is None or any(self.asked_for(*one) for one in _from(last.slot, history)):
            return None
        return last.when

    def asked_for(self, place: int, record: SendRecord) -> bool:
        """Whether an entry of the send history, at its place, is a send that ccops asked for."""
        sends = (one for one in self.sends if one.slot == place and not one.withdrawn)
        return any(record.ran_at >= one.instant - EARLY for one in sends)


def _from(slot: int, history: Sequence[SendRecord]) -> list[tuple[int, SendRecord]]:
    return list(enumerate(history))[slot : slot + 1]


def last_applied(entries: Iterable[JournalEntry]) -> Mapping[str, LastApplied]:
    """Return what ccops left in each activity that it wrote to, by activity id.

    `entries` are the journal's lines, oldest first. An activity in which no write had an effect,
    and none is open, is left out: ccops left nothing there.
    """
    lines: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        lines.setdefault(entry.activity_id, []).append(entry)
    every = [entry for of in lines.values() for entry in of]
    sends = {one.activity_id: one.sends for one in watched(every, _ALWAYS)}
    left = (_left(of, sends.get(activity, ())) for activity, of in lines.items())
    return {one.activity_id: one for one in left if one is not None}


def _left(lines: Sequence[JournalEntry], sends: tuple[AppliedSend, ...]) -> LastApplied | None:
    last = {entry.write_id: entry for entry in lines}.values()
    effective = [entry for entry in last if entry.state in _EFFECTIVE]
    still_open = any(entry.state.open for entry in last)
    if not effective and not still_open:
        return None
    return LastApplied(
        activity_id=lines[-1].activity_id,
        campaign=lines[-1].campaign,
        sends=sends,
        recipients=_recipients(effective),
        content=next((one.content for one in reversed(effective) if one.content), ""),
        at=max(one.at for one in effective or lines),
        open=still_open,
    )


def _recipients(effective: Sequence[JournalEntry]) -> Recipients | None:
    """The recipients of the last write that left the activity with them.

    A DELETE's line names what is wanted after it; a schedule was taken back because somebody
    had changed the activity.
    """
    known = (
        entry.recipients
        for entry in reversed(effective)
        if entry.state is WriteState.VERIFIED and entry.step.kind is not StepKind.UNSCHEDULE
    )
    return next((one for one in known if one is not None), None)


def named(applied: Mapping[str, LastApplied], campaign: str) -> LastApplied | None:
    """Return what ccops left last in an activity of a campaign of this name."""
    found = (one for one in applied.values() if same_name(one.campaign, campaign))
    return max(found, key=lambda one: one.at, default=None)
