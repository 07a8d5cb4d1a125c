"""What the commands of a fleet do with a queue: put jobs in, and look."""

import sys
from typing import TYPE_CHECKING

from ccops.commands.look import encoding_of
from ccops.commands.output import show, show_diagnostics, show_document, tell
from ccops.errors import ExitCode
from ccops.fleet.budget import foreseen
from ccops.fleet.jobs import Job
from ccops.fleet.run import worst
from ccops.render.escape import terminal
from ccops.render.phrases import counted

if TYPE_CHECKING:
    from ccops.fleet.standing import QueueStatus
    from ccops.fleet.sweep import ForQueue


def defer_jobs(address: str, wanted: "ForQueue") -> ExitCode:
    """Put jobs into the queue, tell of each whether it is new there, and of what is not queued."""
    from ccops.fleet.queue import defer  # noqa: PLC0415 - procrastinate is an extra

    if wanted.notes:
        show_diagnostics(wanted.notes)
    if any(one.requests for one in wanted.works):
        tell(foreseen(wanted.works, budget=None, left=None))
    deferred = defer(address, wanted.jobs)
    for one in deferred:
        _line(one.job, "queued already" if one.number is None else f"queued as job {one.number}")
    for settled in wanted.settled:
        _line(settled.job, f"exit {int(settled.exit_code)}: {settled.reason or settled.summary}")
    for left in wanted.left_out:
        _line(left.job, f"exit {int(left.exit_code)}: {left.summary}: {left.reason}")
    fresh = sum(one.number is not None for one in deferred)
    tell(f"{fresh:,} of {len(deferred):,} jobs are new in the queue.")
    if wanted.left_out:
        missing = counted(len(wanted.left_out), "account")
        tell(f"Nothing is queued for {missing} without a plan in this set.")
    return worst(one.exit_code for one in (*wanted.settled, *wanted.left_out))


def _line(job: Job, text: str) -> None:
    whom = job.account or job.workspace
    show(terminal(f"{job.action} {whom}: {text}", encoding_of(sys.stdout)))


def look_at_queue(address: str) -> "tuple[QueueStatus, ExitCode]":
    """Return where the queue stands; exit 6 while something stands still."""
    from ccops.fleet.standing import status  # noqa: PLC0415 - procrastinate is an extra

    found = status(address)
    return found, ExitCode.BLOCKED if found.stuck else ExitCode.DONE


def show_queue(found: "QueueStatus", form: str) -> None:
    """Show where the queue stands."""
    from ccops.fleet.standing_text import status_json, status_metrics, status_text  # noqa: PLC0415

    match form:
        case "json":
            show_document(status_json(found))
        case "prometheus":
            show(status_metrics(found))
        case _:
            show(status_text(found, encoding=encoding_of(sys.stdout)))
