"""What a change of `ccops.lock` since a commit bears on."""

from collections.abc import Iterable
from pathlib import Path

from ccops import resources
from ccops.errors import InvalidInput
from ccops.manifest.lockfile import Lock, examine_lock
from ccops.manifest.text import MAX_BYTES, decode
from ccops.model import Desired
from ccops.planning.repin import repinned
from ccops.session.git import contents, files_of
from ccops.workspace import LOCK_FILE, load_lock


def relocked(root: Path, commit: str, desired: Iterable[Desired]) -> frozenset[str] | None:
    """Name the manifests' files whose names the lock reads otherwise than that commit's.

    None: one of the two cannot be read, so that any may be. Raises GitFailedError.
    """
    now, wrong = load_lock(root, schema=resources.schema("lock"), account="")
    then, amiss = _held(root, commit)
    return None if wrong or amiss else repinned(desired, then, now)


def _held(root: Path, commit: str) -> tuple[Lock | None, bool]:
    """Read the lock of a commit, if it had one, and whether it is amiss."""
    for one in files_of(root, commit, LOCK_FILE):
        if one.link or one.size is None or one.size > MAX_BYTES:
            return None, True
        try:
            text = decode(LOCK_FILE, contents(root, [one.id])[one.id])
        except InvalidInput:
            return None, True
        lock, wrong = examine_lock(LOCK_FILE, text, schema=resources.schema("lock"), account="")
        return lock, bool(wrong)
    return None, False
