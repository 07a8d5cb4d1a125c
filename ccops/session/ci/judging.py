"""Whether one pull request has its approval, by what GitHub knows of it.

What counts is a review, of exactly the commit that was merged, by somebody who may approve and
neither opened the pull request nor wrote any of it, after the last plan that it was shown. No
text counts: what our comment says is believed only as far as nobody but ourselves wrote it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ccops.forge import github
from ccops.forge.rest import Repository
from ccops.forge.rows import Comment, Edit, Pull, Review
from ccops.planning.plan import Risk
from ccops.planning.review import final, read_mark
from ccops.session.ci.commenting import our_comment
from ccops.session.ci.surroundings import Job

Approvers = frozenset[str]
"""Logins in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where pull requests are judged, each one once.

    `account` is the one that they must have been shown a plan of.
    """

    repository: Repository
    job: Job
    account: str
    said: dict[tuple[int, Approvers, Risk], str] = field(default_factory=dict)


def brought(bench: Bench, commit: str) -> tuple[Pull, ...]:
    """Return the pull requests that brought a commit to the branch of the job."""
    return tuple(
        one
        for one in github.pulls_of(bench.repository, commit)
        if one.merged_at is not None and one.into == bench.job.branch
    )


def why_not(bench: Bench, pull: Pull, approvers: Approvers, risk: Risk = Risk.R0) -> str:
    """Say why a pull request does not count as approved; "": it does.

    `risk` is the worst that is planned by now of what it brought.
    """
    key = (pull.number, approvers, risk)
    if key not in bench.said:
        bench.said[key] = _why_not(bench, pull, approvers, risk)
    return bench.said[key]


def _why_not(bench: Bench, pull: Pull, approvers: Approvers, risk: Risk) -> str:
    there, job = bench.repository, bench.job
    comment = our_comment(there, pull.number, bench.account, job.folder)
    mark = read_mark(comment.body) if comment else None
    if comment is None or mark is None:
        return "was never shown a plan of this account"
    if not mark.shows(pull.head):
        return "was not shown the plan of its last commit"
    if final(mark, risk):
        return "was shown a plan that could be undone, and this one cannot"
    wrote = {one.lower() for one in (pull.author, *github.people_of(there, pull.number))}
    able = approvers - wrote
    if not able:
        return "has no approver but those who wrote it"
    told = _told(there, comment, pull)
    return verdict(github.reviews(there, pull.number), able, pull.head, told, heard=approvers)


def _told(repository: Repository, comment: Comment, pull: Pull) -> datetime:
    """Return when the last plan was shown in a pull request.

    After the merge we edit the comment ourselves, and what we write then is no plan of it. So if
    it was edited since, its history tells who did that: anybody else makes approvals old.
    """
    if pull.merged_at is None or comment.changed_at <= max(pull.merged_at, comment.at):
        return comment.changed_at
    edits = github.edits(repository, comment)
    return told(edits, comment, pull.merged_at)


def told(edits: Iterable[Edit], comment: Comment, merged_at: datetime) -> datetime:
    """Return the last instant at which a comment was written, but for our own edits since the merge.

    A history that lacks the edit is not believed.
    """
    known = tuple(edits)
    if not known:
        return comment.changed_at
    counted = (one.at for one in known if one.at <= merged_at or one.editor != comment.author)
    return max((comment.at, *counted))


def verdict(
    reviews: Iterable[Review],
    able: Approvers,
    head: str,
    told: datetime,
    *,
    heard: Approvers = frozenset(),
) -> str:
    """Say why these reviews are no approval of the commit `head`; "": they are.

    The newest review of a person that is more than a remark counts. `able` may approve, in lower
    case. A request for changes by one of them, or of those who are `heard`, stands against the
    approval of another.
    """
    newest = {
        one.author.lower(): one for one in reviews if one.state in _DECIDING
    }  # oldest first (docs), so the last one stays
    asked = [one for author, one in newest.items() if author in able | heard]
    if any(one.state == "CHANGES_REQUESTED" for one in asked):
        return "has changes requested by an approver"
    standing = [one for author, one in newest.items() if author in able]
    approved = [one for one in standing if one.state == "APPROVED"]
    if not approved:
        return "is not approved by any approver who did not write it"
    exact = [one for one in approved if one.commit == head]
    if not exact:
        return "was approved before its last commit"
    return "" if any(one.at > told for one in exact) else "was approved before its last plan"


_DECIDING = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
