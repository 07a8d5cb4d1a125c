"""`ccops halt`: the emergency brake."""

import sys
from pathlib import Path

import click

from ccops.commands.look import look
from ccops.commands.options import (
    base_url_option,
    format_option,
    select_option,
    workspace_option,
)
from ccops.commands.output import show, show_diagnostics, show_document, tell
from ccops.errors import Diagnostic, ExitCode, InvalidInput
from ccops.render.halting import HaltReport
from ccops.render.machine_halt import halt_json
from ccops.render.text_halt import halt_text
from ccops.render.words import counted
from ccops.session.halting.brake import halt
from ccops.session.halting.preview import preview
from ccops.session.wiring import Session, reading

_WORDS = "halt all"


@click.command("halt")
@workspace_option
@base_url_option
@select_option
@click.option("--reason", required=True, help="Why; kept in the store and shown to whoever asks.")
@click.option("--dry-run", is_flag=True, help="Show what would be halted, and halt nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, though nothing is selected.")
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
) -> ExitCode:
    """Stop campaigns from being sent: the emergency brake.

    Every selected campaign, without --select every one of the workspace, is unscheduled, also
    minutes before its send. It is marked as halted, so that no apply restores it, and its
    manifest is rewritten to `send_at: unscheduled`.
    """
    if not reason.strip():
        raise click.BadParameter("say why", param_hint="--reason")
    with reading(start, base_url) as session:
        if dry_run:
            report = preview(session, select=select, reason=reason.strip())
        elif select or yes or _agrees(session):
            report = halt(session, select=select, reason=reason.strip(), tell=tell)
        else:
            return ExitCode.BLOCKED
    if report.trouble:
        show_diagnostics(report.trouble, closing="What was done before stands in the report.")
    _show(report, form)
    return report.exit_code


def _show(report: HaltReport, form: str) -> None:
    if form == "json":
        show_document(halt_json(report))
    else:
        show(halt_text(report, **look(sys.stdout)))


def _agrees(session: Session) -> bool:
    """Have it typed that all is meant. Raises InvalidInput where nobody can be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput(
            Diagnostic(
                code="CC282",
                message="this would halt every campaign, and there is no terminal to confirm it",
                help="add --yes, or --select the campaigns to halt",
            )
        )
    amount = counted(len(session.workspace.desired), "campaign")
    account = session.workspace.settings.account
    tell(f"This halts all of the workspace's manifests: {amount} of the account {account}.")
    answer: str = click.prompt(f"Type {_WORDS!r} to do it", err=True)
    return answer.strip() == _WORDS
