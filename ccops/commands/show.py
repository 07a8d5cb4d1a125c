"""`ccops show`: a saved plan, as it was made."""

import sys

import click

from ccops import session
from ccops.commands.options import format_option
from ccops.commands.output import show
from ccops.commands.planout import render
from ccops.errors import ExitCode


@click.command("show")
@click.argument("file", metavar="PLAN", type=click.Path())
@format_option("text", "json", "markdown")
@click.option("--show-requests", is_flag=True, help="Show each request, with its body.")
def command(file: str, form: str, *, show_requests: bool) -> ExitCode:
    """Show the saved plan in the file PLAN.

    Offline. A file that was changed after it was saved is refused.
    """
    plan = session.read_plan(file)
    show(render(plan, form, sys.stdout, show_requests=show_requests))
    return ExitCode.DONE
