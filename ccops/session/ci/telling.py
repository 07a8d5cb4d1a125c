"""What a job tells of a plan, of an apply and of a refusal, in every place where it can."""

from collections.abc import Sequence
from contextlib import suppress

from ccops.applying.apply import refuse_blocked
from ccops.applying.report import Report
from ccops.errors import Blocked, CcopsError, Diagnostic
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_markdown
from ccops.render.plan_annotations import plan_diagnostics
from ccops.render.receipt import receipt_markdown, waiting_markdown
from ccops.render.summary import likeness, refused, trouble_markdown, valid_markdown
from ccops.render.summary_outputs import apply_outputs, failed_outputs, plan_outputs
from ccops.render.words import counted
from ccops.session.ci.approval import refuse_unapproved
from ccops.session.ci.commenting import become, mark_of, post_plan
from ccops.session.ci.files import add_page, set_outputs
from ccops.session.ci.reaching import Notes, tolerated
from ccops.session.ci.reviewed import Compared, compared, refuse_riskier
from ccops.session.ci.surroundings import Job
from ccops.session.wiring import Session
from ccops.workspace import Workspace

Told = Sequence[Diagnostic]
"""What is to be annotated."""


def tell_plan(
    job: Job, plan: Plan, *, plan_file: str, report_file: str
) -> tuple[Compared | None, Told]:
    """Tell of a plan: outputs, page, pull request.

    Return how it compares with what was reviewed, and what is to be annotated.

    Raises InvalidInput CC232: the outputs cannot be set.
    """
    digest = checksum(plan)
    set_outputs(
        job, plan_outputs(plan, checksum=digest, plan_file=plan_file, report_file=report_file)
    )
    found, notes = compared(job, plan)
    with tolerated(notes, "the page of this job lacks the plan"):
        add_page(job, lambda budget: _page(plan, found, budget))
    notes += post_plan(job, plan)
    return found, (*plan_diagnostics(plan), *notes)


def _page(plan: Plan, found: Compared | None, budget: int) -> str:
    page = plan_markdown(plan, checksum=checksum(plan), now=plan.created_at, budget=budget)
    return page if found is None else f"{likeness(found.likeness, found.number)}\n\n{page}"


def admit(session: Session, job: Job, plan: Plan, *, saved: bool, named: bool) -> Notes:
    """Let a plan through to its apply, or refuse it; return what is to be annotated.

    `saved`: it comes from a file; `named`: its checksum was given.

    Raises:
        Blocked: a guard, a missing permission, or a missing approval.
        StalePlan: CC620, it is riskier than what was reviewed.
    """
    refuse_blocked(plan, session.store)
    found, notes = compared(job, plan)
    refuse_riskier(job, found, named=named)
    try:
        refuse_unapproved(session, job, plan, named=named or not saved)
    except Blocked as missing:
        _wait(job, plan, missing.diagnostics)
        raise
    return notes


def _wait(job: Job, plan: Plan, reasons: Told) -> None:
    become(
        job,
        plan.account.id,
        lambda mark: waiting_markdown(
            plan, reasons, mark or mark_of(plan), url=job.run_url, checksum=checksum(plan)
        ),
    )


def tell_report(job: Job, plan: Plan, report: Report) -> Told:
    """Tell of an apply, and return what is to be annotated; nothing of it can fail any more."""
    notes: Notes = []
    with tolerated(notes, "the outputs of this step are not set"):
        set_outputs(job, apply_outputs(report))
    with tolerated(notes, "the page of this job lacks the report"):
        add_page(job, lambda budget: report_markdown(report, budget=budget))
    notes += become(
        job,
        plan.account.id,
        lambda mark: receipt_markdown(report, mark or mark_of(plan), url=job.run_url),
    )
    return notes


def tell_valid(job: Job, space: Workspace) -> None:
    """Tell that the workspace is valid."""
    files = {one.place.file for one in space.desired}
    words = counted(len(space.desired), "campaign"), counted(len(files), "file")
    add_page(job, lambda _: valid_markdown(*words))
    set_outputs(job, {"status": "valid", "summary": f"{words[0]} in {words[1]}"})


def tell_failure(job: Job, command: str, error: CcopsError) -> None:
    """Tell why a command was refused; what hinders that must not hide the reason."""
    title = refused(command, error.exit_code)
    with suppress(CcopsError, OSError):
        set_outputs(job, failed_outputs(error.exit_code, title))
    with suppress(CcopsError, OSError):
        add_page(job, lambda budget: trouble_markdown(title, error.diagnostics, budget=budget))
