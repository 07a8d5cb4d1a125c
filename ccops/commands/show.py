"""`ccops show`: a saved plan, as it was made."""

import sys

import click

from ccops.commands.options import format_option
from ccops.commands.output import show
from ccops.commands.planout import render
from ccops.errors import ExitCode
from ccops.session.loading import local_now
from ccops.session.saved import read_plan


@click.command("show")
@click.argument("file", metavar="PLAN", type=click.Path())
@format_option("text", "json", "markdown")
@click.option("--show-requests", is_flag=True, help="Show each request, with its body.")
def command(file: str, form: str, *, show_requests: bool) -> ExitCode:
    """Show the saved plan in the file PLAN.

    Offline. A file that was changed after it was saved is refused.
    """
    plan = read_plan(file)
    # A sandbox's plan may come from a virtual future; one's own clock may be slow.
    now = max(plan.created_at, local_now())
    show(render(plan, form, sys.stdout, show_requests=show_requests, now=now))
    return ExitCode.DONE
