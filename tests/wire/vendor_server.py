"""The virtual vendor on a real socket, which plays one trick on the first write that it gets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from itertools import count

from ccops.applying import protocol
from ccops.applying.driver import World, play
from ccops.applying.progress import Progress, Task, begin
from ccops.applying.report import Result
from ccops.constantcontact.client import client
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.wire import campaign_path, get_call
from ccops.constantcontact.writes import APPLY_WRITES
from ccops.model import Target
from ccops.planning.plan import Change
from ccops.planning.verdict import Facts, decide
from ccops.ports import Call, JournalEntry, Reply, WriteState
from ccops.transport import open_transport
from tests.applying.virtual_api import Api, MemoryStore
from tests.constantcontact.vendor_builders import OneDayMeter
from tests.simulation.campaign import CAMPAIGN, LIMITS, change_of, checksum
from tests.simulation.vendor import START, Vendor
from tests.transport.scripted_server import Answer, Early, Server, http, playing, then_hang_up

INTENT = "intent"


@dataclass(slots=True, kw_only=True)
class Noting(MemoryStore):
    """A store that notes each intent among the requests."""

    log: list[str] = field(default_factory=list)

    def append(self, entry: JournalEntry) -> None:
        """Note it as well."""
        MemoryStore.append(self, entry)
        if entry.state is WriteState.INTENT:
            self.log.append(INTENT)


@dataclass(slots=True, kw_only=True)
class Tricked:
    """A script: reads are answered truly, and so are all writes but the first.

    `took`: whether the first write takes effect before the trick is played; without a trick all
    writes are answered truly. `closes`: whether an answer is the last one of its connection, by
    its number. `log` holds the methods as the requests arrive, and the intents.
    """

    api: Api
    log: list[str]
    trick: Answer | None = None
    took: bool = False
    closes: Callable[[int], bool] = lambda _: False
    played: bool = False

    def early(self, head: bytes) -> Early | None:
        """Play the trick as soon as the head of a write has come, if it is such a one."""
        if self.played or head.startswith(b"GET ") or not isinstance(self.trick, Early):
            return None
        self.played = True
        self.log.append(head.split(b" ")[0].decode())
        return self.trick

    def answer(self, request: bytes) -> Answer:
        """Answer as the vendor would, or play the trick."""
        call = _call(request)
        self.log.append(call.method)
        if self.trick is None or self.played or call.method == "GET":
            return self._answer(call)
        self.played = True
        if self.took:
            self._answer(call)
        return self.trick

    def _answer(self, call: Call) -> Answer:
        reply = self.api.send(call)
        date = format_datetime(self.api.now, usegmt=True)
        if self.closes(len(self.api.calls)):
            # Said aloud, so that it is no race who closes first.
            return then_hang_up(_on_the_wire(reply, f"Date: {date}", "Connection: close"))
        return _on_the_wire(reply, f"Date: {date}")


def _call(request: bytes) -> Call:
    head, _, body = request.partition(b"\r\n\r\n")
    method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
    return Call(method=method, path=target, body=body or None)


def _on_the_wire(reply: Reply, *headers: str) -> bytes:
    if reply.status == 204:
        return "\r\n".join(["HTTP/1.1 204 No Content", *headers, "", ""]).encode()
    return http(f"{reply.status} Said", reply.body, *headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run came to: its result, what the server got, and the account as it is now."""

    result: Result | None
    server: Server
    log: list[str]
    vendor: Vendor


def converge(
    vendor: Vendor,
    wanted: Target,
    trick: Answer | None = None,
    *,
    took: bool = False,
    closes: Callable[[int], bool] = lambda _: False,
    pause: Callable[[int], float] = lambda _: 0.0,
) -> Run:
    """Bring the activity to what is wanted: the real protocol, driver, client and transport.

    `pause` tells how many seconds pass just before each write, by its number, when everything
    is decided: the process may be frozen, or the machine asleep.
    """
    log: list[str] = []
    api = Api(vendors={"0": vendor}, store=Noting(log=log))
    facts = Facts(target=wanted, live=vendor.live, now=START, limits=LIMITS)
    change = change_of(wanted, vendor.live, decide(facts))
    script = Tricked(api=api, trick=trick, took=took, closes=closes, log=log)
    with playing(script) as server, _world(api, server) as world, api.store.lock():
        world.tell = _pausing(api, pause)
        ended = play(protocol.converge, [_progress(change)], world)
    return Run(result=ended[0], server=server, log=log, vendor=vendor)


def _pausing(api: Api, pause: Callable[[int], float]) -> Callable[[str], None]:
    """Let time pass whenever people are told that a write begins."""
    numbers = count()

    def tell(line: str) -> None:
        if "/emails/activities/" in line:
            api.sleep(pause(next(numbers)))

    return tell


def _progress(change: Change) -> Progress:
    task = Task(change=change, run="run-1", plan=checksum(change), made_at=START, limits=LIMITS)
    return begin(task)


@contextmanager
def _world(api: Api, server: Server) -> Iterator[World]:
    """The real client on a real connection, and clocks that only the vendor moves."""
    with open_transport(server.origin, monotonic=api.monotonic) as transport:
        send = client(
            transport,
            token=Secret("t"),
            origin=server.origin,
            writes=APPLY_WRITES,
            meter=OneDayMeter(),
            gap=timedelta(0),
            per_day=10_000,
            today=START.date,
            sleep=api.sleep,
            monotonic=api.monotonic,
        )
        # An apply begins by reading the account: so the server's clock is known.
        send(get_call(campaign_path(CAMPAIGN)))
        yield World(
            send=send,
            store=api.store,
            clock=send.clock.now,
            monotonic=api.monotonic,
            sleep=api.sleep,
            tell=api.told.append,
        )
