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


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the first line of a comment of ours says: for which account, and how bad it was.

    `applied`: the comment is the receipt of an apply by now.
    """

    kind: str
    account: str
    risk: str
    status: str
    checksum: str = ""
    applied: bool = False


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
    checksum, applied = data.get("checksum"), data.get("applied") is not None
    known = checksum if isinstance(checksum, str) else ""
    return Mark(kind=found[1], **fields, checksum=known, applied=applied)


def own(comments: Iterable[Posted], *, author: str, kind: str, account: str) -> Posted | None:
    """Find our newest comment of this kind about this account; others' are never taken for it.

    By its author, its marker and its account, all three: anybody can write a marker.
    """
    newest = None
    for one in comments:
        mark = read_mark(one.body) if one.author == author else None
        if mark is not None and (mark.kind, mark.account) == (kind, account):
            newest = one
    return newest


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


def _worse(then: Mark, now: Mark) -> bool:
    """Whether a reader of the one would be wrong to think of the other as they did."""
    final = now.risk == Risk.R3 and then.risk != Risk.R3
    return final or (now.status == "blocked" and then.status != "blocked")
