"""The one comment in a pull request: kept, edited, posted anew, and at last a receipt."""

from collections.abc import Callable
from dataclasses import dataclass

from ccops.forge import github
from ccops.forge.github import Repository
from ccops.forge.rows import Comment, Pull
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.planning.review import Mark, Posted, Posting, own, posting, read_mark
from ccops.render.headline import headline
from ccops.render.markdown import plan_markdown
from ccops.render.receipt import ROOM, outdated_markdown
from ccops.render.summary import run_link
from ccops.session.ci.reaching import Notes, note, reach, tolerated
from ccops.session.ci.surroundings import Job, Opened

KIND = "plan"
_MERGING = frozenset({"push", "workflow_dispatch"})
"""Only what follows a merge has its receipt there: a timer's run may be about older ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The pull request that brought a commit, and our comment in it."""

    pull: Pull
    comment: Comment | None
    mark: Mark | None


def mark_of(plan: Plan) -> Mark:
    """Return what a comment's first line says of this plan."""
    return Mark(
        kind=KIND,
        account=plan.account.id,
        risk=plan.risk,
        status=headline(plan, now=plan.created_at).status,
        checksum=checksum(plan),
    )


def post_plan(job: Job, plan: Plan) -> Notes:
    """Show a plan in the pull request that the job is about; say what hindered it.

    Not where the pull request has moved on: another job shows what is there now.
    """
    notes: Notes = []
    if job.opened is None:
        return notes
    if job.opened.fork:
        return [note("the pull request comes from a fork, whose jobs may not comment")]
    with tolerated(notes, "the plan is not shown in the pull request"), reach(job) as repository:
        if github.pull(repository, job.opened.number).head == job.opened.head:
            _post(repository, job, job.opened, plan, notes)
        else:
            notes.append(note("the pull request has newer commits: this plan is not shown in it"))
    return notes


def _post(repository: Repository, job: Job, opened: Opened, plan: Plan, notes: Notes) -> None:
    number, body = opened.number, _page(job, plan)
    before = our_comment(repository, number, plan.account.id)
    match posting(_posted(before) if before else None, body), before:
        case Posting.KEEP, _:
            pass
        case Posting.EDIT, Comment():
            github.edit_comment(repository, before, body)
        case Posting.RENEW, Comment():
            made = github.add_comment(repository, number, body)
            link = f"{job.site}/{job.repository}/pull/{number:d}#issuecomment-{made.id:d}"
            with tolerated(notes, "the older plan still stands in the pull request"):
                github.edit_comment(repository, before, outdated_markdown(mark_of(plan), link))
        case _:
            github.add_comment(repository, number, body)


def _page(job: Job, plan: Plan) -> str:
    link = run_link(job.run_url)
    room = ROOM - len(link) - 1
    page = plan_markdown(plan, checksum=checksum(plan), now=plan.created_at, budget=room)
    return f"{page.rstrip()}\n{link}".rstrip()


def our_comment(repository: Repository, number: int, account: str) -> Comment | None:
    """Find our comment in a pull request: by author, marker and account."""
    there = github.comments(repository, number)
    author = github.login(repository)
    known = {one.id: one for one in there}
    found = own(map(_posted, there), author=author, kind=KIND, account=account)
    return known[found.id] if found else None


def _posted(comment: Comment) -> Posted:
    return Posted(id=comment.id, author=comment.author, body=comment.body)


def shown(repository: Repository, job: Job, account: str) -> Shown | None:
    """Find the pull request that brought the job's commit to its branch, and our comment in it."""
    pull = merged(repository, job.commit, job.branch)
    if pull is None:
        return None
    comment = our_comment(repository, pull.number, account)
    return Shown(pull=pull, comment=comment, mark=read_mark(comment.body) if comment else None)


def merged(repository: Repository, commit: str, branch: str) -> Pull | None:
    """Find the newest pull request that was merged into a branch with this commit."""
    found = [
        (one.merged_at, one.number, one)
        for one in github.pulls_of(repository, commit)
        if one.merged_at is not None and one.into == branch
    ]
    return max(found)[2] if found else None


def become(job: Job, account: str, body: Callable[[Mark | None], str]) -> Notes:
    """Let our comment in the merged pull request become `body`; say what hindered it.

    `body` is asked with what the comment said of the plan, for it goes on saying that.
    """
    notes: Notes = []
    if job.event not in _MERGING or not job.commit or not job.branch:
        return notes
    with tolerated(notes, "the receipt is not in the pull request"), reach(job) as repository:
        found = shown(repository, job, account)
        if found is None:
            notes.append(note("no pull request brought this commit: there is no receipt in one"))
        elif found.comment is None:
            github.add_comment(repository, found.pull.number, body(None))
        else:
            github.edit_comment(repository, found.comment, body(found.mark))
    return notes
