"""`ccops list`: the account's campaigns, as one listing shows them."""

import sys
from pathlib import Path

import click

from ccops.commands.look import look
from ccops.commands.options import base_url_option, format_option, workspace_option
from ccops.commands.output import show, show_document
from ccops.constantcontact.reader import read_campaigns
from ccops.errors import ExitCode
from ccops.render.machine import campaigns_json
from ccops.render.text_tables import campaign_list_text
from ccops.session.wiring import reading


@click.command("list")
@workspace_option
@base_url_option
@format_option("text", "json")
def command(start: Path, base_url: str | None, form: str) -> ExitCode:
    """List the account's campaigns with their status, and which of them a manifest names.

    Reads one page for each 500 campaigns and changes nothing.
    """
    with reading(start, base_url) as session:
        rows = read_campaigns(session.send, origin=session.origin)
        managed = frozenset(one.campaign for one in session.workspace.desired)
    text = campaign_list_text(
        rows,
        managed=managed,
        **look(sys.stdout),
    )
    if form == "json":
        show_document(campaigns_json(rows, managed=managed))
    else:
        show(text)
    return ExitCode.DONE
