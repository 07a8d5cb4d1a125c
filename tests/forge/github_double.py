"""A pretended GitHub on a real socket: comments, issues, pulls, reviews, and who may what.

What it knows of commits and files it asks of a real repository. It is as strict as GitHub is known
to be: no token, no answer; a permission for every path; thirty to a page unless asked; and for
what it does not know, 404.
"""

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

START = datetime(2027, 3, 1, 12, tzinfo=UTC)
BOT = "github-actions[bot]"
LONGEST = 65_536
MOST_COMMITS = 250
_FORBIDDEN = {"message": "Resource not accessible by integration"}
_NOT_FOUND = {"message": "Not Found"}


@dataclass
class GitHub:
    """The state. A token is its owner's login; `readers` may read and never write.

    `root` is the repository; `lacking` are the permissions that no token has, like "contents:read".
    """

    name: str = "acme/email"
    prefix: str = ""
    tokens: dict[str, str] = field(default_factory=lambda: {"bot-token": BOT})
    readers: set[str] = field(default_factory=set)
    lacking: set[str] = field(default_factory=set)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    commits: dict[str, list[int]] = field(default_factory=dict)
    people: dict[int, list[str]] = field(default_factory=dict)
    messages: dict[int, str] = field(default_factory=dict)
    root: Path | None = None
    down: bool = False
    exhausted: bool = False
    log: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    last: int = 100

    def now(self) -> str:
        """A later instant at each call."""
        self.last += 1
        return (START + timedelta(seconds=self.last)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def add_pull(self, number: int, *, author: str, head: str, fork: bool = False) -> None:
        """Open a pull request."""
        source = "stranger/email" if fork else self.name
        self.pulls[number] = {
            "number": number,
            "user": {"login": author},
            "head": {"sha": head, "repo": {"full_name": source}},
            "base": {"ref": "main", "repo": {"full_name": self.name}},
            "merged_at": None,
        }
        self.issues[number] = {"number": number, "pull_request": {}, **self.issue(author)}

    def push(self, number: int, head: str) -> None:
        """Push a commit to a pull request."""
        self.pulls[number]["head"]["sha"] = head
        self.commits[head] = [number]

    def merge(self, number: int, commit: str) -> None:
        """Merge a pull request as this commit."""
        self.pulls[number]["merged_at"] = self.now()
        self.commits[commit] = [number]

    def add_comment(self, number: int, author: str, body: str) -> int:
        """Comment on a pull request or an issue."""
        at = self.now()
        row = {"id": self.last, "node_id": f"IC_{self.last}", "user": {"login": author}}
        stamps = {"created_at": at, "updated_at": at, "_of": number, "_edits": []}
        self.comments[self.last] = {**row, "body": body, **stamps}
        return self.last

    def edit_comment(self, comment: int, body: str, who: str = "eve") -> None:
        """Edit a comment, as anybody with the right may do on the site."""
        at = self.now()
        self.comments[comment] |= {"body": body, "updated_at": at}
        self.comments[comment]["_edits"].append((who, at))

    def add_review(self, number: int, author: str, state: str, commit: str) -> None:
        """Review a pull request."""
        row = {"user": {"login": author}, "state": state, "commit_id": commit}
        self.reviews.setdefault(number, []).append({**row, "submitted_at": self.now()})

    def dismiss(self, number: int, author: str) -> None:
        """Dismiss all reviews of this author: the state changes, and nothing else (docs)."""
        for one in self.reviews[number]:
            if one["user"]["login"] == author:
                one["state"] = "DISMISSED"

    def bodies(self, number: int) -> list[str]:
        """The comments of a pull request or an issue, oldest first."""
        return [one["body"] for _, one in sorted(self.comments.items()) if one["_of"] == number]

    def writes(self) -> list[tuple[str, str]]:
        """Every request that changed something, or tried to."""
        return [one for one in self.log if one[0] != "GET" and not one[1].endswith("/graphql")]

    def issue(self, author: str) -> dict[str, Any]:
        """What a new issue has."""
        return {"user": {"login": author}, "body": "", "state": "open", "labels": []}

    def git(self, *words: str) -> str | None:
        """Ask the repository; None: it says no."""
        if self.root is None:
            return None
        done = subprocess.run(
            ["git", *words], cwd=self.root, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else None

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Any, token: str
    ) -> tuple[int, object]:
        """What GitHub answers."""
        self.log.append((method, path))
        if self.down:
            return 503, {"message": "Unicorn"}
        if token not in self.tokens:
            return 401, {"message": "Bad credentials"}
        if self.exhausted:
            return 403, {"message": "API rate limit exceeded"}
        who = self.tokens[token]
        if path == f"{self.prefix}/user":
            return (403, _FORBIDDEN) if who.endswith("[bot]") else (200, {"login": who})
        if (method, path) == ("POST", f"{self.prefix.removesuffix('/v3')}/graphql"):
            return self._graph(body)
        root = f"{self.prefix}/repos/{self.name}"
        if not path.startswith(root):
            return 404, _NOT_FOUND
        return self._repository(method, path.removeprefix(root), query, body, who)

    def _repository(
        self, method: str, below: str, query: dict[str, list[str]], body: Any, who: str
    ) -> tuple[int, object]:
        for verb, shape, needed, act in _ROUTES:
            found = re.fullmatch(shape, below)
            if verb != method or not found:
                continue
            kind = "read" if method == "GET" else "write"
            if f"{needed}:{kind}" in self.lacking or (kind == "write" and who in self.readers):
                return 403, _FORBIDDEN
            answered: tuple[int, object] = act(self, found, query, body, who)
            return answered
        return 404, _NOT_FOUND

    def _graph(self, asked: Any) -> tuple[int, object]:
        assert "userContentEdits(first: 100)" in asked["query"]
        known = {one["node_id"]: one for one in self.comments.values()}
        comment = known.get(asked["variables"]["id"])
        if comment is None or "history:read" in self.lacking:
            error = {"type": "NOT_FOUND", "message": "Could not resolve to a node"}
            return 200, {"data": {"node": None}, "errors": [error]}
        edits = [(comment["user"]["login"], comment["created_at"]), *comment["_edits"]]
        nodes = [_edit(*one) for one in (edits if comment["_edits"] else [])]
        found = {"totalCount": len(nodes), "nodes": nodes[::-1][:100]}
        return 200, {"data": {"node": {"userContentEdits": found}}}


def _edit(who: str, at: str) -> dict[str, Any]:
    kind = "Bot" if who.endswith("[bot]") else "User"
    login = who.removesuffix("[bot]")
    return {"editedAt": at, "editor": {"__typename": kind, "login": login} if who else None}


def _page(rows: list[Any], query: dict[str, list[str]]) -> tuple[int, object]:
    size = min(int(query.get("per_page", ["30"])[0]), 100)
    page = int(query.get("page", ["1"])[0])
    return 200, rows[(page - 1) * size : page * size]


def _shown(comment: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in comment.items() if not key.startswith("_")}


def _get_comments(hub: GitHub, found: re.Match[str], query: Any, _: Any, __: str) -> Any:
    if int(found[1]) not in hub.issues:
        return 404, _NOT_FOUND
    rows = [one for _, one in sorted(hub.comments.items()) if one["_of"] == int(found[1])]
    return _page([_shown(one) for one in rows], query)


def _post_comment(hub: GitHub, found: re.Match[str], _: Any, body: Any, who: str) -> Any:
    if int(found[1]) not in hub.issues:
        return 404, _NOT_FOUND
    if len(body["body"]) > LONGEST:
        return 422, {"message": "Body is too long (maximum is 65536 characters)"}
    return 201, _shown(hub.comments[hub.add_comment(int(found[1]), who, body["body"])])


def _one_comment(hub: GitHub, found: re.Match[str], _: Any, body: Any, who: str) -> Any:
    if int(found[1]) not in hub.comments:
        return 404, _NOT_FOUND
    if body is not None:
        if len(body["body"]) > LONGEST:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}
        hub.edit_comment(int(found[1]), body["body"], who)
    return 200, _shown(hub.comments[int(found[1])])


def _one_issue(hub: GitHub, found: re.Match[str], _: Any, body: Any, __: str) -> Any:
    if int(found[1]) not in hub.issues:
        return 404, _NOT_FOUND
    hub.issues[int(found[1])] |= body or {}
    return 200, hub.issues[int(found[1])]


def _get_issues(hub: GitHub, _: re.Match[str], query: Any, __: Any, ___: str) -> Any:
    rows = [
        one
        for _, one in sorted(hub.issues.items(), reverse=True)
        if query["labels"][0] in one["labels"] and one["user"]["login"] == query["creator"][0]
    ]
    return _page(rows, query)


def _post_issue(hub: GitHub, _: re.Match[str], __: Any, body: Any, who: str) -> Any:
    number = 1 + max(hub.issues, default=0)
    hub.issues[number] = {"number": number, **hub.issue(who), **body}
    return 201, hub.issues[number]


def _one_pull(hub: GitHub, found: re.Match[str], *_: Any) -> Any:
    pull = hub.pulls.get(int(found[1]))
    return (200, pull) if pull else (404, _NOT_FOUND)


def _reviews_of(hub: GitHub, found: re.Match[str], query: Any, *_: Any) -> Any:
    return _page(hub.reviews.get(int(found[1]), []), query)


def _commits_of(hub: GitHub, found: re.Match[str], query: Any, *_: Any) -> Any:
    number = int(found[1])
    rows = [
        {
            "sha": "0" * 40,
            "author": {"login": one},
            "committer": {},
            "commit": {
                "author": {"name": one, "email": f"{one}@example.org"},
                "committer": {"name": "x", "email": "x@example.org"},
                "message": hub.messages.get(number, "words"),
            },
        }
        for one in hub.people.get(number, [])
    ]
    return _page(rows[:MOST_COMMITS], query)


def _pulls_of(hub: GitHub, found: re.Match[str], query: Any, *_: Any) -> Any:
    return _page([hub.pulls[one] for one in hub.commits.get(found[1], [])], query)


def _branch(hub: GitHub, found: re.Match[str], *_: Any) -> Any:
    name = unquote(found[1])
    sha = hub.git("rev-parse", "--verify", "--quiet", f"refs/heads/{name}")
    return (200, {"name": name, "commit": {"sha": sha}}) if sha else (404, _NOT_FOUND)


def _content(hub: GitHub, found: re.Match[str], query: Any, *_: Any) -> Any:
    path, ref = unquote(found[1]), query["ref"][0]
    sha = hub.git("rev-parse", "--verify", "--quiet", f"{ref}:{path}")
    if not sha:
        return 404, _NOT_FOUND
    if hub.git("cat-file", "-t", sha) == "tree":
        return 200, [{"path": path}]
    return 200, {"type": "file", "path": path, "sha": sha}


_Act = Callable[..., Any]
_ROUTES: list[tuple[str, str, str, _Act]] = [
    ("GET", "", "metadata", lambda hub, *_: (200, {"full_name": hub.name})),
    ("GET", r"/issues", "issues", _get_issues),
    ("POST", r"/issues", "issues", _post_issue),
    ("GET", r"/issues/(\d+)", "pulls", _one_issue),
    ("PATCH", r"/issues/(\d+)", "issues", _one_issue),
    ("GET", r"/issues/(\d+)/comments", "pulls", _get_comments),
    ("POST", r"/issues/(\d+)/comments", "pulls", _post_comment),
    ("GET", r"/issues/comments/(\d+)", "pulls", _one_comment),
    ("PATCH", r"/issues/comments/(\d+)", "pulls", _one_comment),
    ("GET", r"/pulls/(\d+)", "pulls", _one_pull),
    ("GET", r"/pulls/(\d+)/reviews", "pulls", _reviews_of),
    ("GET", r"/pulls/(\d+)/commits", "pulls", _commits_of),
    ("GET", r"/branches/([^/]+)", "contents", _branch),
    ("GET", r"/contents/(.+)", "contents", _content),
    ("GET", r"/commits/([0-9a-f]{40})/pulls", "pulls", _pulls_of),
]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hub: GitHub

    def _serve(self) -> None:
        link = urlsplit(self.path)
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        if self.headers.get("user-agent") != "ccops":
            status, document = 403, {"message": "Request forbidden by administrative rules"}
        else:
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            asked = (self.command, link.path, parse_qs(link.query), body, token)
            status, document = self.hub.answer(*asked)
        content = json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-RateLimit-Remaining", "0" if self.hub.exhausted else "900")
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(hub: GitHub) -> Iterator[GitHub]:
    """Serve a pretended GitHub on this machine; its `url` tells where."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
