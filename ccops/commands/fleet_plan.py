"""`ccops fleet plan`: plan every workspace of some folders."""

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
from ccops.fleet.scope import Asked
from ccops.fleet.sweep import Options, for_queue, swept
from ccops.fleet.views import view
from ccops.session.loading import local_now, origin_of

_EXAMPLES = """\b
Examples:
  ccops fleet plan clients --changed origin/main
  ccops fleet plan clients --out plans
  ccops fleet apply plans --checksum sha256:…
"""


@click.command("plan", epilog=_EXAMPLES)
@folders_argument
@base_url_option
@plan_select_option
@locked_option
@running_options
@changed_option
@going_on_options
@queue_option()
@click.option(
    "--out",
    "plans",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Save the plans there, for `ccops fleet apply FOLDER`.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes.")
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
    plans: Path | None,
    detailed_exitcode: bool,
    form: str,
) -> ExitCode:
    """Plan every workspace in DIR and below it, each as `ccops plan` does, and change nothing.

    No permission is given: what needs one is blocked, and is planned and applied by itself. The
    plans of a set (--out) are made here: an API key's rate is the same on many machines.
    """
    asked = Asked(
        action=Action.PLAN,
        origin=origin_of(base_url),
        now=local_now(),
        selectors=select,
        locked=locked,
        since=since,
        plans=plans.resolve() if plans else None,
    )
    if address is not None:
        refuse_beside_queue(out=plans, detailed_exitcode=detailed_exitcode, format=form != "text")
        return defer_jobs(address, for_queue(folders, asked))
    done = swept(folders, asked, options, tell)
    shown = view(done, Action.PLAN, detailed=detailed_exitcode, folder=str(plans or ""))
    return show_fleet(done, shown, form)
