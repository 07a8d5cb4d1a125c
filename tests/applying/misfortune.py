"""Luck: scripted for examples, seeded for laws."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from ccops.applying.effects import Effect, Write
from ccops.model import StepKind
from tests.applying.virtual_vendor import SECOND
from tests.applying.virtual_world import (
    HOUR,
    LIMITS,
    MINUTE,
    STRANGERS,
    Died,
    Fate,
    Luck,
    World,
)

Happening = Callable[[World], None]
"""What comes just before an effect."""


def dies(_: World) -> None:
    """The process ends here."""
    raise Died


def changes_recipients(world: World) -> None:
    """Somebody changes the recipients, and keeps the schedule if there is one."""
    world.vendor.edit(recipients=STRANGERS)


def changes_subject(world: World) -> None:
    """Somebody changes the subject, and keeps the schedule if there is one."""
    world.vendor.edit(subject="Something else")


def schedules(world: World) -> None:
    """Somebody schedules it for another time."""
    world.vendor.person_schedules(world.now.replace(microsecond=0) + 5 * HOUR)


def schedules_likewise(world: World) -> None:
    """Somebody schedules it for the very time that the plan wants."""
    if isinstance(world.aim, datetime) and world.aim > world.now:
        world.vendor.person_schedules(world.aim)


def unschedules(world: World) -> None:
    """Somebody takes the schedule away."""
    world.vendor.person_unschedules()


def sends(world: World) -> None:
    """Somebody sends it by hand."""
    world.vendor.person_sends()


def deletes(world: World) -> None:
    """Somebody deletes the campaign."""
    world.vendor.person_deletes()


def sleeps(span: timedelta) -> Happening:
    """The machine sleeps for a while, for example with its lid closed."""
    return lambda world: world.later(span)


EDITS: tuple[Happening, ...] = (
    changes_recipients,
    changes_recipients,
    changes_subject,
    schedules,
    schedules_likewise,
    unschedules,
    sends,
    deletes,
)


@dataclass(slots=True, kw_only=True)
class Script(Luck):
    """What goes wrong, by number, from 0 and over all runs.

    `before` is told as "write 1", "get 3", "record 0" or "effect 17"; `fates` by the number of
    the write, `unread` by the number of the reading; `slow` as `before`.
    """

    before: Mapping[str, Happening] = field(default_factory=dict)
    fates: Mapping[int, Fate] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    slow: Mapping[str, timedelta] = field(default_factory=dict)
    late: timedelta = MINUTE
    counts: Counter[str] = field(default_factory=Counter)
    names: tuple[str, ...] = ()

    def meanwhile(self, world: World, effect: Effect) -> None:
        """Do what the script says, and count."""
        kinds = (type(effect).__name__.lower(), "effect")
        self.names = tuple(f"{kind} {self.counts[kind]}" for kind in kinds)
        self.counts.update(kinds)
        for name in self.names:
            if name in self.before:
                self.before[name](world)

    def fate(self, _: Write) -> Fate:
        """As scripted."""
        return self.fates.get(self.counts["write"] - 1, Fate.FINE)

    def lateness(self) -> timedelta:
        """As scripted."""
        return self.late

    def unreadable(self) -> bool:
        """As scripted."""
        return self.counts["get"] - 1 in self.unread

    def delay(self, _: Effect) -> timedelta:
        """As scripted, else a fifth of a second."""
        known = (self.slow[name] for name in self.names if name in self.slow)
        return next(known, timedelta(milliseconds=200))


LIKELY = (Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.LATE, Fate.CRASH_BEFORE, Fate.CRASH_AFTER)
RARE = tuple(one for one in Fate if one not in {Fate.FINE, *LIKELY})


@dataclass(slots=True, kw_only=True)
class Chance(Luck):
    """Misfortune drawn from a seed: the same seed, the same world.

    `bad` is how often a request fails, `dying` how often the process ends before an effect,
    `sleepy` how often the machine sleeps; `edits` are the edits still to come, `lag` is how old
    a reading may be.
    """

    random: Random
    bad: float
    dying: float
    sleepy: float
    edits: int
    lag: timedelta
    deaths: int = 3

    @classmethod
    def of(cls, random: Random) -> "Chance":
        """Draw how hostile the world is."""
        return cls(
            random=random,
            bad=random.choice([0.0, 0.05, 0.3]),
            dying=random.choice([0.0, 0.03, 0.1]),
            sleepy=random.choice([0.0, 0.0, 0.01]),
            edits=random.choice([0, 0, 1, 2]),
            lag=random.choice([timedelta(0), LIMITS.read_lag - SECOND]),
        )

    def _happens(self, share: float) -> bool:
        return self.random.random() < share

    def meanwhile(self, world: World, effect: Effect) -> None:
        """Edit, die or sleep; between the lease's check and its write nothing sleeps."""
        if self.edits and self._happens(0.06):
            self.edits -= 1
            self.random.choice(EDITS)(world)
        if not isinstance(effect, Write) and self._happens(self.sleepy):
            world.later(self.random.choice([10 * SECOND, 10 * MINUTE, 2 * HOUR]))
        if self.deaths and self._happens(self.dying):
            self.deaths -= 1
            raise Died

    def fate(self, effect: Write) -> Fate:
        """Mostly fine, then mostly what networks do."""
        if not self._happens(self.bad):
            return Fate.FINE
        fate = self.random.choice(LIKELY + LIKELY + RARE)
        # A wrong time that nobody is awake to see is beyond what reading back can find.
        seen = effect.step.kind is StepKind.SCHEDULE and not self.sleepy
        return Fate.ODD_BODY if fate is Fate.ODD_DATE and not seen else fate

    def lateness(self) -> timedelta:
        """Within the settle time."""
        return self.random.random() * (LIMITS.settle - SECOND)

    def unreadable(self) -> bool:
        """Less often than a write fails: readings are retried below."""
        return self._happens(self.bad * 0.3)

    def age(self) -> timedelta:
        """Within the read lag, and not always growing."""
        return self.random.random() * self.lag

    def delay(self, _: Effect) -> timedelta:
        """Mostly quick."""
        slow = self._happens(0.02)
        return self.random.choice([4, 6, 20]) * SECOND if slow else timedelta(milliseconds=100)
