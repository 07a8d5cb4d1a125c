"""SIGINT and SIGTERM while writes are under way: what was begun is finished first."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from ccops.errors import ExitCode


@dataclass(slots=True, kw_only=True)
class Signals:
    """The first signal asks the run to end after what it has begun; a second one ends it now.

    `code` is the exit code that the first one stands for; None: none came.
    """

    code: ExitCode | None = None

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Hear a signal."""
        if self.code is not None:
            raise KeyboardInterrupt
        interrupted = number == signal.SIGINT
        self.code = ExitCode.INTERRUPTED if interrupted else ExitCode.TERMINATED


@contextmanager
def heard_signals() -> Iterator[Signals]:
    """Hear both signals while inside."""
    signals = Signals()
    before = {one: signal.signal(one, signals) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signals
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
