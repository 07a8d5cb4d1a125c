"""`changed:COMMIT`: which files of the workspace differ from a commit, asked of git.

Git is asked only for names and digests of what the commit holds (see `ccops.session.git`); the
digests of the files are made here.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import Desired
from ccops.planning.select import Changed
from ccops.session.git import GitFailedError, NoSuchCommitError, commit_of, ids_of
from ccops.session.relocked import relocked
from ccops.workspace import FILE, LOCK_FILE

_MANIFESTS = (".yaml", ".yml")


def changed(root: Path, desired: Sequence[Desired], refs: Sequence[str]) -> Mapping[str, Changed]:
    """Say for each commit which of the manifests' files differ from it, untracked ones too.

    A file counts as changed when its text does, whatever the line ends. `ccops.yaml` bears on
    every manifest, so a change of it means all; one of `ccops.lock` those whose names it reads
    otherwise now, or all if that cannot be told.

    Raises:
        InvalidInput: CC291 git cannot be asked, CC292 it knows no such commit.
    """
    return {ref: _since(root, desired, ref) for ref in refs}


def _since(root: Path, desired: Sequence[Desired], ref: str) -> Changed:
    try:
        commit = commit_of(root, ref)
        held = ids_of(root, commit)
        lock = _differs(root, LOCK_FILE, held)
        moved = relocked(root, commit, desired) if lock else frozenset[str]()
    except NoSuchCommitError:
        raise InvalidInput(_no_commit(ref)) from None
    except GitFailedError as failed:
        raise InvalidInput(_no_git(str(failed))) from failed
    files = frozenset(one.place.file for one in desired)
    return Changed(
        files=frozenset(name for name in files if _differs(root, name, held)) | (moved or set()),
        deleted=tuple(
            sorted(
                name
                for name in held
                if name.endswith(_MANIFESTS) and not os.path.lexists(root / name)
            )
        ),
        lock=lock,
        all=_differs(root, FILE, held) or moved is None,
    )


def _differs(root: Path, name: str, held: Mapping[str, str]) -> bool:
    try:
        data = (root / name).read_bytes()
    except OSError:
        return name in held or os.path.lexists(root / name)
    wanted = held.get(name, "")
    texts = {data, data.replace(b"\r\n", b"\n")}
    return wanted not in {_blob(text, wanted) for text in texts}


def _blob(data: bytes, like: str) -> str:
    """Digest a file as git does, in the repository's own kind of digest."""
    algorithm = "sha256" if len(like) == 64 else "sha1"  # noqa: PLR2004 - SHA-256 in hex digits
    made = hashlib.new(algorithm, b"blob %d\0" % len(data), usedforsecurity=False)
    made.update(data)
    return made.hexdigest()


def _no_git(why: str) -> Diagnostic:
    remedy = "select with name:, tag: or file: instead"
    return Diagnostic(code="CC291", message=f"changed: {why}", help=remedy)


def _no_commit(ref: str) -> Diagnostic:
    if ref and not ref.strip("0"):
        return Diagnostic(
            code="CC292",
            message=f"changed:{ref}: the push made this branch, so there is nothing before it",
            help="name a commit by hand, or select with name:, tag: or file: instead",
        )
    return Diagnostic(
        code="CC292",
        message=f"changed:{ref}: git knows no such commit",
        help="write a branch, tag or commit; a shallow checkout (as in CI) may lack it: "
        "fetch its history (fetch-depth: 0)",
    )
