"""The token record of one account, held by one process on any machine at a time: a row lock.

A holder waits for the network, so it has a session of its own. The text is never part of an
error; the row is as secret as the text that is put there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final, Self

import psycopg
from psycopg.pq import TransactionStatus

from ccops.ports import TokenRecord
from ccops.store.postgres.link import Link, told
from ccops.store.postgres.schema import opened
from ccops.store.refusals import not_holding, unavailable
from ccops.store.tokens import PATIENCE

# Generation 0 is a row that nobody has written yet: there must be one to lock.
_ROW: Final = """
insert into ccops.token values (%(origin)s, %(account)s, 0, '')
on conflict (origin, account) do nothing
"""

_READ: Final = """
select generation, record from ccops.token
where origin = %(origin)s and account = %(account)s and generation > 0
"""

_TAKE: Final = """
select from ccops.token where origin = %(origin)s and account = %(account)s for update
"""

_WRITE: Final = """
update ccops.token set generation = generation + 1, record = %(text)s
where origin = %(origin)s and account = %(account)s
returning generation
"""


def open_tokens(
    address: str, *, origin: str, account: str, patience: float = PATIENCE
) -> "PostgresTokens":
    """Open the token record of one account at one API origin; close it after use.

    `patience` are seconds to wait for another holder.

    Raises:
        CcopsError: as for the store.
    """
    link = opened(address, patience=patience)
    return PostgresTokens(link, {"origin": origin, "account": account})


class PostgresTokens:
    """`ports.TokenStore` on PostgreSQL. Made by `open_tokens`; a context manager that closes it."""

    __slots__ = ("_link", "_whose")

    def __init__(self, link: Link, whose: Mapping[str, str]) -> None:
        self._link = link
        self._whose = whose

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The server and the database, without a password."""
        return self._link.name

    def close(self) -> None:
        """End the session; a hold ends."""
        self._link.close()

    def read(self) -> TokenRecord | None:
        """What is stored, without waiting for a holder (StoreUnavailable)."""
        with told(self._link):
            row = self._link.execute(_READ, self._whose).fetchone()
        return None if row is None else TokenRecord(generation=row[0], text=row[1])

    @contextmanager
    def hold(self) -> Iterator["HeldPostgresToken"]:
        """Wait for every other holder, and hold the record until it is written or the block ends.

        Raises:
            StoreUnavailable: CC702 another process held it for too long.
        """
        if self._link.info.transaction_status == TransactionStatus.INTRANS:
            remedy = "this is an error of ccops; report it"
            raise unavailable("CC702", self._link.name, "the token is held already", remedy)
        held = HeldPostgresToken(self._link, self._whose)
        try:
            with told(self._link):
                self._link.execute(_ROW, self._whose)
                self._link.execute("begin")
                self._link.execute(_TAKE, self._whose)
            held.record = self.read()
            yield held
        finally:
            held.end()


class HeldPostgresToken:
    """`ports.HeldToken`: the transaction that `PostgresTokens.hold` began."""

    __slots__ = ("_ended", "_link", "_whose", "record")

    def __init__(self, link: Link, whose: Mapping[str, str]) -> None:
        self._link = link
        self._whose = whose
        self._ended = False
        self.record: TokenRecord | None = None

    def write(self, text: str) -> TokenRecord:
        """Store a new text durably, under the next generation; ends the hold.

        Raises:
            StoreUnavailable: CC705 the hold has ended, CC702 and CC703.
        """
        if self._ended:
            raise not_holding(self._link.name, "the token is no longer held")
        row = {**self._whose, "text": text}
        with told(self._link):
            self._link.execute("set local synchronous_commit = on")
            [(generation,)] = self._link.execute(_WRITE, row).fetchall()
            self._link.execute("commit")
        self._ended = True
        self.record = TokenRecord(generation=generation, text=text)
        return self.record

    def end(self) -> None:
        """Let others have it."""
        if not self._ended:
            self._ended = True
            with suppress(psycopg.Error):  # a session that is lost holds nothing
                self._link.rollback()
