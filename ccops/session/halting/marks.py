"""The marks of one halt: which campaigns a person stopped, durable before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ccops.model import Desired, When
from ccops.ports import Halt, Store
from ccops.session.halting.sightings import Sighting


@dataclass(slots=True, kw_only=True)
class Marks:
    """The marks in the store while a halt is running.

    `before` are those of earlier halts, by activity id; `made` names the campaigns that this one
    marked, by activity id. The lock must be held; every method raises StoreUnavailable.
    """

    store: Store
    reason: str
    before: dict[str, Halt]
    made: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, store: Store, reason: str) -> Self:
        """Take up the marks that are there."""
        before = {one.activity_id: one for one in store.halts()}
        return cls(store=store, reason=reason, before=before)

    def holds(self, one: Sighting) -> bool:
        """Whether a campaign is marked, by whichever halt; one that was not read, by its name."""
        if one.activity_id:
            return one.activity_id in self.made or one.activity_id in self.before
        names = {*self.made.values(), *(mark.campaign for mark in self.before.values())}
        return one.desired.campaign in names

    def times(self) -> Mapping[str, Sequence[When]]:
        """The sends that earlier halts stopped, by campaign: its manifest tells them no more."""
        return {mark.campaign: mark.sends for mark in self.before.values()}

    def mark_known(self, desired: Iterable[Desired], now: datetime) -> None:
        """Mark what can be marked without asking anybody: the network may be gone.

        A pin tells the activity, or a line that an earlier run left in the journal.
        """
        lines = {one.campaign: one.activity_id for one in self.store.entries()}
        for one in desired:
            activity = one.activity_id or lines.get(one.campaign, "")
            unread = Sighting(desired=one, problem="not read yet")
            if activity and unread.to_stop(now):
                self._mark(activity, unread, now)

    def mark(self, sightings: Sequence[Sighting], now: datetime) -> None:
        """Mark what is to come, as now read; take back the mark of what proves to be over.

        No plan that was made before is applied to a marked campaign after this.
        """
        for one in sightings:
            if one.activity_id and (one.scheduled or one.to_stop(now)):
                self._mark(one.activity_id, one, now)
            elif one.activity_id in self.made.keys() - self.before.keys():
                self.store.release(one.activity_id)
                del self.made[one.activity_id]
        marked = [one.activity_id for one in sightings if one.activity_id in self.made]
        self.store.advance(self.made_at(marked, now), marked)

    def made_at(self, activities: Iterable[str], now: datetime) -> datetime:
        """When this decision counts as made: later than any other, for the lock is held."""
        generations = self.store.generations()
        return max([now, *(generations.get(one, now) for one in activities)])

    def _mark(self, activity: str, one: Sighting, now: datetime) -> None:
        """Mark the declared sends, the live one, and what an earlier mark names.

        Another checkout may declare what is live and not what this one declares.
        """
        stopped = [send.when for send in one.to_stop(now)]
        live = one.live.schedules if one.live else ()
        before = self.before[activity].sends if activity in self.before else ()
        self.store.halt(
            Halt(
                activity_id=activity,
                campaign=one.desired.campaign,
                reason=self.reason,
                at=now,
                sends=tuple(dict.fromkeys([*stopped, *live, *before])),
            )
        )
        self.made[activity] = one.desired.campaign
