"""`ccops pull`: adopt what exists in the account as manifests."""

import sys
from pathlib import Path

import click

from ccops.commands.look import look
from ccops.commands.options import base_url_option, format_option, workspace_option
from ccops.commands.output import show, show_diagnostics, show_document, tell
from ccops.commands.overwriting import asker
from ccops.commands.progress import progress
from ccops.errors import CcopsError, ExitCode
from ccops.planning.adopted import Pulled, Relocked
from ccops.render.phrases import counted
from ccops.render.pulling import pulled_json, pulled_text
from ccops.session.pulled import Hearers, Wish, pull
from ccops.session.wiring import reading
from ccops.streams import outcome_stands


@click.command("pull")
@workspace_option
@base_url_option
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE,...",
    help="scheduled, draft, sent, sending or failed; what is scheduled, unless a NAME is given.",
)
@click.option("--all", "every", is_flag=True, help="Campaigns in every state.")
@click.option("--overwrite", is_flag=True, help="Change manifests that differ, without asking.")
@click.option("--dry-run", "dry", is_flag=True, help="Write nothing; say what would be written.")
@format_option("text", "json")
def command(
    *,
    start: Path,
    base_url: str | None,
    names: tuple[str, ...],
    states: tuple[str, ...],
    every: bool,
    overwrite: bool,
    dry: bool,
    form: str,
) -> ExitCode:
    """Write the account's campaigns into manifests, so that plan has nothing to do.

    A NAME is a campaign's exact name, or has wildcards. Each campaign gets a file of its own; one
    that has a manifest keeps it, and where the two differ, you are asked. Reads the account, and
    writes manifests and ccops.lock.
    """
    wish = Wish(names=names, states=states, every=every, dry=dry)
    written: list[str] = []
    agrees = asker(overwrite=overwrite, silent=dry)
    hearers = Hearers(agrees=agrees, wrote=written.append, notes=tell)
    try:
        with progress() as hears, reading(start, base_url, hears, bare=True) as session:
            pulled = pull(session, wish, hearers)
    except CcopsError as error:
        show_diagnostics(error.diagnostics, closing=_closing(len(written)))
        return error.exit_code
    if written:
        outcome_stands()
    _show(pulled, form)
    return pulled.exit_code


def _closing(written: int) -> str:
    if not written:
        return "Nothing was written."
    return f"{counted(written, 'file')} had been written; run it again to go on."


def _show(pulled: Pulled, form: str) -> None:
    lock = pulled.relocked or Relocked()
    for change in lock.moved:
        tell(change)
    problems = (*lock.missing, *lock.errors)
    if problems:
        show_diagnostics(problems, closing="The lock does not hold it.")
    if form == "json":
        show_document(pulled_json(pulled))
    else:
        show(pulled_text(pulled, **look(sys.stdout)))
