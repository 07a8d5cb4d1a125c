"""What the commands of a fleet do with a queue: put jobs in, look, and let one go again."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from ccops.commands.look import encoding_of
from ccops.commands.output import show, show_document, tell
from ccops.errors import Diagnostic, ExitCode, InvalidInput
from ccops.fleet.jobs import Job
from ccops.render.escape import terminal
from ccops.session.wiring import environment

Command = TypeVar("Command", bound=Callable[..., Any])

STORE = "store"


def queue_option(*, required: bool = False) -> Callable[[Command], Command]:
    """`--queue`: the database of the queue, handed on as `address`; None: there is none."""
    return click.option(
        "--queue",
        "address",
        metavar="store|postgresql://…",
        required=required,
        callback=lambda _context, _option, value: _address(value),
        help="The queue's database: store is the one that CCOPS_STORE names. An address with a "
        "password is better put there than on a command line, which others may see.",
    )


def _address(value: str | None) -> str | None:
    given = environment().store
    if value == STORE and given is None:
        message = "--queue store means the database that CCOPS_STORE names, and it is not set"
        raise InvalidInput(
            Diagnostic(code="CC260", message=message, help="set it to postgresql://…")
        )
    return given if value == STORE else value


def defer_jobs(address: str, jobs: Sequence[Job]) -> ExitCode:
    """Put jobs into the queue, and tell of each whether it is new there."""
    from ccops.fleet.queue import defer  # noqa: PLC0415 - procrastinate is an extra

    deferred = defer(address, jobs)
    for one in deferred:
        new = "queued already" if one.number is None else f"queued as job {one.number}"
        text = f"{one.job.action} {one.job.account}: {new}"
        show(terminal(text, encoding_of(sys.stdout)))
    fresh = sum(one.number is not None for one in deferred)
    tell(f"{fresh:,} of {len(deferred):,} jobs are new in the queue.")
    return ExitCode.DONE


def show_queue(address: str, form: str) -> ExitCode:
    """Show where the queue stands; exit 6 while something stands still."""
    from ccops.fleet.standing import status  # noqa: PLC0415 - procrastinate is an extra
    from ccops.fleet.standing_text import status_json, status_metrics, status_text  # noqa: PLC0415

    found = status(address)
    match form:
        case "json":
            show_document(status_json(found))
        case "prometheus":
            show(status_metrics(found))
        case _:
            show(status_text(found, encoding=encoding_of(sys.stdout)))
    return ExitCode.BLOCKED if found.stuck else ExitCode.DONE


@click.command("requeue")
@click.argument("number", type=click.IntRange(min=1), metavar="JOB")
@queue_option(required=True)
@click.option("--reason", required=True, help="Why; kept in the queue.")
@click.option("--drop", is_flag=True, help="Give the job up instead of doing it again.")
def requeue_command(*, number: int, address: str, reason: str, drop: bool) -> ExitCode:
    """Let a job go on that stands still, after you have looked what it left behind.

    An apply may be done again safely: it establishes what became of an open write before it
    writes anything. It is refused while any process still works on the account.
    """
    from ccops.fleet.standing import requeue  # noqa: PLC0415 - procrastinate is an extra

    found = requeue(address, number, reason=reason, again=not drop)
    now = "given up" if drop else "queued again"
    tell(f"job {number} ({found.job.action} {found.job.account}) is {now}")
    return ExitCode.DONE
