"""A pretended GitHub on a real socket: comments, issues, pulls, reviews, and who may write."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

START = datetime(2027, 3, 1, 12, tzinfo=UTC)
BOT = "github-actions[bot]"


@dataclass
class GitHub:
    """The state. A token is its owner's login; `readers` may read and never write."""

    name: str = "acme/email"
    prefix: str = ""
    tokens: dict[str, str] = field(default_factory=lambda: {"bot-token": BOT})
    readers: set[str] = field(default_factory=set)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    commits: dict[str, list[int]] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    people: dict[int, list[str]] = field(default_factory=dict)
    down: bool = False
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
        self.issues[number] = {"number": number, "pull_request": {}, **self._issue(author)}

    def merge(self, number: int, commit: str, *files: str) -> None:
        """Merge a pull request as this commit, which changed these files."""
        self.pulls[number]["merged_at"] = self.now()
        self.commits[commit] = [number]
        self.changes |= dict.fromkeys(files, commit)

    def add_comment(self, number: int, author: str, body: str) -> int:
        """Comment on a pull request or an issue."""
        at = self.now()
        row = {"id": self.last, "user": {"login": author}, "body": body}
        self.comments[self.last] = {**row, "created_at": at, "updated_at": at, "_of": number}
        return self.last

    def edit_comment(self, comment: int, body: str) -> None:
        """Edit a comment, as anybody with the right may do on the site."""
        self.comments[comment] |= {"body": body, "updated_at": self.now()}

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
        """Every request that was no reading."""
        return [one for one in self.log if one[0] != "GET"]

    def _issue(self, author: str) -> dict[str, Any]:
        return {"user": {"login": author}, "body": "", "state": "open", "labels": []}

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Any, token: str
    ) -> tuple[int, object]:
        """What GitHub answers."""
        self.log.append((method, path))
        if self.down:
            return 503, {"message": "Unicorn"}
        if token not in self.tokens:
            return 401, {"message": "Bad credentials"}
        who = self.tokens[token]
        if path == f"{self.prefix}/user":
            app = who.endswith("[bot]")
            no = {"message": "Resource not accessible by integration"}
            return (403, no) if app else (200, {"login": who})
        root = f"{self.prefix}/repos/{self.name}"
        if not path.startswith(root):
            return 404, {"message": "Not Found"}
        if method != "GET" and who in self.readers:
            return 403, {"message": "Resource not accessible by integration"}
        for verb, shape, act in _ROUTES:
            found = re.fullmatch(shape, path.removeprefix(root))
            if verb == method and found:
                return act(self, found, query, body, who)
        return 404, {"message": "Not Found"}


def _page(rows: list[Any], query: dict[str, list[str]]) -> tuple[int, object]:
    size, page = int(query["per_page"][0]), int(query["page"][0])
    return 200, rows[(page - 1) * size : page * size]


def _get_comments(hub: GitHub, found: re.Match[str], query: Any, _: Any, __: str) -> Any:
    rows = [one for _, one in sorted(hub.comments.items()) if one["_of"] == int(found[1])]
    return _page(rows, query)


def _post_comment(hub: GitHub, found: re.Match[str], _: Any, body: Any, who: str) -> Any:
    if len(body["body"]) > 65_536:
        return 422, {"message": "Body is too long (maximum is 65536 characters)"}
    return 201, hub.comments[hub.add_comment(int(found[1]), who, body["body"])]


def _one_comment(hub: GitHub, found: re.Match[str], _: Any, body: Any, __: str) -> Any:
    if int(found[1]) not in hub.comments:
        return 404, {"message": "Not Found"}
    if body is not None:
        hub.edit_comment(int(found[1]), body["body"])
    return 200, hub.comments[int(found[1])]


def _one_issue(hub: GitHub, found: re.Match[str], _: Any, body: Any, __: str) -> Any:
    if int(found[1]) not in hub.issues:
        return 404, {"message": "Not Found"}
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
    hub.issues[number] = {"number": number, **hub._issue(who), **body}
    return 201, hub.issues[number]


def _commits_of(hub: GitHub, found: re.Match[str], query: Any, *_: Any) -> Any:
    people = hub.people.get(int(found[1]), [])
    rows = [{"sha": "0" * 40, "author": {"login": one}, "committer": {}} for one in people]
    return _page(rows, query)


def _last_change(hub: GitHub, _: re.Match[str], query: Any, *__: Any) -> Any:
    sha = hub.changes.get(query["path"][0])
    return 200, [{"sha": sha, "author": None, "committer": {"login": "web-flow"}}] if sha else []


_ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "", lambda hub, *_: (200, {"full_name": hub.name})),
    ("GET", r"/issues", _get_issues),
    ("POST", r"/issues", _post_issue),
    ("GET", r"/issues/(\d+)", _one_issue),
    ("PATCH", r"/issues/(\d+)", _one_issue),
    ("GET", r"/issues/(\d+)/comments", _get_comments),
    ("POST", r"/issues/(\d+)/comments", _post_comment),
    ("GET", r"/issues/comments/(\d+)", _one_comment),
    ("PATCH", r"/issues/comments/(\d+)", _one_comment),
    ("GET", r"/pulls/(\d+)", lambda hub, found, *_: (200, hub.pulls[int(found[1])])),
    (
        "GET",
        r"/pulls/(\d+)/reviews",
        lambda hub, found, query, *_: _page(hub.reviews.get(int(found[1]), []), query),
    ),
    ("GET", r"/pulls/(\d+)/commits", _commits_of),
    ("GET", r"/commits", _last_change),
    (
        "GET",
        r"/commits/(\w+)/pulls",
        lambda hub, found, query, *_: _page(
            [hub.pulls[one] for one in hub.commits.get(found[1], [])], query
        ),
    ),
]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: GitHub

    def _serve(self) -> None:
        link = urlsplit(self.path)
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        query = parse_qs(link.query)
        status, document = self.hub.answer(self.command, link.path, query, body, token)
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
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
