"""`ccops fleet apply`: apply a reviewed set of plans."""

from pathlib import Path

import click

from ccops.commands.fleet_options import show_fleet
from ccops.commands.fleet_queue import defer_jobs
from ccops.commands.fleet_running import going_on_options, running_options
from ccops.commands.options import base_url_option, format_option
from ccops.commands.output import tell
from ccops.commands.queue_option import queue_option, refuse_beside_queue
from ccops.errors import ExitCode
from ccops.fleet.jobs import Action
from ccops.fleet.sweep import Options, applied, set_for_queue
from ccops.fleet.views import view
from ccops.session.loading import origin_of
from ccops.streams import outcome_stands


@click.command("apply")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--checksum", required=True, help="That of the set of plans, as it was reviewed.")
@base_url_option
@running_options
@going_on_options
@queue_option()
@format_option("text", "json")
def command(
    *,
    folder: Path,
    checksum: str,
    base_url: str | None,
    options: Options,
    address: str | None,
    form: str,
) -> ExitCode:
    """Apply the plans that `ccops fleet plan --out FOLDER` saved, soonest send first.

    Each by the rules of `ccops apply`: only the reviewed plan, each request once. Run it again
    after an interruption. What is to be sent at once (`now`) is never sent by this command: apply
    such a workspace by itself. Run it where the plans were made: workspaces are found by their
    paths from there.

    Accounts that could not be planned are not in the set: each is told with the reason, and its exit
    code counts as it did when the set was made.
    """
    origin = origin_of(base_url)
    if address is not None:
        refuse_beside_queue(format=form != "text")
        return defer_jobs(address, set_for_queue(folder, origin, checksum))
    done = applied(folder, origin, checksum, options, tell)
    outcome_stands()
    return show_fleet(done, view(done, Action.APPLY, folder=str(folder)), form)
