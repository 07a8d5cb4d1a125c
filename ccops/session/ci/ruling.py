"""Who may approve, and whether those who could before agreed to that.

Whoever may merge could otherwise write down anybody, or take `approvers:` away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ccops import resources
from ccops.errors import InvalidInput
from ccops.manifest.settings import examine_settings
from ccops.manifest.text import MAX_BYTES, decode
from ccops.session.git import contents, files_of, history_of
from ccops.workspace import FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A commit that changed who may approve.

    `former` are those who could before, in lower case, at least one; `since` are the commits from
    this one on that changed the file, the oldest first: any of them may have had their approval.
    """

    commit: str
    former: frozenset[str]
    since: tuple[str, ...]


def turns_of(root: Path, commit: str) -> tuple[Turn, ...]:
    """Return every change of `approvers:` on the way to a commit, but for their introduction.

    A version of the file that cannot be read names nobody. Raises GitFailedError.
    """
    return tuple(turns([(one, _named(root, one)) for one in history_of(root, commit, FILE)]))


def turns(named: Sequence[tuple[str, frozenset[str]]]) -> Iterator[Turn]:
    """Find them among the commits that changed the file, the newest first, and whom each named."""
    for at, ((commit, now), (_, former)) in enumerate(pairwise(named)):
        if former and now != former:
            since = tuple(one for one, _ in reversed(named[: at + 1]))
            yield Turn(commit=commit, former=former, since=since)


def _named(root: Path, commit: str) -> frozenset[str]:
    """Return the approvers of one version, in lower case."""
    for held in files_of(root, commit, FILE):
        if held.link or held.size is None or held.size > MAX_BYTES:
            return frozenset()
        try:
            text = decode(FILE, contents(root, [held.id])[held.id])
        except InvalidInput:
            return frozenset()
        schema = resources.schema("workspace")
        return examine_settings(FILE, text, schema=schema, loopback=True)[0].approvers
    return frozenset()
