"""`ccops worker`: do the jobs of a fleet's queue."""

import sys

import click

from ccops.commands.fleet_time_limit import time_limit_option
from ccops.commands.look import encoding_of
from ccops.commands.output import show_done, tell
from ccops.commands.queue_option import queue_option
from ccops.errors import ExitCode
from ccops.fleet.run import worst
from ccops.render.escape import terminal

_MOST = 32
_EXAMPLES = """\b
Examples:
  ccops worker --queue store --init     # once, as a user who may create tables
  ccops worker --queue store --jobs 4   # on as many machines as you like
  ccops worker --queue store --once     # until nothing is left that can be done now
"""


@click.command("worker", epilog=_EXAMPLES)
@queue_option(required=True)
@click.option("--init", "make", is_flag=True, help="Make the queue's tables, and do nothing else.")
@click.option(
    "--jobs",
    "at_once",
    type=click.IntRange(1, _MOST),
    default=1,
    show_default=True,
    help="How many jobs to do at a time.",
)
@time_limit_option
@click.option("--once", is_flag=True, help="End when nothing is left that can be done now.")
@click.option(
    "--heartbeat",
    type=click.FloatRange(0.1, 60),
    default=10.0,
    show_default=True,
    help="Seconds between signs of life. After three without one, what it does counts as parked.",
)
def command(
    *, address: str, make: bool, at_once: int, limit: float, once: bool, heartbeat: float
) -> ExitCode:
    """Do the jobs that `ccops fleet … --queue` put into the queue, each in a process of its own.

    The journal, locks, pacing and logins are those in the queue's database. A job whose worker dies
    is parked: nobody does it again until a person has looked (`ccops fleet status`). After
    SIGTERM or Ctrl-C what was begun is finished and the rest goes back into the queue.

    With --once the exit code is that of the worst job. What it leaves in the queue (parked jobs,
    what waits for them, for another worker or for the API key's limits) is told on stderr.
    """
    from ccops.fleet import finished, leftover, queue, worker  # noqa: PLC0415 - an extra's

    if make:
        new = queue.make(address)
        tell("The queue is made." if new else "The queue is there already, in this version.")
        return ExitCode.DONE

    def said(one: finished.Finished) -> None:
        show_done(terminal(finished.line(one), encoding_of(sys.stdout)))

    codes = worker.work(
        address, at_once=at_once, once=once, heartbeat=heartbeat, limit=limit, tell=said
    )
    if once and (left := leftover.left_in_queue(address)):
        tell(left)
    return worst(codes)
