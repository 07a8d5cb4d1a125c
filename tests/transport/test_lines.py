"""Several lines of one client: one sequence of slots, and each write on the line of its reading."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import inf
from pathlib import Path
from threading import Barrier, Lock
from time import sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.constantcontact.client import Client, client
from ccops.constantcontact.pace import AHEAD, PATIENCE, RESUMED, Pace
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.wire import get_call, schedule_step, step_call
from ccops.constantcontact.writes import APPLY_WRITES, NO_WRITES
from ccops.errors import NoReply
from ccops.ports import Call, Reply, Send
from ccops.store.postgres.meter import PostgresMeter
from ccops.store.sqlite import open_meter
from ccops.transport import open_transport
from ccops.trust import unswayed
from tests.transport.scripted_server import http, serving

DAY = date(2026, 10, 6)
GAP = timedelta(milliseconds=300)
LINES = 4
ACTIVITY = "4c08372c-957a-48b5-bc45-72c7f00796cd"
READ = get_call(f"/emails/activities/{ACTIVITY}")
WRITE = step_call(schedule_step(ACTIVITY, datetime(2026, 10, 20, 13, tzinfo=UTC)))
OK = Reply(status=200, headers={"date": "Tue, 06 Oct 2026 13:00:00 GMT"}, body=b"{}")
REFUSED = Reply(status=401, headers={}, body=b"{}")
OLD, NEW = "the-old-token-of-the-login", "the-new-token-of-the-login"


@dataclass(kw_only=True)
class Slots:
    """A meter by a clock that its waits move: it keeps when each slot began, and who could wait."""

    now: float = 0.0
    following: float = 0.0
    begun: list[float] = field(default_factory=list)
    days: list[date] = field(default_factory=list)

    def reserve(self, gap: timedelta, within: float = inf) -> float:
        begins = max(self.now, self.following)
        if begins - self.now <= within:
            self.begun.append(begins)
            self.following = begins + gap.total_seconds()
        return begins - self.now

    def spend(self, day: date, cap: int) -> int:
        assert self.spent(day) < cap
        self.days.append(day)
        return self.spent(day)

    def spent(self, day: date) -> int:
        return self.days.count(day)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def made(meter: Slots, *lines: Send, **more: object) -> Client:
    return client(
        lines[0],
        more=lines[1:],
        token=Secret(OLD),
        origin="https://api.cc.email",
        writes=APPLY_WRITES,
        meter=meter,
        gap=GAP,
        per_day=100,
        today=lambda: DAY,
        sleep=meter.sleep,
        **more,  # type: ignore[arg-type]  # by name
    )


# --- slots ---------------------------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=40))
@settings(max_examples=25)
def test_whatever_begins_or_follows_no_second_holds_more_than_four(kinds: list[bool]) -> None:
    """Slots are granted in one sequence, 300 ms apart."""
    meter = Slots()
    pace = Pace(meter, GAP, 9, lambda: DAY, lambda _: None, lambda: meter.now)
    for follows in kinds:
        before = meter.following - meter.now
        if follows:
            pace.await_slot()
        else:
            meter.now += max(0.0, before - AHEAD + 1e-9)
            pace.await_turn()
    windows = [[one for one in meter.begun if first <= one < first + 1] for first in meter.begun]
    assert all(len(window) <= 4 for window in windows)
    assert len(meter.begun) == len(kinds)


def test_what_begins_leaves_room_for_what_follows() -> None:
    """However many wait to begin, a write waits little longer than AHEAD."""
    meter = Slots()
    pace = Pace(meter, GAP, 9, lambda: DAY, meter.sleep, lambda: meter.now)
    others = Pace(meter, GAP, 9, lambda: DAY, lambda _: None, lambda: meter.now)
    while meter.reserve(GAP, AHEAD) <= AHEAD:
        """Other processes begin whatever they are let."""
    others.await_slot()
    assert meter.begun[-1] - meter.now <= AHEAD + GAP.total_seconds()
    pace.await_turn()
    assert meter.begun[-1] - meter.begun[-2] == pytest.approx(0.3)


def test_what_was_begun_goes_before_what_begins() -> None:
    """A campaign that is half written waits for no other that could begin, of whatever process."""
    meter, woken = Slots(), list[float]()

    def sleep(seconds: float) -> None:
        meter.now += seconds
        woken.append(meter.now)
        if len(woken) < 20:
            Pace(meter, GAP, 9, lambda: DAY, lambda _: None, lambda: meter.now).await_turn(RESUMED)

    pace = Pace(meter, GAP, 9, lambda: DAY, sleep, lambda: meter.now)
    for _ in range(3):
        meter.reserve(GAP)
    pace.await_turn()
    assert len(woken) > 20
    assert meter.begun[-1] - meter.now <= AHEAD


def test_whoever_waits_to_begin_keeps_nobody_of_its_process_from_going_on() -> None:
    """One queue for those that begin, another one for those that go on."""
    meter = Slots(following=0.9)
    pace = Pace(meter, GAP, 9, lambda: DAY, meter.sleep, lambda: meter.now)

    def meanwhile(seconds: float) -> None:
        pace.sleep = meter.sleep
        with ThreadPoolExecutor(1) as threads:
            threads.submit(pace.await_turn, RESUMED).result(timeout=10)
        meter.sleep(seconds)

    pace.sleep = meanwhile
    pace.await_turn()
    assert meter.begun[0] == pytest.approx(0.9)
    assert len(meter.begun) == 2


def test_the_emergency_brake_waits_for_nothing_that_could_begin() -> None:
    """Called, a client that may write makes its readings, too, in the next slot there is."""
    reached = list[float]()

    def noted(_: timedelta, within: float = inf) -> float:
        reached.append(within)
        return 0.0

    meter = Slots()
    meter.reserve = noted  # type: ignore[method-assign]
    brake = made(meter, lambda _: OK)
    brake(READ)
    brake(WRITE)
    assert reached == [inf, inf]
    brake.standing.writes = NO_WRITES
    brake(READ)
    assert reached[2:] == [AHEAD]


@given(st.lists(st.floats(0, 2), min_size=1, max_size=30))
@settings(max_examples=25)
def test_a_process_that_stands_still_does_not_make_up_for_it(stalls: list[float]) -> None:
    """A slot that is met too late is lost: what leaves is never crowded, whatever was slept over."""
    meter, left, late = Slots(), list[float](), iter([*stalls, *[0.0] * 1_000])

    def oversleep(seconds: float) -> None:
        meter.now += seconds + next(late)

    pace = Pace(meter, GAP, 9, lambda: DAY, oversleep, lambda: meter.now)
    for _ in stalls:
        pace.await_slot()
        left.append(meter.now)
    assert all(sum(first <= one < first + 1 for one in left) <= 4 for first in left)


def test_a_machine_that_is_never_in_time_goes_on_all_the_same() -> None:
    """After ten slots."""
    meter = Slots(following=0.5)
    pace = Pace(meter, GAP, 9, lambda: DAY, lambda _: meter.sleep(5), lambda: meter.now)
    pace.monotonic = iter(range(0, 1_000, 5)).__next__
    pace.await_slot()
    assert len(meter.begun) == PATIENCE + 1


@pytest.mark.parametrize("within", [inf, 1.0])
def test_threads_never_share_a_slot(tmp_path: Path, within: float) -> None:
    """INV-20: of one process, with its one connection to the meter."""
    gap, waits, guard = timedelta(milliseconds=10), list[int](), Lock()
    with open_meter(tmp_path, "key", clock=lambda: 1_800_000_000.0) as meter:

        def reserve(_: int) -> None:
            for _ in range(25):
                wait = meter.reserve(gap, within)
                meter.spend(DAY, 10_000)
                with guard:
                    waits.append(round(wait * 1_000))

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(reserve, range(8)))
        assert meter.spent(DAY) == 200
    granted = sorted(one for one in waits if one <= within * 1_000)
    assert granted == [10 * number for number in range(len(granted))]
    assert len(granted) == (200 if within == inf else 101)


def test_a_shared_meter_is_closed_between_two_statements() -> None:
    """A run that was cut short leaves threads behind; closed under one, libpq uses freed memory."""

    @dataclass
    class Link:
        lock: Lock = field(default_factory=Lock)
        closed: list[bool] = field(default_factory=list)

        def close(self) -> None:
            self.closed.append(self.lock.locked())

    link = Link()
    PostgresMeter(link, "key", None).close()  # type: ignore[arg-type]  # all that is used of it
    assert link.closed == [True]


def test_a_slot_beyond_reach_is_not_taken(tmp_path: Path) -> None:
    """It is told when it begins; a clock that was set back is forgotten after a minute all the same."""
    now = [1_800_000_000.0]
    with open_meter(tmp_path, "key", clock=lambda: now[0]) as meter:
        assert [meter.reserve(GAP, 0.5) for _ in range(4)] == pytest.approx([0, 0.3, 0.6, 0.6])
        now[0] -= 3_600
        assert meter.reserve(GAP, 0.5) == pytest.approx(60)
        now[0] += 59.8
        assert meter.reserve(GAP, 0.5) == pytest.approx(0.2)


# --- a turn, and its line ------------------------------------------------------------------------


def test_only_the_first_request_of_a_turn_waits_to_begin() -> None:
    """What follows a reading goes before what has not begun."""
    meter = Slots()
    reached = list[float]()
    reserve = meter.reserve

    def noted(gap: timedelta, within: float = inf) -> float:
        reached.append(within)
        return reserve(gap, within)

    meter.reserve = noted  # type: ignore[method-assign]
    send = made(meter, lambda _: OK).hands[0].turn()
    for call in (READ, READ, WRITE, READ):
        send(call)
    assert reached == [AHEAD, inf, inf, inf]
    assert meter.spent(DAY) == 4


def test_a_write_leaves_only_right_after_a_reading_of_its_turn() -> None:
    """Another activity's reading on the same line justifies nothing."""
    left = list[str]()

    def line(call: Call) -> Reply:
        left.append(call.method)
        return OK

    hand = made(Slots(), line).hands[0]
    hand.turn()(READ)
    second = hand.turn()
    for _ in range(2):
        with pytest.raises(NoReply, match="CC507") as caught:
            second(WRITE)
        assert not caught.value.maybe_sent
    second(READ)
    assert second(WRITE) == OK
    with pytest.raises(NoReply, match="CC507"):
        second(WRITE)
    assert left == ["GET", "GET", "POST"]


def test_each_hand_and_reader_has_its_line() -> None:
    """In their order, and the client itself the first."""
    used = list[int]()

    def line(number: int) -> Send:
        return lambda _: used.append(number) or OK

    made_of = made(Slots(), *map(line, range(LINES)))
    made_of(READ)
    for reader in made_of.readers:
        reader(READ)
    for hand in made_of.hands:
        hand.turn()(READ)
    assert used == [0, 0, 1, 2, 3, 0, 1, 2, 3]
    assert made_of.requests == 9


def test_after_its_end_nothing_leaves_on_any_line() -> None:
    """What waits for a slot just then is held back, as never sent; nobody is tried again."""
    left = list[str]()
    meter = Slots()
    over = made(meter, lambda call: left.append(call.method) or OK, lambda _: OK)
    first, second = (hand.turn() for hand in over.hands)
    first(READ)
    meter.sleep = lambda _: over.hands[1].close()  # type: ignore[method-assign]
    over.standing.pace.sleep = meter.sleep
    meter.following = meter.now + 0.5
    for send, call in ((first, WRITE), (second, READ), (over, READ)):
        with pytest.raises(NoReply, match="CC507") as caught:
            send(call)
        assert not caught.value.maybe_sent
    assert left == ["GET"]


# --- a refused token in the middle -----------------------------------------------------------------


@contextmanager
def logged_in(renew: Callable[[Secret], Secret | None], together: Barrier) -> Iterator[Client]:
    """A client of several lines whose first token is refused, on all of them at once."""

    def line(call: Call) -> Reply:
        if NEW in call.headers["authorization"]:
            return OK
        together.wait()
        return REFUSED

    yield made(Slots(), *[line] * LINES, renew=renew)


def test_of_several_lines_one_asks_for_another_token() -> None:
    """The others take what it got: a refresh token may be good for one use only."""
    asked = list[str]()

    def renew(refused: Secret) -> Secret | None:
        asked.append(refused.reveal())
        sleep(0.05)  # long enough for the others to come
        return Secret(NEW)

    with logged_in(renew, Barrier(LINES, timeout=10)) as send, ThreadPoolExecutor(LINES) as pool:
        found = list(pool.map(lambda reader: reader(READ).status, send.readers))
    assert (found, asked) == ([200] * LINES, [OLD])


def test_a_write_that_waits_while_the_login_is_renewed_does_not_leave() -> None:
    """Once a write has left, the other token only looks: also for whoever was about to write."""
    left, answers = list[tuple[str, str]](), {OLD: OK, NEW: OK}

    def line(call: Call) -> Reply:
        token = call.headers["authorization"].removeprefix("Bearer ")
        left.append((call.method, token))
        return answers[token]

    meter = Slots()
    over = made(meter, line, line, renew=lambda _: Secret(NEW))
    first, second = (hand.turn() for hand in over.hands)
    for send, call in ((first, READ), (first, WRITE), (first, READ), (second, READ)):
        send(call)
    answers[OLD] = REFUSED

    def meanwhile(_: float) -> None:
        over.standing.pace.sleep = lambda _: None
        assert second(READ).status == 200

    over.standing.pace.sleep = meanwhile
    meter.following = meter.now + 0.5
    with pytest.raises(NoReply, match="CC554") as caught:
        first(WRITE)
    assert not caught.value.maybe_sent
    assert [method for method, token in left if token == NEW] == ["GET"]
    assert sum(method == "POST" for method, _ in left) == 1


# --- real connections ----------------------------------------------------------------------------


def test_lines_are_connections_of_their_own() -> None:
    """As many at once as there are lines, and each write on the one of its reading."""
    answer = http("200 OK", b"{}")
    with serving(*[answer] * 8) as server, ExitStack() as stack:
        lines = [stack.enter_context(open_transport(server.origin)) for _ in range(LINES)]
        over = made(Slots(), *lines)

        def sequence(send: Send) -> list[int]:
            return [send(READ).status, send(WRITE).status]

        with ThreadPoolExecutor(LINES) as pool:
            found = list(pool.map(sequence, [hand.turn() for hand in over.hands]))
    assert found == [[200, 200]] * LINES
    assert server.connections == LINES


def test_trust_stays_hidden_until_the_last_handshake_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S-07: the environment is every thread's; the first to leave must not show it to the others."""
    monkeypatch.setenv("SSL_CERT_FILE", "somebodys.pem")
    first, second = unswayed(), unswayed()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert "SSL_CERT_FILE" not in os.environ
    second.__exit__(None, None, None)
    assert os.environ["SSL_CERT_FILE"] == "somebodys.pem"
