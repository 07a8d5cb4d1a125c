"""Lock, journal and marks of one account in a PostgreSQL database that runners share.

The lock is a session's advisory lock: it dies with the session, however that dies, and outlives
any freeze of its process. Whatever is written is committed on that very session, in a transaction
that sees the lock held: a run that lost it cannot record an INTENT, and without one nothing is
sent (INV-06).
"""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Final, Self

import psycopg
from psycopg import errors

from ccops.ports import Halt, JournalEntry
from ccops.store.postgres import statements as sql
from ccops.store.postgres.link import PATIENCE, Link, told
from ccops.store.postgres.schema import advisory_key, opened
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

# The server needs a moment to notice that a holder was killed; nobody waits longer for a lock.
_GRACE: Final = "set local lock_timeout = '500ms'"

_ONE_OPEN: Final = "one_open_write"


def open_store(
    address: str, *, origin: str, account: str, run: str, patience: float = PATIENCE
) -> "PostgresStore":
    """Open the lock and journal of one account at one API origin; close it after use.

    `address` is libpq's (postgresql://…), TLS included. `run` names this run to others that find
    the lock held. `patience` are seconds until a server that does not answer is given up.

    Raises:
        StoreUnavailable: CC702 the server cannot be used, CC704 a newer ccops made its tables,
            CC710 it is a replica, CC712 its tables are not made.
        InvalidInput: CC707, CC709, CC711: see `connect`.
    """
    link = opened(address, patience=patience)
    return PostgresStore(link, origin=origin, account=account, run=run)


class PostgresStore:
    """`ports.Store` on PostgreSQL. Made by `open_store`; a context manager that closes it.

    One session does everything. It is never replaced: a new one would not hold the lock.
    """

    __slots__ = ("_holding", "_link", "_run", "_whose", "name")

    def __init__(self, link: Link, *, origin: str, account: str, run: str) -> None:
        self._link = link
        self.name = link.name
        self._run = run
        self._whose: Mapping[str, str | int] = {
            "origin": origin,
            "account": account,
            "key": advisory_key("account", origin, account),
        }
        self._holding = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session; the lock, if held, is free then."""
        self._link.close()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the account for one writer.

        The server frees it when the session ends, `kill -9` and a lost network included.

        Raises:
            StoreUnavailable: CC701, after half a second, another holds it (which one, as far as
                known).
        """
        self._seize()
        try:
            holder = {"run": self._run, "host": platform.node(), "pid": os.getpid()}
            with told(self._link):
                self._link.execute(sql.NAME_HOLDER, {**self._whose, **holder})
            self._holding = True
            yield
        finally:
            self._holding = False
            with suppress(psycopg.Error):  # a session that is lost holds nothing
                self._link.execute(sql.FREE)

    def _seize(self) -> None:
        if not self._holding:
            with told(self._link), suppress(errors.LockNotAvailable), self._link.transaction():
                self._link.execute(_GRACE)
                self._link.execute(sql.SEIZE, self._whose)
                return
        raise held(self._holder())

    def _holder(self) -> str:
        with told(self._link):
            row = self._link.execute(sql.HOLDER, self._whose).fetchone()
        return UNKNOWN_HOLDER if row is None else holder_name(*row)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Do it in one durable transaction of the session that holds the lock."""
        if not self._holding:
            raise not_holding(self.name)
        with told(self._link):
            try:
                with self._link.transaction():
                    [(_, holds)] = self._link.execute(sql.FENCE, self._whose).fetchall()
                    if not holds:
                        raise not_holding(self.name, "this run has lost its lock")
                    yield
            except psycopg.OperationalError as error:
                if self._link.closed:
                    why = "this run has lost its lock with its connection"
                    raise not_holding(self.name, why) from error
                raise

    def fresh(self) -> bool:
        """Whether no run has ever recorded anything of this account here (StoreUnavailable)."""
        with told(self._link):
            [(fresh,)] = self._link.execute(sql.FRESH, self._whose).fetchall()
        return bool(fresh)

    def append(self, entry: JournalEntry) -> None:
        """Add a line durably; an index of the database keeps one open write per activity.

        Raises:
            StoreUnavailable: CC705 this run does not hold the lock, CC706 another write of the
                activity is open, CC702 and CC703. Nothing was recorded, unless the connection
                was lost in the very end.
        """
        with self._writing():
            try:
                self._add(entry)
            except errors.UniqueViolation as error:
                if error.diag.constraint_name != _ONE_OPEN:
                    raise
                raise second_write(self.name, entry) from None

    def _add(self, entry: JournalEntry) -> None:
        head = self._last(sql.HEAD)
        if self._last(sql.NEWEST) != head:
            raise damaged(self.name, "its end is missing")
        names = ("seq", "activity", "write_id", "entry", "hash")
        line = dict(zip(names, next_line(head, entry), strict=True))
        self._link.execute(sql.APPEND, {**self._whose, **line, "state": entry.state.value})

    def _last(self, statement: str) -> Head:
        row = self._link.execute(statement, self._whose).fetchone()
        return NO_LINES if row is None else (row[0], row[1])

    def entries(self) -> tuple[JournalEntry, ...]:
        """All lines, oldest first, each checked against the chain of hashes.

        Raises:
            StoreUnavailable: CC703, a line was changed, removed or cut off, or cannot be read.
        """
        with told(self._link), self._link.transaction():
            self._link.execute(sql.SNAPSHOT)
            lines = self._link.execute(sql.LINES, self._whose).fetchall()
            head = self._last(sql.HEAD)
            noted = set(self._link.execute(sql.OPEN_WRITES, self._whose).fetchall())
        try:
            entries = read_lines(lines, head)
        except ValueError as error:
            raise damaged(self.name, error) from error
        if open_writes(entries) != noted:
            raise damaged(self.name, "its open writes are not those of its lines")
        return entries

    def generations(self) -> Mapping[str, datetime]:
        """When the newest plan that a run applied was made, by activity id (StoreUnavailable)."""
        with told(self._link):
            rows = self._link.execute(sql.GENERATIONS, self._whose).fetchall()
        return {activity: made_at.astimezone(UTC) for activity, made_at in rows}

    def advance(self, made_at: datetime, activities: Iterable[str]) -> None:
        """Remember that a plan made at `made_at` is applied to these; never goes back.

        Raises:
            StoreUnavailable: CC705 this run does not hold the lock, CC702 and CC703.
        """
        # PostgreSQL knows fewer zones than Python: it gets the instant in UTC.
        plan = {"made_at": read_instant(instant_text(made_at)), "activities": list(activities)}
        with self._writing():
            self._link.execute(sql.ADVANCE, {**self._whose, **plan})

    def halts(self) -> tuple[Halt, ...]:
        """The campaigns that are halted, by the marks' keys (StoreUnavailable)."""
        with told(self._link):
            rows = self._link.execute(sql.HALTS, self._whose).fetchall()
        try:
            return tuple(read_halt(text) for (text,) in rows)
        except ValueError as error:
            raise damaged(self.name, error) from error

    def halt(self, *halts: Halt) -> None:
        """Mark campaigns as halted, all of them or none; an older mark of a key is replaced.

        Raises:
            StoreUnavailable: CC705 this run does not hold the lock, CC702 and CC703.
        """
        texts = {one.key: halt_text(one) for one in halts}
        marks = {"marks": list(texts), "halts": list(texts.values())}
        with self._writing():
            self._link.execute(sql.HALT, {**self._whose, **marks})

    def release(self, *keys: str) -> None:
        """Take the marks of these keys away, as far as there are any; all of them or none.

        Raises:
            StoreUnavailable: CC705 this run does not hold the lock, CC702 and CC703.
        """
        with self._writing():
            self._link.execute(sql.RELEASE, {**self._whose, "marks": list(keys)})
