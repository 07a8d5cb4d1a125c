"""Apply a plan: recover, check everything, write, report.

The order is the safety: what an earlier run left open is established first; then every target is
read again and compared with the plan; only when all of them fit does the first write leave.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from ccops.applying import protocol
from ccops.applying.driver import Halted, Protocol, World, play
from ccops.applying.marks import decided_anew, restored
from ccops.applying.progress import Progress, Task, begin, doubtful, result
from ccops.applying.report import Ending, Report, Result
from ccops.errors import (
    Blocked,
    CcopsError,
    Diagnostic,
    ExitCode,
    Place,
    Severity,
    StoreUnavailable,
)
from ccops.model import Limits, Recipients, Target
from ccops.planning.guards import HALTED, RESCHEDULE, granted
from ccops.planning.plan import Change, Plan, Verdict
from ccops.ports import JournalEntry, Store

Results = dict[str, Result]
"""By activity id."""


def refuse_blocked(plan: Plan, store: Store) -> None:
    """Refuse the whole plan when a guard or a missing permission blocks any of it.

    Nothing is settled then, so every write that the journal holds open is told of as well.
    """
    blocking = [finding.diagnostic for finding in plan.findings if finding.blocking]
    if blocking:
        newest = {entry.activity_id: entry for entry in store.entries()}.values()
        raise Blocked(*blocking, *(_open_still(entry) for entry in newest if entry.state.open))


def _open_still(entry: JournalEntry) -> Diagnostic:
    return Diagnostic(
        code="CC713",
        message=f'what became of an earlier write to "{entry.campaign}" is not known yet',
        severity=Severity.WARNING,
        help="look at `ccops journal show`",
    )


def apply_plan(
    plan: Plan, *, checksum: str, run: str, limits: Limits, world: World, patient: bool = True
) -> Report:
    """Make the plan's requests, each once, and say how every change ended.

    Invariant: no write leaves before the lock is held, earlier runs' writes are established,
    every target equals the plan, and no newer plan was applied to it. `checksum` is the plan's;
    `run` names this run in the journal. `patient`: with a store that remembers nothing, wait
    first for what another machine may have sent.

    Raises:
        Blocked: a guard or a missing permission; nothing was read or written.
        StoreUnavailable: the lock is held or the store is down; nothing was written.
    """
    refuse_blocked(plan, world.store)
    started = world.clock()
    results: Results = {}
    interrupted: ExitCode | None = None
    with world.store.lock():
        progresses = _progresses(plan, checksum, run, limits, world.store)
        decided_anew(progresses, plan, world.store)
        try:
            if patient:
                _wait_if_unknown(plan, limits, world)
            _run(progresses, results, world)
            interrupted = restored(progresses, lambda one: _result(one, results), world.store)
        except Halted as halt:
            _recall(progresses, world.store)
            interrupted = _after(halt.cause, world.stopped(), progresses, results)
    return Report(
        checksum=checksum,
        started_at=started,
        finished_at=_finished(world, started),
        results=tuple(_result(one, results) for one in progresses if _told(one, plan, results)),
        reads=world.reads,
        interrupted=interrupted or world.stopped(),
    )


def _finished(world: World, started: datetime) -> datetime:
    """Tell the time for the report; a server that tells none any more must not cost the report."""
    try:
        return world.clock()
    except CcopsError:
        return started


def _progresses(
    plan: Plan, checksum: str, run: str, limits: Limits, store: Store
) -> list[Progress]:
    """One per change of the plan, then one per open write that no change is about."""
    journal: dict[str, list[JournalEntry]] = {}
    for entry in store.entries():
        journal.setdefault(entry.activity_id, []).append(entry)
    planned = {change.target.activity_id for change in plan.changes}
    orphans = [
        _orphan(lines[-1], plan)
        for activity, lines in journal.items()
        if activity not in planned and lines[-1].state.open
    ]
    generations, halts = store.generations(), {one.activity_id: one for one in store.halts()}
    return [
        begin(
            Task(
                change=change,
                run=run,
                plan=checksum,
                made_at=plan.created_at,
                limits=limits,
                generation=generations.get(change.target.activity_id),
                journal=tuple(journal.get(change.target.activity_id, ())),
                restored=granted(RESCHEDULE, change.campaign, plan.permissions),
                halt=halts.get(change.target.activity_id),
                lifted=granted(HALTED, change.campaign, plan.permissions),
            )
        )
        for change in (*plan.changes, *orphans)
    ]


def _orphan(entry: JournalEntry, plan: Plan) -> Change:
    """A stand-in for the change of an open write that this plan does not cover."""
    target = Target(
        campaign=entry.campaign,
        activity_id=entry.activity_id,
        sends=() if entry.when is None else (entry.when,),
        recipients=entry.recipients or Recipients(),
    )
    return Change(
        campaign=entry.campaign,
        verdict=Verdict.BLOCKED,
        row=0,
        place=Place(file="journal", line=1, column=1),
        target=target,
        zone=plan.zone,
        reason="an earlier run left a write open",
    )


def _wait_if_unknown(plan: Plan, limits: Limits, world: World) -> None:
    """A store without any memory of this account may hide another runner's unfinished write."""
    if plan.writing and world.store.fresh() and limits.settle > timedelta(0):
        seconds = limits.settle.total_seconds()
        world.tell(f"first run with this store: waiting {seconds:.0f} s for earlier writes")
        world.sleep(seconds)


def _run(progresses: list[Progress], results: Results, world: World) -> None:
    """Recover, check, converge; each stage on what the one before it let through.

    Where the plan writes nothing it is checked all the same if an earlier run's write was
    recovered there, or if another run wrote while the plan was made, or since: what it brought
    about must not stand unseen.
    """
    left_open = [one for one in progresses if one.pending]
    _stage(protocol.recover, left_open, results, world)
    for one in _open(left_open, results):
        became = "it took effect" if one.made else "it had no effect"
        world.tell(f"{one.task.change.campaign}: an earlier run's write is settled: {became}")
    writing = [one for one in progresses if one.task.change.verdict.writes]
    others = [one for one in progresses if one not in writing and doubtful(one)]
    compared = _open([*writing, *others], results)
    _stage(protocol.check, compared, results, world)
    if any(_ends_the_run(one) for one in _of(compared, results)):
        return
    _stage(protocol.converge, _open(writing, results), results, world)


def _ends_the_run(ended: Result) -> bool:
    """A campaign that only needs a person does not stop the others; a stale plan does."""
    return ended.ending is Ending.STOPPED and ended.exit_code is not ExitCode.BLOCKED


def _stage(stage: Protocol, progresses: Sequence[Progress], results: Results, world: World) -> None:
    try:
        ended: Mapping[int, Result | None] = play(stage, progresses, world)
    except Halted as halt:
        _keep(halt.results, progresses, results)
        raise
    _keep(ended, progresses, results)


def _keep(
    ended: Mapping[int, Result | None], progresses: Sequence[Progress], results: Results
) -> None:
    for position, one in ended.items():
        if one is not None:
            results[_activity(progresses[position])] = one


def _activity(progress: Progress) -> str:
    return progress.task.change.target.activity_id


def _open(progresses: Sequence[Progress], results: Results) -> list[Progress]:
    return [one for one in progresses if _activity(one) not in results]


def _of(progresses: Sequence[Progress], results: Results) -> list[Result]:
    return [results[_activity(one)] for one in progresses if _activity(one) in results]


def _recall(progresses: Sequence[Progress], store: Store) -> None:
    """Believe the journal about what is open: a run may be cut short just after it wrote there."""
    with suppress(StoreUnavailable):
        newest = {entry.activity_id: entry for entry in store.entries()}
        for one in progresses:
            line = newest.get(_activity(one))
            one.pending = line if line and line.state.open else None


def _after(
    cause: BaseException,
    stopped: ExitCode | None,
    progresses: Sequence[Progress],
    results: Results,
) -> ExitCode:
    """Say what is known of the changes that were cut short.

    A bug with nothing written is raised as it is; one with a write under way must first of all
    say that its effect is unknown. So is every write that is still open, from whatever run.
    """
    known = isinstance(cause, CcopsError | KeyboardInterrupt)
    if not known and not any(one.writes or one.pending for one in progresses):
        raise cause
    pressed = stopped or ExitCode.INTERRUPTED
    bug = pressed if isinstance(cause, KeyboardInterrupt) else ExitCode.UNEXPECTED
    code = cause.exit_code if isinstance(cause, CcopsError) else bug
    words = str(cause) or "interrupted"
    for one in _open(progresses, results):
        if one.pending is not None:
            results[_activity(one)] = result(one, Ending.UNKNOWN, words)
        elif one.writes:
            results[_activity(one)] = result(one, Ending.STOPPED, words, code)
    return code


def _told(progress: Progress, plan: Plan, results: Results) -> bool:
    """Open writes outside the plan are reported only if something is to be said of them."""
    return progress.task.change in plan.changes or _activity(progress) in results


def _result(progress: Progress, results: Results) -> Result:
    known = results.get(_activity(progress))
    if known is not None:
        return known
    verdict = progress.task.change.verdict
    if verdict.writes:
        return result(progress, Ending.NOT_STARTED)
    if verdict.needs_person:
        return result(progress, Ending.NEEDS_PERSON, progress.task.change.reason)
    return result(progress, Ending.NOTHING)
