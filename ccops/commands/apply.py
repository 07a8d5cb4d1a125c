"""`ccops apply`: make the requests of a plan, each once."""

import sys
from pathlib import Path

import click

from ccops.applying.apply import refuse_blocked
from ccops.commands.confirm import confirm
from ccops.commands.options import (
    allow_options,
    base_url_option,
    format_option,
    locked_option,
    plan_select_option,
    workspace_option,
)
from ccops.commands.output import show
from ccops.commands.planout import render
from ccops.commands.progress import progress
from ccops.commands.reportout import render_report, teller
from ccops.commands.unapproved import confirm_unapproved
from ccops.errors import ExitCode
from ccops.session.applied import apply
from ccops.session.planned import planned
from ccops.session.signals import heard_signals
from ccops.session.wiring import reading
from ccops.streams import outcome_stands


@click.command("apply")
@click.argument("file", metavar="[PLAN]", required=False, type=click.Path())
@workspace_option
@base_url_option
@plan_select_option
@locked_option
@allow_options
@click.option("--checksum", help="Refuse any plan but the one with this checksum.")
@click.option("--dry-run", is_flag=True, help="Show the requests and make none.")
@click.option("--yes", is_flag=True, help="Do not ask. Never enough for send-now.")
@format_option("text", "json", "jsonl", "markdown")
def command(
    *,
    file: str | None,
    start: Path,
    base_url: str | None,
    select: tuple[str, ...],
    locked: bool,
    allow: tuple[str, ...],
    reason: str,
    checksum: str | None,
    form: str,
    dry_run: bool,
    yes: bool,
) -> ExitCode:
    """Make the requests of the saved plan PLAN, or of a plan made now.

    Each request is made once, recorded before it leaves and read back afterwards. When the
    answer is unclear ccops waits and looks; it never repeats a write blindly.
    """
    with reading(start, base_url) as session:
        with progress() as session.tell:
            plan = planned(
                session,
                file=file,
                checksum=checksum,
                select=select,
                allow=allow,
                reason=reason,
                locked=locked,
            )
        if dry_run:
            show(render(plan, form, sys.stdout, show_requests=True))
            return plan.exit_code(detailed=False)
        refuse_blocked(plan, session.store)
        if not confirm_unapproved(plan, session.workspace.settings.approvers):
            return ExitCode.BLOCKED
        if not confirm(plan, agreed=checksum is not None, yes=yes):
            return ExitCode.BLOCKED
        outcome_stands()
        with heard_signals() as signals:
            report = apply(session, plan, tell=teller(plan, form), signals=signals)
            show(render_report(report, form, sys.stdout))
    return report.exit_code
