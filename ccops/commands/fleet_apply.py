"""`ccops fleet apply`: apply a reviewed set of plans."""

from pathlib import Path

import click

from ccops.commands.fleet_options import going_on_options, jobs_option, show_fleet
from ccops.commands.fleet_queue import defer_jobs
from ccops.commands.options import base_url_option, format_option
from ccops.commands.output import tell
from ccops.commands.queue_option import queue_option, refuse_beside_queue
from ccops.errors import ExitCode
from ccops.fleet.jobs import Action
from ccops.fleet.sweep import Options, applied, set_for_queue
from ccops.fleet.views import view
from ccops.session.loading import origin_of


@click.command("apply")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--checksum", required=True, help="That of the set of plans, as it was reviewed.")
@base_url_option
@jobs_option
@going_on_options
@queue_option()
@format_option("text", "json")
def command(
    *,
    folder: Path,
    checksum: str,
    base_url: str | None,
    most: int,
    budget: int | None,
    resume: bool,
    address: str | None,
    form: str,
) -> ExitCode:
    """Apply the plans that `ccops fleet plan --out FOLDER` saved, soonest send first.

    Each by the rules of `ccops apply`: only the reviewed plan, each request once. Run it again
    after an interruption. What is to be sent at once (`now`) is never sent by this command: apply
    such a workspace by itself. Run it where the plans were made: workspaces are found by their
    paths from there.
    """
    origin = origin_of(base_url)
    if address is not None:
        refuse_beside_queue(budget=budget is not None, resume=resume, format=form != "text")
        return defer_jobs(address, set_for_queue(folder, origin, checksum))
    options = Options(most=most, budget=budget, resume=resume)
    done = applied(folder, origin, checksum, options, tell)
    return show_fleet(done, view(done, Action.APPLY, folder=str(folder)), form)
