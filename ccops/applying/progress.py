"""What the protocol remembers of one activity during a run, and the small steps it repeats."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

from ccops.applying.effects import Flow, Unread, ask_time, get, record, sleep_until, write
from ccops.applying.judgement import content_digest
from ccops.applying.outcome import Kind, Outcome, classify
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode
from ccops.model import Limits, Live, Status, Step, StepKind, When
from ccops.planning.diff import fingerprint
from ccops.planning.plan import Change
from ccops.planning.verdict import Decision, Facts, decide
from ccops.ports import Halt, JournalEntry, WriteState

PLANNING = timedelta(hours=1)
"""No plan takes longer to make: the requests of a day are used up in less (docs)."""
STILL_OPEN = (
    "The write stays open: the next ccops apply looks again; ccops journal show says what is known,"
    " and ccops journal resolve records what a person decides"
)
"""The way out, said with every outcome that is unknown."""
NEVER = datetime.min.replace(tzinfo=UTC)
_EFFECTIVE = frozenset({WriteState.VERIFIED, WriteState.COMPENSATED})
_RESTING = frozenset({Status.DRAFT, Status.DONE, Status.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One change to apply.

    `journal` holds this activity's lines, oldest first; `plan` is the plan's checksum, and
    `made_at` when it was made; `generation` is when the newest plan that was applied here was
    made, or the newest halt (None: neither ever was), by the server's clock. `restored` is the permission to
    schedule again what somebody unscheduled; `halt` is the mark of a person who stopped it, and
    `lifted` the permission to go against it.
    """

    change: Change
    run: str
    plan: str
    made_at: datetime
    limits: Limits
    generation: datetime | None = None
    journal: tuple[JournalEntry, ...] = ()
    restored: bool = False
    halt: Halt | None = None
    lifted: bool = False

    @property
    def overtaken(self) -> bool:
        """Whether a newer plan was applied here: this one is no longer what is wanted."""
        return self.generation is not None and self.made_at < self.generation


@dataclass(slots=True)
class Progress:
    """The memory of one run over one activity.

    `pending` is the one write whose effect is still to be established; `outcome` is the answer
    to it (None when an earlier run made it). `settled` is the newest line of a write that had an
    effect. `refused` is the last certain refusal. `posted`: a POST was answered 2xx, so no other
    may follow. `made` are the steps whose effect is verified: none is made a second time.
    `waited`: a write that should show and did not was given its settle time.
    `recovered`: an earlier run's open write was closed. `resumable`: this plan has written here
    before, so that the states it leads through are known. `justified_by` is the fingerprint of
    the reading that the last write rested on. `blind`: since the last reading a write was made
    that may have changed what it showed.
    """

    task: Task
    pending: JournalEntry | None = None
    settled: JournalEntry | None = None
    outcome: Outcome | None = None
    refused: Outcome | None = None
    posted: bool = False
    waited: bool = False
    live: Live | None = None
    asked_at: datetime = NEVER
    read_at: datetime = NEVER
    quiet_until: datetime = NEVER
    intents: int = 0
    writes: list[Step] = field(default_factory=list)
    attempts: Counter[StepKind] = field(default_factory=Counter)
    made: list[Step] = field(default_factory=list)
    refusals: int = 0
    recovered: bool = False
    resumable: bool = False
    justified_by: str = ""
    blind: bool = False

    @property
    def newest(self) -> JournalEntry | None:
        """The newest line that counts: a refused or lost write leaves no trace in the table."""
        return self.pending or self.settled


def begin(task: Task) -> Progress:
    """Take up what the journal knows of the activity."""
    last = task.journal[-1] if task.journal else None
    settled = [one for one in task.journal if one.state in _EFFECTIVE]
    return Progress(
        task=task,
        pending=last if last and last.state.open else None,
        settled=settled[-1] if settled else None,
        quiet_until=last.at + task.limits.read_lag if last else NEVER,
        resumable=any(one.plan == task.plan for one in task.journal),
    )


def doubtful(progress: Progress) -> bool:
    """Whether a plan that writes nothing here must be compared with the account all the same.

    An earlier run's write was recovered, or another run wrote while the plan was made or since:
    what it brought about must not stand unseen. An open write outside the plan is no part of it.
    """
    task = progress.task
    last = task.journal[-1].at if task.journal else NEVER
    meanwhile = last > task.made_at - PLANNING and not task.change.verdict.needs_person
    return bool(task.change.row) and (progress.recovered or meanwhile)


def observe(progress: Progress) -> Flow[Unread | None]:
    """Read the activity, once a reading can be trusted; return the failure if there is one."""
    yield from sleep_until(progress.quiet_until, "until a reading can be trusted")
    progress.asked_at = yield from ask_time()
    reading = yield from get(progress.task.change.target.activity_id)
    progress.read_at = yield from ask_time()
    if isinstance(reading, Unread):
        return reading
    progress.live, progress.blind = reading.live, False
    return None


def settle(progress: Progress, reason: str, patience: timedelta | None = None) -> Flow[None]:
    """Wait until a write that may still be under way must have arrived, counted from now.

    `patience`: no longer than this, where there is no time for it.
    """
    now = yield from ask_time()
    until = now + (progress.task.limits.settle if patience is None else patience)
    progress.quiet_until = until + progress.task.limits.read_lag
    yield from sleep_until(until, reason)


def decide_again(progress: Progress) -> Decision:
    """Put the last reading through the verdict table."""
    return decide(
        Facts(
            target=progress.task.change.target,
            live=progress.live,
            absent_reason="Constant Contact no longer has this activity",
            now=progress.read_at,
            limits=progress.task.limits,
            newest=progress.newest,
            restored=progress.task.restored,
            halt=None if progress.task.lifted else progress.task.halt,
            started=bool(progress.writes),
            zone=progress.task.change.zone,
        )
    )


def decision(progress: Progress) -> Flow[Decision]:
    """Decide; a contradiction is read once more before it is believed."""
    first = decide_again(progress)
    if not first.contradiction:
        return first
    yield from sleep_until(progress.read_at + progress.task.limits.reread, "to re-read")
    unread = yield from observe(progress)
    return first if unread else decide_again(progress)


def intend(progress: Progress, step: Step, when: When | None) -> Flow[None]:
    """Record durably that `step` is about to be sent. Without this line nothing leaves."""
    change = progress.task.change
    now = yield from ask_time()
    progress.intents += 1
    entry = JournalEntry(
        write_id=f"{progress.task.run}:{change.target.activity_id}:{progress.intents}",
        run=progress.task.run,
        plan=progress.task.plan,
        activity_id=change.target.activity_id,
        campaign=change.campaign,
        step=step,
        when=when,
        recipients=change.target.recipients,
        state=WriteState.INTENT,
        fingerprint=_mark(progress.live),
        past=_past(progress.live),
        content=content_digest(progress.live) if progress.live else "",
        at=now,
    )
    yield from record(entry)
    progress.pending = entry
    progress.justified_by = entry.fingerprint


def request(progress: Progress, step: Step, when: When | None) -> Flow[Outcome]:
    """Make a request once, and tell what its answer proves. Its record must be durable."""
    progress.writes.append(step)
    progress.blind = True
    answer = yield from write(step)
    progress.quiet_until = (yield from ask_time()) + progress.task.limits.read_lag
    outcome = classify(step, when, answer)
    progress.blind = outcome.kind in {Kind.ACCEPTED, Kind.AMBIGUOUS}
    return outcome


def note(progress: Progress, state: WriteState, detail: str = "") -> Flow[None]:
    """Add to the journal what is now known of the pending write; there must be one."""
    now = yield from ask_time()
    pending = cast("JournalEntry", progress.pending)
    entry = replace(
        pending,
        state=state,
        detail=detail,
        at=now,
        fingerprint=_mark(progress.live),
        past=_past(progress.live) if state is WriteState.COMPENSATING else pending.past,
    )
    yield from record(entry)
    progress.pending = entry if state.open else None
    if state in _EFFECTIVE:
        progress.settled = entry
        progress.made.append(entry.step)


def _past(live: Live | None) -> int:
    """How many sends were over, so that a later reading tells whether there was one since."""
    return len(live.history or ()) if live else 0


def moved(progress: Progress) -> bool:
    """Whether the account changed since the reading that justified the last write."""
    return _mark(progress.live) != progress.justified_by


def _mark(live: Live | None) -> str:
    return fingerprint(live) if live else "absent"


def result(
    progress: Progress, ending: Ending, detail: str = "", exit_code: ExitCode | None = None
) -> Result:
    """Say how this activity ended, and loudly if that leaves a send unscheduled, or a write open."""
    if ending is Ending.STOPPED and _stranded(progress):
        detail = f"{detail}. It is unscheduled now and will not be sent"
    if ending is Ending.UNKNOWN:
        detail = f"{detail}. {STILL_OPEN}"
    return Result(
        change=progress.task.change,
        ending=ending,
        writes=tuple(progress.writes),
        refusals=progress.refusals,
        live=None if progress.blind else progress.live,
        detail=detail,
        exit_code=exit_code,
    )


def _stranded(progress: Progress) -> bool:
    """Whether this run took a schedule away and no reading shows a new one."""
    change, live = progress.task.change, progress.live
    removed = any(step.kind is StepKind.UNSCHEDULE for step in progress.writes)
    resting = live is not None and live.status in _RESTING
    unsent = live and change.before and (live.history or ()) == (change.before.history or ())
    return removed and resting and bool(unsent) and change.send is not None


def unknown(progress: Progress, detail: str) -> Flow[Result]:
    """Give up on establishing a write's effect: its record stays open, and a person must look."""
    yield from note(progress, WriteState.UNKNOWN, detail)
    return result(progress, Ending.UNKNOWN, detail)


def unreadable(progress: Progress, unread: Unread) -> Result:
    """End because the account cannot be read: unknown, if a write is still open."""
    words = f"the account could not be read: {unread.error}"
    if progress.pending is not None:
        return result(progress, Ending.UNKNOWN, words)
    return result(progress, Ending.STOPPED, words, unread.error.exit_code)
