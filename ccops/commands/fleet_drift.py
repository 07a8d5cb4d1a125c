"""`ccops fleet drift`: look for drift in every workspace of some folders, or in a part a day."""

from datetime import datetime
from pathlib import Path

import click

from ccops.commands.fleet_options import (
    changed_option,
    folders_argument,
    show_fleet,
)
from ccops.commands.fleet_queue import defer_jobs
from ccops.commands.fleet_running import going_on_options, running_options
from ccops.commands.options import (
    base_url_option,
    format_option,
    locked_option,
    plan_select_option,
)
from ccops.commands.output import tell
from ccops.commands.queue_option import queue_option, refuse_beside_queue
from ccops.errors import ExitCode
from ccops.fleet.jobs import Action
from ccops.fleet.scope import Asked, rotation
from ccops.fleet.sweep import Options, for_queue, swept
from ccops.fleet.views import view
from ccops.session.loading import local_now, origin_of

_EXAMPLES = """\b
Examples:
  ccops fleet drift clients --rotate 7 --budget 2000
  ccops fleet drift clients --select "sends<48h" --detailed-exitcode
"""


@click.command("drift", epilog=_EXAMPLES)
@folders_argument
@base_url_option
@plan_select_option
@locked_option
@running_options
@changed_option
@going_on_options
@queue_option()
@click.option(
    "--rotate",
    type=click.IntRange(1, 366),
    metavar="DAYS",
    help="Only the accounts whose turn it is: each once in so many days.",
)
@click.option(
    "--date", type=click.DateTime(["%Y-%m-%d"]), help="The UTC day for --rotate, if not today."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is drift.")
@format_option("text", "json")
def command(
    *,
    folders: tuple[Path, ...],
    base_url: str | None,
    select: tuple[str, ...],
    locked: bool,
    options: Options,
    since: str | None,
    address: str | None,
    rotate: int | None,
    date: datetime | None,
    detailed_exitcode: bool,
    form: str,
) -> ExitCode:
    """Show in which accounts something was changed that git did not change; changes nothing."""
    now = local_now()
    asked = Asked(
        action=Action.DRIFT,
        origin=origin_of(base_url),
        now=now,
        selectors=select,
        locked=locked,
        since=since,
        rotation=rotation(rotate, (date or now).date()),
    )
    if address is not None:
        refuse_beside_queue(detailed_exitcode=detailed_exitcode, format=form != "text")
        return defer_jobs(address, for_queue(folders, asked))
    done = swept(folders, asked, options, tell)
    return show_fleet(done, view(done, Action.DRIFT, detailed=detailed_exitcode), form)
