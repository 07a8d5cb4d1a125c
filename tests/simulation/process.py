"""One process: an apply, from its lock to its exit code, in a world that it shares.

What is real: the protocol's generators, and from `apply` the reading of journal, generations and
marks under the lock, what is released, what a failing store leaves unknown, and the exit code.
The order of the stages is written again here, because the real one blocks.
"""

from collections.abc import Sequence
from dataclasses import replace

from ccops.applying import apply, protocol
from ccops.applying.driver import Protocol
from ccops.applying.effects import (
    Answer,
    AskTime,
    Flow,
    Get,
    Read,
    Reading,
    Record,
    SleepUntil,
    Unread,
    Write,
)
from ccops.applying.marks import advanced, decided_anew, restored
from ccops.applying.progress import NEVER, Progress, doubtful
from ccops.applying.report import Ending, Report, Result
from ccops.applying.tasks import taken_up
from ccops.errors import Diagnostic, StoreUnavailable, VendorFault
from ccops.model import StepKind
from ccops.ports import JournalEntry, Reply, WriteState
from tests.simulation.campaign import ACTIVITY, checksum, torn
from tests.simulation.guards import Guard
from tests.simulation.luck import Died
from tests.simulation.network import PATIENCE
from tests.simulation.records import Run
from tests.simulation.store import unavailable
from tests.simulation.traffic import travel
from tests.simulation.vendor import By
from tests.simulation.world import Lane, World


def applying(world: World, run: Run, *, locked: bool = False) -> Lane[Run]:
    """Lock, recover, check and converge as an apply does, and tell the exit code.

    `locked`: it holds the lock already, as a halt does.
    """
    results: dict[str, Result] = {}
    try:
        if not locked:
            run.session.acquire()
        yield from _locked(world, run, results, held=locked)
    except StoreUnavailable as error:
        run.refused, run.exit_code = True, error.exit_code
    except Died:
        run.died = True
        world.note("dies", run.number)
    finally:
        run.session.free()
    _ended(world, run, results)
    return run


def _locked(world: World, run: Run, results: dict[str, Result], *, held: bool) -> Lane[None]:
    """As `apply_plan`; `held`: as `apply_held`, which compares nothing and leaves the marks."""
    progress, interrupted = begin(world, run, held=held), None
    stages = (protocol.recover, protocol.converge) if held else _STAGES
    try:
        yield from _stages(world, run, progress, results, stages)
        if not held:
            interrupted = restored([progress], lambda one: apply._result(one, results), run.session)
    except StoreUnavailable as error:
        apply._recall([progress], run.session)
        interrupted = apply._after(error, None, [progress], results)
    report = Report(
        checksum="",
        started_at=run.began_at,
        finished_at=world.now,
        results=(apply._result(progress, results),),
        interrupted=interrupted,
    )
    run.exit_code = report.exit_code


def begin(world: World, run: Run, *, held: bool = False) -> Progress:
    """What `apply` does first, with the lock held: the journal, generations and marks."""
    (progress,) = taken_up(
        run.plan, checksum(run.change), f"run-{run.number}", world.limits, run.session
    )
    if Guard.SERIAL in world.off:
        progress.task = replace(progress.task, generation=None)
    if held:
        advanced(run.plan, run.session)
    else:
        decided_anew([progress], run.plan, run.session)
    run.progress = progress
    return progress


def _stages(
    world: World,
    run: Run,
    progress: Progress,
    results: dict[str, Result],
    stages: Sequence[Protocol],
) -> Lane[None]:
    """Recover, check, converge; the next one only if this one left something to do."""
    for stage in stages:
        if not _due(stage, progress, stages):
            continue
        ended = yield from follow(world, stage(progress), run)
        if ended is not None:
            results[ACTIVITY] = ended
            return


_STAGES: tuple[Protocol, ...] = (protocol.recover, protocol.check, protocol.converge)


def _due(stage: Protocol, progress: Progress, stages: Sequence[Protocol]) -> bool:
    """Whether this stage comes; the first one that compares is for what is doubtful as well."""
    if stage is protocol.recover:
        return progress.pending is not None
    compares = stage is stages[1]
    return progress.task.change.verdict.writes or (compares and doubtful(progress))


def _ended(world: World, run: Run, results: dict[str, Result]) -> None:
    mails = world.vendor.mails[run.mails :]
    run.result = results.get(ACTIVITY)
    run.mails = sum(mail.reached or mail.by is By.CCOPS for mail in mails)
    run.truth, run.ended_at = world.vendor.live, world.now
    run.edited = world.vendor.edited_at >= run.seen_at
    run.opened = bool(world.shelf.open)
    run.on_the_way = bool(world.under_way)


def follow(world: World, flow: Flow[Result | None], run: Run) -> Lane[Result | None]:
    """Answer every effect until the flow ends; `Died` when the process does."""
    answer: Answer = None
    while True:
        if Guard.ONCE in world.off:
            _forget_the_post(run)
        try:
            effect = flow.send(answer)
        except StopIteration as stop:
            found: Result | None = stop.value
            return found
        frozen = world.luck.meanwhile(world, effect)
        if world.luck.locked_out():
            world.lose_lock(run)
        if frozen:
            yield world.frozen(run, frozen)
        match effect:
            case AskTime():
                answer = world.now
            case SleepUntil(instant=instant):
                if instant > world.now:
                    world.record(run, effect)
                    yield instant
                answer = None
            case Record(entry=entry):
                _append(world, run, entry, effect)
                yield world.now + world.luck.delay(effect)
                answer = None
            case Get():
                answer = yield from _read(world, run, effect)
            case Write():
                answer = yield from travel(world, run, effect)
                if Guard.VERIFY in world.off and _accepted(effect, answer):
                    return _believe(world, flow, run)


def _append(world: World, run: Run, entry: JournalEntry, effect: Record) -> None:
    durable = world.luck.unrecorded()
    if durable is not None:
        world.note("the store fails", run.number)
    if durable is not False:
        run.session.append(entry)
        world.record(run, effect)
    if durable is not None:
        run.session.failing = run.lost = True
        raise unavailable("the disk is full")


def _read(world: World, run: Run, effect: Get) -> Lane[Reading]:
    world.record(run, effect)
    if world.luck.unreadable():
        run.answered_at = NEVER
        world.note("it cannot be read", run.number)
        yield world.now + PATIENCE
        return Unread(error=VendorFault(Diagnostic(code="CC514", message="it failed")))
    shown, age = world.vendor.shown, world.luck.age
    moment = world.now - age()
    first = shown(moment)
    yield world.now + world.luck.delay(effect)
    second, third = world.now - age(), world.now - age()
    run.answered_at, run.seen_at = world.now, min(moment, second, third)
    run.looks.append(run.seen_at)
    if first is None:
        return Read(live=None)
    return Read(live=torn(first, shown(second), shown(third), run.change.target))


def _believe(world: World, flow: Flow[Result | None], run: Run) -> Result:
    """Without the guard: call a POST done because it was accepted."""
    flow.close()
    assert run.progress is not None
    assert run.progress.pending is not None
    entry = replace(run.progress.pending, state=WriteState.VERIFIED, at=world.now)
    run.session.append(entry)
    run.progress.pending = None
    return Result(change=run.change, ending=Ending.DONE, writes=tuple(run.progress.writes))


def _accepted(effect: Write, answer: Answer) -> bool:
    posted = effect.step.kind is StepKind.SCHEDULE
    return posted and isinstance(answer, Reply) and answer.status in {200, 201}


def _forget_the_post(run: Run) -> None:
    """Without the guard: a POST that was accepted is no reason not to make another."""
    if run.progress is None:
        return
    run.progress.posted = False
    if run.progress.outcome is not None:
        run.progress.outcome = replace(run.progress.outcome, answered_2xx=False)
