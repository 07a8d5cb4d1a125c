"""Pacing and the daily ledger of one API key, for every process of this machine.

The API counts per key, over all accounts and programs: 4 requests a second and 10,000 a UTC day
(docs). Slots are reserved under one lock, with the clock read inside it, so that two processes
never get the same one.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from math import inf
from pathlib import Path
from threading import Lock
from typing import Self

from ccops.store.files import file_name, open_database, told, transaction
from ccops.store.refusals import used_up
from ccops.store.tables import METER

WallClock = Callable[[], float]
"""Seconds since 1970, UTC; `time.time` outside tests."""

# A slot further ahead than 200 gaps is no queue: the clock was set back. It is waited for no
# longer than that.
_BEGINS = "SELECT max(:now, min(next_at, :now + 200 * :gap)) FROM slot"

_NEXT = "INSERT INTO slot VALUES (1, :at) ON CONFLICT (only) DO UPDATE SET next_at = :at"

_SPEND = """
INSERT INTO ledger SELECT :day, 1 WHERE :cap > 0
ON CONFLICT (day) DO UPDATE SET used = used + 1 WHERE used < :cap
RETURNING used
"""

_MICROSECONDS = 1_000_000


def open_meter(folder: Path, key: str, *, clock: WallClock = time.time) -> "SqliteMeter":
    """Open the meter of one API key; close it after use. The file's name is a hash of the key.

    Raises:
        StoreUnavailable: CC702 it cannot be opened, CC703 it is damaged, CC704 a newer ccops
            made it.
    """
    path = folder / file_name("meter", key)
    # A power cut may lose the last seconds' counts: each of the day's 10,000 needs no fsync.
    connection = open_database(path, METER, synchronous="NORMAL", shared=True)
    return SqliteMeter(connection, path, clock)


class SqliteMeter:
    """`ports.Meter` on SQLite. Made by `open_meter`; a context manager that closes it.

    Threads take turns at its one connection: none waits with it for a slot to begin.
    """

    __slots__ = ("_clock", "_connection", "_turn", "path")

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: WallClock) -> None:
        self._connection = connection
        self.path = path
        self._clock = clock
        self._turn = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()

    def reserve(self, gap: timedelta, within: float = inf) -> float:
        """Reserve the next slot, at least `gap` after the one before; return seconds to wait.

        If they are more than `within`, nothing was reserved.

        Raises:
            StoreUnavailable: the file cannot be used.
        """
        width = gap // timedelta(microseconds=1)
        with self._alone():
            # Read under the lock: a time read before waiting for it would be old.
            now = int(self._clock() * _MICROSECONDS)
            row = self._connection.execute(_BEGINS, {"now": now, "gap": width}).fetchone()
            begins = now if row is None else int(row[0])
            wait = float(begins - now) / _MICROSECONDS
            following = begins + width if wait <= within else begins
            self._connection.execute(_NEXT, {"at": following})
        return wait

    def spend(self, day: date, cap: int) -> int:
        """Count one request of this UTC day and return the day's total.

        Raises:
            Throttled: CC532, `cap` requests were counted already; this one was not.
            StoreUnavailable: the file cannot be used.
        """
        with self._alone():
            counted = {"day": day.isoformat(), "cap": cap}
            rows = self._connection.execute(_SPEND, counted).fetchall()
        if not rows:
            raise used_up(day, cap)
        return int(rows[0][0])

    def spent(self, day: date) -> int:
        """How many requests this UTC day has seen (StoreUnavailable)."""
        with self._turn, told(self.path):
            row = self._connection.execute(
                "SELECT used FROM ledger WHERE day = ?", (day.isoformat(),)
            ).fetchone()
        return 0 if row is None else int(row[0])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Shut out the other threads, then the other processes."""
        with self._turn, told(self.path), transaction(self._connection):
            yield
