"""When a request may leave: one sequence of slots for all connections of all processes.

A write must leave soon after the reading that justifies it. So what has not begun queues only a
little ahead, and what follows a reading may always queue behind that: however many connections
and processes share an API key, a write waits about `RESUMED` seconds, and not for its turn among
all of them. The same bounds how much is begun at once, as nothing new is let in while that which
has begun fills the queue.

A campaign that has slept between two of its writes may queue further ahead than one that has not
begun: otherwise what is half done would wait among all that are still whole, for minutes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock

from ccops.ports import Meter

AHEAD = 0.5
"""Seconds: a request that begins something reserves no slot further ahead than this."""

RESUMED = 1.0
"""Seconds: the same for one that takes up again what a write has begun."""

LATE = 0.1
"""Seconds: a slot that is met later than this is lost, and another one is reserved.

Else a process that stood still for a while would let all its lines go at once. Five slots of
300 ms span 1.2 s, so that there is as much left for the network's own delays.
"""

PATIENCE = 10
"""How many slots one request may lose: a machine that is never in time goes on all the same."""


_REST = 0.001


@dataclass(slots=True, eq=False)
class Pace:
    """The slots and the daily ledger of one API key, as one client's lines use them.

    `gap` and `per_day` are the key's limits; `today` tells the UTC day, `sleep` waits and
    `monotonic` counts, in seconds. `over`: nothing leaves any more. For several threads.
    """

    meter: Meter
    gap: timedelta
    per_day: int
    today: Callable[[], date]
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    over: bool = field(default=False, init=False)
    queues: Mapping[float, Lock] = field(
        default_factory=lambda: {AHEAD: Lock(), RESUMED: Lock()}, init=False
    )
    """By reach: of one client's lines only one asks for a slot that is not within it yet."""

    def count(self) -> None:
        """Count one request of today (Throttled at the cap, StoreUnavailable)."""
        self.meter.spend(self.today(), self.per_day)

    def await_turn(self, reach: float = AHEAD) -> None:
        """Wait for a slot to begin something in, or, `RESUMED`, to take it up again in.

        Raises StoreUnavailable.
        """
        with self.queues[reach]:
            wait = self.meter.reserve(self.gap, reach)
            while wait > reach and not self.over:
                # Not for nothing: a rest too small for the clock would be asked about for ever.
                self.sleep(max(wait - reach, _REST))
                wait = self.meter.reserve(self.gap, reach)
        self._pass(wait)

    def await_slot(self) -> None:
        """Wait for a slot to go on in with what has begun (StoreUnavailable)."""
        self._pass(self.meter.reserve(self.gap))

    def _pass(self, wait: float) -> None:
        for _ in range(PATIENCE):
            begins = self.monotonic() + wait
            if wait > 0 and not self.over:
                self.sleep(wait)
            if self.over or self.monotonic() - begins <= LATE:
                return
            wait = self.meter.reserve(self.gap)
