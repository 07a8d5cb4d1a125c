"""What every store promises, whatever it is made of."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import format_exception

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import ExitCode, StoreUnavailable, Throttled
from ccops.ports import TokenRecord, WriteState
from tests.project.pure_core import ROOT
from tests.store.store_backends import ACTIVITY, BACKENDS, DAY, Backend, OpenedStore, entry, halt

OPEN = [state for state in WriteState if state.open]
CLOSED = [state for state in WriteState if not state.open]
OTHER = ACTIVITY.replace("4", "5")

pytestmark = pytest.mark.parametrize("name", list(BACKENDS))


@pytest.fixture(autouse=True)
def started(name: str, request: pytest.FixtureRequest) -> None:
    """Start the server, for the stores that need one."""
    if name == "postgres":
        request.getfixturevalue("server")


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


def told_to_go_on(other: subprocess.Popen[str]) -> None:
    assert other.stdin is not None
    other.stdin.write("\n")
    other.stdin.flush()


def together(stack: ExitStack, role: str, name: str, place: str) -> list[subprocess.Popen[str]]:
    """Start eight processes and let them go on when all of them are ready."""
    others = [stack.enter_context(process(role, name, place)) for _ in range(8)]
    assert [said(other) for other in others] == ["ready"] * 8
    for other in others:
        told_to_go_on(other)
    return others


def test_of_eight_processes_one_gets_the_lock(name: str, place: str) -> None:
    """The others are refused with exit code 9, while it still holds it."""
    with ExitStack() as stack:
        others = together(stack, "race", name, place)
        words = {other.pid: said(other) for other in others}
        assert sorted(words.values()) == ["lost"] * 7 + ["won"]
        [winner] = [other for other in others if words[other.pid] == "won"]
        assert winner.poll() is None
        told_to_go_on(winner)
        codes = {other.wait() for other in others if other is not winner}
        assert (codes, winner.wait()) == ({ExitCode.LOCKED}, ExitCode.DONE)


def test_a_journal_can_be_read_while_another_writes(
    name: str, backend: Backend, place: str
) -> None:
    """`journal show` and `plan` need no lock."""
    with process("hold", name, place) as other:
        assert said(other) == "held"
        with backend.store(place) as store:
            assert store.entries() == (entry("by-the-other"),)


# The marks: generations and halts

EARLY = datetime(2026, 10, 6, 13, tzinfo=UTC)
LATE = EARLY + timedelta(microseconds=1)


def test_a_new_store_has_no_marks(backend: Backend, place: str) -> None:
    """Nothing was applied, nobody stopped anything."""
    with backend.store(place) as store:
        assert (dict(store.generations()), store.halts()) == ({}, ())


MOMENTS = st.integers(-5, 5).map(lambda steps: EARLY + steps * timedelta(microseconds=400_000))
ZONES = st.sampled_from([UTC, timezone.max])


@settings(max_examples=25)
@given(
    plans=st.lists(
        st.tuples(st.builds(datetime.astimezone, MOMENTS, ZONES), st.lists(st.sampled_from("abc"))),
        max_size=6,
    )
)
def test_a_generation_never_goes_back(name: str, plans: list[tuple[datetime, list[str]]]) -> None:
    """INV-13, for each activity by itself: against the greatest instant so far."""
    newest = dict[str, datetime]()
    with TemporaryDirectory() as place, BACKENDS[name].store(place) as store, store.lock():
        for made_at, activities in plans:
            store.advance(made_at, iter(activities))
            newest |= {one: max(newest.get(one, made_at), made_at) for one in activities}
            assert dict(store.generations()) == newest
        assert {made_at.tzinfo for made_at in store.generations().values()} <= {UTC}


def test_an_older_plan_moves_no_activity_of_a_newer_one(backend: Backend, place: str) -> None:
    """And its others all the same, to the microsecond."""
    with backend.store(place) as store, store.lock():
        store.advance(LATE, [ACTIVITY])
        store.advance(EARLY, [ACTIVITY, OTHER])
        assert dict(store.generations()) == {ACTIVITY: LATE, OTHER: EARLY}


def test_a_halt_is_replaced_by_the_next_and_taken_away(backend: Backend, place: str) -> None:
    """One mark an activity; taking away what is not there is no mistake."""
    with backend.store(place) as store, store.lock():
        for mark in (halt(OTHER), halt(), halt(reason="still wrong")):
            store.halt(mark)
        assert store.halts() == (halt(reason="still wrong"), halt(OTHER))
        for _ in range(2):
            store.release(ACTIVITY)
            assert store.halts() == (halt(OTHER),)


def test_halts_are_kept_by_name_where_no_activity_is_known(backend: Backend, place: str) -> None:
    """Several at once, one mark for a name, whatever characters it has; and taken away by it."""
    fall, odd = replace(halt(""), campaign="Fall"), replace(halt(""), campaign="\0 é \U0001f600")
    with backend.store(place) as store, store.lock():
        store.halt(halt(), fall, odd)
        store.halt(replace(fall, reason="still wrong"), replace(halt(""), campaign="Fall"))
        store.halt()
        assert set(store.halts()) == {halt(), fall, odd}
        store.release(fall.key, "no such key", odd.key)
        store.release()
        assert store.halts() == (halt(),)


def test_marks_survive_the_run(backend: Backend, place: str) -> None:
    """Every value of them, in another run."""
    marks = (halt(), replace(halt(OTHER), campaign="Frühling; ' \0 \u2028", sends=()))
    with backend.store(place) as store, store.lock():
        store.advance(LATE, [ACTIVITY])
        for mark in marks:
            store.halt(mark)
    with backend.store(place, run="run-2") as store:
        assert (dict(store.generations()), store.halts()) == ({ACTIVITY: LATE}, marks)


def test_another_process_sees_the_marks(name: str, backend: Backend, place: str) -> None:
    """While it still holds the lock, and after it was killed."""
    with backend.store(place) as store, process("hold", name, place) as other:
        assert said(other) == "held"
        for _ in range(2):
            assert dict(store.generations()) == {ACTIVITY: entry().at}
            assert store.halts() == (halt(reason="by the other"),)
            other.kill()
            other.wait()


def test_marks_of_accounts_are_kept_apart(backend: Backend, place: str) -> None:
    """As their journals are."""
    with backend.store(place) as one, backend.store(place, account="another") as two, one.lock():
        one.advance(LATE, [ACTIVITY])
        one.halt(halt())
        assert (dict(two.generations()), two.halts()) == ({}, ())


def test_marks_leave_the_journal_fresh(backend: Backend, place: str) -> None:
    """They say nothing of a write."""
    with backend.store(place) as store, store.lock():
        store.advance(LATE, [ACTIVITY])
        store.halt(halt())
        assert store.fresh()


CHANGES: dict[str, Callable[[OpenedStore], None]] = {
    "append": lambda store: store.append(entry()),
    "advance": lambda store: store.advance(LATE, [ACTIVITY]),
    "advance nothing": lambda store: store.advance(LATE, []),
    "halt": lambda store: store.halt(halt()),
    "release": lambda store: store.release(OTHER),
}


@pytest.mark.parametrize("change", list(CHANGES.values()), ids=list(CHANGES))
def test_only_the_holder_of_the_lock_changes_anything(
    backend: Backend, place: str, change: Callable[[OpenedStore], None]
) -> None:
    """INV-06: before, after, and while another run holds it."""
    with backend.store(place) as store, backend.store(place) as second:
        with store.lock():
            store.halt(halt(OTHER))
            with pytest.raises(StoreUnavailable, match="CC705"):
                change(second)
        for each in (store, second):
            with pytest.raises(StoreUnavailable, match="CC705"):
                change(each)
        assert store.halts() == (halt(OTHER),)
        assert (store.fresh(), dict(store.generations())) == (True, {})


# The token


def test_there_is_no_token_before_a_login(backend: Backend, place: str) -> None:
    """Also after somebody held it and wrote none."""
    with backend.tokens(place) as store:
        assert store.read() is None
        with store.hold() as held:
            assert held.record is None
        assert store.read() is None


@pytest.mark.parametrize("text", ["a", "", "ü \u2028 '; --", "x" * 100_000])
def test_a_token_comes_back_as_it_was(backend: Backend, place: str, text: str) -> None:
    """In another run; its generation counts the writes."""
    with backend.tokens(place) as store, store.hold() as held:
        assert held.write("the one before") == held.record
    with backend.tokens(place) as store, store.hold() as held:
        written = held.write(text)
    with backend.tokens(place) as store:
        assert store.read() == written == TokenRecord(generation=2, text=text)


def test_a_token_that_was_written_stays(backend: Backend, place: str) -> None:
    """Whatever happens after it in the block: the one before it may be dead."""
    with backend.tokens(place) as store:
        hold = store.hold()
        hold.__enter__().write("new")
        hold.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    with backend.tokens(place) as store:
        assert store.read() == TokenRecord(generation=1, text="new")


def test_writing_ends_the_hold(backend: Backend, place: str) -> None:
    """A second write would be one without it; another process may go on before the block ends."""
    with backend.tokens(place) as store, backend.tokens(place) as other:
        with store.hold() as held:
            held.write("first")
            with pytest.raises(StoreUnavailable, match="CC705"):
                held.write("again")
            with other.hold() as next_one:
                next_one.write("second")
        with pytest.raises(StoreUnavailable, match="CC705"):
            held.write("late")
        assert store.read() == TokenRecord(generation=2, text="second")


def test_an_error_in_the_block_ends_the_hold(backend: Backend, place: str) -> None:
    """And writes nothing."""
    with backend.tokens(place, patience=1) as store, backend.tokens(place, patience=1) as other:
        with pytest.raises(ZeroDivisionError), store.hold():
            raise ZeroDivisionError
        with other.hold() as held:
            assert held.record is None


def test_a_held_token_can_be_read_and_not_held(name: str, backend: Backend, place: str) -> None:
    """Another process waits for it, and not for ever; within a process too."""
    with backend.tokens(place) as store, store.hold() as held:
        held.write("here")
    with backend.tokens(place, patience=0.2) as store:
        with process("hold_token", name, place) as other:
            assert said(other) == "held"
            assert store.read() == TokenRecord(generation=1, text="here")
            with pytest.raises(StoreUnavailable, match="CC702"):
                store.hold().__enter__()
        with store.hold():
            with pytest.raises(StoreUnavailable, match="CC702"):
                store.hold().__enter__()
            assert store.read() is not None


def test_a_killed_holder_of_the_token_frees_it(name: str, backend: Backend, place: str) -> None:
    """Nothing was written."""
    with backend.tokens(place) as store:
        with process("hold_token", name, place) as other:
            assert said(other) == "held"
        with store.hold() as held:
            assert held.record is None


def test_of_eight_processes_one_renews_the_token(name: str, backend: Backend, place: str) -> None:
    """F-22: a rotating token that is used twice is dead, and its family with it."""
    with backend.tokens(place) as store, store.hold() as held:
        held.write("expired")
    with ExitStack() as stack:
        words = [other.communicate()[0] for other in together(stack, "renew", name, place)]
    assert sorted(words) == [""] * 7 + ["renewed\n"]
    with backend.tokens(place) as store:
        record = store.read()
    assert record is not None
    assert (record.generation, record.text[:17]) == (2, "token of process ")


def test_a_held_token_can_be_opened(backend: Backend, place: str) -> None:
    """Who renews holds it while the login service answers; opening waits for nobody."""
    with backend.tokens(place) as store, store.hold() as held, backend.tokens(place) as other:
        assert other.read() is held.record is None


def test_tokens_of_accounts_and_origins_are_kept_apart(backend: Backend, place: str) -> None:
    """A sandbox's word is no login for the account."""
    others = ({"account": "another"}, {"origin": "http://127.0.0.1:8080"})
    with backend.tokens(place) as store, store.hold() as held:
        held.write("mine")
        for whose in others:
            with backend.tokens(place, **whose) as other, other.hold() as theirs:
                assert theirs.record is None


CANARY = "canary-never-to-be-shown"


def test_a_tokens_text_is_not_shown(backend: Backend, place: str) -> None:
    """Neither by a value nor by an error."""
    with backend.tokens(place) as store, store.hold() as held:
        assert CANARY not in repr(held.write(CANARY))
        assert CANARY not in repr(held)
    with pytest.raises(StoreUnavailable) as caught:
        held.write(CANARY)
    assert CANARY not in "".join(format_exception(caught.value))


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
    naive = line.at.replace(tzinfo=None)
    with backend.store(place) as store, store.lock():
        with pytest.raises(ValueError, match="without a zone"):
            store.append(replace(line, at=naive))
        with pytest.raises(ValueError, match="without a zone"):
            store.advance(naive, [ACTIVITY])
        with pytest.raises(ValueError, match="without a zone"):
            store.halt(replace(halt(), at=naive))
        assert store.fresh()
        store.append(line)
