"""Faults of a fleet: eight runners that share one API key, and whose clocks disagree."""

import heapq
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from random import Random
from threading import Lock, Semaphore, Thread

import pytest

from ccops.constantcontact.pace import Pace
from ccops.store.postgres.meter import open_meter
from tests.store.cluster import Cluster

RUNNERS = 8
SKEWS = (-7.0, -3.0, 0.0, 0.0, 0.0, 0.0, 3.0, 7.0)
"""Seconds by which each runner's own clock is off."""
GAP = timedelta(milliseconds=300)
SOAK = 600.0
GOES_ON = 7
"""Requests that follow one that begins something: a write with its readings."""
BEGINS = datetime(2027, 3, 9, 23, 55, tzinfo=UTC).timestamp()
"""Ten minutes around midnight, where the runners do not agree about the day."""


class VirtualTime:
    """One true time for threads that sleep in it: the one to wake first goes on, alone."""

    def __init__(self) -> None:
        self.now = BEGINS
        self._guard = Lock()
        self._asleep: list[tuple[float, int]] = []
        self._wake = [Semaphore(0) for _ in range(RUNNERS)]
        self._going = RUNNERS

    def sleep(self, runner: int, seconds: float) -> None:
        """Return when it is so much later, and nobody else is to be woken before."""
        with self._guard:
            heapq.heappush(self._asleep, (self.now + seconds, runner))
            self._wake_next()
        assert self._wake[runner].acquire(timeout=60)

    def end(self) -> None:
        with self._guard:
            self._going -= 1
            self._wake_next()

    def _wake_next(self) -> None:
        if self._asleep and len(self._asleep) == self._going:
            self.now, runner = heapq.heappop(self._asleep)
            self._wake[runner].release()


@pytest.fixture
def arrivals(server: Cluster) -> list[float]:
    """When each request of the ten minutes came in, as the API saw it."""
    true, came = VirtualTime(), list[float]()
    threads = [Thread(target=_run, args=(server, true, came, one)) for one in range(RUNNERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(came)


def _run(server: Cluster, true: VirtualTime, came: list[float], runner: int) -> None:
    """Ask as fast as the pace lets it, with a network that is late by up to 100 ms."""
    chance = Random(runner)

    def own_day() -> date:
        return datetime.fromtimestamp(true.now + SKEWS[runner], UTC).date()

    try:
        with open_meter(server.address(), "f57", clock=lambda: true.now) as meter:
            pace = Pace(
                meter=meter,
                gap=GAP,
                per_day=10_000,
                today=own_day,
                sleep=lambda seconds: true.sleep(runner, seconds),
                # Counts from another beginning on every machine; waits alone are read from it.
                monotonic=lambda: true.now + 1000 * runner,
            )
            for wait in cycle((pace.await_turn, *[pace.await_slot] * GOES_ON)):
                wait()
                pace.count()
                came.append(true.now + chance.uniform(0, 0.1))
                if true.now > BEGINS + SOAK:
                    break
    finally:
        true.end()


def test_f57_eight_runners_with_skewed_clocks_keep_one_pace(
    server: Cluster, arrivals: list[float]
) -> None:
    """Never more than four in a second; every request is in the ledger, once; nobody is idle."""
    most = max(
        sum(first <= other < first + 1 for other in arrivals[at : at + 8])
        for at, first in enumerate(arrivals)
    )
    assert most <= 4
    assert len(arrivals) >= SOAK / GAP.total_seconds() * 0.99
    with open_meter(server.address(), "f57") as meter:
        days = Counter({day: meter.spent(day) for day in (date(2027, 3, 9), date(2027, 3, 10))})
    assert days.total() == len(arrivals)
    assert min(days.values()) > 0


def test_f57_the_clock_of_the_shared_store_is_the_one_that_counts(
    server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runner that lives in another hour gets the slot after the last one, as everybody does."""
    gap, here, waits = timedelta(seconds=30), time.time(), []
    with open_meter(server.address(), "f57 in earnest") as meter:
        for skew in (0, 3600, -3600):
            monkeypatch.setattr(time, "time", lambda: here + skew)  # noqa: B023 - read at once
            waits.append(meter.reserve(gap))
    assert waits[0] == 0
    assert 20 < waits[1] <= 30 < waits[2] <= 60
