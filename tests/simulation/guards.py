"""The guards that make an apply safe, and how the simulation takes each of them away.

ccops has no such switch: a guard is taken away by what the world gives the protocol (limits, a
lock, a fence), by a constant that is changed for the time of a story, or by cutting the protocol
short. A guard without which no story goes wrong would be one that the simulation cannot see.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ccops.applying import protocol
from ccops.model import Limits
from tests.simulation.campaign import LIMITS

LEASE = protocol.LEASE
_FOREVER = timedelta(days=1000)


class Guard(StrEnum):
    """What can be taken away."""

    LEAD = "lead"
    SETTLE = "settle"
    QUIET = "quiet"
    LEASE = "lease"
    FENCE = "fence"
    VERIFY = "verify"
    LOCK = "lock"
    SERIAL = "serial"
    ONCE = "once"


MEANING = {
    Guard.LEAD: "the least time between a POST and its send, and the head start",
    Guard.SETTLE: "the wait after an ambiguous answer, and after a run that died",
    Guard.QUIET: "the wait until a reading can be trusted after a write",
    Guard.LEASE: "a write is justified for five seconds by the reading before it",
    Guard.FENCE: "a write leaves on the connection of the last answer, within five seconds, or not",
    Guard.VERIFY: "a POST that was accepted is read back",
    Guard.LOCK: "one run at a time, and one open write per activity",
    Guard.SERIAL: "a plan is refused when a newer one was applied",
    Guard.ONCE: "after an accepted POST no other follows in the same run",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unready(Limits):
    """Limits of a run that asks for no time ahead of its POST."""

    @property
    def head_start(self) -> timedelta:
        """None."""
        return timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hasty(Limits):
    """Limits without the settle time, and with everything else that follows from it."""

    @property
    def head_start(self) -> timedelta:
        """As ever."""
        return LIMITS.head_start

    @property
    def reread(self) -> timedelta:
        """As ever."""
        return LIMITS.reread


@dataclass(frozen=True, slots=True, kw_only=True)
class HastyAndUnready(Unready):
    """Both."""

    @property
    def reread(self) -> timedelta:
        """As ever."""
        return LIMITS.reread


_KINDS: dict[tuple[bool, bool], type[Limits]] = {
    (False, False): Limits,
    (True, False): Unready,
    (False, True): Hasty,
    (True, True): HastyAndUnready,
}


def limits_without(off: frozenset[Guard]) -> Limits:
    """The protocol's limits; the world's own delays stay as they are."""
    kind = _KINDS[Guard.LEAD in off, Guard.SETTLE in off]
    zero = timedelta(0)
    return kind(
        lead=zero if Guard.LEAD in off else LIMITS.lead,
        settle=zero if Guard.SETTLE in off else LIMITS.settle,
        read_lag=zero if Guard.QUIET in off else LIMITS.read_lag,
    )


@contextmanager
def taken_away(off: frozenset[Guard]) -> Iterator[None]:
    """Change what is a constant of the protocol, for as long as this holds."""
    if Guard.LEASE not in off:
        yield
        return
    protocol.LEASE = _FOREVER
    try:
        yield
    finally:
        protocol.LEASE = LEASE
