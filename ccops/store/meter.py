"""Pacing and the daily ledger of one API key, for every process of this machine.

The API counts per key, over all accounts and programs: 4 requests a second and 10,000 a UTC day
(docs). Slots are reserved under one lock, with the clock read inside it, so that two processes
never get the same one.
"""

import sqlite3
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from ccops.store.files import file_name, open_database, told, transaction
from ccops.store.refusals import used_up
from ccops.store.tables import METER

WallClock = Callable[[], float]
"""Seconds since 1970, UTC; `time.time` outside tests."""

# A slot further ahead than 200 gaps is no queue: the clock was set back. It is waited for no
# longer than that.
_RESERVE = """
INSERT INTO slot VALUES (1, :now + :gap)
ON CONFLICT (only) DO UPDATE SET next_at = max(:now, min(next_at, :now + 200 * :gap)) + :gap
RETURNING next_at
"""

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
    return SqliteMeter(open_database(path, METER, synchronous="NORMAL"), path, clock)


class SqliteMeter:
    """`ports.Meter` on SQLite. Made by `open_meter`; a context manager that closes it."""

    __slots__ = ("_clock", "_connection", "path")

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: WallClock) -> None:
        self._connection = connection
        self.path = path
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def reserve(self, gap: timedelta) -> float:
        """Reserve the next slot, at least `gap` after the one before; return seconds to wait.

        Raises:
            StoreUnavailable: the file cannot be used.
        """
        width = gap // timedelta(microseconds=1)
        with told(self.path), transaction(self._connection):
            # Read under the lock: a time read before waiting for it would be old.
            now = int(self._clock() * _MICROSECONDS)
            moments = {"now": now, "gap": width}
            [(following,)] = self._connection.execute(_RESERVE, moments).fetchall()
        return float(following - width - now) / _MICROSECONDS

    def spend(self, day: date, cap: int) -> int:
        """Count one request of this UTC day and return the day's total.

        Raises:
            Throttled: CC532, `cap` requests were counted already; this one was not.
            StoreUnavailable: the file cannot be used.
        """
        with told(self.path), transaction(self._connection):
            counted = {"day": day.isoformat(), "cap": cap}
            rows = self._connection.execute(_SPEND, counted).fetchall()
        if not rows:
            raise used_up(day, cap)
        return int(rows[0][0])

    def spent(self, day: date) -> int:
        """How many requests this UTC day has seen (StoreUnavailable)."""
        with told(self.path):
            row = self._connection.execute(
                "SELECT used FROM ledger WHERE day = ?", (day.isoformat(),)
            ).fetchone()
        return 0 if row is None else int(row[0])
