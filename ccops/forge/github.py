"""GitHub's API, as far as reviewing plans needs it: comments, issues, pulls, commits and reviews.

Nothing here decides about a send; what GitHub refuses is an error that the caller may tell and go
on from. Facts are those of GitHub's REST documentation, version 2022-11-28 (docs).
"""

import json
from urllib.parse import quote

from ccops.constantcontact.strict import array, fault, integer, member, record, text
from ccops.errors import NoReply
from ccops.forge import rows
from ccops.forge.rest import Repository, ask, exhausted, full, get, outcome, pages, write
from ccops.forge.rows import Comment, Edit, Issue, Pull, Review

APP_LOGIN = "github-actions[bot]"
"""Who a workflow's own token writes as (docs)."""

MOST_COMMITS = 250
"""GitHub tells of no more commits of a pull request (docs)."""

_FEW = 10
"""To a page where a hundred are more than is read: each may have 65,536 characters."""


def login(repository: Repository) -> str:
    """Return whose token it is. A workflow's own may not ask (403, docs), and is the app's."""
    reply = ask(repository, "GET", "/user", root=repository.prefix)
    if reply.status == 403 and not exhausted(reply):  # noqa: PLR2004 - an HTTP status is its own name
        return APP_LOGIN
    return text(record(outcome(reply, "/user"), "user"), "login", "user")


def comments(repository: Repository, number: int) -> tuple[Comment, ...]:
    """Read all comments of a pull request or an issue, oldest first.

    Whoever may comment could make a page of them longer than any answer that is read: then fewer
    are asked for at a time.
    """
    path = f"/issues/{number:d}/comments"
    try:
        return pages(repository, path, (), rows.comment)
    except NoReply:
        return pages(repository, path, (), rows.comment, size=_FEW)


def edits(repository: Repository, comment: Comment) -> tuple[Edit, ...]:
    """Read who edited a comment, and when; the REST API knows of the last time alone (docs).

    Raises VendorFault CC571: GitHub does not tell all of it.
    """
    asked = json.dumps({"query": _EDITS, "variables": {"id": comment.node}}).encode()
    get(repository, f"/issues/comments/{comment.id:d}")
    path = f"{repository.prefix.removesuffix('/v3')}/graphql"
    answer = record(outcome(ask(repository, "POST", path, body=asked, root=""), path), "answer")
    node = record(member(record(member(answer, "data", path), path), "node", path), path)
    found = record(member(node, "userContentEdits", path), path)
    nodes = array(member(found, "nodes", path), path)
    if answer.get("errors") or integer(found, "totalCount", path) != len(nodes):
        raise fault("CC571", "GitHub does not tell all edits of the comment")
    return tuple(rows.edit(one, f"edits[{at}]") for at, one in enumerate(nodes))


_EDITS = (
    "query($id: ID!) { node(id: $id) { ... on IssueComment { userContentEdits(first: 100) "
    "{ totalCount nodes { editedAt editor { __typename login } } } } } }"
)


def add_comment(repository: Repository, number: int, body: str) -> Comment:
    """Write a comment."""
    path = f"/issues/{number:d}"
    return rows.comment(
        write(repository, "POST", f"{path}/comments", {"body": body}, after=path), ""
    )


def edit_comment(repository: Repository, comment: Comment, body: str) -> None:
    """Replace the text of a comment; the caller has made sure whose it is."""
    path = f"/issues/comments/{comment.id:d}"
    write(repository, "PATCH", path, {"body": body}, after=path)


def pull(repository: Repository, number: int) -> Pull:
    """Read one pull request."""
    return rows.pull(get(repository, f"/pulls/{number:d}"), "pull")


def pulls_of(repository: Repository, commit: str) -> tuple[Pull, ...]:
    """Read the pull requests that a commit came with. Raises ValueError: it is no full sha."""
    return pages(repository, f"/commits/{full(commit)}/pulls", (), rows.pull)


def people_of(repository: Repository, number: int) -> frozenset[str]:
    """Read who wrote or committed the commits of a pull request: logins, as far as known.

    Co-authors too, whom only the message of a commit names: by the address that GitHub gave
    them, or by one that is somebody's in another commit of these.

    Raises VendorFault CC571: there are more commits than GitHub tells of.
    """
    found = pages(repository, f"/pulls/{number:d}/commits", (), rows.commit)
    if len(found) >= MOST_COMMITS:
        raise fault("CC571", f"GitHub tells of no more than {MOST_COMMITS} commits of #{number}")
    known = {address: login for one in found for address, login in one.known}
    beside = {address for one in found for address in one.beside}
    others = {rows.login_of(one) or known.get(one, "") for one in beside}
    return frozenset({*(person for one in found for person in one.people), *others} - {""})


def tip_of(repository: Repository, branch: str) -> str:
    """Read which commit a branch ends with."""
    found = record(get(repository, f"/branches/{quote(branch, safe='')}"), "branch")
    return full(text(record(member(found, "commit", "branch"), "branch.commit"), "sha", "branch"))


def blob_of(repository: Repository, commit: str, path: str) -> str | None:
    """Read the id of a file's content in a commit; None: the commit has no such file.

    `path` is relative to the root of the repository. Raises ValueError: `commit` is no full sha.
    """
    where = f"/contents/{quote(path)}"
    reply = ask(repository, "GET", where, query=(("ref", full(commit)),))
    if reply.status == 404:  # noqa: PLR2004 - an HTTP status is its own name
        return None
    return text(record(outcome(reply, where), "content"), "sha", "content")


def reviews(repository: Repository, number: int) -> tuple[Review, ...]:
    """Read the reviews of a pull request, oldest first; pending ones are left out."""
    found = pages(repository, f"/pulls/{number:d}/reviews", (), rows.review)
    return tuple(one for one in found if one is not None)


def issues(repository: Repository, label: str, creator: str) -> tuple[Issue, ...]:
    """Read the issues with this label that this login opened, open or closed, newest first."""
    query = (("labels", label), ("creator", creator), ("state", "all"))
    found = pages(repository, "/issues", query, rows.issue)
    return tuple(one for one in found if one is not None)


def open_issue(repository: Repository, title: str, body: str, label: str) -> None:
    """Open an issue with a label, which GitHub makes if there is none (docs)."""
    write(
        repository, "POST", "/issues", {"title": title, "body": body, "labels": [label]}, after=""
    )


def edit_issue(
    repository: Repository, number: int, *, body: str | None = None, opened: bool | None = None
) -> None:
    """Replace the text of an issue, close it or open it again; what is None stays."""
    state = None if opened is None else ("open" if opened else "closed")
    document = {key: value for key, value in (("body", body), ("state", state)) if value}
    path = f"/issues/{number:d}"
    write(repository, "PATCH", path, document, after=path)
