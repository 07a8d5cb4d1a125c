"""The stores under test, each behind one factory: a new one is a line in BACKENDS.

Run as a script it is another process that uses a store, told what to do by its arguments.
"""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from ccops.errors import CcopsError, Throttled
from ccops.model import NOW, Recipients, Step, StepKind
from ccops.ports import Halt, JournalEntry, Meter, Store, TokenStore, WriteState
from ccops.store import sqlite

ORIGIN = "https://api.cc.email"
ACCOUNT = "p07e1l8cdif9dl"
ACTIVITY = "4c08372c-957a-48b5-bc45-72c7f00796cd"
DAY = date(2026, 10, 6)
SERVER = "TESTS_POSTGRES"
"""The variable that tells every process of a test the address of its PostgreSQL server."""


class OpenedStore(Store, AbstractContextManager["OpenedStore"], Protocol):
    """A store that is closed at the end of a `with`."""


class OpenedMeter(Meter, AbstractContextManager["OpenedMeter"], Protocol):
    """A meter that is closed at the end of a `with`."""


class OpenedTokens(TokenStore, AbstractContextManager["OpenedTokens"], Protocol):
    """A token store that is closed at the end of a `with`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How to open one kind of store: `place` is where, the clock counts seconds since 1970."""

    store: Callable[..., OpenedStore]
    meter: Callable[[str, str, Callable[[], float]], OpenedMeter]
    tokens: Callable[..., OpenedTokens]


def in_folder(
    place: str, *, origin: str = ORIGIN, account: str = ACCOUNT, run: str = "run-1"
) -> OpenedStore:
    return sqlite.open_store(Path(place), origin=origin, account=account, run=run)


def meter_in_folder(place: str, key: str, clock: Callable[[], float]) -> OpenedMeter:
    return sqlite.open_meter(Path(place), key, clock=clock)


def tokens_in_folder(
    place: str, *, origin: str = ORIGIN, account: str = ACCOUNT, patience: float = 30
) -> OpenedTokens:
    from ccops.store import tokens

    return tokens.open_tokens(Path(place), origin=origin, account=account, patience=patience)


def tokens_in_keychain(
    place: str, *, origin: str = ORIGIN, account: str = ACCOUNT, patience: float = 30
) -> OpenedTokens:
    from ccops.store.keyring import KeychainTokens

    file = tokens_in_folder(place, origin=origin, account=account, patience=patience)
    return KeychainTokens(file, origin=origin, account=account, chosen=True)  # type: ignore[arg-type]  # it is SQLite's


# Imported when used: not every process pays for it. All tests share one database, as all accounts
# do: a place is a part of the origin or key.


def on_server(
    place: str, *, origin: str = ORIGIN, account: str = ACCOUNT, run: str = "run-1"
) -> OpenedStore:
    from ccops.store.postgres import store

    address = os.environ[SERVER]
    return store.open_store(address, origin=f"{origin} {place}", account=account, run=run)


def meter_on_server(place: str, key: str, clock: Callable[[], float]) -> OpenedMeter:
    from ccops.store.postgres import meter

    return meter.open_meter(os.environ[SERVER], f"{place} {key}", clock=clock)


def tokens_on_server(
    place: str, *, origin: str = ORIGIN, account: str = ACCOUNT, patience: float = 30
) -> OpenedTokens:
    from ccops.store.postgres import tokens

    address = os.environ[SERVER]
    return tokens.open_tokens(
        address, origin=f"{origin} {place}", account=account, patience=patience
    )


BACKENDS = {
    "sqlite": Backend(store=in_folder, meter=meter_in_folder, tokens=tokens_in_folder),
    "postgres": Backend(store=on_server, meter=meter_on_server, tokens=tokens_on_server),
}

TOKENS_ALONE = {
    "keychain": Backend(store=in_folder, meter=meter_in_folder, tokens=tokens_in_keychain)
}
"""Of which only the tokens are a store of its own kind."""


def entry(
    write_id: str = "w1",
    state: WriteState = WriteState.INTENT,
    activity: str = ACTIVITY,
    detail: str = "",
) -> JournalEntry:
    return JournalEntry(
        write_id=write_id,
        run="run-1",
        plan="sha256:abc",
        activity_id=activity,
        campaign="Fall Appeal",
        step=Step(kind=StepKind.SCHEDULE, method="POST", path="/x", body='{"a":"0"}'),
        when=NOW,
        recipients=Recipients(lists=("a", "b")),
        state=state,
        fingerprint="f",
        at=datetime(2026, 10, 6, 13, tzinfo=UTC),
        detail=detail,
    )


def halt(activity: str = ACTIVITY, reason: str = "a wrong date") -> Halt:
    return Halt(
        activity_id=activity,
        campaign="Fall Appeal",
        reason=reason,
        at=datetime(2026, 10, 6, 13, tzinfo=UTC),
        sends=(datetime(2026, 10, 7, 13, tzinfo=UTC), NOW),
    )


def hold(backend: Backend, place: str) -> None:
    """Hold the lock until killed or told to go on."""
    with backend.store(place, run="other-run") as store, store.lock():
        store.append(entry("by-the-other"))
        store.advance(entry().at, [ACTIVITY])
        store.halt(halt(reason="by the other"))
        print("held", flush=True)
        sys.stdin.readline()


def try_lock(backend: Backend, place: str) -> None:
    """Take the lock, or end as a command would."""
    try:
        with backend.store(place, run="second-run") as store, store.lock():
            print("held", flush=True)
    except CcopsError as error:
        print(error, flush=True)
        sys.exit(error.exit_code)


def reserve(backend: Backend, place: str) -> None:
    """Reserve fifty slots at one instant and print their waits, in milliseconds."""
    with backend.meter(place, "key", lambda: 1_800_000_000.0) as meter:
        for _ in range(50):
            print(round(meter.reserve(timedelta(milliseconds=10)) * 1000), flush=True)


def spend(backend: Backend, place: str) -> None:
    """Try to spend fifty of a hundred requests and print each total."""
    with backend.meter(place, "key", lambda: 0.0) as meter:
        for _ in range(50):
            try:
                print(meter.spend(DAY, 100), flush=True)
            except Throttled:
                print("refused", flush=True)


def write_lines(backend: Backend, place: str) -> None:
    """Record a write and its end, over and over, until killed."""
    with backend.store(place) as store, store.lock():
        for number in range(1_000_000):
            store.append(entry(f"w{number}"))
            print(number, flush=True)
            store.append(entry(f"w{number}", WriteState.VERIFIED))


def renew(backend: Backend, place: str) -> None:
    """Renew the token unless somebody else has, as a run does whose token has expired."""
    with backend.tokens(place) as store:
        seen = store.read()
        print("ready", flush=True)
        sys.stdin.readline()
        with store.hold() as held:
            if held.record == seen:
                held.write(f"token of process {os.getpid()}")
                print("renewed", flush=True)


def hold_token(backend: Backend, place: str) -> None:
    """Hold the token until killed."""
    with backend.tokens(place) as store, store.hold():
        print("held", flush=True)
        sys.stdin.readline()


def race(backend: Backend, place: str) -> None:
    """Try to take the lock when told to; a winner keeps it until it is told to go on."""
    with backend.store(place) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            with store.lock():
                print("won", flush=True)
                sys.stdin.readline()
        except CcopsError as error:
            print("lost", flush=True)
            sys.exit(error.exit_code)


ROLES = {
    "hold_token": hold_token,
    "race": race,
    "renew": renew,
    "hold": hold,
    "try_lock": try_lock,
    "reserve": reserve,
    "spend": spend,
    "write_lines": write_lines,
}

if __name__ == "__main__":
    ROLES[sys.argv[1]]({**BACKENDS, **TOKENS_ALONE}[sys.argv[2]], sys.argv[3])
