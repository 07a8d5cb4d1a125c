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
from ccops.session.examining.rights import Purpose

_EXAMPLE = """\b
Example:
  ccops doctor --for plan      # in a pipeline: may this login send, though it only plans?
"""


@click.command("doctor", epilog=_EXAMPLE)
@workspace_option
@base_url_option
@click.option(
    "--for",
    "purpose",
    type=click.Choice([one.value for one in Purpose]),
    help="What the login is for: plan warns if it can send, apply fails if it cannot.",
)
@format_option("text", "json")
def command(start: Path, base_url: str | None, purpose: str | None, form: str) -> ExitCode:
    """Check files, login, account, clock, store and lock, each although another is wrong.

    Reads only. Each check that is not fine says what to do. The exit code is that of the first
    failure; warnings do not count.
    """
    checks, code = examine(start, base_url, Purpose(purpose) if purpose else None)
    text = doctor_text(checks, **look(sys.stdout))
    if form == "json":
        show_document(checks_json(checks))
    else:
        show(text)
    return code
