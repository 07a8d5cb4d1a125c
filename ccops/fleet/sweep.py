"""One command on a whole fleet: what is asked becomes work, the work is done, results are kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ccops.errors import CcopsError, Diagnostic, ExitCode, InvalidInput, Severity
from ccops.fleet import results
from ccops.fleet.accounts import Member, member, members
from ccops.fleet.applying import applying
from ccops.fleet.budget import Work, fits, foreseen
from ccops.fleet.child import LONGEST
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.ledger import Key, Ledger, keys, opened
from ccops.fleet.outcomes import UNSELECTED
from ccops.fleet.plans import PlanSet, index, prepare, read
from ccops.fleet.run import run
from ccops.fleet.scope import Asked, Scope, scoped
from ccops.planning import planfile
from ccops.planning.select import parse
from ccops.render.phrases import counted
from ccops.session.loading import local_now
from ccops.session.saved import read_plan
from ccops.session.wiring import environment, today

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the work is done: so many at a time, within so many requests; `resume` an earlier run.

    `limit`: the seconds that one account may take.
    """

    most: int
    budget: int | None = None
    resume: bool = False
    limit: float = LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """Every account's outcome, by the order of the work; and what there is to say beside them.

    `left_out` are accounts that the set of `plans` should cover and does not. Of a set that was
    made now they are among the outcomes, of one that is applied they are not.
    """

    outcomes: tuple[Outcome, ...]
    notes: tuple[Diagnostic, ...] = ()
    plans: PlanSet | None = None
    left_out: tuple[Outcome, ...] = ()


def swept(folders: Sequence[Path], asked: Asked, options: Options, tell: Tell) -> Swept:
    """Validate, plan or look for drift in every workspace of some folders.

    `tell` hears of the requests foreseen, before any is made, and of each account that ended.

    Raises:
        InvalidInput: CC253 to CC255, CC286, CC256 no account has anything that is selected.
        StoreUnavailable: the requests of today cannot be counted.
    """
    parse(asked.selectors)
    found = members(folders, asked.origin)
    if asked.plans is not None:
        prepare(asked.plans)
    scope = scoped(found, asked)
    outcomes = (*scope.failures, *_done(scope.works, found, asked.origin, options, tell))
    _refuse_nothing(outcomes, asked)
    notes = tuple(_left_out(scope, asked))
    if asked.plans is None:
        return Swept(outcomes=outcomes, notes=notes)
    made = index(asked.plans, outcomes, Path.cwd(), asked.origin)
    return Swept(outcomes=outcomes, notes=notes, plans=made, left_out=_missing(outcomes, made))


def _missing(outcomes: Iterable[Outcome], made: PlanSet) -> tuple[Outcome, ...]:
    covered = {one.account for one in made.entries}
    failed = (one for one in outcomes if one.exit_code is not ExitCode.DONE)
    return tuple(one for one in failed if one.job.account not in covered)


def applied(folder: Path, origin: str, checksum: str, options: Options, tell: Tell) -> Swept:
    """Apply a reviewed set of plans: each by the rules of `ccops apply PLAN --checksum`.

    Raises:
        InvalidInput, StalePlan: as `ccops.fleet.plans.read`; nothing was done.
        StoreUnavailable: the requests of today cannot be counted; nothing was done.
    """
    whole = folder.resolve()
    made = read(whole, origin=origin, checksum=checksum)
    found = applying(made, whole, Path.cwd())
    if found.left_out:
        missing = counted(len(found.left_out), "account")
        tell(f"Nothing is done for {missing} without a plan in this set.")
    accounts = [member(Path(one.job.workspace), origin) for one in found.works]
    outcomes = (*found.settled, *_done(found.works, accounts, origin, options, tell))
    return Swept(outcomes=outcomes, plans=made, left_out=found.left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForQueue:
    """Work for a queue to keep, soonest send first; and what is settled without any request.

    `left_out` as in `Swept`.
    """

    works: tuple[Work, ...]
    settled: tuple[Outcome, ...] = ()
    left_out: tuple[Outcome, ...] = ()
    notes: tuple[Diagnostic, ...] = ()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What the queue keeps of the work."""
        return tuple(one.job for one in self.works)


def for_queue(folders: Sequence[Path], asked: Asked) -> ForQueue:
    """Return the work that `swept` would do.

    Raises:
        InvalidInput: as `swept`; and what is wrong with any workspace: a queue has no place for it.
    """
    parse(asked.selectors)
    scope = scoped(members(folders, asked.origin), asked)
    if scope.failures:
        raise InvalidInput(*(_unqueued(one) for one in scope.failures))
    return ForQueue(works=scope.works, notes=tuple(_left_out(scope, asked)))


def set_for_queue(folder: Path, origin: str, checksum: str) -> ForQueue:
    """Return the work that `applied` would do, and what it would refuse. Raises as `applied`."""
    whole = folder.resolve()
    found = applying(read(whole, origin=origin, checksum=checksum), whole, Path.cwd())
    return ForQueue(works=found.works, settled=found.settled, left_out=found.left_out)


def _unqueued(one: Outcome) -> Diagnostic:
    return Diagnostic(
        code="CC259", message=f"{one.job.workspace}: {one.reason}", help="nothing was queued"
    )


def _done(
    works: Sequence[Work], accounts: Iterable[Member], origin: str, options: Options, tell: Tell
) -> tuple[Outcome, ...]:
    """Do the work that no earlier run did, and keep each result as it comes."""
    state, now = environment().state, local_now()
    earlier = _earlier(works, state, now) if options.resume else {}
    left = tuple(one for one in works if one.job not in earlier)
    if earlier:
        tell(f"{counted(len(earlier), 'account')} done by an earlier run, and left out now.")
    with _counted(left, accounts, origin, options, tell) as ledger:
        fresh = run(
            left,
            most=options.most,
            limit=options.limit,
            fits=_fits(ledger, options.budget),
            ended=_keeper(left, state, tell),
        )
    outcomes = earlier | {one.job: one for one in fresh}
    return tuple(outcomes[one.job] for one in works)


def _earlier(works: Sequence[Work], state: Path, now: datetime) -> dict[Job, Outcome]:
    """Return what was done already, and stands: a plan that was to be saved is there, the same."""
    found = {}
    for one in works:
        left = _saved(one.job, now)
        ended = None if left is None else results.done(state, one, now, left)
        if ended is not None:
            found[one.job] = ended
    return found


def _saved(job: Job, now: datetime) -> str | None:
    """Return the checksum of the plan that a job saved, "" if it saves none; None: it is gone."""
    if job.action is not Action.PLAN or job.plan_file is None:
        return ""
    try:
        plan = read_plan(job.plan_file)
    except CcopsError:
        return None
    return planfile.checksum(plan) if plan.expires_at > now else None


@contextmanager
def _counted(
    works: Sequence[Work], accounts: Iterable[Member], origin: str, options: Options, tell: Tell
) -> Iterator[Ledger | None]:
    """Open the ledgers of the accounts' keys, and say what is going to be spent."""
    asked = {one.job.account for one in works if one.requests}
    known = keys((one for one in accounts if one.account in asked), origin)
    for one in known:
        if not one.agreed:
            tell(_disagreement(one))
    with opened(known, origin) if known else nullcontext() as ledger:
        if ledger is not None:
            left = sum(max(one.per_day - ledger.spent(one.name, today()), 0) for one in known)
            tell(foreseen(works, budget=options.budget, left=left))
        yield ledger


def _disagreement(key: Key) -> str:
    return (
        f"{counted(len(key.accounts), 'account')} use one API key, and their `limits:` differ; "
        "the key has one limit: write the same everywhere"
    )


def _fits(ledger: Ledger | None, budget: int | None) -> Callable[[Work, Iterable[Work]], bool]:
    """Count by the meters, which know what was really asked; what they cannot tell does not fit."""

    def fitting(work: Work, running: Iterable[Work]) -> bool:
        try:
            spent = ledger.since() if ledger is not None and budget is not None else 0
        except CcopsError:
            return False
        return fits(work, running, spent=spent, budget=budget)

    return fitting


def _keeper(works: Sequence[Work], state: Path, tell: Tell) -> Callable[[Outcome], None]:
    by_job, ended = {one.job: one for one in works}, list[Job]()

    def keep(outcome: Outcome) -> None:
        ended.append(outcome.job)
        tell(f"{len(ended):,} of {len(works):,}: {outcome.job.account} ended {outcome.exit_code}")
        digest = results.digest_of(by_job[outcome.job], _saved(outcome.job, local_now()) or "")
        try:
            results.keep(state, results.Result(outcome=outcome, digest=digest, at=local_now()))
        except OSError as error:
            tell(f"the result of {outcome.job.account} is not kept: {error.strerror}")

    return keep


def _refuse_nothing(outcomes: Sequence[Outcome], asked: Asked) -> None:
    nothing = all(one.summary == UNSELECTED for one in outcomes)
    if asked.selectors and outcomes and nothing:
        message = f"no account has a campaign that matches {' and '.join(asked.selectors)}"
        remedy = "a selection of nothing is a mistake: check the spelling, upper and lower case"
        raise InvalidInput(Diagnostic(code="CC256", message=message, help=remedy))


def _left_out(scope: Scope, asked: Asked) -> Iterator[Diagnostic]:
    if scope.untouched:
        words = f"not touched since {asked.since}, and left out"
        yield _note("CC257", f"{counted(scope.untouched, 'account')} {words}")
    for one in scope.deleted:
        gone = f"{one} is gone since {asked.since}"
        yield _note("CC265", f"{gone}: its campaigns stay as they are, and scheduled if they were")
    if scope.resting and asked.rotation is not None:
        turn = f"of 1/{asked.rotation.days} of the accounts on {asked.rotation.day}"
        yield _note("CC258", f"{counted(scope.resting, 'account')} left out: it is the turn {turn}")


def _note(code: str, message: str) -> Diagnostic:
    return Diagnostic(code=code, message=message, severity=Severity.NOTE)
