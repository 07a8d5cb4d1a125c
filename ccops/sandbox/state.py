"""A world in a SQLite file: what was answered survives the end of the process.

One row per record. Saving compares identities: records are frozen, so a row needs writing exactly
when another object stands in its place. Each save is one transaction; a crash loses at most the
request that was not answered yet. Late effects and the window of the throttle are not kept.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ccops.sandbox.clock import iso, parse_instant
from ccops.sandbox.codec import decode, encode
from ccops.sandbox.faults import Fault
from ccops.sandbox.records import (
    Account,
    Activity,
    Campaign,
    Contact,
    ContactList,
    Grant,
    Logged,
    Mailing,
    Segment,
    Token,
)
from ccops.sandbox.world import World

_FORMAT = 1
_TABLES: dict[str, type] = {
    "contacts": Contact,
    "lists": ContactList,
    "segments": Segment,
    "campaigns": Campaign,
    "activities": Activity,
    "mailings": Mailing,
    "log": Logged,
    "tokens": Token,
    "grants": Grant,
    "faults": Fault,
}
_NUMBERED = {"segments", "mailings", "log", "faults"}
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS rows (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key))"
)
_UPSERT = (
    "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value"
)

Row = tuple[str, str, str]


@contextmanager
def stored(path: Path, make: Callable[[], World]) -> Iterator[World]:
    """Open the world kept in a file, or keep the one that `make` returns; save after each effect.

    Raises:
        ValueError: the file was written by another version, or is in use by another process.
    """
    with closing(_connect(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, _FORMAT}:
            raise ValueError(f"{path} was written by another version of the sandbox")
        world = _load(connection) if version else make()
        keep = _Keeper(connection, world, known=bool(version))
        keep.save()
        world.save = keep.save
        try:
            yield world
        finally:
            world.save = lambda: None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # One process per file; a write-ahead log survives the death of that process.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        raise ValueError(f"cannot use {path} as the sandbox's state: {error}") from error
    return connection


class _Keeper:
    """Remembers what the file holds, and writes the difference."""

    def __init__(self, connection: sqlite3.Connection, world: World, *, known: bool) -> None:
        self._connection = connection
        self._world = world
        self._rows: dict[tuple[str, str], object] = {}
        self._settings = ""
        if known:
            self._rows = dict(self._present())

    def _present(self) -> Iterator[tuple[tuple[str, str], object]]:
        for kind in _TABLES:
            for key, record in getattr(self._world, kind).items():
                yield (kind, str(key)), record

    def save(self) -> None:
        """Write what changed since the last save, in one transaction."""
        with self._world.lock:
            present = dict(self._present())
            old = self._rows
            changed: list[Row] = [
                (*where, json.dumps(encode(record)))
                for where, record in present.items()
                if old.get(where) is not record
            ]
            gone = [where for where in old if where not in present]
            settings = json.dumps(_settings(self._world))
            if settings != self._settings:
                changed.append(("settings", "", settings))
            if changed or gone:
                self._write(changed, gone)
            self._rows, self._settings = present, settings

    def _write(self, changed: list[Row], gone: list[tuple[str, str]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        # The first save makes the table and marks the file in the same transaction.
        self._connection.execute(_SCHEMA)
        self._connection.execute(f"PRAGMA user_version = {_FORMAT}")
        self._connection.executemany(_UPSERT, changed)
        self._connection.executemany("DELETE FROM rows WHERE kind = ? AND key = ?", gone)
        self._connection.execute("COMMIT")


def _settings(world: World) -> dict[str, object]:
    clock = world.clock
    now = {"now": iso(clock.now())} if clock.frozen else {"distance": clock.distance}
    return {
        "clock": now,
        "account": encode(world.account),
        "switches": world.switches,
        "scopes": world.scopes,
        "privileges": world.privileges,
        "clients": world.clients,
        "counters": world.counters,
    }


def _load(connection: sqlite3.Connection) -> World:
    (text,) = connection.execute("SELECT value FROM rows WHERE kind = 'settings'").fetchone()
    world = _with_settings(json.loads(text))
    for kind, key, value in connection.execute("SELECT kind, key, value FROM rows ORDER BY rowid"):
        if kind in _TABLES:
            record: object = decode(_TABLES[kind], json.loads(value))
            getattr(world, kind)[int(key) if kind in _NUMBERED else key] = record
    for campaign in list(world.campaigns.values()):
        world.put_campaign(campaign)
    for activity in list(world.activities.values()):
        world.put_activity(activity)
    return world


def _with_settings(settings: dict[str, dict[str, object]]) -> World:
    clock = settings["clock"]
    if "now" in clock:
        world = World(parse_instant(str(clock["now"])), frozen=True)
    else:
        world = World()
        world.clock.tick_at(float(str(clock["distance"])))
        world.now = world.clock.now()
    world.account = decode(Account, settings["account"])
    for name, value in settings["switches"].items():
        world.set_switch(name, value)
    world.scopes, world.privileges = tuple(settings["scopes"]), tuple(settings["privileges"])
    world.clients = {name: str(secret) for name, secret in settings["clients"].items()}
    world.counters = {name: int(str(count)) for name, count in settings["counters"].items()}
    return world
