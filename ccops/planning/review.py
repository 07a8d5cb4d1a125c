"""The one comment in which a pull request's plan is reviewed: how it is found, and when it is new.

What stands in a comment decides nothing about a send. It is read for one purpose: a person who
was told of a harmless plan must be told again when it becomes a dangerous one, for an edited
comment notifies nobody (docs).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ccops.planning.plan import Risk

_MARKER = re.compile(r"<!-- ccops:([a-z]+):v1 (\{[ -~]*\}) -->", re.ASCII)
_FIELDS = ("account", "risk", "status")
_SHORT = 7
"""Hex digits of a commit's id below which it could be any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the first line of a comment of ours says: of which workspace, and how bad it was.

    `folder` is where the workspace lies in the repository, "" or ending in "/". `commit` begins
    the id of the commit whose plan was shown; "" where none was. `applied`: the comment is the
    receipt of an apply by now.
    """

    kind: str
    account: str
    risk: str
    status: str
    checksum: str = ""
    commit: str = ""
    folder: str = ""
    applied: bool = False

    def shows(self, commit: str) -> bool:
        """Whether the plan of this commit (a full id) was shown."""
        return len(self.commit) >= _SHORT and commit.startswith(self.commit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A comment as the forge shows it."""

    id: int
    author: str
    body: str


class Posting(StrEnum):
    """What is to be done with a new text."""

    KEEP = "keep"
    """It is there already, to the letter."""
    EDIT = "edit"
    """It replaces the one that is there."""
    RENEW = "renew"
    """It is posted anew, and the one that is there points to it: people must be notified."""
    FIRST = "first"
    """There is none yet."""


def read_mark(body: str) -> Mark | None:
    """Read the marker in the first line of a comment; None: it has none, or one that is broken."""
    found = _MARKER.fullmatch(body.partition("\n")[0].rstrip())
    if found is None:
        return None
    try:
        data = json.loads(found[2])
    except (ValueError, RecursionError):
        return None
    fields = {name: data.get(name) for name in _FIELDS}
    if not all(isinstance(value, str) for value in fields.values()):
        return None
    further = {name: data.get(name) for name in ("checksum", "commit", "folder")}
    known = {name: value for name, value in further.items() if isinstance(value, str)}
    return Mark(kind=found[1], **fields, **known, applied=data.get("applied") is not None)


def own(comments: Iterable[Posted], *, author: str, kind: str, account: str) -> Posted | None:
    """Find the newest of `ours` in a workspace at the root."""
    found = ours(comments, author=author, kind=kind, account=account)
    return found[-1] if found else None


def ours(
    comments: Iterable[Posted], *, author: str, kind: str, account: str | None, folder: str = ""
) -> tuple[Posted, ...]:
    """Find our comments of this kind about this workspace, in their order.

    By author, marker, folder and account, all of them: anybody can write a marker. Others' are
    never taken for ours. `account` None: whichever it is of.
    """
    found = []
    for one in comments:
        mark = read_mark(one.body) if one.author == author else None
        if mark is None or (mark.kind, mark.folder) != (kind, folder):
            continue
        if account in {None, mark.account}:
            found.append(one)
    return tuple(found)


def posting(before: Posted | None, body: str) -> Posting:
    """Decide what becomes of the comment that is there. Raises ValueError: `body` has no marker."""
    now = read_mark(body)
    if now is None:
        raise ValueError("a comment of ours begins with its marker")
    if before is None:
        return Posting.FIRST
    if before.body.replace("\r\n", "\n").rstrip() == body.rstrip():
        return Posting.KEEP
    then = read_mark(before.body)
    return Posting.RENEW if then is None or _worse(then, now) else Posting.EDIT


class Likeness(StrEnum):
    """How a plan compares with the one that was reviewed."""

    SAME = "same"
    """It makes the same requests."""
    OTHER = "other"
    """It makes other ones, and is no riskier."""
    RISKIER = "riskier"
    """It makes other ones, and is riskier, or blocked."""


def compare(then: Mark, now: Mark) -> Likeness:
    """Compare what was reviewed with what is planned. A risk that is none counts as the least."""
    if then.checksum == now.checksum:
        return Likeness.SAME
    known = then.risk if then.risk in set(Risk) else Risk.R0
    return Likeness.RISKIER if now.risk > known or _worse(then, now) else Likeness.OTHER


def final(then: Mark, risk: str) -> bool:
    """Whether what could be undone, when it was shown, cannot be undone any more."""
    return risk == Risk.R3 and then.risk != Risk.R3


def _worse(then: Mark, now: Mark) -> bool:
    """Whether a reader of the one would be wrong to think of the other as they did."""
    return final(then, now.risk) or (now.status == "blocked" and then.status != "blocked")
