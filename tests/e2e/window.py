"""A window in a run: a request that meets a `delay` fault waits here until the test lets it go."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from threading import Event

from tests.e2e.stage import PATIENCE, Stage


class Window:
    """Stands in for the sandbox's sleep: no time passes, a test decides when it goes on."""

    def __init__(self) -> None:
        self._entered = Event()
        self._released = Event()

    def __call__(self, _seconds: float) -> None:
        """Tell the test that the request is here, and wait for it."""
        self._entered.set()
        self._released.wait(PATIENCE)

    def wait(self) -> None:
        """Wait until a request is in the window."""
        assert self._entered.wait(PATIENCE), "no request met the fault"

    def release(self) -> None:
        """Let the request go on, and every later one pass."""
        self._released.set()


class Fate(StrEnum):
    """What becomes of the request in the window: lost, carried out late, or not yet answered."""

    LOST = "lost"
    LATE = "late"
    DONE = "done"


@contextmanager
def window(
    stage: Stage, method: str, path: str = "*", *, fate: Fate = Fate.LATE, after: int = 0
) -> Iterator[Window]:
    """Open a window on one request, after so many others of its method and path."""
    opened = Window()
    stage.world.sleep = opened
    kind = "delay_after" if fate is Fate.DONE else "delay"
    stage.fault(kind, method, path, after=after, seconds=1, effect=fate is not Fate.LOST)
    try:
        yield opened
    finally:
        opened.release()


def killed(
    stage: Stage,
    method: str,
    path: str = "*",
    *,
    fate: Fate = Fate.LATE,
    after: int = 0,
    arguments: tuple[str, ...] = ("apply", "--yes"),
) -> None:
    """Kill a command while the sandbox holds one of its requests; then let that one happen."""
    with window(stage, method, path, fate=fate, after=after) as opened:
        process = stage.start(*arguments)
        opened.wait()
        process.kill()
        process.communicate()
    _quiet(stage)


def _quiet(stage: Stage) -> None:
    """Wait until the request that outlived its sender has been carried out, or was not."""
    limit = time.monotonic() + PATIENCE
    while any(one.status is None for one in stage.world.requests):
        assert time.monotonic() < limit
        time.sleep(0.001)
