"""What GitHub's REST API answers, read strictly: comments, pulls, commits, reviews, issues."""

import re
from dataclasses import dataclass
from datetime import datetime

from ccops.constantcontact.strict import fault, integer, member, optional_text, record, text
from ccops.model import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment of a pull request or an issue. `author` is a login, "" for a deleted user.

    `node` is its name in GitHub's other API (GraphQL).
    """

    id: int
    author: str
    body: str
    at: datetime
    changed_at: datetime
    node: str = ""

    @property
    def edited(self) -> bool:
        """Whether its text is another than the first."""
        return self.changed_at != self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit of a comment. `editor` is a login as of a comment's author, "" where nobody's."""

    editor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull request. `head` is the sha of its newest commit; `fork`: it comes from elsewhere.

    `into` is the branch that it is for; `merged_at` None: it is not merged.
    """

    number: int
    author: str
    head: str
    into: str
    merged_at: datetime | None
    fork: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review. `state` is GitHub's: APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    author: str
    state: str
    commit: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit. `people` are the logins of its author and its committer, as far as known.

    `known` are the e-mail addresses that these logins stand for here, in lower case; `beside`
    those of the co-authors that its message names.
    """

    sha: str
    people: tuple[str, ...]
    known: tuple[tuple[str, str], ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue. `open` or closed; `author` as of a comment."""

    number: int
    author: str
    body: str
    open: bool


def comment(value: object, at: str) -> Comment:
    """Read a comment (VendorFault CC511, CC571)."""
    row = record(value, at)
    made, changed = _instant(row, "created_at", at), _instant(row, "updated_at", at)
    return Comment(
        id=integer(row, "id", at),
        author=_author(row, at),
        body=optional_text(row, "body", at) or "",
        at=made,
        changed_at=changed,
        node=optional_text(row, "node_id", at) or "",
    )


def edit(value: object, at: str) -> Edit:
    """Read an edit out of a comment's history (VendorFault CC511, CC571).

    There an app's login lacks the ending that it has everywhere else (recorded).
    """
    row = record(value, at)
    editor = row.get("editor")
    who = record(editor, f"{at}.editor") if editor is not None else {}
    ending = "[bot]" if who.get("__typename") == "Bot" else ""
    login = f"{text(who, 'login', at)}{ending}" if who else ""
    return Edit(editor=login, at=_instant(row, "editedAt", at))


def pull(value: object, at: str) -> Pull:
    """Read a pull request (VendorFault CC511)."""
    row = record(value, at)
    head, base = (record(member(row, side, at), f"{at}.{side}") for side in ("head", "base"))
    source = head.get("repo")
    own = text(record(member(base, "repo", at), f"{at}.base.repo"), "full_name", at)
    # The repository of a fork that was deleted is null (docs).
    fork = source is None or text(record(source, f"{at}.head.repo"), "full_name", at) != own
    return Pull(
        number=integer(row, "number", at),
        author=_author(row, at),
        head=text(head, "sha", f"{at}.head"),
        into=text(base, "ref", f"{at}.base"),
        merged_at=None if row.get("merged_at") is None else _instant(row, "merged_at", at),
        fork=fork,
    )


def review(value: object, at: str) -> Review | None:
    """Read a review; None: it was not submitted yet (VendorFault CC511, CC571)."""
    row = record(value, at)
    if row.get("submitted_at") is None:
        return None
    return Review(
        author=_author(row, at),
        state=text(row, "state", at),
        commit=optional_text(row, "commit_id", at) or "",
        at=_instant(row, "submitted_at", at),
    )


_BESIDE = re.compile(r"^co-authored-by:.*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
_UNSEEN = re.compile(r"(?:[0-9]+\+)?([A-Za-z0-9-]+)@users\.noreply\.github\.com", re.ASCII)
"""The address that GitHub gives to a login whose own is private (docs)."""


def commit(value: object, at: str) -> Commit:
    """Read a commit (VendorFault CC511). An e-mail address of nobody's has no login (docs)."""
    row = record(value, at)
    inner = record(row.get("commit") or {}, f"{at}.commit")
    known = []
    for role in ("author", "committer"):
        # GitHub answers null or {} where it knows nobody (docs).
        if who := row.get(role):
            signed = record(inner.get(role) or {}, f"{at}.commit.{role}")
            address = (optional_text(signed, "email", at) or "").lower()
            known.append((address, text(record(who, at), "login", at)))
    message = optional_text(inner, "message", at) or ""
    return Commit(
        sha=text(row, "sha", at),
        people=tuple(login for _, login in known),
        known=tuple(known),
        beside=tuple(one.lower() for one in _BESIDE.findall(message)),
    )


def login_of(address: str) -> str:
    """Return the login that an address of GitHub's own stands for; "": it is none of those."""
    found = _UNSEEN.fullmatch(address)
    return found[1] if found else ""


def issue(value: object, at: str) -> Issue | None:
    """Read an issue; None: it is a pull request, which GitHub lists among them (docs)."""
    row = record(value, at)
    if "pull_request" in row:
        return None
    return Issue(
        number=integer(row, "number", at),
        author=_author(row, at),
        body=optional_text(row, "body", at) or "",
        open=text(row, "state", at) == "open",
    )


def _author(row: JsonObject, at: str) -> str:
    user = row.get("user")
    return text(record(user, f"{at}.user"), "login", at) if user is not None else ""


def _instant(row: JsonObject, key: str, at: str) -> datetime:
    try:
        return datetime.fromisoformat(text(row, key, at))
    except ValueError:
        raise fault("CC571", f"the answer's {at}.{key} is no instant") from None
