"""Run one job to its end, in a process of its own.

The process is the ordinary command line. So whatever ends one account (a crash of a C library, a
leak, a killed process) ends no other; each has its own lock, journal and signals, as with one
workspace; and what a job did can be done again by hand. Threads would share all of that.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ccops.errors import Blocked, CcopsError, Diagnostic, ExitCode, InvalidInput, StalePlan
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.memories import remembered
from ccops.fleet.outcomes import Ended, command_line, failure, outcome
from ccops.model import NOW
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.session.loading import read_plan

Run = Callable[[Sequence[str]], Ended]
"""Run `ccops` with these words, and wait for its end. Raises OSError: it cannot be started."""

# Without -P, Python would import from the current folder first: a workspace may be a stranger's.
PROGRAM = (sys.executable, "-P", "-m", "ccops")


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
    found = outcome(job, ended)
    crashed = found.exit_code is ExitCode.UNEXPECTED or ended.code < 0
    if job.action is Action.APPLY and crashed:
        return _after_crash(found)
    return found


def run_process(words: Sequence[str]) -> Ended:
    """Run `ccops` as a child that has no terminal, and wait for its end."""
    return finished(start(words))


def start(words: Sequence[str], *, apart: bool = False) -> "subprocess.Popen[str]":
    """Start `ccops` as a child that has no terminal (OSError).

    `apart`: a key pressed at the terminal is not heard by it, but by its parent alone.
    """
    return subprocess.Popen(  # noqa: S603 - our own program; no shell reads the words
        [*PROGRAM, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
        errors="replace",
        start_new_session=apart,
    )


def finished(process: "subprocess.Popen[str]") -> Ended:
    """Wait for the end of a child."""
    out, err = process.communicate()
    return Ended(code=process.returncode, out=out, err=err)


def refuse_unfit(job: Job) -> None:
    """Refuse an apply that names no reviewed plan, or one that sends something at once.

    Raises:
        InvalidInput: CC251, no plan or no checksum. StalePlan: CC632, it is another plan; and as
            `read_plan`. Blocked: CC252, it holds a `send-now`.
    """
    if job.action is not Action.APPLY:
        return
    if not job.plan_file or not job.checksum:
        message = "a fleet applies saved plans alone, and each by its checksum"
        remedy = "make them with `ccops fleet plan --out DIR`, and apply that folder"
        raise InvalidInput(Diagnostic(code="CC251", message=message, help=remedy))
    plan = read_plan(job.plan_file)
    if checksum(plan) != job.checksum:
        message = f"the checksum of {Path(job.plan_file).name} is another than the reviewed one"
        raise StalePlan(Diagnostic(code="CC632", message=message, help="plan again"))
    refuse_at_once(plan)


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
