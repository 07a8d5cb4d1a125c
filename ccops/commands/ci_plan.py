"""`ccops ci plan`: a plan, shown to whoever reviews the pull request."""

import sys
from pathlib import Path

import click

from ccops.commands.ci_job import annotate, end_unselected, hide, in_job
from ccops.commands.look import look
from ccops.commands.options import (
    allow_options,
    base_url_option,
    locked_option,
    plan_select_option,
    workspace_option,
)
from ccops.commands.output import save, show
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.planning.planfile import checksum, to_json
from ccops.render.text import plan_text
from ccops.session.ci.planning import Unselected, calendar_of, plan_of, target_of
from ccops.session.ci.reviewed import refuse_riskier
from ccops.session.ci.telling import presentable, tell_plan
from ccops.session.outputs import refuse_own
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
    became riskier is refused (exit 7). Where `changed:`, `state:` or `sends<` leave nothing, there
    is nothing to do (exit 0). Changes nothing in Constant Contact.
    """
    with in_job("ccops ci plan", start, showing=True) as job:
        refuse_own(*filter(None, [target, report]))
        with progress() as hears, reading(start, base_url, hears) as session:
            hide(job, session.login.token)
            plan = plan_of(session, job, select=select, allow=allow, reason=reason, locked=locked)
        if isinstance(plan, Unselected):
            return end_unselected(job, plan)
        plan_file, shown = target_of(job, target), presentable(job, plan)
        if plan_file:
            save(plan_file, to_json(plan))
        if report:
            save(report, calendar_of(shown))
        show(plan_text(shown, checksum=checksum(plan), now=plan.created_at, **look(sys.stdout)))
        found, told = tell_plan(job, plan, plan_file=plan_file, report_file=report or "")
        annotate(job, told)
        refuse_riskier(job, found, named=False)
    return plan.exit_code(detailed=False)
