"""`ccops fleet requeue`: let a job go on that stands still."""

import click

from ccops.commands.output import tell
from ccops.commands.queue_option import queue_option
from ccops.errors import ExitCode


@click.command("requeue")
@click.argument("number", type=click.IntRange(min=1), metavar="JOB")
@queue_option(required=True)
@click.option("--reason", required=True, help="Why; kept in the queue.")
@click.option("--drop", is_flag=True, help="Give the job up instead of doing it again.")
def command(*, number: int, address: str, reason: str, drop: bool) -> ExitCode:
    """Let a job go on that stands still, after you have looked what it left behind.

    An apply may be done again safely: it establishes what became of an open write before it
    writes anything. It is refused while any process still works on the account.
    """
    from ccops.fleet.standing import requeue  # noqa: PLC0415 - procrastinate is an extra
    from ccops.fleet.standing_text import work_of  # noqa: PLC0415

    found = requeue(address, number, reason=reason, again=not drop)
    now = "given up" if drop else "queued again"
    tell(f"job {number} ({work_of(found)}) is {now}")
    return ExitCode.DONE
