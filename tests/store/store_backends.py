"""The stores under test, each behind one factory: a new one is a line in BACKENDS.

Run as a script it is another process that uses a store, told what to do by its arguments.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from ccops.errors import CcopsError, Throttled
from ccops.model import NOW, Recipients, Step, StepKind
from ccops.ports import JournalEntry, Meter, Store, WriteState
from ccops.store.sqlite import open_meter, open_store

ORIGIN = "https://api.cc.email"
ACCOUNT = "p07e1l8cdif9dl"
ACTIVITY = "4c08372c-957a-48b5-bc45-72c7f00796cd"
DAY = date(2026, 10, 6)


class OpenedStore(Store, AbstractContextManager["OpenedStore"], Protocol):
    """A store that is closed at the end of a `with`."""


class OpenedMeter(Meter, AbstractContextManager["OpenedMeter"], Protocol):
    """A meter that is closed at the end of a `with`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How to open one kind of store: `place` is where, the clock counts seconds since 1970."""

    store: Callable[..., OpenedStore]
    meter: Callable[[str, str, Callable[[], float]], OpenedMeter]


def sqlite_store(
    place: str, *, origin: str = ORIGIN, account: str = ACCOUNT, run: str = "run-1"
) -> OpenedStore:
    return open_store(Path(place), origin=origin, account=account, run=run)


def sqlite_meter(place: str, key: str, clock: Callable[[], float]) -> OpenedMeter:
    return open_meter(Path(place), key, clock=clock)


BACKENDS = {"sqlite": Backend(store=sqlite_store, meter=sqlite_meter)}


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


def hold(backend: Backend, place: str) -> None:
    """Hold the lock until killed or told to go on."""
    with backend.store(place, run="other-run") as store, store.lock():
        store.append(entry("by-the-other"))
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


ROLES = {
    "hold": hold,
    "try_lock": try_lock,
    "reserve": reserve,
    "spend": spend,
    "write_lines": write_lines,
}

if __name__ == "__main__":
    ROLES[sys.argv[1]](BACKENDS[sys.argv[2]], sys.argv[3])
