"""Apply a plan: recover, check everything, write, report.

The order is the safety: what an earlier run left open is established first; then every target is
read again and compared with the plan; only when all of them fit does the first write leave.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ccops.applying import protocol
from ccops.applying.driver import Halted, Protocol, World, play
from ccops.applying.marks import advanced, decided_anew, restored
from ccops.applying.progress import Progress, doubtful, result
from ccops.applying.report import Became, Ending, Report, Result, Settled
from ccops.applying.settling import settled
from ccops.applying.tasks import taken_up
from ccops.errors import (
    Blocked,
    CcopsError,
    Diagnostic,
    ExitCode,
    Severity,
    StoreUnavailable,
)
from ccops.model import Limits
from ccops.planning.plan import Plan
from ccops.ports import JournalEntry, Store

Results = dict[str, Result]
"""By activity id."""


@dataclass(slots=True, kw_only=True)
class _Found:
    """What a run has come to know so far: how changes ended, and what earlier writes became."""

    results: Results = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)


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


def apply_plan(plan: Plan, *, checksum: str, run: str, limits: Limits, world: World) -> Report:
    """Make the plan's requests, each once, and say how every change ended.

    Invariant: no write leaves before the lock is held, earlier runs' writes are established,
    every target equals the plan, and no newer plan was applied to it. `checksum` is the plan's;
    `run` names this run in the journal. With a store that remembers nothing it waits first for
    what another machine may have sent.

    Raises:
        Blocked: a guard or a missing permission; nothing was read or written.
        StoreUnavailable: the lock is held or the store is down; nothing was written.
    """
    refuse_blocked(plan, world.store)
    started = world.clock()
    with world.store.lock():
        progresses = taken_up(plan, checksum, run, limits, world.store)
        decided_anew(progresses, plan, world.store)

        def work(found: _Found) -> ExitCode | None:
            _wait_if_unknown(plan, limits, world)
            _run(progresses, found, world)
            return restored(progresses, lambda one: _result(one, found.results), world.store)

        return _reported(work, progresses, world, plan=plan, checksum=checksum, started=started)


def apply_held(plan: Plan, *, checksum: str, run: str, limits: Limits, world: World) -> Report:
    """Make the requests of a plan that a longer run made seconds ago, under the lock it holds.

    The plan must be the newest for its activities, and made under the same lock, as a halt's is.
    So nothing is compared with it before the first write, and one campaign that changed since
    keeps no other waiting; each write still follows a reading of its own that calls for just
    this step. Other activities' open writes are left to other runs, and the marks to the caller.

    Raises:
        StoreUnavailable: the store is down; nothing was written.
    """
    started = world.clock()
    known = taken_up(plan, checksum, run, limits, world.store)
    progresses = [one for one in known if one.task.change in plan.changes]
    advanced(plan, world.store)

    def work(found: _Found) -> None:
        _recovered(progresses, found, world)
        results = found.results
        _stage(protocol.converge, _open(_compared(progresses), results), results, world)

    return _reported(work, progresses, world, plan=plan, checksum=checksum, started=started)


def _reported(
    work: Callable[[_Found], ExitCode | None],
    progresses: list[Progress],
    world: World,
    *,
    plan: Plan,
    checksum: str,
    started: datetime,
) -> Report:
    """Do the work, and tell what became of every change, whatever cut it short."""
    found = _Found()
    results = found.results
    try:
        interrupted = work(found)
    except Halted as halt:
        _recall(progresses, world.store)
        interrupted = _after(halt.cause, world.stopped(), progresses, results)
    return Report(
        checksum=checksum,
        started_at=started,
        finished_at=_finished(world, started),
        results=tuple(_result(one, results) for one in progresses if _told(one, plan, results)),
        settled=tuple(found.settled),
        reads=world.reads,
        interrupted=interrupted or world.stopped(),
    )


def _finished(world: World, started: datetime) -> datetime:
    """Tell the time for the report; a server that tells none any more must not cost the report."""
    try:
        return world.clock()
    except CcopsError:
        return started


def _wait_if_unknown(plan: Plan, limits: Limits, world: World) -> None:
    """A store without any memory of this account may hide another runner's unfinished write."""
    if plan.writing and world.store.fresh() and limits.settle > timedelta(0):
        seconds = limits.settle.total_seconds()
        world.tell(f"first run with this store: waiting {seconds:.0f} s for earlier writes")
        world.sleep(seconds)


def _run(progresses: list[Progress], found: _Found, world: World) -> None:
    """Recover, check, converge; each stage on what the one before it let through."""
    _recovered(progresses, found, world)
    results = found.results
    compared = _open(_compared(progresses), results)
    _stage(protocol.check, compared, results, world)
    if any(_ends_the_run(one) for one in _of(compared, results)):
        return
    writing = [one for one in progresses if one.task.change.verdict.writes]
    _stage(protocol.converge, _open(writing, results), results, world)


def _recovered(progresses: list[Progress], found: _Found, world: World) -> None:
    """Look what became of earlier runs' writes; what is known of them stays known, whatever ends it."""
    left_open = [one for one in progresses if one.pending]
    try:
        _stage(protocol.recover, left_open, found.results, world)
    finally:
        found.settled.extend(settled(left_open, world.store))
    for one in found.settled:
        became = _BECAME[one.became]
        world.tell(f"{one.write.entry.campaign}: an earlier run's write is settled: {became}")


_BECAME: Mapping[Became, str] = {
    Became.TOOK_EFFECT: "it took effect",
    Became.NO_EFFECT: "it had no effect",
    Became.TAKEN_BACK: "it was taken back",
    Became.OTHERWISE: "it was sent, but otherwise",
}


def _compared(progresses: list[Progress]) -> list[Progress]:
    """What is looked at: where the plan writes, first, and where it writes nothing and yet must be.

    That is where an earlier run's write was recovered, or where another run wrote while the plan
    was made, or since: what it brought about must not stand unseen.
    """
    writing = [one for one in progresses if one.task.change.verdict.writes]
    return [*writing, *(one for one in progresses if one not in writing and doubtful(one))]


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
