"""Whether a job is about what the branch still says.

A job that waited for a reviewer, or was run again, would bring back what later commits took away.
"""

from collections.abc import Iterable

from ccops.errors import Diagnostic, StalePlan
from ccops.forge import github
from ccops.forge.rest import Repository
from ccops.planning.plan import Plan
from ccops.session.ci.reaching import Notes, reach, tolerated
from ccops.session.ci.sending import AROUND, manifests_of, sending
from ccops.session.ci.surroundings import Job
from ccops.session.wiring import Session


def refuse_outdated(session: Session, job: Job, plan: Plan) -> Notes:
    """Refuse a plan that sends, if what it rests on has changed on the branch since the commit.

    A branch that cannot be asked is noted: nothing of GitHub is needed to send, unless there are
    `approvers:`, and then it cannot be asked for those either.

    Raises:
        StalePlan: CC621; nothing was written.
    """
    notes: Notes = []
    wanted = sending(plan)
    if not wanted or not job.commit or not job.branch:
        return notes
    files = (*AROUND, *manifests_of(wanted, session.workspace.desired))
    later = ""
    with tolerated(notes, "whether the branch has changed since is not known"), reach(job) as there:
        later = _later(there, job, files)
    if later:
        raise StalePlan(_changed(later, job.branch))
    return notes


def _later(repository: Repository, job: Job, files: Iterable[str]) -> str:
    """Name the first file that is another one by now; "": none is."""
    tip = github.tip_of(repository, job.branch)
    if tip == job.commit:
        return ""
    for file in files:
        path = f"{job.folder}{file}"
        now, then = (github.blob_of(repository, one, path) for one in (tip, job.commit))
        if now != then:
            return file
    return ""


def _changed(file: str, branch: str) -> Diagnostic:
    return Diagnostic(
        code="CC621",
        message=f"{file} has changed on {branch} since the commit of this job",
        help="let the job of the newer commit apply what holds now, or start the workflow anew",
    )
