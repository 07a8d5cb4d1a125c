"""A deterministic world that plays the effects of the real protocol, without any I/O.

The vendor, the clock and the store are values. Each process is a lane: a generator that yields
the instants at which it goes on, so that any number of them interleave between any two effects,
on one clock. Luck decides, effect by effect, what goes wrong: how a write fares, whether a
reading fails or is old, what people do in the browser meanwhile, where a process is frozen, loses
its lock or dies.
"""

import heapq
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from ccops.applying.effects import (
    Effect,
    Write,
)
from ccops.model import Limits, Live, Target, When
from ccops.planning.case import newest_lines
from ccops.planning.guards import HALTED, RESCHEDULE, granted
from ccops.planning.plan import Change, Permission, Plan
from ccops.planning.verdict import Facts, decide
from ccops.ports import JournalEntry
from tests.simulation.campaign import (
    ACTIVITY,
    LIMITS,
    NAME,
    change_of,
    plan_of,
    torn,
)
from tests.simulation.guards import Guard
from tests.simulation.luck import Luck
from tests.simulation.network import (
    Fate,
)
from tests.simulation.records import Flight, Happened, Run
from tests.simulation.store import Session, Shelf
from tests.simulation.vendor import SECOND, Vendor

ResultT = TypeVar("ResultT")
Lane = Generator[datetime, None, ResultT]
"""A process in simulated time: yields the instants at which it goes on, returns its result."""


@dataclass(slots=True, kw_only=True)
class World:
    """Vendor, store and luck; the history of all effects of all runs.

    `off` are the guards that are taken away; `aim` is the send of the last plan; `faults` tells
    what the world itself saw and must never see.
    """

    vendor: Vendor
    luck: Luck = field(default_factory=Luck)
    limits: Limits = LIMITS
    off: frozenset[Guard] = frozenset()
    shelf: Shelf = field(default_factory=Shelf)
    happened: list[Happened] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    flights: list[Flight] = field(default_factory=list)
    under_way: list[Flight] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    aim: When | None = None

    @property
    def now(self) -> datetime:
        """The server's clock."""
        return self.vendor.now

    @property
    def journal(self) -> list[JournalEntry]:
        """All lines, oldest first."""
        return self.shelf.lines

    @property
    def newest(self) -> JournalEntry | None:
        """The newest line of the journal that says something about the activity."""
        return newest_lines(self.journal).get(ACTIVITY)

    @property
    def writes(self) -> list[Happened]:
        """The writes of all runs."""
        return [one for one in self.happened if isinstance(one.effect, Write)]

    def open_writes(self) -> list[str]:
        """The writes whose newest line leaves them open."""
        return list(self.shelf.open.values())

    def later(self, span: timedelta) -> None:
        """Let time pass."""
        self.vendor.advance(self.now + span)

    def note(self, words: str, run: int = 0) -> None:
        """Remember something that is no effect, for the trace."""
        self.happened.append(Happened(run=run, at=self.now, words=words))

    def story(self) -> str:
        """All effects of all runs, and all edits, for people who look for the reason."""
        edits = [Happened(run=0, at=at, words=words) for at, words in self.vendor.edits]
        lines = sorted((*edits, *self.happened), key=lambda one: one.at)
        return "\n".join(map(str, lines))

    # --- lanes ---------------------------------------------------------------------------

    def interleave(self, lanes: Iterable[Lane[object]]) -> None:
        """Run all processes to their ends, each at its own instants."""
        numbers = count()
        turns = [(self.now, next(numbers), lane) for lane in lanes]
        while turns:
            at, _, lane = heapq.heappop(turns)
            self.vendor.advance(at)
            try:
                wake = next(lane)
            except StopIteration:
                continue
            heapq.heappush(turns, (max(wake, self.now), next(numbers), lane))

    def alone(self, lane: Lane[ResultT]) -> ResultT:
        """Run one process to its end; `Died` when it does."""
        while True:
            try:
                self.vendor.advance(next(lane))
            except StopIteration as stop:
                found: ResultT = stop.value
                return found

    def record(
        self, run: Run, effect: Effect, fate: Fate | None = None, *, took: bool = False
    ) -> None:
        """Remember an effect of a run."""
        line = Happened(run=run.number, at=self.now, effect=effect, fate=fate, took=took)
        self.happened.append(line)

    def frozen(self, run: Run, span: timedelta) -> datetime:
        """Freeze a process; return when it thaws. Its lock may not last so long."""
        self.note(f"frozen for {span.total_seconds():.0f} s", run.number)
        run.frozen.append((self.now, self.now + span))
        lasts = self.luck.lock_lasts()
        if lasts is not None and lasts < span:
            self.vendor.later(self.now + lasts, lambda: self.lose_lock(run))
        return self.now + span

    def lose_lock(self, run: Run) -> None:
        """The lock is no longer the run's, if it was; the process knows nothing of it."""
        if run.session.holding and self.shelf.guarded:
            self.note("the lock is lost", run.number)
            run.session.free()
            run.lost = True

    # --- plans and runs --------------------------------------------------------------------

    def decided(
        self, wanted: Target, before: Live | None, permissions: tuple[Permission, ...] = ()
    ) -> Change:
        """Decide about what was read."""
        lifted = granted(HALTED, NAME, permissions)
        facts = Facts(
            target=wanted,
            live=before,
            now=self.now,
            limits=self.limits,
            newest=self.newest,
            restored=granted(RESCHEDULE, NAME, permissions),
            halt=None if lifted else self.shelf.marks.get(ACTIVITY),
        )
        change = change_of(wanted, before, decide(facts))
        self.aim = change.send
        return change

    def planning(
        self, wanted: Target, permissions: tuple[Permission, ...] = ()
    ) -> Lane[tuple[Plan, datetime]]:
        """Read the account as a plan does, and decide; with the oldest moment that was seen."""
        shown, age = self.vendor.shown, self.luck.age
        moment = self.now - age()
        first = shown(moment)
        yield self.now + SECOND
        second, third = self.now - age(), self.now - age()
        before = first and torn(first, shown(second), shown(third), wanted)
        change = self.decided(wanted, before, permissions)
        return plan_of(change, self.now, permissions), min(moment, second, third)

    def process(self, plan: Plan, session: Session | None = None) -> Run:
        """Begin a run: a process with a session, most often a new one, without the lock."""
        run = Run(
            number=len(self.runs) + 1,
            plan=plan,
            session=session or Session(shelf=self.shelf),
            began_at=self.now,
        )
        run.mails = len(self.vendor.mails)
        self.runs.append(run)
        return run
