"""Run one job to its end, in a process of its own.

The process is the ordinary command line. So whatever ends one account (a crash of a C library, a
leak, a killed process) ends no other; each has its own lock, journal and signals, as with one
workspace; and what a job did can be done again by hand. Threads would share all of that.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ccops.errors import Blocked, CcopsError, Diagnostic, ExitCode, InvalidInput, StalePlan
from ccops.fleet.child import finished, start
from ccops.fleet.jobs import Action, Job, Outcome, refusal
from ccops.fleet.memories import remembered
from ccops.fleet.outcomes import Ended, command_line, failure, outcome
from ccops.model import NOW
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.render.moment import duration
from ccops.session.saved import read_plan

Run = Callable[[Sequence[str]], Ended]
"""Run `ccops` with these words, and wait for its end. Raises OSError: it cannot be started."""

# Without -P, Python would import from the current folder first: a workspace may be a stranger's.
PROGRAM = (sys.executable, "-P", "-m", "ccops")
_ASKED_TO_END = frozenset({ExitCode.INTERRUPTED, ExitCode.TERMINATED})


def perform(job: Job, *, run: Run | None = None) -> Outcome:
    """Do a job, and say how it ended; nothing that goes wrong with it is raised.

    `run` starts the process and waits for it; without, a plain child of this one. An apply whose
    process died is exit 10 if its account's journal holds an open write, or cannot be asked.
    """
    try:
        refuse_unfit(job)
        ended = (run or run_process)(command_line(job))
    except CcopsError as error:
        return failure(job, error.exit_code, str(error))
    except OSError as error:
        return failure(job, ExitCode.UNEXPECTED, f"it could not be started: {error.strerror}")
    found = _overdue(outcome(job, ended), ended.overdue)
    crashed = found.exit_code is ExitCode.UNEXPECTED or ended.code < 0
    if job.action is Action.APPLY and crashed:
        return _after_crash(found)
    return found


def _overdue(found: Outcome, seconds: float | None) -> Outcome:
    """Tell what ended late for what it is; nobody asked for its end, so it is not done again."""
    if seconds is None or found.exit_code not in _ASKED_TO_END:
        return found
    reason = f"it was ended after {duration(timedelta(seconds=seconds))}"
    return replace(found, exit_code=ExitCode.UNEXPECTED, reason=reason)


def run_process(words: Sequence[str]) -> Ended:
    """Run `ccops` as a child that has no terminal, and wait for its end."""
    return finished(start([*PROGRAM, *words]))


def refuse_unfit(job: Job) -> None:
    """Refuse an apply that names no reviewed plan, or one that sends something at once.

    Raises:
        InvalidInput: CC250, a path that depends on where this runs, or a plan that would be saved
            to any other file than its account's; CC251, no plan or no checksum. StalePlan: CC632, it is another plan, or another account's; and as
            `read_plan`. Blocked: CC252, it holds a `send-now`.
    """
    if not all(
        Path(one).is_absolute() for one in (job.workspace, job.plan_file) if one is not None
    ):
        raise refusal(job, "its paths are not absolute")
    if (
        job.action is Action.PLAN
        and job.plan_file
        and _name(job.plan_file) != f"{job.account}.json"
    ):
        # Who may alter a row of the queue is not to overwrite files on the workers' machines.
        raise refusal(job, "it would save to another file than its account's")
    if job.action is not Action.APPLY:
        return
    if not job.plan_file or not job.checksum:
        message = "a fleet applies saved plans alone, and each by its checksum"
        remedy = "make them with `ccops fleet plan --out DIR`, and apply that folder"
        raise InvalidInput(Diagnostic(code="CC251", message=message, help=remedy))
    plan = read_plan(job.plan_file)
    if (plan.account.id, plan.origin) != (job.account, job.origin):
        message = f"the plan {_name(job.plan_file)} is not one of {job.account}"
        raise StalePlan(Diagnostic(code="CC632", message=message, help="plan again"))
    if checksum(plan) != job.checksum:
        message = f"the checksum of {_name(job.plan_file)} is another than the reviewed one"
        raise StalePlan(Diagnostic(code="CC632", message=message, help="plan again"))
    refuse_at_once(plan)


def _name(file: str) -> str:
    return Path(file).name


def refuse_at_once(plan: Plan) -> None:
    """Refuse a plan that sends something at once (Blocked CC252)."""
    for change in plan.writing:
        if change.send is NOW:
            raise Blocked(
                Diagnostic(
                    code="CC252",
                    message=f"{change.campaign!r} would be sent at once, which a fleet never does",
                    help="apply this workspace by itself, with `ccops apply`",
                )
            )


def _after_crash(crashed: Outcome) -> Outcome:
    """Ask the journal what an apply that gave no result left behind; in doubt it is unknown."""
    try:
        known = remembered(crashed.job.origin, crashed.job.account)
    except CcopsError as error:
        reason = f"{crashed.reason}; and the journal cannot be read: {error}"
        return failure(crashed.job, ExitCode.UNKNOWN, reason)
    if known.open:
        reason = f"{crashed.reason}; the outcome of a write is open"
        return failure(crashed.job, ExitCode.UNKNOWN, reason)
    if any(one.plan == crashed.job.checksum for one in known.entries):
        return failure(crashed.job, ExitCode.PARTIAL, f"{crashed.reason}; no write is open")
    return crashed
