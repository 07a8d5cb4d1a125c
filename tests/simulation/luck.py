"""Luck: scripted for examples, seeded for laws."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from ccops.applying.effects import Effect, Write
from ccops.model import StepKind
from tests.simulation.campaign import HOUR, LIMITS, MINUTE, STRANGERS
from tests.simulation.network import LIKELY, RARE, Fate
from tests.simulation.vendor import SECOND

if TYPE_CHECKING:
    from tests.simulation.world import World

Happening = Callable[["World"], timedelta | None]
"""What comes just before an effect; how long the process is frozen by it, if it is."""


class Died(Exception):
    """The process is gone; what it had told the journal and the vendor remains."""


class Luck:
    """Nothing goes wrong; a script or a seeded source of misfortune says otherwise."""

    def meanwhile(self, world: "World", effect: Effect) -> timedelta | None:
        """Do something just before an effect: edit in the browser, freeze, or raise `Died`."""

    def at_the_door(self) -> timedelta | None:
        """How long the process is frozen between the fence's check and the first byte."""

    def fate(self, _: Write) -> Fate:
        """How the next write fares."""
        return Fate.FINE

    def lateness(self) -> timedelta:
        """When a late write arrives, counted from when the client gave it up."""
        return timedelta(seconds=60)

    def unreadable(self) -> bool:
        """Whether the next reading fails."""
        return False

    def unrecorded(self) -> bool | None:
        """Whether the store fails at the next line: before it is durable (False), after (True)."""

    def locked_out(self) -> bool:
        """Whether the lock is lost just before the next effect, though its holder lives."""
        return False

    def lock_lasts(self) -> timedelta | None:
        """How long a frozen process keeps the lock; None: as long as it lives."""
        return None

    def age(self) -> timedelta:
        """How old the state is that the next reading shows."""
        return timedelta(0)

    def delay(self, _: Effect) -> timedelta:
        """How long the effect takes."""
        return timedelta(milliseconds=200)


def dies(_: "World") -> None:
    """The process ends here."""
    raise Died


def changes_recipients(world: "World") -> None:
    """Somebody changes the recipients, and keeps the schedule if there is one."""
    world.vendor.edit(recipients=STRANGERS)


def changes_subject(world: "World") -> None:
    """Somebody changes the subject, and keeps the schedule if there is one."""
    world.vendor.edit(subject="Something else")


def schedules(world: "World") -> None:
    """Somebody schedules it for another time."""
    world.vendor.person_schedules(world.now.replace(microsecond=0) + 5 * HOUR)


def schedules_likewise(world: "World") -> None:
    """Somebody schedules it for the very time that the plan wants."""
    if isinstance(world.aim, datetime) and world.aim > world.now:
        world.vendor.person_schedules(world.aim)


def unschedules(world: "World") -> None:
    """Somebody takes the schedule away."""
    world.vendor.person_unschedules()


def sends(world: "World") -> None:
    """Somebody sends it by hand."""
    world.vendor.person_sends()


def deletes(world: "World") -> None:
    """Somebody deletes the campaign."""
    world.vendor.person_deletes()


def sleeps(span: timedelta) -> Happening:
    """The process is frozen for a while, for example with the machine's lid closed."""
    return lambda _: span


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
    the write, `unread` by the number of the reading; `slow` as `before`. `doors` are the freezes
    after the fence's check, by the number of the write; `lasts` is how long a lock outlives them.
    """

    before: Mapping[str, Happening] = field(default_factory=dict)
    fates: Mapping[int, Fate] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    slow: Mapping[str, timedelta] = field(default_factory=dict)
    doors: Mapping[int, timedelta] = field(default_factory=dict)
    lasts: timedelta | None = None
    late: timedelta = MINUTE
    counts: Counter[str] = field(default_factory=Counter)
    names: tuple[str, ...] = ()

    def meanwhile(self, world: "World", effect: Effect) -> timedelta | None:
        """Do what the script says, and count."""
        kinds = (type(effect).__name__.lower(), "effect")
        self.names = tuple(f"{kind} {self.counts[kind]}" for kind in kinds)
        self.counts.update(kinds)
        frozen = [self.before[name](world) for name in self.names if name in self.before]
        return next((span for span in frozen if span), None)

    def at_the_door(self) -> timedelta | None:
        """As scripted."""
        return self.doors.get(self.counts["write"] - 1)

    def fate(self, _: Write) -> Fate:
        """As scripted."""
        return self.fates.get(self.counts["write"] - 1, Fate.FINE)

    def lateness(self) -> timedelta:
        """As scripted."""
        return self.late

    def lock_lasts(self) -> timedelta | None:
        """As scripted."""
        return self.lasts

    def unreadable(self) -> bool:
        """As scripted."""
        return self.counts["get"] - 1 in self.unread

    def delay(self, _: Effect) -> timedelta:
        """As scripted, else a fifth of a second."""
        known = (self.slow[name] for name in self.names if name in self.slow)
        return next(known, timedelta(milliseconds=200))


FREEZES = (10 * SECOND, 120 * SECOND, 3_000 * SECOND)
DOORS = (10 * SECOND, 50 * SECOND, 120 * SECOND, 3_000 * SECOND)
_LEASED = timedelta(seconds=30)
_QUICK = timedelta(milliseconds=100)
_SLOW = (4 * SECOND, 6 * SECOND, 20 * SECOND)
_NONE = timedelta(0)


@dataclass(slots=True, kw_only=True)
class Chance(Luck):
    """Misfortune drawn from a seed: the same seed, the same world.

    `bad` is how often a request fails, `dying` how often the process ends before an effect,
    `sleepy` how often it is frozen, `losing` how often the lock is lost, `failing` how often the
    store fails; `edits` are the edits still to come, `lag` is how old a reading may be.
    """

    random: Random = field(repr=False)
    bad: float = 0.0
    dying: float = 0.0
    sleepy: float = 0.0
    losing: float = 0.0
    failing: float = 0.0
    edits: int = 0
    lag: timedelta = _NONE
    deaths: int = 3

    @classmethod
    def of(cls, random: Random, *, lagging: bool) -> "Chance":
        """Draw how hostile the world is."""
        return cls(
            random=random,
            bad=random.choice((0.0, 0.05, 0.3)),
            dying=random.choice((0.0, 0.03, 0.1)),
            sleepy=random.choice((0.0, 0.01, 0.04)),
            losing=random.choice((0.0, 0.0, 0.0, 0.05)),
            failing=random.choice((0.0, 0.0, 0.0, 0.02)),
            edits=random.choice((0, 0, 1, 2)),
            lag=LIMITS.read_lag - SECOND if lagging else _NONE,
        )

    def _happens(self, share: float) -> bool:
        return share > 0.0 and self.random.random() < share

    def meanwhile(self, world: "World", _: Effect) -> timedelta | None:
        """Edit, die or freeze: between any two effects."""
        if self.edits and self._happens(0.06):
            self.edits -= 1
            self.random.choice(EDITS)(world)
        if self.deaths and self._happens(self.dying):
            self.deaths -= 1
            raise Died
        return self.random.choice(FREEZES) if self._happens(self.sleepy) else None

    def at_the_door(self) -> timedelta | None:
        """As often as anywhere else; some of these the connection survives."""
        return self.random.choice(DOORS) if self._happens(self.sleepy) else None

    def fate(self, effect: Write) -> Fate:
        """Mostly fine, then mostly what networks do."""
        if not self._happens(self.bad):
            return Fate.FINE
        fate = self.random.choice(LIKELY + LIKELY + RARE)
        timed = effect.step.kind is StepKind.SCHEDULE
        return Fate.ODD_BODY if fate is Fate.ODD_DATE and not timed else fate

    def lateness(self) -> timedelta:
        """Within the settle time."""
        return self.random.random() * (LIMITS.settle - SECOND)

    def unreadable(self) -> bool:
        """Less often than a write fails: readings are retried below."""
        return self._happens(self.bad * 0.3)

    def unrecorded(self) -> bool | None:
        """Before or after the line is durable."""
        return self.random.random() < 0.5 if self._happens(self.failing) else None

    def locked_out(self) -> bool:
        """In some worlds."""
        return self._happens(self.losing)

    def lock_lasts(self) -> timedelta | None:
        """Shorter than most freezes, where it can be lost at all."""
        return _LEASED if self.losing else None

    def age(self) -> timedelta:
        """Within the read lag, and not always growing."""
        return self.random.random() * self.lag if self.lag else _NONE

    def delay(self, _: Effect) -> timedelta:
        """Mostly quick."""
        return self.random.choice(_SLOW) if self._happens(0.02) else _QUICK
