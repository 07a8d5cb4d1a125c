"""A reviewed set of plans as work: what is applied, and what needs no request."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ccops.errors import CcopsError, Diagnostic, ExitCode, StalePlan
from ccops.fleet.budget import Counts, Work, estimate
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.memories import remembered
from ccops.fleet.outcomes import failure, summary
from ccops.fleet.plans import Entry, LeftOut, PlanSet
from ccops.fleet.scope import ordered
from ccops.model import NOW
from ccops.planning import planfile
from ccops.planning.plan import Change, Plan
from ccops.session.saved import read_plan

# What a planning can say of an account. An apply in which nobody interrupted anything does not say
# 130 or 143 of one that was not come to, nor anything of writes: it needs a person, which is 6.
_OF_AN_ACCOUNT = frozenset(
    {
        ExitCode.UNEXPECTED,
        ExitCode.INVALID,
        ExitCode.ACCESS,
        ExitCode.THROTTLED,
        ExitCode.BLOCKED,
        ExitCode.LOCKED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """What a set asks for: work, and the accounts for which no request is needed or possible.

    `left_out` are those that the set should cover and does not, for they could not be planned.
    """

    works: tuple[Work, ...]
    settled: tuple[Outcome, ...]
    left_out: tuple[Outcome, ...] = ()


def applying(made: PlanSet, folder: Path, root: Path) -> Applying:
    """Turn a set into work, soonest send first.

    An account whose plan writes nothing, and whose journal has nothing open, is asked nothing.
    One whose plan is not the reviewed one is refused, and stops no other.
    """
    works, settled = [], []
    for one in made.entries:
        job = _job(one, made, folder, root)
        try:
            found = _reviewed(job)
            work = _work(job, found)
        except CcopsError as error:
            settled.append(failure(job, error.exit_code, str(error)))
            continue
        if found.writing or _something_open(job):
            works.append(work)
        else:
            settled.append(_nothing(job, found))
    missing = tuple(
        _missing(one, made, root) for one in made.left_out if one.exit_code is not ExitCode.DONE
    )
    return Applying(works=ordered(works), settled=tuple(settled), left_out=missing)


def _missing(one: LeftOut, made: PlanSet, root: Path) -> Outcome:
    code = one.exit_code if one.exit_code in _OF_AN_ACCOUNT else ExitCode.BLOCKED
    workspace = str(root / one.workspace)
    job = Job(workspace=workspace, action=Action.APPLY, account=one.account, origin=made.origin)
    return Outcome(
        job=job, exit_code=code, summary="not in the set", verdicts={}, reason=one.reason
    )


def _job(one: Entry, made: PlanSet, folder: Path, root: Path) -> Job:
    return Job(
        workspace=str(root / one.workspace),
        action=Action.APPLY,
        account=one.account,
        origin=made.origin,
        plan_file=str(folder / f"{one.account}.json"),
        checksum=one.checksum,
    )


def _reviewed(job: Job) -> Plan:
    found = read_plan(job.plan_file or "")
    given = (planfile.checksum(found), found.account.id, found.origin)
    if given != (job.checksum, job.account, job.origin):
        message = f"the plan of {job.account} is not the one that was reviewed"
        remedy = "run `ccops fleet plan --out` again, and have it reviewed"
        raise StalePlan(Diagnostic(code="CC634", message=message, help=remedy))
    return found


def _work(job: Job, found: Plan) -> Work:
    steps = sum(len(one.steps) for one in found.writing)
    counts = Counts(coming=len(found.writing), writes=steps)
    soonest = min((one for each in found.writing for one in affected(each, found)), default=None)
    return Work(job=replace(job, earliest=soonest), requests=estimate(Action.APPLY, counts))


def affected(change: Change, plan: Plan) -> tuple[datetime, ...]:
    """Return the sends that a change makes, moves or takes away; UTC."""
    wanted = plan.created_at if change.send is NOW else change.send
    live = change.before.schedules if change.before else ()
    return (*live, *((wanted,) if isinstance(wanted, datetime) else ()))


def _something_open(job: Job) -> bool:
    """Whether an apply has something to find out; a store that cannot be read may hide it."""
    try:
        return bool(remembered(job.origin, job.account).open)
    except CcopsError:
        return True


def _nothing(job: Job, found: Plan) -> Outcome:
    people = [one for one in found.changes if one.verdict.needs_person]
    quiet = len(found.changes) - len(people)
    amounts = {"nothing": quiet, "needs-person": len(people)}
    verdicts = {word: amount for word, amount in amounts.items() if amount}
    code = found.exit_code(detailed=False)
    reason = f"{people[0].campaign}: {people[0].reason}" if people else ""
    return Outcome(
        job=job,
        exit_code=code,
        verdicts=verdicts,
        summary=summary(Action.APPLY, verdicts),
        reason=reason if code is not ExitCode.DONE else "",
    )
