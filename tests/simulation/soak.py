"""Many stories: played by every core, counted, and told when one goes wrong."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context

from tests.simulation.guards import Guard
from tests.simulation.laws import violations
from tests.simulation.residual import residuals
from tests.simulation.story import SWITCHES, story

CHUNK = 250
HARM = ("I1", "I2", "I3", "I4", "I6")
"""Laws about what people get; the others are about what ccops does and says on the way."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of some seeds.

    `sent` counts the stories in which ccops sent something, and all of it right. `broken` names
    the first seeds that broke each law; `switched` counts stories and broken stories by the
    switch of the vendor that was on.
    """

    seeds: int = 0
    runs: int = 0
    sent: int = 0
    residual: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    switched: Counter[tuple[str, bool]] = field(default_factory=Counter)
    broken: dict[str, int] = field(default_factory=dict)

    @property
    def first(self) -> int | None:
        """The lowest seed that broke a law."""
        return min(self.broken.values(), default=None)

    def add(self, other: "Tally") -> None:
        """Add what later seeds came to."""
        self.seeds += other.seeds
        self.runs += other.runs
        self.sent += other.sent
        self.residual += other.residual
        self.endings += other.endings
        self.violations += other.violations
        self.switched += other.switched
        self.broken = {**other.broken, **self.broken}


def tally(seeds: range, off: frozenset[Guard] = frozenset()) -> Tally:
    """Play some seeds one after the other."""
    total = Tally()
    for seed in seeds:
        _play(seed, off, total)
    return total


def _play(seed: int, off: frozenset[Guard], total: Tally) -> None:
    told = story(seed, off)
    found = violations(told)
    total.seeds += 1
    total.runs += len(told.runs)
    total.sent += bool(told.ours) and not found
    total.residual.update(map(str, residuals(told)))
    total.endings.update("died" if run.died else f"ended with {run.exit_code}" for run in told.runs)
    total.violations.update(list(found))
    on = [name for bit, name in enumerate(SWITCHES) if seed >> bit & 1]
    total.switched.update((name, bool(found)) for name in on)
    for law in found:
        total.broken.setdefault(law, seed)


def soak(seeds: range, *, jobs: int, off: frozenset[Guard] = frozenset()) -> Tally:
    """Play many seeds on several cores; the result does not depend on how many."""
    total = Tally()
    chunks = (seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK))
    if jobs == 1:
        for chunk in chunks:
            total.add(tally(chunk, off))
        return total
    with get_context("spawn").Pool(jobs) as pool:
        for part in pool.imap(partial(tally, off=off), chunks):
            total.add(part)
    return total


def cores() -> int:
    """How many processes can work at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """The first stories that went wrong without some guards, of those `tried`.

    `seed` broke any law, `harm` one about what people get; None: no story did.
    """

    off: frozenset[Guard]
    tried: int
    seed: int | None = None
    laws: tuple[str, ...] = ()
    harm: int | None = None
    harms: tuple[str, ...] = ()


def kill(off: frozenset[Guard], seeds: range, *, harm: bool = False) -> Kill:
    """Look for the first story that goes wrong without these guards, and not with them.

    `harm`: go on until people get what they should not, or do not get what they should.
    """
    found = Kill(off=off, tried=len(seeds))
    for seed in seeds:
        laws = broken(seed, off)
        if laws and found.seed is None:
            found = replace(found, seed=seed, laws=laws)
        harms = tuple(law for law in laws if law.startswith(HARM))
        if harms:
            found = replace(found, harm=seed, harms=harms)
        if harms or (laws and not harm):
            break
    return found


def broken(seed: int, off: frozenset[Guard]) -> tuple[str, ...]:
    """The laws that a story breaks without these guards, and does not break with them."""
    without = violations(story(seed, off))
    return tuple(law for law in without if law not in violations(story(seed))) if without else ()


def kills(offs: list[frozenset[Guard]], seeds: range, *, jobs: int) -> Iterator[Kill]:
    """Look for the first story without each of some sets of guards."""
    with get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(partial(kill, seeds=seeds, harm=True), offs)


def timed(seeds: range, *, jobs: int, off: frozenset[Guard]) -> tuple[Tally, float]:
    """Play, and count the seconds."""
    began = time.monotonic()
    return soak(seeds, jobs=jobs, off=off), time.monotonic() - began
