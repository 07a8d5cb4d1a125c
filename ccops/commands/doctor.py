"""`ccops doctor`: what stands in the way, and what to do about it."""

import sys
from pathlib import Path

import click

from ccops.commands.look import look
from ccops.commands.options import base_url_option, format_option, workspace_option
from ccops.commands.output import show, show_document
from ccops.errors import ExitCode
from ccops.render.machine import checks_json
from ccops.render.text_tables import doctor_text
from ccops.session.examined import examine


@click.command("doctor")
@workspace_option
@base_url_option
@format_option("text", "json")
def command(start: Path, base_url: str | None, form: str) -> ExitCode:
    """Check workspace, login, account, privileges, senders, clock and store.

    Reads only. Each check that is not fine says what to do.
    """
    checks, code = examine(start, base_url)
    text = doctor_text(
        checks,
        **look(sys.stdout),
    )
    if form == "json":
        show_document(checks_json(checks))
    else:
        show(text)
    return code
