"""What will be mailed, and when, once a plan is applied."""

from dataclasses import dataclass
from datetime import datetime

from ccops.model import Now
from ccops.planning.plan import Change, Plan
from ccops.render.words import scheduled


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """One scheduled send to come. `untouched`: it needs a person, and this plan leaves it."""

    when: datetime
    change: Change

    @property
    def untouched(self) -> bool:
        """Whether Constant Contact will send it although the manifest cannot be carried out."""
        return self.change.verdict.needs_person


def at_once(plan: Plan) -> tuple[Change, ...]:
    """The changes that send as soon as they are applied, in the plan's order."""
    return tuple(change for change in plan.writing if isinstance(change.send, Now))


def upcoming(plan: Plan, *, now: datetime) -> tuple[Upcoming, ...]:
    """The scheduled sends that hold once the plan is applied, earliest first.

    A campaign that needs a person is not touched, so the schedule that it has still holds.
    """
    dated = ((_holds(change), change) for change in plan.changes)
    found = (Upcoming(when=when, change=one) for when, one in dated if when and when > now)
    # The plan's order is that of the changes; this is a list of sends.
    return tuple(sorted(found, key=lambda one: one.when))


def _holds(change: Change) -> datetime | None:
    if change.verdict.needs_person:
        return scheduled(change.before)
    return None if isinstance(change.send, Now) else change.send
