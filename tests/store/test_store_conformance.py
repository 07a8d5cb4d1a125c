"""What every store promises, whatever it is made of."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import ExitCode, StoreUnavailable, Throttled
from ccops.ports import WriteState
from tests.project.pure_core import ROOT
from tests.store.store_backends import ACTIVITY, BACKENDS, DAY, Backend, entry

OPEN = [state for state in WriteState if state.open]
CLOSED = [state for state in WriteState if not state.open]
OTHER = ACTIVITY.replace("4", "5")

pytestmark = pytest.mark.parametrize("name", list(BACKENDS))


@pytest.fixture
def backend(name: str) -> Backend:
    return BACKENDS[name]


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "state")


@contextmanager
def process(role: str, name: str, place: str) -> Iterator[subprocess.Popen[str]]:
    """Start another process that uses the store; it is gone at the end of the block."""
    command = [sys.executable, "-m", "tests.store.store_backends", role, name, place]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as other:
        try:
            yield other
        finally:
            other.kill()


def said(other: subprocess.Popen[str]) -> str:
    assert other.stdout is not None
    return other.stdout.readline().strip()


def outputs(role: str, name: str, place: str, number: int) -> list[list[str]]:
    """Run several processes at once; return the lines of each."""
    with ExitStack() as stack:
        others = [stack.enter_context(process(role, name, place)) for _ in range(number)]
        lines = [other.communicate()[0].split() for other in others]
        assert [other.returncode for other in others] == [0] * number
    return lines


# The journal


def test_a_new_store_is_fresh_and_stays_so_until_something_is_recorded(
    backend: Backend, place: str
) -> None:
    """Locking it records nothing."""
    with backend.store(place) as store:
        assert (store.fresh(), store.entries()) == (True, ())
        with store.lock():
            assert store.fresh()
            store.append(entry())
        assert not store.fresh()


def test_lines_come_back_as_they_were_in_their_order(backend: Backend, place: str) -> None:
    """Also from another run."""
    lines = tuple(entry(f"w{number}", WriteState.VERIFIED) for number in range(12))
    with backend.store(place) as store, store.lock():
        for line in lines:
            store.append(line)
        assert store.entries() == lines
    with backend.store(place, run="run-2") as store:
        assert store.entries() == lines


@pytest.mark.parametrize("other", [{"account": "another"}, {"origin": "http://127.0.0.1:8080"}])
def test_accounts_and_origins_are_kept_apart(
    backend: Backend, place: str, other: dict[str, str]
) -> None:
    """The sandbox never meets the account's journal, nor its lock."""
    with backend.store(place) as one, backend.store(place, **other) as two:
        with one.lock(), two.lock():
            one.append(entry())
            assert two.fresh()
        assert two.entries() == ()


@pytest.mark.parametrize("first", OPEN)
@pytest.mark.parametrize("second", OPEN)
def test_a_second_open_write_of_an_activity_is_refused(
    backend: Backend, place: str, first: WriteState, second: WriteState
) -> None:
    """By the store itself, and nothing is recorded of it."""
    with backend.store(place) as store, store.lock():
        store.append(entry("w1", first))
        with pytest.raises(StoreUnavailable, match="Fall Appeal"):
            store.append(entry("w2", second))
        assert store.entries() == (entry("w1", first),)
        store.append(entry("w2", second, activity=OTHER))
        store.append(entry("w1", second))


@pytest.mark.parametrize("closed", CLOSED)
def test_a_closed_write_makes_room_for_the_next(
    backend: Backend, place: str, closed: WriteState
) -> None:
    """Also in another run."""
    with backend.store(place) as store, store.lock():
        store.append(entry("w1", WriteState.INTENT))
        store.append(entry("w1", closed))
    with backend.store(place) as store, store.lock():
        store.append(entry("w2", WriteState.INTENT))
        assert len(store.entries()) == 3


STEPS = st.tuples(
    st.sampled_from(["w1", "w2", "w3"]), st.sampled_from(WriteState), st.sampled_from(["a", "b"])
)


@settings(max_examples=25)
@given(steps=st.lists(STEPS, max_size=8))
def test_one_open_write_per_activity_whatever_happens(
    name: str, steps: list[tuple[str, WriteState, str]]
) -> None:
    """Against a model: a dictionary of the open write of each activity."""
    recorded, open_writes = [], dict[str, str]()
    with TemporaryDirectory() as place, BACKENDS[name].store(place) as store, store.lock():
        for write_id, state, activity in steps:
            line = entry(write_id, state, activity)
            if state.open and open_writes.get(activity, write_id) != write_id:
                with pytest.raises(StoreUnavailable):
                    store.append(line)
                continue
            store.append(line)
            recorded.append(line)
            if state.open:
                open_writes[activity] = write_id
            elif open_writes.get(activity) == write_id:
                del open_writes[activity]
        assert store.entries() == tuple(recorded)


def test_an_intent_survives_a_kill(name: str, backend: Backend, place: str) -> None:
    """Whatever was said to be recorded is there; the lock is free, the chain whole."""
    with process("write_lines", name, place) as other:
        while (last := int(said(other))) < 20:
            pass
        other.kill()
        other.wait()
    with backend.store(place) as store, store.lock():
        lines = store.entries()
    assert {line.write_id for line in lines} >= {f"w{number}" for number in range(last + 1)}


# The lock


def test_the_lock_is_held_against_another_process(name: str, backend: Backend, place: str) -> None:
    """Refused at once, with the holder named, and exit code 9."""
    with (
        backend.store(place, run="first-run") as store,
        store.lock(),
        process("try_lock", name, place) as other,
    ):
        assert "CC701: the account is locked: run first-run" in said(other)
        assert other.wait() == ExitCode.LOCKED
    with process("try_lock", name, place) as other:
        assert said(other) == "held"
        assert other.wait() == ExitCode.DONE


def test_the_holder_is_named(name: str, backend: Backend, place: str) -> None:
    """Run, machine and process: enough to find it."""
    with process("hold", name, place) as other:
        assert said(other) == "held"
        with backend.store(place) as store, pytest.raises(StoreUnavailable) as caught:
            store.lock().__enter__()
    assert "run other-run on " in str(caught.value)
    assert f"process {other.pid}" in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_killed_holder_frees_the_lock_at_once(name: str, backend: Backend, place: str) -> None:
    """F-36: `kill -9`, and the next run sees the open write."""
    with backend.store(place) as store, process("hold", name, place) as other:
        assert said(other) == "held"
        other.send_signal(signal.SIGKILL)
        other.wait()
        with store.lock():
            assert store.entries() == (entry("by-the-other"),)
            with pytest.raises(StoreUnavailable):
                store.append(entry("mine"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_frozen_holder_keeps_the_lock(name: str, backend: Backend, place: str) -> None:
    """No time limit lets a second writer in."""
    with backend.store(place) as store, process("hold", name, place) as other:
        assert said(other) == "held"
        other.send_signal(signal.SIGSTOP)
        with pytest.raises(StoreUnavailable):
            store.lock().__enter__()


def test_the_lock_counts_within_a_process_too(name: str, backend: Backend, place: str) -> None:
    """Opening, trying and closing a second store takes nothing from the first."""
    with backend.store(place) as store, store.lock():
        for _ in range(2):
            with backend.store(place) as second, pytest.raises(StoreUnavailable, match="CC701"):
                second.lock().__enter__()
        with pytest.raises(StoreUnavailable, match="CC701"):
            store.lock().__enter__()
        with process("try_lock", name, place) as other:
            assert other.wait() == ExitCode.LOCKED
        store.append(entry())


def test_the_lock_is_free_after_an_error(backend: Backend, place: str) -> None:
    """And can be taken again by the same run."""
    with backend.store(place) as store:
        with pytest.raises(ZeroDivisionError), store.lock():
            raise ZeroDivisionError
        with store.lock():
            store.append(entry())


def test_only_the_holder_of_the_lock_writes(backend: Backend, place: str) -> None:
    """INV-06: before and after it, nothing is recorded."""
    with backend.store(place) as store:
        with pytest.raises(StoreUnavailable):
            store.append(entry())
        with store.lock():
            pass
        with pytest.raises(StoreUnavailable):
            store.append(entry())
        assert store.fresh()


def test_a_journal_can_be_read_while_another_writes(
    name: str, backend: Backend, place: str
) -> None:
    """`journal show` and `plan` need no lock."""
    with process("hold", name, place) as other:
        assert said(other) == "held"
        with backend.store(place) as store:
            assert store.entries() == (entry("by-the-other"),)


# The meter


@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.integers(0, 5_000).map(lambda n: timedelta(milliseconds=n)))
    )
)
@settings(max_examples=25)
def test_slots_are_apart_by_their_gap(name: str, steps: list[tuple[float, timedelta]]) -> None:
    """However irregularly they are asked for."""
    now, free = [1_800_000_000.0], 0.0
    with (
        TemporaryDirectory() as place,
        BACKENDS[name].meter(place, "key", lambda: now[0]) as meter,
    ):
        for passed, gap in steps:
            now[0] += passed
            begins = now[0] + meter.reserve(gap)
            assert begins >= min(free, now[0] + 200 * gap.total_seconds()) - 0.000_01
            assert begins >= now[0]
            free = begins + gap.total_seconds()


def test_a_slot_after_a_pause_is_free(backend: Backend, place: str) -> None:
    """Unused time is not saved up either: the next one waits again."""
    now = [1_800_000_000.0]
    gap = timedelta(milliseconds=300)
    with backend.meter(place, "key", lambda: now[0]) as meter:
        assert [meter.reserve(gap) for _ in range(3)] == pytest.approx([0, 0.3, 0.6])
        now[0] += 60
        assert [meter.reserve(gap) for _ in range(2)] == pytest.approx([0, 0.3])


def test_a_clock_that_was_set_back_costs_a_minute_at_most(backend: Backend, place: str) -> None:
    """Not an hour of silence."""
    now = [1_800_000_000.0]
    gap = timedelta(milliseconds=300)
    with backend.meter(place, "key", lambda: now[0]) as meter:
        meter.reserve(gap)
        now[0] -= 3600
        assert meter.reserve(gap) == pytest.approx(60)
        now[0] += 60
        assert meter.reserve(gap) == pytest.approx(0.3)


def test_processes_never_share_a_slot(name: str, place: str) -> None:
    """INV-20: four at once, first opening included; every slot is given exactly once."""
    waits = [int(wait) for lines in outputs("reserve", name, place, 4) for wait in lines]
    assert sorted(waits) == [10 * number for number in range(200)]


def test_processes_never_spend_a_request_twice(name: str, backend: Backend, place: str) -> None:
    """The ledger is exact at its cap."""
    totals = [total for lines in outputs("spend", name, place, 4) for total in lines]
    counted = sorted(int(total) for total in totals if total != "refused")
    assert counted == list(range(1, 101))
    assert totals.count("refused") == 100
    with backend.meter(place, "key", lambda: 0.0) as meter:
        assert meter.spent(DAY) == 100


def test_days_and_keys_are_counted_apart(backend: Backend, place: str) -> None:
    """The count starts anew with the UTC day, and with another key."""
    tomorrow = DAY + timedelta(days=1)
    with (
        backend.meter(place, "key", lambda: 0.0) as meter,
        backend.meter(place, "other key", lambda: 0.0) as other,
    ):
        assert [meter.spend(DAY, 9) for _ in range(2)] == [1, 2]
        assert meter.spend(tomorrow, 9) == 1
        spent = [meter.spent(DAY), meter.spent(tomorrow), other.spent(DAY)]
        assert spent == [2, 1, 0]
        gap = timedelta(seconds=1)
        assert [meter.reserve(gap), other.reserve(gap)] == [0, 0]


@pytest.mark.parametrize("cap", [0, 1, 3])
def test_the_cap_is_reached_and_not_passed(backend: Backend, place: str, cap: int) -> None:
    """A refused request is not counted."""
    with backend.meter(place, "key", lambda: 0.0) as meter:
        assert [meter.spend(DAY, cap) for _ in range(cap)] == list(range(1, cap + 1))
        for _ in range(2):
            with pytest.raises(Throttled, match="CC532"):
                meter.spend(DAY, cap)
        assert meter.spent(DAY) == cap
        assert meter.spend(DAY, cap + 1) == cap + 1


def test_the_count_survives_the_process(backend: Backend, place: str) -> None:
    """A second run of the day goes on where the first ended."""
    for total in (1, 2):
        with backend.meter(place, "key", lambda: 0.0) as meter:
            assert meter.spend(date(2026, 1, 1), 9) == total


def test_a_line_without_a_zone_is_refused(backend: Backend, place: str) -> None:
    """It would come back some hours off."""
    line = entry()
    wrong = replace(line, at=line.at.replace(tzinfo=None))
    with backend.store(place) as store, store.lock():
        with pytest.raises(ValueError, match="without a zone"):
            store.append(wrong)
        assert store.fresh()
        store.append(line)
