"""`ccops apply`: make the requests of a plan, each once."""

import sys
from pathlib import Path

import click

from ccops.applying.apply import refuse_blocked
from ccops.applying.report import Report
from ccops.commands.confirm import confirm
from ccops.commands.look import look
from ccops.commands.options import (
    allow_options,
    base_url_option,
    format_option,
    select_option,
    workspace_option,
)
from ccops.commands.output import show, tell
from ccops.commands.planout import render
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.render.escape import log_json
from ccops.render.machine import report_json
from ccops.render.markdown_report import report_markdown
from ccops.render.text_report import report_text
from ccops.session.applied import apply
from ccops.session.planned import planned
from ccops.session.signals import heard_signals
from ccops.session.wiring import reading


@click.command("apply")
@click.argument("file", metavar="[PLAN]", required=False, type=click.Path())
@workspace_option
@base_url_option
@select_option
@allow_options
@click.option("--checksum", help="Refuse any plan but the one with this checksum.")
@click.option("--dry-run", is_flag=True, help="Show the requests and make none.")
@click.option("--yes", is_flag=True, help="Do not ask. Never enough for send-now.")
@format_option("text", "json", "markdown")
def command(
    *,
    file: str | None,
    start: Path,
    base_url: str | None,
    select: tuple[str, ...],
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
                session, file=file, checksum=checksum, select=select, allow=allow, reason=reason
            )
        if dry_run:
            show(render(plan, form, sys.stdout, show_requests=True))
            return plan.exit_code(detailed=False)
        refuse_blocked(plan, session.store)
        if not confirm(plan, agreed=checksum is not None, yes=yes):
            return ExitCode.BLOCKED
        with heard_signals() as signals:
            report = apply(session, plan, tell=tell, signals=signals)
            show(_rendered(report, form))
    return report.exit_code


def _rendered(report: Report, form: str) -> str:
    if form == "json":
        return log_json(report_json(report))
    if form == "markdown":
        return report_markdown(report)
    return report_text(
        report,
        now=report.finished_at,
        **look(sys.stdout),
    )
