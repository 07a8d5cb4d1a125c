"""No write is ever repeated by any layer: counted in the bytes that a server received.

Three levels, each on real sockets: the transport alone, the client on it, and the protocol with
its driver on both. On the lowest two a write arrives once, whatever becomes of it. The protocol
may write again, but never without a new reading and a new line in its journal.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from operator import eq

import pytest

from ccops.applying.report import Ending
from ccops.constantcontact.client import TRIES, Client, client
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.wire import (
    canonical,
    get_call,
    schedule_step,
    step_call,
    unschedule_step,
)
from ccops.constantcontact.writes import APPLY_WRITES, LEASE
from ccops.errors import CcopsError, NoReply
from ccops.model import Live, Status, Target
from ccops.ports import Call, Send
from ccops.transport import open_transport
from tests.constantcontact.vendor_builders import ACTIVITY, LIST_A, OneDayMeter
from tests.simulation.campaign import BOARD, DRAFT, HOUR, scheduled, target
from tests.simulation.vendor import START, Vendor
from tests.transport.scripted_server import Early, Server, http, serving, then_hang_up
from tests.wire.tricks import TRICKS
from tests.wire.vendor_server import INTENT, Run, converge

READING = http("200 OK", b"{}")
READ = get_call("/emails")
_UPDATE = {
    "from_email": "a@example.org",
    "from_name": "A",
    "reply_to_email": "b@example.org",
    "subject": "S",
    "contact_list_ids": [LIST_A],
    "segment_ids": [],
}
WRITES = {
    "PUT": Call(
        method="PUT",
        path=f"/v3/emails/activities/{ACTIVITY}",
        body=canonical(_UPDATE).encode(),
    ),
    "POST": step_call(schedule_step(ACTIVITY, datetime(2026, 10, 6, 13, tzinfo=UTC))),
    "DELETE": step_call(unschedule_step(ACTIVITY)),
}

every_write = pytest.mark.parametrize("method", WRITES)
every_trick = pytest.mark.parametrize("trick", TRICKS)


@contextmanager
def transport(server: Server) -> Iterator[Send]:
    """The lowest level: calls carry their lease themselves."""
    with open_transport(server.origin) as send:
        yield lambda call: send(replace(call, lease=None if call.method == "GET" else LEASE))


@contextmanager
def login(server: Server) -> Iterator[Client]:
    """The level above: authorized, paced, with retries for readings."""
    with open_transport(server.origin) as send:
        yield client(
            send,
            token=Secret("t"),
            origin=server.origin,
            writes=APPLY_WRITES,
            meter=OneDayMeter(),
            gap=timedelta(0),
            per_day=10_000,
            today=lambda: date(2026, 10, 6),
            sleep=lambda _: None,
        )


Level = Callable[[Server], AbstractContextManager[Send]]
both_levels = pytest.mark.parametrize("level", [transport, login], ids=["transport", "client"])


@both_levels
@every_write
@every_trick
def test_a_write_arrives_once(level: Level, method: str, trick: str) -> None:
    """Whatever the server does with it; nor is another connection made."""
    with serving(READING, TRICKS[trick]) as server, level(server) as send:
        send(READ)
        with suppress(NoReply):
            send(WRITES[method])
    assert server.heads(method) == 1
    assert (server.heads("GET"), server.connections) == (1, 1)


@both_levels
@every_write
def test_a_write_does_not_leave_on_a_connection_that_was_closed(level: Level, method: str) -> None:
    """The kept connection is gone since the reading, and no new one is made for the write."""
    with serving(then_hang_up(READING)) as server, level(server) as send:
        send(READ)
        assert server.all_ended()
        with pytest.raises(NoReply, match="CC506") as caught:
            send(WRITES[method])
    assert not caught.value.maybe_sent
    assert (server.heads(method), server.connections) == (0, 1)


@both_levels
@every_write
def test_a_write_on_a_connection_that_is_being_closed_arrives_once_at_most(
    level: Level, method: str
) -> None:
    """Whoever is faster: in this race other clients send again, on a new connection."""
    with serving(then_hang_up(READING)) as server, level(server) as send:
        send(READ)
        with pytest.raises(NoReply):
            send(WRITES[method])
    assert server.heads(method) <= 1
    assert server.connections == 1


@every_trick
def test_a_reading_arrives_three_times_at_most(trick: str) -> None:
    """By the client, which alone tries again; and once for each call of the transport."""
    with serving(*[TRICKS[trick]] * 9) as server, login(server) as send, suppress(CcopsError):
        send(READ)
    assert 1 <= server.heads("GET") <= TRIES
    with serving(*[TRICKS[trick]] * 9) as server, transport(server) as send, suppress(NoReply):
        send(READ)
    assert server.heads("GET") == 1


# --- the protocol and its driver -----------------------------------------------------------------

WHEN = START + 3 * HOUR
FIRST: dict[str, tuple[Live, Target]] = {
    "PUT": (DRAFT, target(WHEN, recipients=BOARD)),
    "POST": (DRAFT, target(WHEN)),
    "DELETE": (scheduled(DRAFT, WHEN + HOUR), target(WHEN)),
}
PLANNED = {
    "PUT": {"PUT": 1, "POST": 1, "DELETE": 0},
    "POST": {"PUT": 0, "POST": 1, "DELETE": 0},
    "DELETE": {"PUT": 0, "POST": 1, "DELETE": 1},
}
"""What a run makes of each when nothing goes wrong."""


@pytest.mark.parametrize("took", [False, True], ids=["no effect", "effect"])
@every_write
@every_trick
def test_no_intent_leads_to_two_writes(method: str, trick: str, took: bool) -> None:
    """Every write that arrives has its own line in the journal, after a reading of its own."""
    live, wanted = FIRST[method]
    played = TRICKS[trick]
    run = converge(Vendor(live=live), wanted, played, took=took and not isinstance(played, Early))
    assert run.log.index(method) > run.log.index(INTENT)
    _one_write_an_intent(run)
    _ended_as_it_says(run, wanted)


@every_write
@pytest.mark.parametrize("seconds", [5.5, 60.0, 3_600.0])
def test_a_process_that_was_frozen_reads_again(method: str, seconds: float) -> None:
    """F-27: everything was decided, then time passed; the write leaves after a new reading."""
    live, wanted = FIRST[method]
    run = converge(Vendor(live=live), wanted, pause=lambda number: seconds if number == 0 else 0.0)
    assert _rounds(run.log)[1][0] == "GET"
    assert {step: run.server.heads(step) for step in WRITES} == PLANNED[method]
    _one_write_an_intent(run)
    assert run.result is not None
    assert run.result.ending is Ending.DONE
    _ended_as_it_says(run, wanted)


@every_write
def test_a_connection_that_is_closed_before_each_write_delays_it(method: str) -> None:
    """Closed by the server after any one of its answers, also that of the reading before it."""
    live, wanted = FIRST[method]
    readings = len(converge(Vendor(live=live), wanted).log)
    for last in range(2, readings + 1):
        run = converge(Vendor(live=live), wanted, closes=partial(eq, last))
        _one_write_an_intent(run)
        assert {step: run.server.heads(step) for step in WRITES} == PLANNED[method]
        assert run.result is not None
        assert run.result.ending is Ending.DONE


@every_write
def test_a_server_that_keeps_no_connection_is_not_written_to(method: str) -> None:
    """Nothing leaves, in three attempts, and the result says so."""
    live, wanted = FIRST[method]
    run = converge(Vendor(live=live), wanted, closes=lambda _: True)
    assert {step: run.server.heads(step) for step in WRITES} == dict.fromkeys(WRITES, 0)
    assert run.log.count(INTENT) == 3
    assert run.result is not None
    assert (run.result.ending, run.result.writes) == (Ending.STOPPED, ())
    assert run.vendor.live == live


def _one_write_an_intent(run: Run) -> None:
    """At most one write after each, and a reading before the next; in the bytes as in the log."""
    rounds = _rounds(run.log)
    for one in rounds:
        assert len([step for step in one if step != "GET"]) <= 1, run.log
    for one in rounds[1:-1]:
        assert one[-1] == "GET", run.log
    steps = ("GET", *WRITES)
    assert [run.server.heads(step) for step in steps] == [run.log.count(step) for step in steps]


def _rounds(log: list[str]) -> list[list[str]]:
    """What happened before the first intent, and after each."""
    rounds: list[list[str]] = [[]]
    for step in log:
        if step == INTENT:
            rounds.append([])
        else:
            rounds[-1].append(step)
    assert "GET" in rounds[0]
    assert set(rounds[0]) == {"GET"}
    return rounds


def _ended_as_it_says(run: Run, wanted: Target) -> None:
    assert run.result is not None
    live = run.vendor.live
    reached = (live.status, live.schedules, live.recipients) == (
        Status.SCHEDULED,
        wanted.sends,
        wanted.recipients,
    )
    assert reached or run.result.ending is not Ending.DONE
    assert run.vendor.mails == []
