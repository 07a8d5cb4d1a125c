"""A plan in a job: for which commit it is, and where its files go."""

from collections.abc import Sequence

from ccops.planning.agenda import agenda
from ccops.planning.plan import Plan
from ccops.render.agenda_view import view
from ccops.session.calendared import html_page
from ccops.session.ci.surroundings import Job
from ccops.session.planned import plan
from ccops.session.wiring import Session

_NAME = "ccops-plan.json"


def plan_of(
    session: Session,
    job: Job,
    *,
    select: Sequence[str],
    allow: Sequence[str],
    reason: str,
    locked: bool,
) -> Plan:
    """Make a plan as `ccops.session.planned.plan` does, named after the commit under review.

    A pull request's job runs on a merge that nobody knows; people know the commit they pushed.
    """
    session.commit = (job.opened.head if job.opened else job.commit)[:7]
    return plan(session, select=select, allow=allow, reason=reason, locked=locked)


def target_of(job: Job, target: str | None) -> str:
    """Return where a plan is saved: as asked, else outside of the checkout; "" for nowhere."""
    if target is not None:
        return target
    return str(job.temporary / _NAME) if job.temporary else ""


def calendar_of(plan: Plan) -> str:
    """Return the calendar of a plan as an HTML page (InvalidInput CC294 without the extra)."""
    return html_page(view(agenda(plan, now=plan.created_at)))
