"""`ccops halt`: the emergency brake."""

import sys
from pathlib import Path

import click

from ccops.commands.look import look
from ccops.commands.meant import agrees
from ccops.commands.options import (
    base_url_option,
    format_option,
    select_option,
    workspace_option,
)
from ccops.commands.output import show, show_diagnostics, show_document, tell
from ccops.errors import ExitCode
from ccops.render.machine_halt import halt_json
from ccops.render.text_halt import halt_text
from ccops.session.halting.brake import halt
from ccops.session.halting.locking import PATIENCE
from ccops.session.halting.preview import preview
from ccops.session.halting.readable import readable
from ccops.session.wiring import connected
from ccops.streams import outcome_stands


@click.command("halt")
@workspace_option
@base_url_option
@select_option
@click.option("--reason", required=True, help="Why; kept in the store and shown to whoever asks.")
@click.option("--dry-run", is_flag=True, help="Show what would be halted, and halt nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, though nothing is selected.")
@click.option(
    "--wait",
    type=click.IntRange(min=0),
    metavar="SECONDS",
    default=PATIENCE,
    show_default=True,
    help="Wait so long for a run that holds the lock.",
)
@format_option("text", "json")
def command(
    *,
    start: Path,
    base_url: str | None,
    select: tuple[str, ...],
    reason: str,
    form: str,
    dry_run: bool,
    yes: bool,
    wait: int,
) -> ExitCode:
    """Stop campaigns from being sent: the emergency brake.

    Every selected campaign, without --select every one of the workspace, is unscheduled, also
    minutes before its send. It is marked as halted, so that no apply restores it, and its
    manifest is rewritten to `send_at: unscheduled`.
    """
    if not any(map(str.isalnum, reason)):
        raise click.BadParameter("say why", param_hint="--reason")
    space, unread = readable(start, base_url)
    if unread:
        show_diagnostics(unread, closing="Going on with the manifests that can be read.")
    with connected(space, base_url) as session:
        if dry_run:
            report = preview(session, select=select, reason=reason.strip(), unread=unread)
        elif select or yes or agrees(space):
            outcome_stands()
            report = halt(
                session,
                select=select,
                reason=reason.strip(),
                tell=tell,
                unread=unread,
                patience=wait,
            )
        else:
            return ExitCode.BLOCKED
    if report.trouble:
        show_diagnostics(report.trouble, closing="What was done before stands in the report.")
    if form == "json":
        show_document(halt_json(report))
    else:
        show(halt_text(report, **look(sys.stdout)))
    return report.exit_code
