"""The token record of one account, held by one process of this machine at a time.

Its own file, beside the journal's: a journal may be shown to others, and a holder waits for the
network. The text is never part of an error.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from ccops.ports import TokenRecord
from ccops.store.files import file_name, open_database, told
from ccops.store.refusals import not_holding
from ccops.store.tables import TOKEN

PATIENCE: Final = 90.0
"""Seconds to wait for another holder: longer than a login takes that is going to end."""

_READ = "SELECT generation, record FROM token"


def open_tokens(
    folder: Path, *, origin: str, account: str, patience: float = PATIENCE
) -> "SqliteTokens":
    """Open the token record of one account at one API origin; close it after use.

    Raises:
        StoreUnavailable: CC702 it cannot be opened, CC703 it is damaged, CC704 a newer ccops
            made it.
    """
    path = folder / file_name("token", origin, account)
    connection = open_database(path, TOKEN, synchronous="FULL")
    # What is replaced is overwritten: a token that was logged out is in no free page of the file.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
    return SqliteTokens(connection, path)


class SqliteTokens:
    """`ports.TokenStore` on SQLite. Made by `open_tokens`; a context manager that closes it."""

    __slots__ = ("_connection", "path")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.path)

    def close(self) -> None:
        """Close the file; a hold ends."""
        self._connection.close()

    def read(self) -> TokenRecord | None:
        """What is stored, without waiting for a holder (StoreUnavailable)."""
        with told(self.path):
            row = self._connection.execute(_READ).fetchone()
        return None if row is None else TokenRecord(generation=row[0], text=row[1])

    @contextmanager
    def hold(self) -> Iterator["HeldSqliteToken"]:
        """Wait for every other holder, and hold the record until it is written or the block ends.

        Raises:
            StoreUnavailable: CC702 another process held it for too long.
        """
        with told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
        held = HeldSqliteToken(self, self._connection)
        try:
            yield held
        finally:
            held.end()


class HeldSqliteToken:
    """`ports.HeldToken`: the transaction that `SqliteTokens.hold` began."""

    __slots__ = ("_connection", "_ended", "_tokens", "record")

    def __init__(self, tokens: SqliteTokens, connection: sqlite3.Connection) -> None:
        self._tokens = tokens
        self._connection = connection
        self._ended = False
        self.record = tokens.read()

    def write(self, text: str) -> TokenRecord:
        """Store a new text durably, under the next generation; ends the hold.

        Raises:
            StoreUnavailable: CC705 the hold has ended, CC702 and CC703.
        """
        if self._ended:
            raise not_holding(self._tokens.path, "the token is no longer held")
        generation = 1 if self.record is None else self.record.generation + 1
        with told(self._tokens.path):
            self._connection.execute(
                "INSERT OR REPLACE INTO token VALUES (1, ?, ?)", (generation, text)
            )
            self._connection.execute("COMMIT")
        self._ended = True
        self.record = TokenRecord(generation=generation, text=text)
        return self.record

    def end(self) -> None:
        """Let others have it."""
        if not self._ended:
            self._ended = True
            with suppress(sqlite3.Error):  # closed: the hold ended with it
                self._connection.rollback()
