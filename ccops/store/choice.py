"""Which store: files on this machine, or the PostgreSQL database that CCOPS_STORE names."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ccops.errors import Diagnostic, InvalidInput
from ccops.ports import Meter, Store, TokenStore
from ccops.store import sqlite, tokens
from ccops.store.keyring import KeychainTokens
from ccops.store.refusals import bad_address

_POSTGRES = re.compile(r"postgres(ql)?://", re.ASCII)


class NamedStore(Store, Protocol):
    """A store that can say which one it is."""

    @property
    def name(self) -> str:
        """Its path, or its server and database; never a password."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a run remembers and shares: the account's journal, the API key's meter."""

    store: NamedStore
    meter: Meter


class NamedTokens(TokenStore, Protocol):
    """A token store that can say which one it is."""

    @property
    def name(self) -> str:
        """Its path, or its server and database; never a password."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginStore:
    """What is kept of one login.

    `tokens` is what it yielded. `tried` is written by whoever holds `tokens`, and by nobody else:
    which refresh token was shown to the server last. So a run that ended between the server's
    answer and its being stored leaves a trace. `pace` keeps requests for tokens apart.
    """

    tokens: NamedTokens
    tried: TokenStore
    pace: Meter


@contextmanager
def open_memory(
    address: str | None, folder: Path, *, origin: str, account: str, key: str, run: str
) -> Iterator[Memory]:
    """Open the store of one account and the meter of one API key, closed after the block.

    `address` is the value of CCOPS_STORE, None when it is not set: then `folder` holds them. An
    empty one is refused: a runner that was not given its secret must not go on alone.

    Raises:
        InvalidInput: CC707 the address names no store, CC708 a library is missing, CC709 and
            CC711: see `ccops.store.postgres.link.connect`.
        StoreUnavailable: it cannot be opened.
    """
    if address is not None:
        with _shared(address, origin=origin, account=account, key=key, run=run) as memory:
            yield memory
        return
    with (
        sqlite.open_store(folder, origin=origin, account=account, run=run) as store,
        sqlite.open_meter(folder, key) as meter,
    ):
        yield Memory(store=store, meter=meter)


@contextmanager
def open_login_store(
    address: str | None,
    folder: Path,
    *,
    origin: str,
    account: str,
    key: str,
    keychain: bool = False,
) -> Iterator[LoginStore]:
    """Open what is kept of one login, closed after the block; see `open_memory`.

    `origin` may be more than an API origin, to keep several logins of one account apart.
    `keychain`: what is written goes into the platform's keychain; what is there stays there
    either way. Only the token does: the note and the pace are in files.

    Raises:
        InvalidInput, StoreUnavailable: as `open_memory`; and CC555, a login that several machines
            share cannot be in the keychain of one.
    """
    if address is not None:
        if keychain:
            raise InvalidInput(_ONE_MACHINE)
        with _shared_login_store(address, origin=origin, account=account, key=key) as store:
            yield store
        return
    file = tokens.open_tokens(folder, origin=origin, account=account)
    with (
        KeychainTokens(file, origin=origin, account=account, chosen=keychain) as record,
        tokens.open_tokens(folder, origin=f"{origin} tried", account=account) as tried,
        sqlite.open_meter(folder, key) as pace,
    ):
        yield LoginStore(tokens=record, tried=tried, pace=pace)


@contextmanager
def _shared_login_store(
    address: str, *, origin: str, account: str, key: str
) -> Iterator[LoginStore]:
    _check_address(address)
    try:
        from ccops.store.postgres import meter, tokens  # noqa: PLC0415 - psycopg is an extra
    except ImportError:
        raise InvalidInput(_MISSING) from None
    with (
        tokens.open_tokens(address, origin=origin, account=account) as record,
        tokens.open_tokens(address, origin=f"{origin} tried", account=account) as tried,
        meter.open_meter(address, key) as pace,
    ):
        yield LoginStore(tokens=record, tried=tried, pace=pace)


def _check_address(address: str) -> None:
    if not _POSTGRES.match(address):
        raise bad_address("names no store that ccops has" if address else "is set, and empty")


@contextmanager
def _shared(address: str, *, origin: str, account: str, key: str, run: str) -> Iterator[Memory]:
    _check_address(address)
    try:
        from ccops.store.postgres import meter, store  # noqa: PLC0415 - psycopg is an extra
    except ImportError:
        raise InvalidInput(_MISSING) from None
    with (
        store.open_store(address, origin=origin, account=account, run=run) as opened,
        meter.open_meter(address, key) as metered,
    ):
        yield Memory(store=opened, meter=metered)


_MISSING = Diagnostic(
    code="CC708",
    message="CCOPS_STORE names a PostgreSQL database, and its library psycopg is not installed",
    help="pip install 'ccops[postgres]'",
)
_ONE_MACHINE = Diagnostic(
    code="CC555",
    message="--keychain and CCOPS_STORE exclude each other: the keychain is this machine's alone",
    help="leave one of them out",
)
