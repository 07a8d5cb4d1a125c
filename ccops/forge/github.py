"""GitHub's REST API, as far as reviewing plans needs it: comments, issues, pulls, commits and reviews.

Nothing here decides about a send. Every write is made once, right after a reading on the same
connection (see `ccops.transport`); what GitHub refuses is an error that the caller may tell and
go on from. Facts are those of GitHub's REST documentation, version 2022-11-28 (docs).
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from ccops.constantcontact.secret import Secret
from ccops.constantcontact.strict import array, fault, parse, record, text
from ccops.errors import AccessDenied, Diagnostic, VendorFault
from ccops.forge import rows
from ccops.forge.rows import Comment, Issue, Pull, Review
from ccops.model import JsonObject
from ccops.ports import Call, Reply, Send

APP_LOGIN = "github-actions[bot]"
"""Who a workflow's own token writes as (docs)."""

MAX_PAGES = 50
"""More pages than this are not read: 5,000 comments."""

_PER_PAGE = 100
_LEASE = 30.0
"""Seconds that a write may come after its reading; another's edit in between costs no email."""
_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository and the way to it.

    `name` is "owner/name"; `prefix` is the path of the API on its origin: "" at api.github.com,
    "/api/v3" at a GitHub Enterprise Server.

    Raises:
        ValueError: the name or the prefix could lead a path elsewhere.
    """

    send: Send
    name: str
    token: Secret = field(repr=False)
    prefix: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or ".." in self.name.split("/"):
            raise ValueError(f"{self.name!r} is no repository")
        if self.prefix not in {"", "/api/v3"}:
            raise ValueError(f"{self.prefix!r} is no path of GitHub's API")


def login(repository: Repository) -> str:
    """Return whose token it is. A workflow's own may not ask (403, docs), and is the app's."""
    reply = _send(repository, "GET", "/user")
    if reply.status == 403:  # noqa: PLR2004 - an HTTP status is its own name
        return APP_LOGIN
    return text(record(_read(reply, "/user"), "user"), "login", "user")


def comments(repository: Repository, number: int) -> tuple[Comment, ...]:
    """Read all comments of a pull request or an issue, oldest first."""
    return _pages(repository, f"/issues/{number:d}/comments", (), rows.comment)


def add_comment(repository: Repository, number: int, body: str) -> Comment:
    """Write a comment."""
    path = f"/issues/{number:d}"
    return rows.comment(
        _write(repository, "POST", f"{path}/comments", {"body": body}, after=path), ""
    )


def edit_comment(repository: Repository, comment: Comment, body: str) -> None:
    """Replace the text of a comment; the caller has made sure whose it is."""
    path = f"/issues/comments/{comment.id:d}"
    _write(repository, "PATCH", path, {"body": body}, after=path)


def pull(repository: Repository, number: int) -> Pull:
    """Read one pull request."""
    return rows.pull(_get(repository, f"/pulls/{number:d}"), "pull")


def pulls_of(repository: Repository, commit: str) -> tuple[Pull, ...]:
    """Read the pull requests that a commit came with. Raises ValueError: it is no full sha."""
    return _pages(repository, f"/commits/{_full(commit)}/pulls", (), rows.pull)


def people_of(repository: Repository, number: int) -> frozenset[str]:
    """Read who wrote or committed the commits of a pull request: logins, as far as known.

    GitHub tells of 250 commits at most (docs).
    """
    found = _pages(repository, f"/pulls/{number:d}/commits", (), rows.commit)
    return frozenset(person for one in found for person in one.people)


def last_change(repository: Repository, commit: str, path: str) -> str | None:
    """Read which commit was the last up to `commit` to change a file; None: there was none.

    `path` is relative to the root of the repository. Raises ValueError: `commit` is no full sha.
    """
    query = (("sha", _full(commit)), ("path", path), ("per_page", "1"))
    found = array(_get(repository, "/commits", query), "commits")
    return rows.commit(found[0], "commits[0]").sha if found else None


def reviews(repository: Repository, number: int) -> tuple[Review, ...]:
    """Read the reviews of a pull request, oldest first; pending ones are left out."""
    found = _pages(repository, f"/pulls/{number:d}/reviews", (), rows.review)
    return tuple(one for one in found if one is not None)


def issues(repository: Repository, label: str, creator: str) -> tuple[Issue, ...]:
    """Read the issues with this label that this login opened, open or closed, newest first."""
    query = (("labels", label), ("creator", creator), ("state", "all"))
    found = _pages(repository, "/issues", query, rows.issue)
    return tuple(one for one in found if one is not None)


def open_issue(repository: Repository, title: str, body: str, label: str) -> None:
    """Open an issue with a label, which GitHub makes if there is none (docs)."""
    _write(
        repository, "POST", "/issues", {"title": title, "body": body, "labels": [label]}, after=""
    )


def edit_issue(
    repository: Repository, number: int, *, body: str | None = None, opened: bool | None = None
) -> None:
    """Replace the text of an issue, close it or open it again; what is None stays."""
    state = None if opened is None else ("open" if opened else "closed")
    document = {key: value for key, value in (("body", body), ("state", state)) if value}
    path = f"/issues/{number:d}"
    _write(repository, "PATCH", path, document, after=path)


def _full(commit: str) -> str:
    if not _SHA.fullmatch(commit):
        raise ValueError(f"{commit!r} is no commit")
    return commit


def _pages(
    repository: Repository,
    path: str,
    query: tuple[tuple[str, str], ...],
    read: Callable[[object, str], Found],
) -> tuple[Found, ...]:
    """Read a collection by page numbers, until one is not full: no link is ever followed."""

    def found() -> Iterator[Found]:
        for page in range(1, MAX_PAGES + 1):
            window = (("per_page", str(_PER_PAGE)), ("page", str(page)))
            page_rows = array(_get(repository, path, (*query, *window)), path)
            yield from (read(row, f"{path}[{at}]") for at, row in enumerate(page_rows))
            if len(page_rows) < _PER_PAGE:
                return
        raise fault("CC571", f"{path} has more than {MAX_PAGES} pages")

    return tuple(found())


def _get(repository: Repository, path: str, query: tuple[tuple[str, str], ...] = ()) -> object:
    return _read(_send(repository, "GET", _of(repository, path), query=query), path)


def _write(
    repository: Repository, method: str, path: str, document: JsonObject, *, after: str
) -> object:
    """Make one write, right after reading `after`: the transport lets no other write leave."""
    _get(repository, after)
    body = json.dumps(document).encode()
    return _read(_send(repository, method, _of(repository, path), body=body), path)


def _of(repository: Repository, path: str) -> str:
    return f"/repos/{quote(repository.name)}{path}"


def _send(
    repository: Repository,
    method: str,
    path: str,
    *,
    query: tuple[tuple[str, str], ...] = (),
    body: bytes | None = None,
) -> Reply:
    headers = {
        "accept": "application/vnd.github+json",
        "authorization": f"Bearer {repository.token.reveal()}",
        "user-agent": "ccops",
        "x-github-api-version": "2022-11-28",
    }
    if body is not None:
        headers["content-type"] = "application/json"
    return repository.send(
        Call(
            method=method,
            path=f"{repository.prefix}{path}",
            query=query,
            headers=headers,
            body=body,
            lease=None if method == "GET" else _LEASE,
        )
    )


def _read(reply: Reply, path: str) -> object:
    """Raises AccessDenied CC570 for 401, 403 and 404, VendorFault CC571 for any other refusal."""
    if 200 <= reply.status < 300:  # noqa: PLR2004 - what HTTP calls a success
        return parse(reply.body)
    where = f"GitHub answers {reply.status} to {path or 'the repository'}"
    why = _message(reply)
    if reply.status in {401, 403, 404}:
        raise AccessDenied(
            Diagnostic(
                code="CC570",
                message=f"{where}{why}",
                help="give the job the permission that the manual names; a fork has none",
            )
        )
    raise fault("CC571", f"{where}{why}")


def _message(reply: Reply) -> str:
    try:
        return f": {text(record(parse(reply.body), 'answer'), 'message', 'answer')[:200]}"
    except VendorFault:
        return ""
