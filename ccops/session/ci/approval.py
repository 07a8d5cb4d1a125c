"""Whether somebody who may approve has approved what an apply would send.

GitHub can only forbid here: nothing is sent because of an approval, and whatever cannot be
established is missing. What counts is a review, of exactly the commit that was merged, by one of
the `approvers:` who neither opened the pull request nor wrote any of it, after the last plan that
it was shown. No text of any comment is an approval.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ccops.errors import Blocked, CcopsError, Diagnostic
from ccops.forge import github
from ccops.forge.github import Repository
from ccops.forge.rows import Comment, Pull, Review
from ccops.model import Desired
from ccops.planning.plan import Change, Plan, Verdict
from ccops.planning.review import read_mark
from ccops.session.changed import changed
from ccops.session.ci.commenting import our_comment
from ccops.session.ci.reaching import reach
from ccops.session.ci.surroundings import Job
from ccops.session.wiring import Session
from ccops.workspace import FILE, LOCK_FILE

_HELP = "have one of the approvers review the pull request, then run this job again"


def refuse_unapproved(session: Session, job: Job, plan: Plan, *, named: bool) -> None:
    """Refuse a plan unless every pull request behind it has its approval.

    Those are the ones that last changed the manifest of a campaign that it writes to, or a file
    that all manifests depend on. Taking a send back needs no approval. `named`: the plan is new,
    or its checksum was given.

    Raises:
        Blocked: CC482, an approval is missing, or cannot be established; nothing was written.
    """
    approvers = session.workspace.settings.approvers
    sending = [one for one in plan.writing if one.verdict is not Verdict.UNSCHEDULE]
    if not approvers or not sending:
        return
    try:
        if not named:
            raise _missing("a saved plan is applied without its checksum", "give its --checksum")
        files = _files(session, job, sending)
        with reach(job) as repository:
            missing = tuple(_unapproved(repository, job, plan, files, approvers))
    except Blocked:
        raise
    except (CcopsError, ValueError) as error:
        raise _missing(f"it cannot be established who approved: {error}") from error
    if missing:
        raise Blocked(*(one for refusal in missing for one in refusal.diagnostics))


def _files(session: Session, job: Job, sending: Sequence[Change]) -> tuple[str, ...]:
    """Name the files that say what is sent, by what is checked out: a saved plan is not asked."""
    space = session.workspace
    if not job.commit or not job.branch:
        raise _missing("this job is not about a commit on a branch")
    found = changed(space.root, space.desired, [job.commit])[job.commit]
    if found.all or found.files:
        raise _missing(f"the files checked out are not those of the commit {job.commit[:7]}")
    names = {_manifest(one, space.desired) for one in sending}
    lock = (LOCK_FILE,) if space.lock is not None else ()
    return (FILE, *lock, *sorted(names))


def _manifest(change: Change, desired: Iterable[Desired]) -> str:
    for one in desired:
        if one.campaign == change.campaign:
            return one.place.file
    raise _missing(f"no manifest of this commit names {change.campaign!r}")


def _unapproved(
    repository: Repository, job: Job, plan: Plan, files: Sequence[str], approvers: frozenset[str]
) -> Iterator[Blocked]:
    """Say for each commit that last changed one of the files why it is not approved."""
    commits = {
        one: github.last_change(repository, job.commit, f"{job.folder}{one}") for one in files
    }
    for commit in dict.fromkeys(commits.values()):
        about = next(file for file, last in commits.items() if last == commit)
        if commit is None:
            yield _missing(f"GitHub knows of no commit that brought {about}")
            continue
        pulls = [
            one
            for one in github.pulls_of(repository, commit)
            if one.merged_at is not None and one.into == job.branch
        ]
        reasons = [_why_not(repository, one, plan.account.id, approvers) for one in pulls]
        if not pulls:
            yield _missing(f"{about} was last changed by {commit[:7]}, with no pull request")
        elif all(reasons):
            yield _missing(f"#{pulls[0].number}, which changed {about}, {reasons[0]}")


def _why_not(repository: Repository, pull: Pull, account: str, approvers: frozenset[str]) -> str:
    """Say why a pull request does not count as approved; "": it does."""
    comment = our_comment(repository, pull.number, account)
    if comment is None:
        return "was never shown a plan of this account"
    wrote = {pull.author, *github.people_of(repository, pull.number)}
    able = approvers - {one.lower() for one in wrote}
    if not able:
        return "has no approver but those who wrote it"
    return verdict(github.reviews(repository, pull.number), able, pull.head, _told(comment, pull))


def _told(comment: Comment, pull: Pull) -> datetime:
    """Return when a plan was last shown in a pull request.

    A receipt replaces the text of the plan after the merge, so that only the first plan's time is
    left. One that says so before the merge is a plan that somebody edited.
    """
    mark = read_mark(comment.body)
    receipt = mark is not None and mark.applied
    merged = pull.merged_at is not None and comment.changed_at >= pull.merged_at
    return comment.at if receipt and merged else comment.changed_at


def verdict(reviews: Iterable[Review], able: frozenset[str], head: str, told: datetime) -> str:
    """Say why these reviews are no approval of the commit `head`; "": they are.

    The newest review of a person that is more than a remark counts. `able` may approve, in lower
    case. A request for changes by one of them stands against the approval of another.
    """
    newest = {
        one.author.lower(): one for one in reviews if one.state in _DECIDING
    }  # oldest first (docs), so the last one stays
    standing = [one for author, one in newest.items() if author in able]
    if any(one.state == "CHANGES_REQUESTED" for one in standing):
        return "has changes requested by an approver"
    approved = [one for one in standing if one.state == "APPROVED"]
    if not approved:
        return "is not approved by any approver who did not write it"
    exact = [one for one in approved if one.commit == head]
    if not exact:
        return "was approved before its last commit"
    return "" if any(one.at > told for one in exact) else "was approved before its last plan"


_DECIDING = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


def _missing(why: str, remedy: str = _HELP) -> Blocked:
    return Blocked(Diagnostic(code="CC482", message=f"not approved: {why}", help=remedy))
