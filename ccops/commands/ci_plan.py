"""`ccops ci plan`: a plan, shown to whoever reviews the pull request."""

import sys
from pathlib import Path

import click

from ccops.commands.ci_job import annotate, hide, in_job
from ccops.commands.options import (
    allow_options,
    base_url_option,
    locked_option,
    plan_select_option,
    workspace_option,
)
from ccops.commands.output import save, show
from ccops.commands.planout import render
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.planning.planfile import to_json
from ccops.session.ci.planning import calendar_of, plan_of, target_of
from ccops.session.ci.reviewed import refuse_riskier
from ccops.session.ci.telling import tell_plan
from ccops.session.wiring import reading


@click.command("plan")
@workspace_option
@base_url_option
@plan_select_option
@locked_option
@allow_options
@click.option(
    "--save",
    "target",
    metavar="FILE",
    show_default="ccops-plan.json in RUNNER_TEMP",
    help="Save the plan for `ccops ci apply FILE`.",
)
@click.option("--report", metavar="FILE", help="Also write the calendar, as an HTML page.")
def command(
    *,
    start: Path,
    base_url: str | None,
    select: tuple[str, ...],
    locked: bool,
    allow: tuple[str, ...],
    reason: str,
    target: str | None,
    report: str | None,
) -> ExitCode:
    """Make a plan, and show it in the pull request and on the page of the job.

    On a branch it is compared with the plan that was reviewed: right after a merge, one that
    became riskier is refused (exit 7). Changes nothing in Constant Contact.
    """
    with in_job("ccops ci plan", start) as job:
        with progress() as hears, reading(start, base_url, hears) as session:
            hide(job, session.login.token)
            plan = plan_of(session, job, select=select, allow=allow, reason=reason, locked=locked)
        plan_file = target_of(job, target)
        if plan_file:
            save(plan_file, to_json(plan))
        if report:
            save(report, calendar_of(plan))
        show(render(plan, "text", sys.stdout))
        found, told = tell_plan(job, plan, plan_file=plan_file, report_file=report or "")
        annotate(job, told)
        refuse_riskier(job, found, named=False)
    return plan.exit_code(detailed=False)
