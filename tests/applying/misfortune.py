"""Luck: scripted for examples, seeded for laws."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from ccops.applying.effects import AskTime, Effect, SleepUntil, Write
from ccops.model import StepKind
from tests.applying.virtual_vendor import START
from tests.applying.virtual_world import HOUR, LIMITS, STRANGERS, Died, Fate, Luck, World

Edit = Callable[[World], None]
SUBTLE = timedelta(seconds=1)


def nothing(_: World) -> None:
    """Nobody touches it."""


@dataclass(slots=True, kw_only=True)
class Script(Luck):
    """What goes wrong, by number, from 0: of writes, of readings, of effects (of all runs).

    `edits` happen just before an effect of that number, `dies` tells before which the process
    ends. Effects count from 0; only those that touch the world do.
    """

    fates: Mapping[int, Fate] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    edits: Mapping[int, Edit] = field(default_factory=dict)
    dies: frozenset[int] = frozenset()
    late: timedelta = timedelta(seconds=60)
    effects: int = 0
    written: int = 0
    readings: int = 0

    def meanwhile(self, world: World, effect: Effect) -> None:
        number, self.effects = self.effects, self.effects + 1
        self.edits.get(number, nothing)(world)
        if number in self.dies:
            raise Died

    def fate(self, _: Write) -> Fate:
        number, self.written = self.written, self.written + 1
        return self.fates.get(number, Fate.FINE)

    def lateness(self) -> timedelta:
        return self.late

    def unreadable(self) -> bool:
        number, self.readings = self.readings, self.readings + 1
        return number in self.unread


def changes_recipients(world: World) -> None:
    world.vendor.edit(recipients=STRANGERS)


def changes_subject(world: World) -> None:
    world.vendor.edit(subject="Something else")


def schedules(world: World) -> None:
    world.vendor.person_schedules(world.now.replace(microsecond=0) + 2 * HOUR)


def unschedules(world: World) -> None:
    world.vendor.person_unschedules()


def sends(world: World) -> None:
    world.vendor.person_sends()


def deletes(world: World) -> None:
    world.vendor.person_deletes()


EDITS: tuple[Edit, ...] = (
    changes_recipients,
    changes_recipients,
    changes_subject,
    schedules,
    unschedules,
    sends,
    deletes,
)
LIKELY = (Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.LATE, Fate.CRASH_BEFORE, Fate.CRASH_AFTER)
RARE = tuple(one for one in Fate if one not in {Fate.FINE, *LIKELY})


@dataclass(slots=True)
class Chance(Luck):
    """Misfortune drawn from a seed: the same seed, the same world."""

    random: Random
    bad: float = 0.0
    dying: float = 0.0
    edits: int = 0
    lag: timedelta = timedelta(0)
    deaths: int = 0

    @classmethod
    def of(cls, random: Random) -> "Chance":
        """Draw how hostile the world is."""
        return cls(
            random=random,
            bad=random.choice([0.0, 0.05, 0.3]),
            dying=random.choice([0.0, 0.03, 0.1]),
            edits=random.choice([0, 0, 1, 2]),
            lag=random.choice([timedelta(0), LIMITS.read_lag - SUBTLE]),
        )

    def meanwhile(self, world: World, effect: Effect) -> None:
        if self.edits and self.random.random() < 0.06:
            self.edits -= 1
            self.random.choice(EDITS)(world)
        if self.deaths < 3 and self.random.random() < self.dying:
            self.deaths += 1
            raise Died

    def fate(self, effect: Write) -> Fate:
        if self.random.random() >= self.bad:
            return Fate.FINE
        fate = self.random.choice(LIKELY + LIKELY + RARE)
        if fate is Fate.ODD_DATE and effect.step.kind is not StepKind.SCHEDULE:
            return Fate.ODD_BODY
        return fate

    def lateness(self) -> timedelta:
        return self.random.random() * (LIMITS.settle - SUBTLE)

    def unreadable(self) -> bool:
        return self.random.random() < self.bad * 0.3

    def age(self) -> timedelta:
        return self.random.random() * self.lag

    def delay(self, effect: Effect) -> timedelta:
        if isinstance(effect, AskTime | SleepUntil):
            return timedelta(0)
        slow = self.random.random() < 0.02
        return timedelta(seconds=self.random.choice([4, 6, 20]) if slow else 0.1)


__all__ = ["EDITS", "START", "Chance", "Edit", "Script"]
