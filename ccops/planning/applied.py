"""What ccops applied, as its journal tells it: the sends of each activity, by their places. Pure.

A send has a place in its activity's history: as many entries as were there when its request was
made. What was asked for again, or taken back, before it was sent has the same place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ccops.model import Recipients, StepKind, When
from ccops.planning.resolution import BY_PERSON
from ccops.ports import JournalEntry, WriteState


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedSend:
    """A send that ccops asked for, or took back; the newest write that decides about it.

    `entry` is that write's newest line, `asked_at` when it was intended (UTC). `slot` is the
    place of the send in the activity's history, from 0. `when` is what was asked for; None: ccops
    took back a schedule that it had not made.
    """

    entry: JournalEntry
    asked_at: datetime
    slot: int
    when: When | None

    @property
    def open(self) -> bool:
        """Whether the write's outcome is still to be established."""
        return self.entry.state.open

    @property
    def withdrawn(self) -> bool:
        """Whether ccops took the send back, or its request had no effect: nothing may go out."""
        verified = self.entry.state is WriteState.VERIFIED
        return not self.open and (not verified or self.entry.step.kind is StepKind.UNSCHEDULE)

    @property
    def wanted(self) -> bool:
        """Whether it was to be sent although nothing may go out: asked for in vain, or not again.

        A person who decided that its request had no effect knows that.
        """
        decided = self.entry.detail.startswith(BY_PERSON)
        return self.withdrawn and self.entry.when is not None and not decided

    @property
    def instant(self) -> datetime:
        """When it happens; of a send at once, when it was asked for."""
        return self.when if isinstance(self.when, datetime) else self.asked_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An activity that ccops applied sends to, by place; at least one.

    `recipients` are those that ccops wrote or verified last; None: it never did. `wrote_at` is
    the time of its newest line.
    """

    activity_id: str
    campaign: str
    sends: tuple[AppliedSend, ...]
    recipients: Recipients | None
    wrote_at: datetime

    @property
    def newest(self) -> AppliedSend:
        """The last send by place."""
        return self.sends[-1]


def watched(entries: Iterable[JournalEntry], since: datetime) -> tuple[Watched, ...]:
    """Return the activities with a send at or after `since`, or with an open write.

    `entries` are the journal's lines, oldest first.
    """
    writes: dict[str, dict[str, tuple[JournalEntry, JournalEntry]]] = {}
    for entry in entries:
        of = writes.setdefault(entry.activity_id, {})
        first = of[entry.write_id][0] if entry.write_id in of else entry
        of[entry.write_id] = (first, entry)
    found = (_watched(tuple(of.values())) for of in writes.values())
    return tuple(one for one in found if one and any(due(send, since) for send in one.sends))


def due(send: AppliedSend, since: datetime) -> bool:
    """Whether a send belongs to the span that begins at `since`; an open one always does."""
    return send.open or send.instant >= since


def _watched(writes: Sequence[tuple[JournalEntry, JournalEntry]]) -> Watched | None:
    """Put one activity's writes, each as its first and newest line, at their places."""
    slots: dict[int, AppliedSend] = {}
    recipients: Recipients | None = None
    for first, newest in writes:
        if newest.state is WriteState.VERIFIED and newest.step.kind is not StepKind.UNSCHEDULE:
            recipients = newest.recipients or recipients
        if _decides(newest, slots.get(first.past)):
            slots[first.past] = _applied(first, newest, slots.get(first.past))
    if not slots:
        return None
    lines = [newest for _, newest in writes]
    return Watched(
        activity_id=lines[-1].activity_id,
        campaign=lines[-1].campaign,
        sends=tuple(slots[slot] for slot in sorted(slots)),
        recipients=recipients,
        wrote_at=max(one.at for one in lines),
    )


def _decides(newest: JournalEntry, before: AppliedSend | None) -> bool:
    """Whether a write says more of its send than the one before it.

    One without effect leaves what was asked for before as it was.
    """
    if newest.state.open:
        return True
    if newest.state is WriteState.RESOLVED:
        standing = before is not None and not before.withdrawn
        return newest.step.kind is StepKind.SCHEDULE and not standing
    return newest.step.kind is not StepKind.UPDATE


def _applied(first: JournalEntry, newest: JournalEntry, before: AppliedSend | None) -> AppliedSend:
    # A DELETE's line names the send that is to be asked for after it, if there is one.
    taken = before.when if before else None
    return AppliedSend(entry=newest, asked_at=first.at, slot=first.past, when=newest.when or taken)
