"""`ccops verify`: what became of what was applied."""

import sys
from pathlib import Path

import click

from ccops.commands.look import look
from ccops.commands.options import (
    Command,
    base_url_option,
    format_option,
    select_option,
    workspace_option,
)
from ccops.commands.output import show, show_document
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.render.delivering import Verification
from ccops.render.machine_deliveries import deliveries_json
from ccops.render.markdown_deliveries import deliveries_markdown
from ccops.render.text_deliveries import deliveries_text
from ccops.session.verified import verify
from ccops.session.wiring import reading

_EXAMPLES = """\b
Examples:
  ccops verify
  ccops verify --since 2027-03-01 --select "name:Spring*"
  ccops verify --since 48h --format markdown > report.md
"""


def since_option(command: Command) -> Command:
    """`--since WHEN`: from when on sends are verified."""
    return click.option(
        "--since",
        default="7d",
        show_default=True,
        metavar="WHEN",
        help="Sends from then on, also those ahead: 7d, 48h, 2027-03-01 or 2027-03-01T09:00:00Z.",
    )(command)


@click.command("verify", epilog=_EXAMPLES)
@workspace_option
@base_url_option
@select_option
@since_option
@format_option("text", "json", "markdown")
def command(
    *, start: Path, base_url: str | None, select: tuple[str, ...], since: str, form: str
) -> ExitCode:
    """Say what became of every send that ccops applied.

    Reads the account beside the journal and changes nothing: was it sent, to how many contacts,
    is it still to come; or did it fail, reach nobody, vanish, or was it changed by somebody else?

    Exits 0 when all is as applied, 6 when a person is needed, 10 when a write is still open.
    """
    with progress() as hears, reading(start, base_url, hears) as session:
        found = verify(session, since=since, select=select)
    _show(found, form)
    return found.exit_code


def _show(found: Verification, form: str) -> None:
    if form == "json":
        show_document(deliveries_json(found))
    elif form == "markdown":
        show(deliveries_markdown(found))
    else:
        show(deliveries_text(found, **look(sys.stdout)))
