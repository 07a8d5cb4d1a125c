"""Pacing and the daily ledger of one API key, for every runner on every machine.

The server's clock is the one clock of all of them; a slot is reserved in one statement, which
reads that clock while it holds the key's row.
"""

from datetime import UTC, date, datetime, timedelta
from math import inf, nextafter
from typing import Final, Self

from ccops.store.meter import WallClock
from ccops.store.naming import fingerprint
from ccops.store.postgres.link import PATIENCE, Link, told
from ccops.store.postgres.schema import opened
from ccops.store.refusals import used_up

# As for files: a crash of the server may lose the last counts, and a slot waits for no disk.
_QUICK: Final = "set synchronous_commit = off"

# A slot further ahead than 200 gaps is no queue: the clock was set back. It is waited for no
# longer than that.
_RESERVE: Final = """
insert into ccops.slot as slot
values (%(key)s, coalesce(%(now)s::timestamptz, clock_timestamp()) + %(gap)s)
on conflict (key) do update set next_at = %(gap)s + greatest(
    coalesce(%(now)s::timestamptz, clock_timestamp()),
    least(slot.next_at, coalesce(%(now)s::timestamptz, clock_timestamp()) + 200 * %(gap)s)
)
where extract(epoch from slot.next_at - coalesce(%(now)s::timestamptz, clock_timestamp()))
    <= %(within)s or 200 * extract(epoch from %(gap)s) <= %(within)s
returning next_at - %(gap)s - coalesce(%(now)s::timestamptz, clock_timestamp())
"""

_BEGINS: Final = """
update ccops.slot as slot set next_at = least(
    slot.next_at, coalesce(%(now)s::timestamptz, clock_timestamp()) + 200 * %(gap)s
)
where key = %(key)s returning next_at - coalesce(%(now)s::timestamptz, clock_timestamp())
"""

_SPEND: Final = """
insert into ccops.ledger as ledger select %(key)s, %(day)s, 1 where %(cap)s > 0
on conflict (key, day) do update set used = ledger.used + 1 where ledger.used < %(cap)s
returning used
"""

_SPENT: Final = "select used from ccops.ledger where key = %(key)s and day = %(day)s"


def open_meter(
    address: str, key: str, *, clock: WallClock | None = None, patience: float = PATIENCE
) -> "PostgresMeter":
    """Open the meter of one API key; close it after use. The database gets a hash of the key.

    Without a `clock` the server's is used; another one is for tests.

    Raises:
        CcopsError: as for the store.
    """
    link = opened(address, patience=patience)
    try:
        with told(link):
            link.execute(_QUICK)
    except BaseException:
        link.close()
        raise
    return PostgresMeter(link, fingerprint(key), clock)


class PostgresMeter:
    """`ports.Meter` on PostgreSQL. Made by `open_meter`; a context manager that closes it.

    Its session is not the lock's: what was written can be verified though the lock is lost.
    Threads take turns at it, which psycopg sees to.
    """

    __slots__ = ("_clock", "_key", "_link")

    def __init__(self, link: Link, key: str, clock: WallClock | None) -> None:
        self._link = link
        self._key = key
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session, once nobody is in the middle of a statement.

        A run that is cut short leaves its reading threads behind, and libpq would use what is freed.
        """
        with self._link.lock:
            self._link.close()

    def reserve(self, gap: timedelta, within: float = inf) -> float:
        """Reserve the next slot, at least `gap` after the one before; return seconds to wait.

        If they are more than `within`, nothing was reserved.

        Raises:
            StoreUnavailable: the server cannot be used.
        """
        now = None if self._clock is None else datetime.fromtimestamp(self._clock(), UTC)
        with told(self._link):
            slot = {"key": self._key, "gap": gap, "now": now, "within": within}
            reserved = self._link.execute(_RESERVE, slot).fetchone()
            if reserved is not None:
                return max(0.0, float(reserved[0].total_seconds()))
            begins = self._link.execute(_BEGINS, slot).fetchone()
        # Looked at a moment later, it may be within reach by now: then it is to be asked for again.
        return max(nextafter(within, inf), float(begins[0].total_seconds()) if begins else 0.0)

    def spend(self, day: date, cap: int) -> int:
        """Count one request of this UTC day and return the day's total.

        Raises:
            Throttled: CC532, `cap` requests were counted already; this one was not.
            StoreUnavailable: the server cannot be used.
        """
        with told(self._link):
            counted = {"key": self._key, "day": day, "cap": cap}
            rows = self._link.execute(_SPEND, counted).fetchall()
        if not rows:
            raise used_up(day, cap)
        return int(rows[0][0])

    def spent(self, day: date) -> int:
        """How many requests this UTC day has seen (StoreUnavailable)."""
        with told(self._link):
            row = self._link.execute(_SPENT, {"key": self._key, "day": day}).fetchone()
        return 0 if row is None else int(row[0])
