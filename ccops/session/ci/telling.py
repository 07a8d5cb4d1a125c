"""What a job tells of a plan, of an apply and of a refusal, in every place where it can."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from ccops.applying.apply import refuse_blocked
from ccops.applying.report import Report
from ccops.errors import Blocked, CcopsError, Diagnostic
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_markdown
from ccops.render.phrases import counted
from ccops.render.plan_annotations import plan_diagnostics
from ccops.render.receipt import receipt_markdown
from ccops.render.redaction import redacted
from ccops.render.summary import (
    likeness,
    nothing_markdown,
    nothing_selected,
    refused,
    trouble_markdown,
    valid_markdown,
)
from ccops.render.summary_outputs import (
    apply_outputs,
    failed_outputs,
    nothing_outputs,
    plan_outputs,
)
from ccops.session.ci.approval import refuse_unapproved
from ccops.session.ci.commenting import (
    become,
    mark_of,
    post_failure,
    post_plan,
    post_unselected,
    wait,
)
from ccops.session.ci.files import add_page, set_outputs
from ccops.session.ci.outdated import refuse_outdated
from ccops.session.ci.planning import Unselected
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
        add_page(job, lambda budget: _page(job, plan, found, budget))
    notes += post_plan(job, plan)
    return found, (*plan_diagnostics(presentable(job, plan)), *notes)


def presentable(job: Job, plan: Plan) -> Plan:
    """Return the plan that everybody who can read the job may see: to be shown, never applied."""
    return redacted(plan) if job.public else plan


def _page(job: Job, plan: Plan, found: Compared | None, budget: int) -> str:
    page = plan_markdown(
        plan,
        checksum=checksum(plan),
        now=plan.created_at,
        budget=budget,
        source=job.source,
        public=job.public,
    )
    return page if found is None else f"{likeness(found.likeness, found.number)}\n\n{page}"


def tell_unselected(job: Job, found: Unselected) -> tuple[tuple[str, ...], Told]:
    """Tell that there is nothing to do: outputs, page, and the comment, if there is one already.

    Return that in lines, and what is to be annotated.

    Raises InvalidInput CC232: the outputs cannot be set.
    """
    words, reasons = nothing_selected(found.selection, found.deleted)
    set_outputs(job, nothing_outputs(words))
    notes: Notes = []
    with tolerated(notes, "the page of this job lacks it"):
        add_page(job, lambda budget: nothing_markdown(found.selection, reasons, budget=budget))
    notes += post_unselected(job, found.account, found.selection, reasons)
    return (words, *reasons), notes


def admit(session: Session, job: Job, plan: Plan, *, saved: bool, named: bool) -> Notes:
    """Let a plan through to its apply, or refuse it; return what is to be annotated.

    `saved`: it comes from a file; `named`: its checksum was given.

    Raises:
        Blocked: a guard, a missing permission, or a missing approval.
        StalePlan: CC620, it is riskier than what was reviewed; CC621, the branch has changed.
    """
    refuse_blocked(plan, session.store)
    found, notes = compared(job, plan)
    refuse_riskier(job, found, named=named)
    try:
        notes += refuse_unapproved(session, job, plan, named=named or not saved)
    except Blocked as missing:
        wait(job, plan, missing.diagnostics)
        raise
    return [*notes, *refuse_outdated(session, job, plan)]


def tell_report(job: Job, plan: Plan, report: Report) -> Told:
    """Tell of an apply, and return what is to be annotated; nothing of it can fail any more."""
    notes: Notes = []
    unseen = replace(mark_of(plan, job.folder), commit="")
    with tolerated(notes, "the outputs of this step are not set"):
        set_outputs(job, apply_outputs(report))
    with tolerated(notes, "the page of this job lacks the report"):
        add_page(job, lambda budget: report_markdown(report, budget=budget))
    notes += become(
        job,
        plan.account.id,
        lambda mark: receipt_markdown(report, mark or unseen, url=job.run_url),
    )
    return notes


def tell_valid(job: Job, space: Workspace) -> None:
    """Tell that the workspace is valid."""
    files = {one.place.file for one in space.desired}
    words = counted(len(space.desired), "campaign"), counted(len(files), "file")
    add_page(job, lambda _: valid_markdown(*words))
    set_outputs(job, {"status": "valid", "summary": f"{words[0]} in {words[1]}"})


def tell_failure(job: Job, command: str, error: CcopsError, *, showing: bool) -> Told:
    """Tell why a command was refused; what hinders that must not hide the reason.

    `showing`: it would have shown a plan in the pull request. Return what is to be annotated.
    """
    title, notes = refused(command, error.exit_code), Notes()
    if showing:
        notes = post_failure(job, title, error.diagnostics)
    with suppress(CcopsError, OSError):
        set_outputs(job, failed_outputs(error.exit_code, title))
    with suppress(CcopsError, OSError):
        add_page(job, lambda budget: trouble_markdown(title, error.diagnostics, budget=budget))
    return notes
