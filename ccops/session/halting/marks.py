"""The marks of one halt: which campaigns a person stopped, durable before anything is written.

A campaign's mark stands under its activity. As long as nothing but its name is sure, one stands
under the name: it gives way to the activity's as soon as the campaign was read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ccops.model import Desired, StepKind, When
from ccops.planning.halts import by_key, halt_of
from ccops.ports import Halt, JournalEntry, Store, named
from ccops.session.halting.sightings import Sighting


@dataclass(slots=True, kw_only=True)
class Marks:
    """The marks in the store while a halt is running.

    `before` are those of earlier halts, `made` those of this one, by their keys. The lock must be
    held; every method raises StoreUnavailable.
    """

    store: Store
    reason: str
    before: Mapping[str, Halt]
    made: dict[str, Halt] = field(default_factory=dict)

    @classmethod
    def begin(cls, store: Store, reason: str) -> Self:
        """Take up the marks that are there."""
        return cls(store=store, reason=reason, before=by_key(store.halts()))

    @property
    def _all(self) -> Mapping[str, Halt]:
        return {**self.before, **self.made}

    def holds(self, one: Sighting) -> bool:
        """Whether a campaign is marked, by whichever halt; one that was not read, by its name."""
        if one.activity_id:
            return halt_of(self._all, one.activity_id, one.desired.campaign) is not None
        return one.desired.campaign in {mark.campaign for mark in self._all.values()}

    def times(self) -> Mapping[str, Sequence[When]]:
        """The sends that earlier halts stopped, by campaign: its manifest tells them no more."""
        times: dict[str, tuple[When, ...]] = {}
        for mark in self.before.values():
            times[mark.campaign] = (*times.get(mark.campaign, ()), *mark.sends)
        return times

    def mark_known(self, desired: Iterable[Desired], now: datetime) -> None:
        """Mark every campaign without asking anybody: the network may be gone.

        By the activity that its manifest pins; else by its name, and by the activity of the line
        that an earlier run left in the journal. That one may have been deleted since. What ccops
        ever asked to schedule for later may be what is live, whatever this checkout declares.
        """
        entries = self.store.entries()
        lines = {one.campaign: one.activity_id for one in entries}
        self._mark(self._known(desired, lines, _asked(entries, now), now))

    def _known(
        self,
        desired: Iterable[Desired],
        lines: Mapping[str, str],
        asked: Mapping[str, Sequence[When]],
        now: datetime,
    ) -> Iterator[Halt]:
        for one in desired:
            unread = Sighting(desired=one, problem="not read yet")
            activity = one.activity_id or lines.get(one.campaign, "")
            sends = asked.get(activity, ())
            if not sends and not unread.to_stop(now):
                continue
            if one.activity_id is None:
                yield self._made("", unread, now, sends)
            if activity:
                yield self._made(activity, unread, now, sends)

    def mark(self, sightings: Sequence[Sighting], now: datetime) -> None:
        """Mark what is to come, as now read; take back the mark of what proves to be over.

        No plan that was made before is applied to a marked campaign after this.
        """
        coming = [one for one in sightings if one.scheduled or one.to_stop(now)]
        self._mark(self._made(one.activity_id, one, now) for one in coming if one.activity_id)
        self._release(self._needless(sightings, coming))
        marked = [one.activity_id for one in sightings if one.activity_id in self.made]
        self.store.advance(self.made_at(marked, now), marked)

    def _needless(self, sightings: Sequence[Sighting], coming: Sequence[Sighting]) -> Iterator[str]:
        """The marks by name of what is marked by activity now; this halt's, of what is over."""
        for one in sightings:
            known, name = one.activity_id, named(one.desired.campaign)
            if one not in coming:
                yield from (key for key in (known, name) if key not in self.before)
            elif known in self.made:
                yield name

    def made_at(self, activities: Iterable[str], now: datetime) -> datetime:
        """When this decision counts as made: later than any other, for the lock is held."""
        generations = self.store.generations()
        return max([now, *(generations.get(one, now) for one in activities)])

    def _made(
        self, activity: str, one: Sighting, now: datetime, asked: Sequence[When] = ()
    ) -> Halt:
        """Mark the declared sends, the live one, what was asked for, and what an earlier mark names.

        Another checkout may declare what is live and not what this one declares.
        """
        stopped = [send.when for send in one.to_stop(now)]
        live = one.live.schedules if one.live else ()
        before = halt_of(self.before, activity, one.desired.campaign)
        return Halt(
            activity_id=activity,
            campaign=one.desired.campaign,
            reason=self.reason,
            at=now,
            sends=tuple(
                dict.fromkeys([*stopped, *live, *asked, *(before.sends if before else ())])
            ),
        )

    def _mark(self, halts: Iterable[Halt]) -> None:
        if marks := by_key(halts):
            self.store.halt(*marks.values())
            self.made |= marks

    def _release(self, keys: Iterable[str]) -> None:
        if needless := tuple(key for key in keys if key in self._all):
            self.store.release(*needless)
            self.made = {key: mark for key, mark in self.made.items() if key not in needless}


def _asked(entries: Iterable[JournalEntry], now: datetime) -> Mapping[str, Sequence[When]]:
    """The times to come for which the journal has a schedule, by activity."""
    asked: dict[str, list[When]] = {}
    for one in entries:
        posted = one.step.kind is StepKind.SCHEDULE
        if posted and isinstance(one.when, datetime) and one.when > now:
            asked.setdefault(one.activity_id, []).append(one.when)
    return asked
