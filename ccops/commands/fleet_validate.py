"""`ccops fleet validate`: check every workspace of some folders, offline."""

from pathlib import Path

import click

from ccops.commands.fleet_options import changed_option, folders_argument, show_fleet
from ccops.commands.fleet_queue import defer_jobs
from ccops.commands.fleet_running import running_options
from ccops.commands.options import base_url_option, format_option
from ccops.commands.output import tell
from ccops.commands.queue_option import queue_option, refuse_beside_queue
from ccops.errors import ExitCode
from ccops.fleet.jobs import Action
from ccops.fleet.scope import Asked
from ccops.fleet.sweep import Options, for_queue, swept
from ccops.fleet.views import view
from ccops.session.loading import local_now, origin_of


@click.command("validate")
@folders_argument
@base_url_option
@running_options
@changed_option
@queue_option()
@format_option("text", "json")
def command(
    *,
    folders: tuple[Path, ...],
    base_url: str | None,
    options: Options,
    since: str | None,
    address: str | None,
    form: str,
) -> ExitCode:
    """Check every workspace in DIR and below it; needs no login and makes no request."""
    asked = Asked(action=Action.VALIDATE, origin=origin_of(base_url), now=local_now(), since=since)
    if address is not None:
        refuse_beside_queue(format=form != "text")
        return defer_jobs(address, for_queue(folders, asked))
    done = swept(folders, asked, options, tell)
    return show_fleet(done, view(done, Action.VALIDATE), form)
