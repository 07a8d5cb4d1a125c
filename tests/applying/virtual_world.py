"""A deterministic world that plays the effects of the real protocol, without any I/O.

The vendor, the clock and the journal are values. Luck decides, effect by effect, what goes wrong:
how a write fares, whether a reading fails or is old, what people do in the browser meanwhile,
and where the process dies. A run that died is followed by another one over the same journal.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ccops.applying import protocol
from ccops.applying.effects import (
    Answer,
    AskTime,
    Effect,
    Flow,
    Get,
    Read,
    Reading,
    Record,
    SleepUntil,
    Unread,
    Write,
)
from ccops.applying.progress import Progress, Task, begin
from ccops.applying.report import Result
from ccops.errors import Diagnostic, NoReply, Place, VendorFault
from ccops.model import Limits, Live, Recipients, SendRecord, Status, Step, StepKind, Target, When
from ccops.planning.canonical import digest
from ccops.planning.case import newest_lines
from ccops.planning.diff import fingerprint, recipients_document, when_document
from ccops.planning.plan import Change
from ccops.planning.verdict import Decision, Facts, decide, wants_history
from ccops.ports import JournalEntry, Reply, WriteState
from tests.applying.virtual_vendor import START, Vendor, Verb, envelope, reply_to

LIMITS = Limits()
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PATIENCE = timedelta(seconds=30)
"""After this the client gives a request up."""
ACTIVITY = "4c08372c-957a-48b5-bc45-72c7f00796cd"
CAMPAIGN = "8987dc1a-48ef-433a-b836-7ca4f9aa3481"
NAME = "Fall Appeal"
DONORS = Recipients(lists=("11111111-1111-1111-1111-111111111111",))
BOARD = Recipients(lists=("22222222-2222-2222-2222-222222222222",))
STRANGERS = Recipients(lists=("99999999-9999-9999-9999-999999999999",))
PLACE = Place(file="campaigns/fall.yaml", line=1, column=1)
DRAFT = Live(
    campaign_id=CAMPAIGN,
    activity_id=ACTIVITY,
    name=NAME,
    role="primary_email",
    status=Status.DRAFT,
    format_type=3,
    recipients=DONORS,
    subject="Will you help?",
    from_name="Fern & Field",
    from_email="news@example.org",
    reply_to="reply@example.org",
    history=(),
)


def sent(*ran_at: datetime, count: int = 100) -> tuple[SendRecord, ...]:
    """A history of completed sends."""
    return tuple(SendRecord(ran_at=one, completed=True, count=count) for one in ran_at)


def scheduled(live: Live, when: datetime) -> Live:
    """The activity, scheduled."""
    return replace(live, status=Status.SCHEDULED, schedules=(when,))


def target(*sends: When, recipients: Recipients = DONORS) -> Target:
    """What a manifest with these sends wants."""
    return Target(campaign=NAME, activity_id=ACTIVITY, sends=sends, recipients=recipients)


class Fate(StrEnum):
    """How one write fares. BEFORE and AFTER: before or after it took effect."""

    FINE = "fine"
    NOT_SENT = "no byte left"
    LOST_BEFORE = "lost before"
    LOST_AFTER = "lost after"
    LATE = "takes effect after the client gave up"
    CRASH_BEFORE = "500 before"
    CRASH_AFTER = "500 after"
    PAGE_AFTER = "502 with a page of HTML, after"
    THROTTLED = "429 throttled"
    QUOTA = "429 quota"
    LOGIN_BEFORE = "401 before"
    LOGIN_AFTER = "401 after"
    FORBIDDEN = "403"
    REJECTED = "400"
    SEVERED = "the process dies while it is under way"
    ODD_BODY = "2xx with a page of HTML"
    ODD_DATE = "2xx, for another time than asked for"
    IGNORED = "2xx without effect"


_REFUSALS = {
    Fate.CRASH_BEFORE: envelope(500, "server_error"),
    Fate.THROTTLED: envelope(429, "throttled"),
    Fate.QUOTA: envelope(429, "quota_exceeded"),
    Fate.LOGIN_BEFORE: envelope(401, "unauthorized"),
    Fate.FORBIDDEN: envelope(403, "access_denied"),
    Fate.REJECTED: envelope(400, "bad_request"),
}
CERTAIN_REFUSALS = frozenset(
    {Fate.NOT_SENT, Fate.THROTTLED, Fate.QUOTA, Fate.FORBIDDEN, Fate.REJECTED}
)
"""After these a write has had no effect, and everybody can know it."""
_PAGE = Reply(status=502, headers={}, body=b"<html>Bad gateway</html>")


class Died(Exception):
    """The process is gone; what it had told the journal and the vendor remains."""


class Luck:
    """Nothing goes wrong; a script or a seeded source of misfortune says otherwise."""

    def meanwhile(self, world: "World", effect: Effect) -> None:
        """Do something just before an effect: edit in the browser, or raise `Died`."""

    def fate(self, _: Write) -> Fate:
        """How the next write fares."""
        return Fate.FINE

    def lateness(self) -> timedelta:
        """When a late write arrives, counted from when the client gave it up."""
        return timedelta(seconds=60)

    def unreadable(self) -> bool:
        """Whether the next reading fails."""
        return False

    def age(self) -> timedelta:
        """How old the state is that the next reading shows."""
        return timedelta(0)

    def delay(self, _: Effect) -> timedelta:
        """How long the effect takes."""
        return timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One effect of one run, and how a write fared. `at` is when it began."""

    run: int
    at: datetime
    effect: Effect
    fate: Fate | None = None
    took: bool = False

    @property
    def step(self) -> Step | None:
        """The step that was written; None for any other effect."""
        return self.effect.step if isinstance(self.effect, Write) else None

    def __str__(self) -> str:
        match self.effect:
            case Write(step=step):
                words = f"{step.method} {step.body or ''} {self.fate} took={self.took}"
            case Record(entry=entry):
                words = f"{entry.state} of {entry.step.kind} {entry.detail}"
            case SleepUntil(instant=instant, reason=reason):
                words = f"sleep to {instant:%H:%M:%S} {reason}"
            case _:
                words = type(self.effect).__name__
        return f"{self.at:%d %H:%M:%S} run {self.run}: {words}"


@dataclass(slots=True, kw_only=True)
class World:
    """Vendor, journal and luck; the history of all effects of all runs.

    `seen_at` is the moment that the last reading shows; `aim` is the send of the last plan.
    """

    vendor: Vendor
    luck: Luck = field(default_factory=Luck)
    limits: Limits = LIMITS
    journal: list[JournalEntry] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    runs: int = 0
    seen_at: datetime = START
    aim: When | None = None

    @property
    def now(self) -> datetime:
        """The server's clock."""
        return self.vendor.now

    @property
    def newest(self) -> JournalEntry | None:
        """The newest line of the journal that says something about the activity."""
        return newest_lines(self.journal).get(ACTIVITY)

    @property
    def writes(self) -> list[Happened]:
        """The writes of all runs."""
        return [one for one in self.happened if isinstance(one.effect, Write)]

    def open_writes(self) -> list[str]:
        """The writes whose newest line leaves them open."""
        newest = {one.write_id: one.state for one in self.journal}
        return [one for one, state in newest.items() if state.open]

    def play(self, flow: Flow[Result | None], wanted: Target) -> Result | None:
        """Answer every effect until the flow ends; `Died` when the process does."""
        answer: Answer = None
        while True:
            try:
                effect = flow.send(answer)
            except StopIteration as stop:
                found: Result | None = stop.value
                return found
            self.luck.meanwhile(self, effect)
            answer = self._perform(effect, wanted)

    def _perform(self, effect: Effect, wanted: Target) -> Answer:
        if not isinstance(effect, Write):
            self._note(effect)
        match effect:
            case Get():
                return self._read(effect, wanted)
            case Write():
                return self._write(effect)
            case Record(entry=entry):
                self._append(entry)
                self._pass(self.luck.delay(effect))
                return None
            case AskTime():
                return self.now
            case SleepUntil(instant=instant):
                self.vendor.advance(max(instant, self.now))
                return None

    def _note(self, effect: Effect, fate: Fate | None = None, *, took: bool = False) -> None:
        line = Happened(run=self.runs, at=self.now, effect=effect, fate=fate, took=took)
        self.happened.append(line)

    def _pass(self, span: timedelta) -> None:
        self.vendor.advance(self.now + span)

    def _append(self, entry: JournalEntry) -> None:
        others = [one for one in self.open_writes() if one != entry.write_id]
        assert not (entry.state.open and others), "a second open write for one activity"
        self.journal.append(entry)

    def _read(self, effect: Get, wanted: Target) -> Reading:
        if self.luck.unreadable():
            self._pass(PATIENCE)
            return Unread(error=VendorFault(Diagnostic(code="CC514", message="it failed")))
        moment = self.now - self.luck.age()
        first = self.vendor.shown(moment)
        self._pass(self.luck.delay(effect))
        self.seen_at = moment
        return Read(live=first and torn(first, self.vendor.shown(self.now), wanted))

    def later(self, span: timedelta) -> None:
        """Let time pass between two runs."""
        self._pass(span)

    def _write(self, effect: Write) -> Reply | NoReply:
        fate, began = self.luck.fate(effect), self.now
        self._pass(self.luck.delay(effect))
        took, answer = self._fare(effect, fate)
        line = Happened(run=self.runs, at=began, effect=effect, fate=fate, took=took)
        self.happened.append(line)
        return answer

    def _fare(self, effect: Write, fate: Fate) -> tuple[bool, Reply | NoReply]:
        if fate in _REFUSALS:
            return False, reply_to(_REFUSALS[fate])
        match fate:
            case Fate.NOT_SENT:
                return False, _no_reply(maybe_sent=False)
            case Fate.LOST_BEFORE:
                self._pass(PATIENCE)
                return False, _no_reply(maybe_sent=True)
            case Fate.LATE:
                self._pass(PATIENCE)
                self._arrives_late(effect)
                return True, _no_reply(maybe_sent=True)
            case Fate.SEVERED:
                self._arrives_late(effect)
                self._note(effect, fate, took=True)
                raise Died
            case Fate.IGNORED:
                return False, reply_to(_accepted(effect))
            case _:
                return self._takes_effect(effect, fate)

    def _arrives_late(self, effect: Write) -> None:
        at = self.now + self.luck.lateness()
        self.vendor.later(at, lambda: self.vendor.take(effect.step))

    def _takes_effect(self, effect: Write, fate: Fate) -> tuple[bool, Reply | NoReply]:
        odd = fate is Fate.ODD_DATE and effect.step.kind is StepKind.SCHEDULE
        take = self.vendor.take
        verb = self.vendor.misdate(effect.step, HOUR) if odd else take(effect.step)
        match fate:
            case Fate.LOST_AFTER:
                self._pass(PATIENCE)
                return verb.took, _no_reply(maybe_sent=True)
            case Fate.CRASH_AFTER:
                return verb.took, reply_to(envelope(500, "server_error"))
            case Fate.PAGE_AFTER:
                return verb.took, _PAGE
            case Fate.LOGIN_AFTER:
                return verb.took, reply_to(envelope(401, "unauthorized"))
            case Fate.ODD_BODY if verb.took:
                return True, replace(_PAGE, status=verb.status)
            case _:
                return verb.took, reply_to(verb)

    # --- plans and runs ----------------------------------------------------------------------

    def plan(self, wanted: Target, *, restored: bool = False) -> Change:
        """Read the account as it is and decide."""
        live = self.vendor.shown(self.now)
        before = None if live is None else deep(live, wanted)
        facts = Facts(
            target=wanted,
            live=before,
            now=self.now,
            limits=self.limits,
            newest=self.newest,
            restored=restored,
        )
        change = change_of(wanted, before, decide(facts))
        self.aim = change.send
        return change

    def progress(self, change: Change, *, restored: bool = False) -> Progress:
        """Begin a run over what the journal knows."""
        self.runs += 1
        task = Task(
            change=change,
            run=f"run-{self.runs}",
            plan=checksum(change),
            limits=self.limits,
            journal=tuple(self.journal),
            restored=restored,
        )
        return begin(task)

    def apply(self, change: Change, *, restored: bool = False) -> Result | None:
        """Recover, check and converge as an apply does; None: there was nothing to write.

        Raises:
            Died: the process was killed on the way.
        """
        progress = self.progress(change, restored=restored)
        stages = [protocol.recover] if progress.pending else []
        if change.verdict.writes or progress.pending:
            stages.append(protocol.check)
        if change.verdict.writes:
            stages.append(protocol.converge)
        for stage in stages:
            ended = self.play(stage(progress), change.target)
            if ended is not None:
                return ended
        return None

    def story(self) -> str:
        """All effects of all runs, for people who look for the reason."""
        return "\n".join(map(str, self.happened))


def torn(first: Live, then: Live | None, wanted: Target) -> Live | None:
    """A reading in several requests: schedules and history are younger than the activity."""
    if then is None:
        return None if first.status is Status.SCHEDULED or wants_history(wanted, first) else first
    schedules = then.schedules if first.status is Status.SCHEDULED else ()
    return deep(replace(first, schedules=schedules, history=then.history), wanted)


def deep(live: Live, wanted: Target) -> Live:
    """The reading of a state: its history only where a verdict needs it."""
    return live if wants_history(wanted, live) else replace(live, history=None)


def change_of(wanted: Target, before: Live | None, decision: Decision) -> Change:
    """A change as a plan holds it."""
    schedules = before.schedules if before else ()
    holds = decision.verdict.writes or not schedules
    return Change(
        campaign=NAME,
        verdict=decision.verdict,
        row=decision.row,
        place=PLACE,
        campaign_id=CAMPAIGN,
        reason=decision.reason,
        remedy=decision.remedy,
        target=wanted,
        zone="UTC",
        before=before,
        steps=decision.steps,
        send=decision.when if holds else schedules[0],
    )


def checksum(change: Change) -> str:
    """What a plan of this one change is known by; equal plans made twice have one checksum."""
    people = change.target.recipients
    return digest(
        {
            "requests": [[step.method, step.path, step.body] for step in change.steps],
            "live": fingerprint(change.before) if change.before else None,
            "sends": [when_document(when) for when in change.target.sends],
            "recipients": recipients_document(people) if people else None,
        }
    )


def _accepted(effect: Write) -> Verb:
    match effect.step.kind:
        case StepKind.UNSCHEDULE:
            return Verb(status=204, document=None, took=False)
        case StepKind.UPDATE:
            return Verb(status=200, document={}, took=False)
        case StepKind.SCHEDULE:
            asked = (effect.step.body or "").partition(':"')[2].removesuffix('"}')
            dates = [] if asked == "0" else [{"scheduled_date": asked}]
            return Verb(status=201, document=dates, took=False)


def _no_reply(*, maybe_sent: bool) -> NoReply:
    message = "no complete answer" if maybe_sent else "no connection"
    return NoReply(Diagnostic(code="CC502", message=message), maybe_sent=maybe_sent)


def states(world: World) -> list[WriteState]:
    """The journal's states, oldest first."""
    return [one.state for one in world.journal]


def kinds(world: World) -> list[StepKind]:
    """The kinds of all writes made, in order."""
    return [one.step.kind for one in world.happened if one.step is not None]
