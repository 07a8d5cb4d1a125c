"""`ccops ci apply`: apply a plan, and leave the receipt where the plan was reviewed."""

import sys
from pathlib import Path

import click

from ccops.commands.ci_job import annotate, end_unselected, hide, in_job
from ccops.commands.confirm import confirm
from ccops.commands.options import (
    allow_options,
    base_url_option,
    locked_option,
    plan_select_option,
    workspace_option,
)
from ccops.commands.output import show, tell
from ccops.commands.progress import progress
from ccops.commands.reportout import render_report
from ccops.errors import ExitCode
from ccops.session.applied import apply
from ccops.session.ci.planning import Unselected, unless_unselected
from ccops.session.ci.surroundings import refuse_unmerged
from ccops.session.ci.telling import admit, tell_report
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
) -> ExitCode:
    """Make the requests of the saved plan PLAN, or of a plan made now, as `ccops apply --yes`.

    Where ccops.yaml names `approvers:`, each pull request behind the plan must have been approved
    by one of them; else nothing is written (exit 6). Where `changed:`, `state:` or `sends<` leave
    nothing, there is nothing to do (exit 0). What GitHub does after the requests were made changes
    neither them nor the exit code.
    """
    with in_job("ccops ci apply", start) as job:
        refuse_unmerged(job)
        with reading(start, base_url) as session:
            hide(job, session.login.token)
            with progress() as session.tell:
                plan = unless_unselected(
                    session,
                    select,
                    lambda: planned(
                        session,
                        file=file,
                        checksum=checksum,
                        select=select,
                        allow=allow,
                        reason=reason,
                        locked=locked,
                    ),
                )
            if isinstance(plan, Unselected):
                return end_unselected(job, plan)
            named = checksum is not None
            annotate(job, admit(session, job, plan, saved=file is not None, named=named))
            if not confirm(plan, agreed=named, yes=True):
                return ExitCode.BLOCKED
            outcome_stands()
            with heard_signals() as signals:
                report = apply(session, plan, tell=tell, signals=signals)
                show(render_report(report, "text", sys.stdout))
                annotate(job, tell_report(job, plan, report))
    return report.exit_code
