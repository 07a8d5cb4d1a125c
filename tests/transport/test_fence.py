"""The fence: a write leaves on the connection of its reading and soon after it, or not at all."""

import inspect
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops import transport
from ccops.errors import NoReply
from ccops.ports import Call, Send
from ccops.transport import boottime, open_transport
from tests.transport.scripted_server import (
    Answer,
    Server,
    hang_up,
    http,
    serving,
    then_hang_up,
)

LEASE = 5.0
GET = Call(method="GET", path="/v3/emails")
POST = Call(method="POST", path="/v3/x", body=b"{}", lease=LEASE)
WRITES = [
    POST,
    Call(method="PUT", path="/v3/x", body=b"{}", lease=LEASE),
    Call(method="DELETE", path="/v3/x", lease=LEASE),
]
READING = http("200 OK", b"{}")


@dataclass(slots=True)
class Clock:
    """Shows what it is told; `before` is called at each look at it, and counted from 0."""

    now: float = 1_000.0
    looks: int = 0
    before: Callable[[int], None] = field(default=lambda _: None)

    def __call__(self) -> float:
        self.looks, look = self.looks + 1, self.looks
        self.before(look)
        return self.now


@dataclass(frozen=True, slots=True)
class Door:
    """A server, what speaks to it, and the clock that the leases are counted by."""

    server: Server
    send: Send
    clock: Clock


@contextmanager
def door(*answers: Answer) -> Iterator[Door]:
    clock = Clock()
    with (
        serving(*answers) as server,
        open_transport(server.origin, monotonic=clock) as send,
    ):
        yield Door(server, send, clock)


def held_back(door: Door, call: Call = POST) -> str:
    """Expect that nothing leaves; return why."""
    before = bytes(door.server.received)
    with pytest.raises(NoReply, match="CC506") as caught:
        door.send(call)
    assert not caught.value.maybe_sent
    assert bytes(door.server.received) == before
    return caught.value.diagnostics[0].message.partition("was held back: ")[2]


def reads_and_writes_again(door: Door) -> bool:
    """Whether nothing of a refusal stays behind: the next reading is fine, and so is its write."""
    return (door.send(GET).status, door.send(POST).status) == (200, 200)


# --- when a write may leave --------------------------------------------------------------------


@pytest.mark.parametrize("call", WRITES, ids=lambda call: call.method)
@pytest.mark.parametrize("seconds", [0.0, 4.9, 5.0])
def test_a_write_leaves_on_the_connection_of_its_reading(call: Call, seconds: float) -> None:
    """Within its lease."""
    with door() as this:
        this.send(GET)
        this.clock.now += seconds
        assert this.send(call).status == 200
    assert (this.server.heads(call.method), this.server.connections) == (1, 1)


@pytest.mark.parametrize("call", WRITES, ids=lambda call: call.method)
@pytest.mark.parametrize("now", [1_005.001, 4_600.0, 999.0, float("nan"), float("inf")])
def test_a_write_does_not_leave_when_its_lease_is_over(call: Call, now: float) -> None:
    """Nor by a clock that shows nonsense; afterwards the connection is a new one."""
    with door() as this:
        this.send(GET)
        this.clock.now = now
        assert held_back(this, call) == "its reading is older than 5 s"
        this.clock.now = 5_000.0
        assert reads_and_writes_again(this)
    assert this.server.connections == 2


def test_a_lease_counts_from_the_beginning_of_the_reading() -> None:
    """A slow answer describes what was true when it was asked for."""
    with door(READING, READING) as this:
        this.send(GET)

        def slow(look: int) -> None:
            this.clock.now += 3.0 if look else 0.0

        this.clock.looks, this.clock.before = 0, slow
        this.send(GET)
        this.clock.before = Clock().before
        assert this.clock.now == 1_006.0
        assert held_back(this) == "its reading is older than 5 s"


@pytest.mark.parametrize("call", WRITES, ids=lambda call: call.method)
def test_a_write_does_not_leave_on_another_connection(call: Call) -> None:
    """The server closed the one of the reading: what was read may be long past."""
    with door(then_hang_up(READING)) as this:
        this.send(GET)
        assert this.server.all_ended()
        assert held_back(this, call) == "the connection of its reading was closed"
        assert this.server.connections == 1
        assert reads_and_writes_again(this)
    assert this.server.connections == 2


def test_there_is_never_a_second_connection() -> None:
    """So that none can be taken for that of the reading."""
    limits = transport._LIMITS
    assert (limits.max_connections, limits.max_keepalive_connections) == (1, 1)


def test_a_server_that_closes_each_connection_gets_no_write() -> None:
    """There is no connection that its reading could share."""
    with door(then_hang_up(http("200 OK", b"{}", "Connection: close"))) as this:
        this.send(GET)
        assert held_back(this) == "the connection of its reading was closed"


@pytest.mark.parametrize("seconds", [0.0, 3_600.0], ids=["by an unaware clock", "by its clock"])
def test_a_machine_that_slept_writes_nothing_when_it_wakes(seconds: float) -> None:
    """F-27: while it slept the server closed the idle connection; either fence is enough."""
    with door(then_hang_up(READING)) as this:
        this.send(GET)
        assert this.server.all_ended()
        this.clock.now += seconds
        held_back(this)
    assert this.server.heads("POST") == 0


def test_a_connection_that_outlived_the_sleep_gets_no_write_either() -> None:
    """F-27: the server is patient, or a gateway keeps the connection; the clock went on."""
    with door() as this:
        this.send(GET)
        this.clock.now += 60
        assert held_back(this) == "its reading is older than 5 s"
    assert (this.server.heads("POST"), this.server.connections) == (0, 1)


def test_a_freeze_at_the_last_moment_is_noticed() -> None:
    """The clock is asked after the connection was chosen, just before the first byte."""
    with door() as this:
        this.send(GET)

        def frozen(look: int) -> None:
            if look == 1:
                this.clock.now += 60

        this.clock.looks, this.clock.before = 0, frozen
        assert held_back(this) == "its reading is older than 5 s"
        assert this.clock.looks == 2


def test_a_connection_that_dies_at_the_last_moment_is_not_replaced() -> None:
    """The race that other clients lose: the connection was fine when it was chosen."""
    go = threading.Event()

    def answers_and_dies(connection: socket.socket) -> None:
        connection.sendall(READING)
        assert go.wait(5)

    def dies(look: int) -> None:
        if look == 1:
            go.set()
            assert this.server.all_ended()

    with door(answers_and_dies) as this:
        this.send(GET)
        this.clock.looks, this.clock.before = 0, dies
        with pytest.raises(NoReply, match="CC502") as caught:
            this.send(POST)
    assert caught.value.maybe_sent
    assert (this.server.heads("POST"), this.server.connections) == (0, 1)


# --- what counts as its reading ------------------------------------------------------------------


@pytest.mark.parametrize("call", WRITES, ids=lambda call: call.method)
def test_a_write_without_a_reading_does_not_leave(call: Call) -> None:
    """Not even a connection is made."""
    with door() as this:
        assert held_back(this, call) == "nothing was read just before it"
    assert this.server.connections == 0


def test_one_reading_justifies_one_write() -> None:
    """After a write, whatever its answer, nothing is known until it is read again."""
    with door() as this:
        this.send(GET)
        this.send(POST)
        assert held_back(this) == "nothing was read just before it"
        assert reads_and_writes_again(this)
    assert (this.server.heads("POST"), this.server.connections) == (2, 1)


@pytest.mark.parametrize(
    "answer",
    [
        hang_up,
        http("200 OK", b"{}", "Content-Encoding: br"),
        http("200 OK", b"x" * 10, "Content-Encoding: gzip"),
        then_hang_up(http("200 OK", b"{", length=2)),
    ],
    ids=["none", "undecodable", "not unpacked", "half"],
)
def test_an_incomplete_answer_is_no_reading(answer: Answer) -> None:
    """Nor does the complete one before it count any more."""
    with door(READING, answer) as this:
        this.send(GET)
        with pytest.raises(NoReply):
            this.send(GET)
        assert held_back(this) == "nothing was read just before it"


def test_a_call_that_is_none_changes_nothing() -> None:
    """It never was on the connection."""
    with door() as this:
        this.send(GET)
        with pytest.raises(ValueError, match="path"):
            this.send(replace(GET, path="x"))
        assert this.send(POST).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "get", ""])
def test_whatever_is_no_get_needs_a_lease(method: str) -> None:
    """To forget it is a bug, and not a way to write unfenced."""
    with door() as this:
        this.send(GET)
        with pytest.raises(ValueError, match="must carry a lease"):
            this.send(Call(method=method, path="/v3/x"))
    assert len(this.server.requests) == 1


@pytest.mark.parametrize("event", ["_LEAVES", "_CONNECTS"])
def test_without_the_librarys_word_there_is_no_write(
    event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version might name its events anew: the fence would be gone, and so are writes."""
    monkeypatch.setattr(transport, event, "renamed")
    with door() as this:
        this.send(GET)
        assert held_back(this) == "nothing was read just before it"


@pytest.mark.parametrize("error", [OSError("no clock"), KeyboardInterrupt(), RuntimeError("bug")])
def test_any_other_error_at_the_fence_goes_up(error: BaseException) -> None:
    """It is not taken for a refusal, nothing leaves, and the connection is not reused."""
    with door() as this:
        this.send(GET)

        def fails(look: int) -> None:
            if look == 1:
                raise error

        this.clock.looks, this.clock.before = 0, fails
        with pytest.raises(type(error)) as caught:
            this.send(POST)
        assert caught.value is error
        this.clock.before = Clock().before
        assert held_back(this) == "nothing was read just before it"
        assert reads_and_writes_again(this)
    assert (this.server.heads("POST"), this.server.connections) == (1, 2)


# --- the clock -----------------------------------------------------------------------------------


def test_the_lease_is_counted_by_the_clock_that_goes_on_in_sleep() -> None:
    """Unless a test brings another one."""
    assert inspect.signature(open_transport).parameters["monotonic"].default is boottime
    assert boottime() <= boottime()


@pytest.mark.parametrize(
    ("platform", "name"), [("linux", "CLOCK_BOOTTIME"), ("darwin", "CLOCK_MONOTONIC")]
)
def test_the_clock_is_the_systems_own(
    platform: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is one that counts the time asleep."""
    with monkeypatch.context() as system:
        system.setattr(sys, "platform", platform)
        system.setattr(time, name, 7, raising=False)
        system.setattr(time, "clock_gettime", lambda clock: clock * 100.0, raising=False)
        shown = boottime()
    assert shown == 700.0


@pytest.mark.parametrize("platform", ["win32", "freebsd14", "linux"])
def test_elsewhere_it_is_pythons(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a system that has lost its own."""
    with monkeypatch.context() as system:
        system.setattr(sys, "platform", platform)
        system.delattr(time, "CLOCK_BOOTTIME", raising=False)
        system.setattr(time, "monotonic", lambda: 12.5)
        shown = boottime()
    assert shown == 12.5


# --- the law -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Model:
    """What leaves if the fence is right: the server's script, and what it will have seen.

    `age` is how long ago the last reading began; None: the last thing was no reading.
    """

    script: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    connections: int = 0
    open: bool = False
    age: float | None = None

    def reads(self) -> None:
        """A GET leaves in any case."""
        self.connections += not self.open
        self.open, self.age = True, 0
        self._leaves(GET)

    def reads_in_vain(self) -> None:
        """Its answer is lost."""
        self.reads()
        self.open, self.age = False, None
        self.script[-1] = "lost"

    def writes(self) -> bool:
        """Whether a write leaves. One that does not takes its connection with it."""
        lets = self.open and self.age is not None and self.age <= LEASE
        if lets:
            self._leaves(POST)
        elif self.age is not None:
            self.open = False
        self.age = None
        return lets

    def closes(self) -> bool:
        """Whether the server closes a connection that is open."""
        closed, self.open = self.open, False
        if closed:
            self.script[-1] = "closed"
        return closed

    def _leaves(self, call: Call) -> None:
        self.lines.append(f"{call.method} {call.path} HTTP/1.1")
        self.script.append("answered")


ANSWERS: dict[str, Answer] = {
    "answered": READING,
    "closed": then_hang_up(READING),
    "lost": hang_up,
}
DEEDS = st.sampled_from(["reads", "reads", "writes", "writes", "reads_in_vain", "closes", 1, 3, 6])


@settings(max_examples=80)
@given(st.lists(DEEDS, max_size=14))
def test_a_write_leaves_exactly_if_the_fence_lets_it(deeds: list[str | int]) -> None:
    """Whatever went before: readings, lost ones, other writes, pauses, closed connections."""
    model = Model()
    played = [(deed, _model(model, deed)) for deed in deeds]
    with door(*[ANSWERS[one] for one in model.script]) as this:
        for deed, outcome in played:
            _play(this, deed, outcome=outcome)
    assert (this.server.lines, this.server.connections) == (model.lines, model.connections)


def _model(model: Model, deed: str | int) -> bool:
    if isinstance(deed, int):
        model.age = None if model.age is None else model.age + deed
        return True
    return bool(getattr(model, deed)())


def _play(this: Door, deed: str | int, *, outcome: bool) -> None:
    match deed:
        case int():
            this.clock.now += deed
        case "reads":
            assert this.send(GET).status == 200
        case "writes" if outcome:
            assert this.send(POST).status == 200
        case "writes":
            held_back(this)
        case "reads_in_vain":
            with pytest.raises(NoReply, match="CC502"):
                this.send(GET)
        case _:
            assert not outcome or this.server.all_ended()
