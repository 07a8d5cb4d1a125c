"""The virtual vendor behind its HTTP interface: a `Send`, a store and clocks for the real driver.

Several activities share one clock. Whatever is to go wrong is told by request, by journal line
or by wait, each counted from 0.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ccops.applying.driver import World as DriverWorld
from ccops.errors import Diagnostic, ExitCode, NoReply, StoreUnavailable, VendorFault
from ccops.model import Live, Step, StepKind
from ccops.ports import Call, Halt, JournalEntry, Reply
from tests.simulation.network import PATIENCE, Fate
from tests.simulation.vendor import SECOND, START, Vendor, Verb, envelope, reply_to

Happening = Callable[["Api"], None]
KINDS = {"DELETE": StepKind.UNSCHEDULE, "PUT": StepKind.UPDATE, "POST": StepKind.SCHEDULE}


def unavailable() -> StoreUnavailable:
    return StoreUnavailable(Diagnostic(code="CC702", message="the disk is full"))


@dataclass(slots=True, kw_only=True)
class MemoryStore:
    """`ports.Store` in memory. `fails` are the lines that cannot be written any more."""

    lines: list[JournalEntry] = field(default_factory=list)
    fails: frozenset[int] = frozenset()
    held: bool = False
    broken: bool = False
    asked: int = 0
    made_at: dict[str, datetime] = field(default_factory=dict)
    marks: dict[str, Halt] = field(default_factory=dict)
    unreleased: bool = False

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold it, or raise at once."""
        if self.held:
            raise unavailable()
        self.held = True
        try:
            yield
        finally:
            self.held = False

    def fresh(self) -> bool:
        """Whether nothing was ever recorded."""
        return not self.lines

    def append(self, entry: JournalEntry) -> None:
        """Add a line, under the lock only, and one open write per activity."""
        assert self.held, "a line without the lock"
        number, self.asked = self.asked, self.asked + 1
        if number in self.fails:
            raise unavailable()
        others = self.open_writes() - {(entry.activity_id, entry.write_id)}
        assert not (entry.state.open and entry.activity_id in {one for one, _ in others})
        self.lines.append(entry)

    def entries(self) -> tuple[JournalEntry, ...]:
        """All lines, oldest first."""
        if self.broken:
            raise unavailable()
        return tuple(self.lines)

    def generations(self) -> Mapping[str, datetime]:
        """When the newest plan was made, by activity."""
        return dict(self.made_at)

    def advance(self, made_at: datetime, activities: Iterable[str]) -> None:
        """Raise the generation, under the lock only."""
        assert self.held, "a generation without the lock"
        for one in activities:
            self.made_at[one] = max(made_at, self.made_at.get(one, made_at))

    def halts(self) -> tuple[Halt, ...]:
        """The campaigns that a person stopped."""
        return tuple(self.marks.values())

    def halt(self, *halts: Halt) -> None:
        """Mark some."""
        self.marks |= {one.key: one for one in halts}

    def release(self, *keys: str) -> None:
        """Take marks away, under the lock only."""
        assert self.held, "a mark taken without the lock"
        if self.unreleased:
            raise unavailable()
        for one in keys:
            self.marks.pop(one, None)

    def open_writes(self) -> set[tuple[str, str]]:
        """The writes whose newest line leaves them open."""
        newest = {(one.activity_id, one.write_id): one.state for one in self.lines}
        return {write for write, state in newest.items() if state.open}


@dataclass(slots=True, kw_only=True)
class Api:
    """One account with some activities; the log of its requests, and what people were told."""

    vendors: Mapping[str, Vendor]
    store: MemoryStore = field(default_factory=MemoryStore)
    fates: Mapping[int, Fate] = field(default_factory=dict)
    before: Mapping[str, Happening] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    calls: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    stop: ExitCode | None = None
    clock_fails: bool = False

    def world(self) -> DriverWorld:
        """What the driver is given."""
        return DriverWorld(
            send=self.send,
            store=self.store,
            clock=self.clock,
            monotonic=self.monotonic,
            sleep=self.sleep,
            tell=self.told.append,
            stopped=lambda: self.stop,
        )

    @property
    def now(self) -> datetime:
        """The server's clock; all activities share it."""
        return max(vendor.now for vendor in self.vendors.values())

    @property
    def writes(self) -> list[str]:
        """The requests that change something."""
        return [call for call in self.calls if not call.startswith("GET")]

    def clock(self) -> datetime:
        """The server's clock, unless it tells no time any more."""
        if self.clock_fails:
            raise VendorFault(Diagnostic(code="CC517", message="no readable Date header"))
        return self.now

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return (self.now - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass."""
        self._happens("sleep")
        self.waits.append(seconds)
        self._pass(timedelta(seconds=seconds))

    def send(self, call: Call) -> Reply:
        """Answer one request."""
        self._happens(call.method.lower())
        self._happens("request")
        vendor = self._vendor(call.path)
        self.calls.append(f"{call.method} {self._name(vendor)}{_rest(call.path)}")
        self._pass(timedelta(milliseconds=200))
        if call.method == "GET":
            return self._read(vendor, call.path)
        number, self.counts["write"] = self.counts["write"], self.counts["write"] + 1
        return self._write(vendor, call, self.fates.get(number, Fate.FINE))

    def _happens(self, kind: str) -> None:
        name = f"{kind} {self.counts[kind]}"
        self.counts[kind] += 1
        if name in self.before:
            self.before[name](self)

    def _pass(self, span: timedelta) -> None:
        until = self.now + span
        for vendor in self.vendors.values():
            vendor.advance(until)

    def _vendor(self, path: str) -> Vendor:
        ids = ((one.live.activity_id, one.live.campaign_id, one) for one in self.vendors.values())
        return next(one for activity, campaign, one in ids if activity in path or campaign in path)

    def _name(self, vendor: Vendor) -> str:
        return next(name for name, one in self.vendors.items() if one is vendor)

    def _read(self, vendor: Vendor, path: str) -> Reply:
        number, self.counts["reading"] = self.counts["reading"], self.counts["reading"] + 1
        if number in self.unread:
            return reply_to(envelope(500, "server_error"))
        if vendor.gone:
            return reply_to(envelope(404, "not_found"))
        return reply_to(Verb(status=200, document=_document(vendor.live, path), took=False))

    def _write(self, vendor: Vendor, call: Call, fate: Fate) -> Reply:
        body = None if call.body is None else call.body.decode()
        path = call.path.removeprefix("/v3")
        step = Step(kind=KINDS[call.method], method=call.method, path=path, body=body)
        if fate is Fate.LATE:
            self._pass(PATIENCE)
            vendor.later(self.now + 60 * SECOND, lambda: vendor.take(step))
        elif fate in {Fate.FINE, Fate.LOST_AFTER}:
            verb = vendor.take(step)
            if fate is Fate.FINE:
                return reply_to(verb)
            self._pass(PATIENCE)
        elif fate is Fate.REJECTED:
            return reply_to(envelope(400, "bad_request"))
        raise NoReply(Diagnostic(code="CC502", message="it was cut off"), maybe_sent=True)


def _rest(path: str) -> str:
    """What stands after the id: schedules or send_history."""
    return path.partition("activities/")[2][36:] if "activities" in path else " campaign"


def _document(live: Live, path: str) -> object:
    if path.endswith("/schedules"):
        return [{"scheduled_date": when.isoformat()} for when in live.schedules]
    if path.endswith("/send_history"):
        return [
            {
                "run_date": one.ran_at.isoformat(),
                "send_status": "COMPLETED" if one.completed else "ERRORED",
                "count": one.count,
                "reason_code": one.reason,
            }
            for one in live.history or ()
        ]
    return _activity(live) if "activities" in path else _campaign(live)


def _campaign(live: Live) -> object:
    role = {"role": live.role, "campaign_activity_id": live.activity_id}
    return {
        "campaign_id": live.campaign_id,
        "name": live.name,
        "current_status": live.status.upper(),
        "type": "NEWSLETTER",
        "type_code": 10,
        "campaign_activities": [role],
    }


def _activity(live: Live) -> object:
    return {
        "campaign_activity_id": live.activity_id,
        "campaign_id": live.campaign_id,
        "role": live.role,
        "current_status": live.status.upper(),
        "format_type": live.format_type,
        "contact_list_ids": list(live.recipients.lists),
        "segment_ids": [int(one) for one in live.recipients.segments],
        "from_email": live.from_email,
        "from_name": live.from_name,
        "reply_to_email": live.reply_to,
        "subject": live.subject,
        "preheader": live.preheader,
    }
