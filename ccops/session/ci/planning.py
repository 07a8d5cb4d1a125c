"""A plan in a job: for which commit it is, whether there is one, and where its files go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ccops.planning.agenda import agenda
from ccops.planning.plan import Plan
from ccops.planning.select import NothingSelected, parse, refuse_unmatched
from ccops.render.agenda_view import view
from ccops.session.calendared import html_page
from ccops.session.changed import changed
from ccops.session.ci.surroundings import Job
from ccops.session.planned import plan
from ccops.session.wiring import Session

_NAME = "ccops-plan.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unselected:
    """Nothing is selected today, and that is no mistake: there is nothing to do.

    `deleted` are the manifests that are no more: of those nothing is ever written.
    """

    account: str
    selection: tuple[str, ...]
    deleted: tuple[str, ...]


def unless_unselected(
    session: Session, selectors: Sequence[str], make: Callable[[], Plan]
) -> Plan | Unselected:
    """Make a plan, unless `changed:`, `state:` or `sends<` leave nothing of what is there to select.

    Raises InvalidInput CC287: the other selectors match nothing by themselves, which is a mistake.
    """
    try:
        return make()
    except NothingSelected:
        selection, space = parse(selectors), session.workspace
        refuse_unmatched(space.desired, selection)
    found = changed(space.root, space.desired, selection.of("changed")).values()
    return Unselected(
        account=space.settings.account,
        selection=selection.texts,
        deleted=tuple(sorted({name for one in found for name in one.deleted})),
    )


def plan_of(
    session: Session,
    job: Job,
    *,
    select: Sequence[str],
    allow: Sequence[str],
    reason: str,
    locked: bool,
) -> Plan | Unselected:
    """Make a plan as `ccops.session.planned.plan` does, named after the commit under review.

    A pull request's job runs on a merge that nobody knows; people know the commit they pushed.
    """
    session.commit = (job.opened.head if job.opened else job.commit)[:7]
    return unless_unselected(
        session,
        select,
        lambda: plan(session, select=select, allow=allow, reason=reason, locked=locked),
    )


def target_of(job: Job, target: str | None) -> str:
    """Return where a plan is saved: as asked, else outside of the checkout; "" for nowhere."""
    if target is not None:
        return target
    return str(job.temporary / _NAME) if job.temporary else ""


def calendar_of(plan: Plan) -> str:
    """Return the calendar of a plan as an HTML page (InvalidInput CC294 without the extra)."""
    return html_page(view(agenda(plan, now=plan.created_at)))
