"""The store of one machine: SQLite files in the user's state folder.

One file per (API origin, account) holds the journal, a second one beside it is the lock; one
file per API key holds pacing and the daily ledger. What a commit returned from survives a power
cut; a lock dies with its process, however it dies.
"""

import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from ccops.ports import Halt, JournalEntry
from ccops.store.files import (
    connect,
    file_name,
    make_private,
    open_database,
    told,
    transaction,
)
from ccops.store.meter import SqliteMeter, WallClock, open_meter
from ccops.store.records import (
    NO_LINES,
    Head,
    halt_text,
    instant_text,
    next_line,
    open_writes,
    read_halt,
    read_instant,
    read_lines,
)
from ccops.store.refusals import (
    UNKNOWN_HOLDER,
    damaged,
    held,
    holder_name,
    not_holding,
    second_write,
)
from ccops.store.tables import JOURNAL

__all__ = ["SqliteMeter", "SqliteStore", "open_meter", "open_store"]

_ADVANCE = """
INSERT INTO generations VALUES (?, ?)
ON CONFLICT (activity) DO UPDATE SET made_at = max(made_at, excluded.made_at)
"""

_PRIMARY_CODE = 0xFF  # SQLite's extended error codes keep the plain one in the low byte


def open_store(
    folder: Path, *, origin: str, account: str, run: str, clock: WallClock = time.time
) -> "SqliteStore":
    """Open the lock and journal of one account at one API origin; close it after use.

    `run` names this run to others that find the lock held. Other origins and accounts have
    other files.

    Raises:
        StoreUnavailable: CC702 it cannot be opened, CC703 it is damaged or was removed, CC704 a
            newer ccops made it.
    """
    path = folder / file_name("journal", origin, account)
    lock_path = folder / file_name("lock", origin, account)
    with told(path):
        lost = lock_path.exists() and (not path.exists() or path.stat().st_size == 0)
    if lost:
        raise damaged(path, f"it was removed or emptied, but {lock_path.name} is still there")
    connection = open_database(path, JOURNAL, synchronous="FULL")
    return SqliteStore(connection, path, lock_path, run, clock)


class SqliteStore:
    """`ports.Store` on SQLite. Made by `open_store`; a context manager that closes it.

    The journal is written by the holder of the lock alone. Each line carries the hash of the
    one before it and the last hash is kept apart, so that a line that was changed, removed or
    cut off at the end is noticed at the next reading.
    """

    __slots__ = (
        "_clock",
        "_connection",
        "_holding",
        "_identity",
        "_lock_path",
        "_run",
        "name",
        "path",
    )

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        lock_path: Path,
        run: str,
        clock: WallClock,
    ) -> None:
        self._connection = connection
        self.path = path
        self.name = str(path)
        self._lock_path = lock_path
        self._run = run
        self._clock = clock
        self._holding: sqlite3.Connection | None = None
        self._identity = _identity(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the lock, if held, is free then."""
        self._connection.close()
        if self._holding is not None:
            self._holding.close()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the account for one writer.

        The operating system frees it when the process ends, `kill -9` included.

        Raises:
            StoreUnavailable: CC701, at once, another holds it (which one, as far as known).
        """
        holding = self._seize()
        try:
            with told(self.path):
                self._connection.execute(
                    "INSERT OR REPLACE INTO holder VALUES (1, ?, ?, ?, ?)",
                    (self._run, platform.node(), os.getpid(), self._since()),
                )
            self._holding = holding
            yield
        finally:
            self._holding = None
            with suppress(sqlite3.Error):  # the line only names a holder; the lock is elsewhere
                self._connection.execute("DELETE FROM holder")
            holding.close()

    def _since(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")

    def _seize(self) -> sqlite3.Connection:
        with told(self._lock_path):
            make_private(self._lock_path.parent, self._lock_path)
            holding = connect(self._lock_path, busy=0)
            try:
                holding.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                holding.close()
                if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                    raise
            else:
                return holding
            raise held(self._holder())

    def _holder(self) -> str:
        row = self._connection.execute("SELECT run, host, pid, since FROM holder").fetchone()
        return UNKNOWN_HOLDER if row is None else holder_name(*row)

    def fresh(self) -> bool:
        """Whether no run has ever recorded anything of this account here (StoreUnavailable)."""
        with told(self.path):
            return self._connection.execute("SELECT 1 FROM journal LIMIT 1").fetchone() is None

    def append(self, entry: JournalEntry) -> None:
        """Add a line durably; the same transaction keeps one open write per activity.

        Raises:
            StoreUnavailable: CC705 this run does not hold the lock, CC706 another write of the
                activity is open, CC702 and CC703 as for `open_store`. Nothing was recorded.
        """
        with self._writing():
            self._add(entry)
            self._keep_open_writes(entry)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Do it in one durable transaction, as the holder of the lock, in the file of the name."""
        if self._holding is None:
            raise not_holding(self.path)
        with told(self.path):
            if _identity(self.path) != self._identity:
                raise damaged(self.path, "it was replaced while this run was using it")
            with transaction(self._connection):
                yield

    def _add(self, entry: JournalEntry) -> None:
        newest = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1"
        head = self._head()
        if (self._connection.execute(newest).fetchone() or NO_LINES) != head:
            raise damaged(self.path, "its end is missing")
        line = next_line(head, entry)
        self._connection.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", line)
        self._connection.execute(
            "INSERT OR REPLACE INTO head VALUES (1, ?, ?)", (line[0], line[-1])
        )

    def _head(self) -> Head:
        row: Head | None = self._connection.execute("SELECT seq, hash FROM head").fetchone()
        return row or NO_LINES

    def _keep_open_writes(self, entry: JournalEntry) -> None:
        line = (entry.activity_id, entry.write_id)
        self._connection.execute(
            "DELETE FROM open_writes WHERE activity = ? AND write_id = ?", line
        )
        if entry.state.open:
            try:
                self._connection.execute("INSERT INTO open_writes VALUES (?, ?)", line)
            except sqlite3.IntegrityError:
                raise second_write(self.path, entry) from None

    def entries(self) -> tuple[JournalEntry, ...]:
        """All lines, oldest first, each checked against the chain of hashes.

        Raises:
            StoreUnavailable: CC703, a line was changed, removed or cut off, or cannot be read.
        """
        with told(self.path), transaction(self._connection):
            lines = self._connection.execute("SELECT * FROM journal ORDER BY seq").fetchall()
            head = self._head()
            noted = set(self._connection.execute("SELECT activity, write_id FROM open_writes"))
        try:
            entries = read_lines(lines, head)
        except ValueError as error:
            raise damaged(self.path, str(error)) from error
        if open_writes(entries) != noted:
            raise damaged(self.path, "its open writes are not those of its lines")
        return entries

    def generations(self) -> Mapping[str, datetime]:
        """When the newest plan that a run applied was made, by activity id (StoreUnavailable)."""
        with told(self.path):
            rows = self._connection.execute("SELECT activity, made_at FROM generations").fetchall()
        try:
            return {activity: read_instant(made_at) for activity, made_at in rows}
        except ValueError as error:
            raise damaged(self.path, error) from error

    def advance(self, made_at: datetime, activities: Iterable[str]) -> None:
        """Remember that a plan made at `made_at` is applied to these; never goes back.

        Raises:
            StoreUnavailable: CC705 this run does not hold the lock, CC702 and CC703.
        """
        text = instant_text(made_at)
        with self._writing():
            self._connection.executemany(_ADVANCE, [(activity, text) for activity in activities])

    def halts(self) -> tuple[Halt, ...]:
        """The campaigns that are halted, by the marks' keys (StoreUnavailable)."""
        with told(self.path):
            rows = self._connection.execute("SELECT halt FROM halts ORDER BY activity").fetchall()
        try:
            return tuple(read_halt(text) for (text,) in rows)
        except ValueError as error:
            raise damaged(self.path, error) from error

    def halt(self, *halts: Halt) -> None:
        """Mark campaigns as halted, all of them or none; an older mark of a key is replaced.

        Raises:
            StoreUnavailable: CC705 this run does not hold the lock, CC702 and CC703.
        """
        lines = [(one.key, halt_text(one)) for one in halts]
        with self._writing():
            self._connection.executemany("INSERT OR REPLACE INTO halts VALUES (?, ?)", lines)

    def release(self, *keys: str) -> None:
        """Take the marks of these keys away, as far as there are any; all of them or none.

        Raises:
            StoreUnavailable: CC705 this run does not hold the lock, CC702 and CC703.
        """
        with self._writing():
            lines = [(key,) for key in keys]
            self._connection.executemany("DELETE FROM halts WHERE activity = ?", lines)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
