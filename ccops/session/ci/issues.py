"""One issue of ours about one matter: opened, brought up to date, closed and opened again.

It is found by label, author, marker and account: everybody may copy its text, and nobody its
author.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ccops.forge import github
from ccops.forge.rest import Repository
from ccops.forge.rows import Issue
from ccops.render.escape import marker


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What an issue is about. `kind` stands in its marker; `others` tells that it is about more."""

    label: str
    kind: str
    title: str
    others: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What there is to tell about an account: `page`, and for each campaign a few `words`.

    Without words all is well, and nothing is opened for that.
    """

    account: str
    page: str
    words: Sequence[Iterable[str]]


def keep(repository: Repository, topic: Topic, matter: Matter) -> None:
    """Bring the issue up to date; there is none as long as there never was anything to tell.

    Raises CcopsError: GitHub cannot be told.
    """
    issue = _ours(repository, topic, matter.account)
    which = _marker(topic, matter.account, _digest(matter.words))
    body, told = f"{which}\n{matter.page}", bool(matter.words)
    if issue is None:
        if told:
            github.open_issue(repository, topic.title, body, topic.label)
        return
    if issue.open or told:
        github.edit_issue(repository, issue.number, body=body, opened=told)
    if issue.open and told and not issue.body.startswith(which):
        github.add_comment(repository, issue.number, topic.others)


def _digest(words: Sequence[Iterable[str]]) -> str:
    """Digest which campaigns it is about, and how, so that the issue holds the names once."""
    which = sorted(tuple(one) for one in words)
    return hashlib.sha256(json.dumps(which).encode()).hexdigest()[:16]


def _marker(topic: Topic, account: str, which: str) -> str:
    return marker(topic.kind, {"account": account, "which": which})


def _ours(repository: Repository, topic: Topic, account: str) -> Issue | None:
    """Find the newest of ours."""
    start = _marker(topic, account, "").partition('","which')[0]
    for one in github.issues(repository, topic.label, github.login(repository)):
        if one.body.startswith(start):
            return one
    return None
