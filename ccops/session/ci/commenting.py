"""The one comment in a pull request: kept, edited, posted anew, and at last a receipt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ccops.errors import Diagnostic
from ccops.forge import github
from ccops.forge.rest import Repository
from ccops.forge.rows import Comment, Pull
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.planning.review import Mark, Posted, Posting, final, ours, posting, read_mark
from ccops.render.headline import headline
from ccops.render.receipt import (
    failed_markdown,
    outdated_markdown,
    plan_comment,
    unselected_markdown,
    waiting_markdown,
)
from ccops.session.ci.reaching import Notes, note, reach, tolerated
from ccops.session.ci.surroundings import Job

KIND = "plan"
_MERGING = frozenset({"push", "workflow_dispatch"})
"""Only what follows a merge has its receipt there: a timer's run may be about older ones."""

Page = Callable[[Mark | None], str]
"""The text of a comment, made of what the one that is there says; "": it stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The pull request that brought a commit, and our comment in it."""

    pull: Pull
    comment: Comment | None
    mark: Mark | None


def mark_of(plan: Plan, folder: str = "") -> Mark:
    """Return what a comment's first line says of this plan."""
    return Mark(
        kind=KIND,
        account=plan.account.id,
        risk=plan.risk,
        status=headline(plan, now=plan.created_at).status,
        checksum=checksum(plan),
        commit=plan.commit,
        folder=folder,
    )


def post_plan(job: Job, plan: Plan) -> Notes:
    """Show a plan in the pull request that the job is about; say what hindered it."""
    mark = mark_of(plan, job.folder)
    return _put(
        job,
        plan.account.id,
        lambda _: plan_comment(plan, mark, url=job.run_url, source=job.source, public=job.public),
    )


def post_unselected(
    job: Job, account: str, selection: Sequence[str], reasons: Sequence[str]
) -> Notes:
    """Let a plan of older commits give way where nothing is selected any more."""

    def page(mark: Mark | None) -> str:
        commit = job.opened.head if job.opened else ""
        known = mark and replace(mark, commit=commit[:7])
        return unselected_markdown(selection, reasons, known) if known else ""

    return _put(job, account, page)


def post_failure(job: Job, title: str, reasons: Sequence[Diagnostic]) -> Notes:
    """Let a plan of older commits give way to why there is none: it would look as if it held.

    What the account is may not be known, so it is the newest comment of this folder.
    """
    return _put(
        job,
        None,
        lambda mark: failed_markdown(title, reasons, mark, url=job.run_url) if mark else "",
    )


def _put(job: Job, account: str | None, page: Page) -> Notes:
    """Put a page into the pull request that the job is about; say what hindered it.

    Not where the pull request has moved on: another job shows what is there now. Nor after the
    merge, when it could only be mistaken for what was reviewed.
    """
    notes: Notes = []
    if job.opened is None:
        return notes
    if job.opened.fork:
        return [note("the pull request comes from a fork, whose jobs may not comment")]
    with tolerated(notes, "the plan is not shown in the pull request"), reach(job) as repository:
        pull = github.pull(repository, job.opened.number)
        if pull.head != job.opened.head:
            notes.append(note("the pull request has newer commits: this plan is not shown in it"))
        elif pull.merged_at is not None:
            notes.append(note("the pull request was merged: this plan is not shown in it"))
        else:
            notes += _post(repository, job, job.opened.number, account, page)
    return notes


def _post(repository: Repository, job: Job, number: int, account: str | None, page: Page) -> Notes:
    notes: Notes = []
    there = _ours(repository, number, account, job.folder)
    before = there[-1] if there else None
    body = page(read_mark(before.body) if before else None)
    if not body:
        return notes
    match posting(_posted(before) if before else None, body), before:
        case Posting.KEEP, Comment():
            newest, older = before, there[:-1]
        case Posting.EDIT, Comment():
            github.edit_comment(repository, before, body)
            newest, older = before, there[:-1]
        case _:
            newest, older = github.add_comment(repository, number, body), there
    with tolerated(notes, "the older plan still stands in the pull request"):
        _outdate(repository, job, number, older, newest)
    return notes


def _outdate(
    repository: Repository, job: Job, number: int, older: Sequence[Comment], newest: Comment
) -> None:
    """Leave a line of every older comment of ours: two plans in a pull request are one too many."""
    link = f"{job.site}/{job.repository}/pull/{number:d}#issuecomment-{newest.id:d}"
    for one in older:
        if mark := read_mark(one.body):
            github.edit_comment(repository, one, outdated_markdown(mark, link))


def our_comment(
    repository: Repository, number: int, account: str, folder: str = ""
) -> Comment | None:
    """Find our newest comment in a pull request: by author, marker, account and folder."""
    found = _ours(repository, number, account, folder)
    return found[-1] if found else None


def _ours(
    repository: Repository, number: int, account: str | None, folder: str
) -> tuple[Comment, ...]:
    there = github.comments(repository, number)
    author = github.login(repository)
    known = {one.id: one for one in there}
    found = ours(map(_posted, there), author=author, kind=KIND, account=account, folder=folder)
    return tuple(known[one.id] for one in found)


def _posted(comment: Comment) -> Posted:
    return Posted(id=comment.id, author=comment.author, body=comment.body)


def shown(repository: Repository, job: Job, account: str) -> Shown | None:
    """Find the pull request that brought the job's commit to its branch, and our comment in it."""
    pull = merged(repository, job.commit, job.branch)
    if pull is None:
        return None
    comment = our_comment(repository, pull.number, account, job.folder)
    return Shown(pull=pull, comment=comment, mark=read_mark(comment.body) if comment else None)


def merged(repository: Repository, commit: str, branch: str) -> Pull | None:
    """Find the newest pull request that was merged into a branch with this commit."""
    found = [
        (one.merged_at, one.number, one)
        for one in github.pulls_of(repository, commit)
        if one.merged_at is not None and one.into == branch
    ]
    return max(found)[2] if found else None


def become(job: Job, account: str, body: Page) -> Notes:
    """Let our comment in the merged pull request become `body`; say what hindered it.

    `body` is asked with what the comment said of the plan, for it goes on saying that.
    """

    def receipt(repository: Repository, found: Shown) -> None:
        if found.comment is None:
            github.add_comment(repository, found.pull.number, body(None))
        else:
            github.edit_comment(repository, found.comment, body(found.mark))

    return _after_merge(job, account, receipt)


def wait(job: Job, plan: Plan, reasons: Sequence[Diagnostic]) -> Notes:
    """Show a plan that waits for approval in the merged pull request; say what hindered it.

    In place of the plan that was reviewed there. Where there is none, or what is planned now
    cannot be undone and that could, it is posted anew: an approval must come after it.
    """

    def body(mark: Mark) -> str:
        return waiting_markdown(
            plan,
            reasons,
            mark,
            url=job.run_url,
            checksum=checksum(plan),
            source=job.source,
            public=job.public,
        )

    def show(repository: Repository, found: Shown) -> None:
        pull, mark = found.pull, found.mark
        if found.comment and mark and mark.shows(pull.head) and not final(mark, plan.risk):
            github.edit_comment(repository, found.comment, body(mark))
            return
        fresh = replace(mark_of(plan, job.folder), commit=pull.head[:7])
        newest = github.add_comment(repository, pull.number, body(fresh))
        older = (found.comment,) if found.comment else ()
        _outdate(repository, job, pull.number, older, newest)

    return _after_merge(job, plan.account.id, show)


def _after_merge(job: Job, account: str, tell: Callable[[Repository, Shown], None]) -> Notes:
    notes: Notes = []
    if job.event not in _MERGING or not job.commit or not job.branch:
        return notes
    with tolerated(notes, "the receipt is not in the pull request"), reach(job) as repository:
        found = shown(repository, job, account)
        if found is None:
            notes.append(note("no pull request brought this commit: there is no receipt in one"))
        else:
            tell(repository, found)
    return notes
