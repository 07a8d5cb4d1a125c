"""What the protocol remembers of one activity during a run, and the small steps it repeats."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ccops.applying.effects import Flow, Unread, ask_time, get, record, sleep_until
from ccops.applying.judgement import Content, content
from ccops.applying.outcome import Outcome
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode
from ccops.model import Limits, Live, Status, Step, StepKind, When
from ccops.planning.diff import fingerprint
from ccops.planning.plan import Change
from ccops.planning.verdict import Decision, Facts, decide
from ccops.ports import JournalEntry, WriteState

REREAD = timedelta(seconds=2)
"""A contradiction between status, schedule and history is looked at once more after this."""
NEVER = datetime.min.replace(tzinfo=UTC)
_RESTING = frozenset({Status.DRAFT, Status.DONE, Status.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One change to apply.

    `journal` holds this activity's lines, oldest first; `plan` is the plan's checksum; `restored`
    is the permission to schedule again what somebody unscheduled.
    """

    change: Change
    run: str
    plan: str
    limits: Limits
    journal: tuple[JournalEntry, ...] = ()
    restored: bool = False


@dataclass(slots=True)
class Progress:
    """The memory of one run over one activity.

    `pending` is the one write whose effect is still to be established; `outcome` is the answer
    to it (None when an earlier run made it). `refused` is the last certain refusal. `posted`:
    a POST was answered 2xx, so no other may follow. `waited`: a write that should show and did
    not was given its settle time. `left` holds the fingerprints of states that this plan's own
    writes left.
    """

    task: Task
    pending: JournalEntry | None = None
    newest: JournalEntry | None = None
    outcome: Outcome | None = None
    refused: Outcome | None = None
    posted: bool = False
    waited: bool = False
    live: Live | None = None
    read_at: datetime = NEVER
    quiet_until: datetime = NEVER
    intents: int = 0
    writes: list[Step] = field(default_factory=list)
    attempts: Counter[StepKind] = field(default_factory=Counter)
    left: set[str] = field(default_factory=set)

    @property
    def planned(self) -> Content | None:
        """The content the plan was made for; None when the plan read none."""
        before = self.task.change.before
        return content(before) if before else None


def begin(task: Task) -> Progress:
    """Take up what the journal knows of the activity."""
    newest = task.journal[-1] if task.journal else None
    verified = (one for one in task.journal if one.state is WriteState.VERIFIED)
    own = {one.fingerprint for one in verified if one.plan == task.plan}
    quiet = newest.at + task.limits.read_lag if newest else NEVER
    pending = newest if newest and newest.state.open else None
    return Progress(task=task, newest=newest, pending=pending, quiet_until=quiet, left=own)


def observe(progress: Progress) -> Flow[Unread | None]:
    """Read the activity, once a reading can be trusted; return the failure if there is one."""
    yield from sleep_until(progress.quiet_until, "until a reading can be trusted")
    reading = yield from get(progress.task.change.target.activity_id)
    progress.read_at = yield from ask_time()
    if isinstance(reading, Unread):
        return reading
    progress.live = reading.live
    return None


def settle(progress: Progress, reason: str) -> Flow[None]:
    """Wait until a write that may still be under way must have arrived, counted from now."""
    now = yield from ask_time()
    until = now + progress.task.limits.settle
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
            started=bool(progress.writes),
        )
    )


def decision(progress: Progress) -> Flow[Decision]:
    """Decide; a contradiction is read once more before it is believed."""
    first = decide_again(progress)
    if not first.contradiction:
        return first
    yield from sleep_until(
        progress.read_at + min(REREAD, progress.task.limits.settle), "to re-read"
    )
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
        at=now,
    )
    yield from record(entry)
    progress.pending = progress.newest = entry


def note(progress: Progress, state: WriteState, detail: str = "") -> Flow[None]:
    """Add to the journal what is now known of the pending write."""
    if progress.pending is None:
        return
    now = yield from ask_time()
    mark = _mark(progress.live)
    entry = replace(progress.pending, state=state, detail=detail, at=now, fingerprint=mark)
    yield from record(entry)
    progress.newest = entry
    progress.pending = entry if state.open else None


def _mark(live: Live | None) -> str:
    return fingerprint(live) if live else "absent"


def result(
    progress: Progress, ending: Ending, detail: str = "", exit_code: ExitCode | None = None
) -> Result:
    """Say how this activity ended, and loudly if that leaves a send unscheduled."""
    if ending is Ending.STOPPED and _stranded(progress):
        detail = f"{detail}. It is unscheduled now and will not be sent"
    return Result(
        change=progress.task.change,
        ending=ending,
        writes=tuple(progress.writes),
        live=progress.live,
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
