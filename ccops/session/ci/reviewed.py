"""A plan of a branch beside the plan that was reviewed in the pull request."""

from dataclasses import dataclass

from ccops.errors import Diagnostic, StalePlan
from ccops.planning.plan import Plan
from ccops.planning.review import Likeness, compare
from ccops.session.ci.commenting import mark_of, shown
from ccops.session.ci.reaching import Notes, reach, tolerated
from ccops.session.ci.surroundings import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How a plan compares with the one of a pull request."""

    likeness: Likeness
    number: int


def compared(job: Job, plan: Plan) -> tuple[Compared | None, Notes]:
    """Compare a plan with what was shown in the pull request that brought the job's commit.

    For the eyes of people, and to refuse: anybody who may write to the repository can edit that
    comment, so that nothing is ever allowed because of it.
    """
    notes: Notes = []
    if job.opened is not None or not job.commit or not job.branch:
        return None, notes
    with tolerated(notes, "the plan was not compared with the reviewed one"), reach(job) as there:
        found = shown(there, job, plan.account.id)
        if found is not None and found.mark is not None:
            likeness = compare(found.mark, mark_of(plan, job.folder))
            return Compared(likeness=likeness, number=found.pull.number), notes
    return None, notes


def refuse_riskier(job: Job, found: Compared | None, *, named: bool) -> None:
    """Refuse a plan that is riskier than the one that was reviewed, right after the merge.

    Not where a person decided since: with the plan's checksum (`named`), or by starting the job.

    Raises:
        StalePlan: CC620; nothing was written.
    """
    if job.event != "push" or named or found is None or found.likeness is not Likeness.RISKIER:
        return
    message = f"the plan is riskier than the one that was reviewed in #{found.number}"
    remedy = "look at both; to go on, plan again by hand and apply that plan with its --checksum"
    raise StalePlan(Diagnostic(code="CC620", message=message, help=remedy))
