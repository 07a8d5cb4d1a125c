"""Requests to GitHub's REST API: read by pages, write once, and say what was refused.

Every write is made once, right after a reading on the same connection (see `ccops.transport`).
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
from ccops.model import JsonObject
from ccops.ports import Call, Reply, Send

MAX_PAGES = 50
"""More full pages than this are not read: 5,000 comments."""

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


def full(commit: str) -> str:
    """Return the commit. Raises ValueError: it is no full sha, and could mean another tomorrow."""
    if not _SHA.fullmatch(commit):
        raise ValueError(f"{commit!r} is no commit")
    return commit


def pages(
    repository: Repository,
    path: str,
    query: tuple[tuple[str, str], ...],
    read: Callable[[object, str], Found],
    *,
    size: int = _PER_PAGE,
) -> tuple[Found, ...]:
    """Read a collection by page numbers, until one is not full: no link is ever followed.

    Raises as `outcome`, and VendorFault CC571: there is no end to it.
    """

    def found() -> Iterator[Found]:
        for page in range(1, MAX_PAGES * _PER_PAGE // size + 1):
            window = (("per_page", str(size)), ("page", str(page)))
            page_rows = array(get(repository, path, (*query, *window)), path)
            yield from (read(row, f"{path}[{at}]") for at, row in enumerate(page_rows))
            if len(page_rows) < size:
                return
        raise fault("CC571", f"{path} has more than {MAX_PAGES} pages")

    return tuple(found())


def get(repository: Repository, path: str, query: tuple[tuple[str, str], ...] = ()) -> object:
    """Read what stands at a path of the repository. Raises as `outcome`."""
    return outcome(ask(repository, "GET", path, query=query), path)


def write(
    repository: Repository, method: str, path: str, document: JsonObject, *, after: str
) -> object:
    """Make one write, right after reading `after`: the transport lets no other write leave.

    Raises as `outcome`.
    """
    get(repository, after)
    body = json.dumps(document).encode()
    return outcome(ask(repository, method, path, body=body), path)


def ask(
    repository: Repository,
    method: str,
    path: str,
    *,
    query: tuple[tuple[str, str], ...] = (),
    body: bytes | None = None,
    root: str | None = None,
) -> Reply:
    """Send a request below the repository, or below another `root` of the origin. Raises NoReply."""
    below = f"{repository.prefix}/repos/{quote(repository.name)}" if root is None else root
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
            path=f"{below}{path}",
            query=query,
            headers=headers,
            body=body,
            lease=None if method == "GET" else _LEASE,
        )
    )


def outcome(reply: Reply, path: str) -> object:
    """Return what was answered.

    Raises:
        AccessDenied: CC570 for 401, 403 and 404. VendorFault: CC571 for any other refusal, and
            for a 403 that asks for patience.
    """
    if 200 <= reply.status < 300:  # noqa: PLR2004 - what HTTP calls a success
        return parse(reply.body)
    where = f"GitHub answers {reply.status} to {path or 'the repository'}"
    why = _message(reply)
    if reply.status in {401, 403, 404} and not exhausted(reply):
        raise AccessDenied(
            Diagnostic(
                code="CC570",
                message=f"{where}{why}",
                help="give the job the permission that the manual names; a fork has none",
            )
        )
    raise fault("CC571", f"{where}{why}")


def exhausted(reply: Reply) -> bool:
    """Whether a refusal is for too many requests, and says nothing of the right to make them."""
    return "retry-after" in reply.headers or reply.headers.get("x-ratelimit-remaining") == "0"


def _message(reply: Reply) -> str:
    try:
        return f": {text(record(parse(reply.body), 'answer'), 'message', 'answer')[:200]}"
    except VendorFault:
        return ""
