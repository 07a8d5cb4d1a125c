"""`ccops plan`: show every request that apply would make, and make none."""

import sys
from pathlib import Path

import click

from ccops.commands.compared import offline_options
from ccops.commands.options import (
    allow_options,
    base_url_option,
    format_option,
    locked_option,
    plan_select_option,
    workspace_option,
)
from ccops.commands.output import save, show, show_diagnostics
from ccops.commands.planout import render, split_out
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.planning.plan import Refresh
from ccops.planning.planfile import to_json
from ccops.session.outputs import refuse_own


@click.command("plan")
@offline_options
@workspace_option
@base_url_option
@plan_select_option
@locked_option
@click.option(
    "--refresh",
    type=click.Choice([str(one) for one in Refresh]),
    default=str(Refresh.FULL),
    show_default=True,
    help="Read everything; only what may have changed since the last plan; or nothing, offline.",
)
@allow_options
@format_option("text", "json", "markdown", "github")
@click.option("--out", multiple=True, metavar="FORMAT=FILE", help="Also write this format there.")
@click.option("--save", "target", metavar="FILE", help="Save the plan for `ccops apply FILE`.")
@click.option("--show-requests", is_flag=True, help="Show each request, with its body.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes.")
def command(
    *,
    start: Path,
    base_url: str | None,
    select: tuple[str, ...],
    locked: bool,
    refresh: str,
    allow: tuple[str, ...],
    reason: str,
    form: str,
    out: tuple[str, ...],
    target: str | None,
    show_requests: bool,
    detailed_exitcode: bool,
) -> ExitCode:
    """Show every request that apply would make.

    Reads the account and changes nothing: this command holds a client that cannot write.
    """
    # The client, the store and the survey: a comparison (--offline --base) needs none of them.
    from ccops.session.planned import plan_of_workspace  # noqa: PLC0415 - see above

    outputs = [split_out(one) for one in out]
    refuse_own(*filter(None, [target]))
    with progress() as hears:
        made = plan_of_workspace(
            start,
            base_url,
            refresh=Refresh(refresh),
            saved=target is not None,
            select=select,
            allow=allow,
            reason=reason,
            locked=locked,
            tell=hears,
        )
    plan = made.plan
    if made.notes:
        show_diagnostics(made.notes)
    for form_out, file in outputs:
        save(file, render(plan, form_out, None, show_requests=show_requests))
    if target is not None:
        save(target, to_json(plan))
    show(render(plan, form, sys.stdout, show_requests=show_requests))
    return plan.exit_code(detailed=detailed_exitcode)
