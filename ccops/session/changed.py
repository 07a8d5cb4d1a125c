"""`changed:COMMIT`: which files of the workspace differ from a commit, asked of git.

A checkout may be a stranger's: its configuration and attributes can name programs that git would
run (hooks, filters, monitors, helpers). So git is asked only for names and digests of what a
commit holds, and the digests of the files are made here. No shell, no network, and no word of
the command line that git could take for an option.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import Desired
from ccops.planning.select import Changed
from ccops.workspace import FILE, LOCK_FILE

PATIENCE = 60.0
"""Seconds after which git is given up."""
_SAFELY = (
    *("--no-pager", "--literal-pathspecs", "--no-optional-locks", "--no-replace-objects"),
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"),
)
_UNFIT = re.compile(r"-|.*[\x00-\x20\x7f]", re.DOTALL)
_MANIFESTS = (".yaml", ".yml")
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_UNKNOWN = 1


def changed(root: Path, desired: Sequence[Desired], refs: Sequence[str]) -> Mapping[str, Changed]:
    """Say for each commit which of the manifests' files differ from it, untracked ones too.

    A file counts as changed when its text does, whatever the line ends. `ccops.yaml` and
    `ccops.lock` bear on every manifest, so a change of either means all.

    Raises:
        InvalidInput: CC291 git cannot be asked, CC292 it knows no such commit.
    """
    if not refs:
        return {}
    git = _program(root)
    files = frozenset(one.place.file for one in desired)
    return {ref: _since(git, root, files, ref) for ref in refs}


def _since(git: str, root: Path, files: frozenset[str], ref: str) -> Changed:
    held = _tree(_ask(git, root, "ls-tree", "-r", "-z", _commit(git, root, ref)))
    return Changed(
        files=frozenset(name for name in files if _differs(root, name, held)),
        deleted=tuple(
            sorted(
                name
                for name in held
                if name.endswith(_MANIFESTS) and not os.path.lexists(root / name)
            )
        ),
        all=any(_differs(root, name, held) for name in (FILE, LOCK_FILE)),
    )


def _commit(git: str, root: Path, ref: str) -> str:
    """Give the commit's own id. What git could take for an option never reaches it."""
    if not ref or _UNFIT.match(ref):
        raise _no_commit(ref)
    done = _run(git, root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    found = done.stdout.decode(errors="replace").strip()
    if done.returncode not in {0, _UNKNOWN}:
        raise _failed(done)
    if not _ID.fullmatch(found):
        raise _no_commit(ref)
    return found


def _tree(listing: bytes) -> Mapping[str, str]:
    """Read `mode type id<TAB>path<NUL>` lines: the blobs' ids by path."""
    held = {}
    for line in listing.split(b"\0"):
        words, _, path = line.partition(b"\t")
        if path:
            name = path.decode(errors="backslashreplace")
            held[name] = words.split()[2].decode("ascii")
    return held


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


def _program(root: Path) -> str:
    """Find git, but none that the workspace itself brought along."""
    found = shutil.which("git")
    if found is None or Path(found).resolve().is_relative_to(root):
        raise _no_git("git is not installed")
    return os.path.abspath(found)  # noqa: PTH100 - as found, so that a shim stays one


def _ask(git: str, root: Path, *words: str) -> bytes:
    done = _run(git, root, *words)
    if done.returncode:
        raise _failed(done)
    return done.stdout


def _run(git: str, root: Path, *words: str) -> "subprocess.CompletedProcess[bytes]":
    """Run git on the workspace; nothing secret and nothing of a calling git is in its environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("GIT_", "CCOPS_"))
    }
    # No kind of remote is allowed: a partial clone would fetch what it lacks, by any program.
    fixed = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - a fixed program and fixed words, no shell
            [git, *_SAFELY, *words],
            cwd=root,
            env=kept | fixed,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _no_git(f"git cannot be asked: {type(error).__name__}") from error


def _failed(done: "subprocess.CompletedProcess[bytes]") -> InvalidInput:
    """Tell in git's own first words why it failed: no repository, or one of another user."""
    words = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
    return _no_git(f"git failed: {words[0]}")


def _no_git(why: str) -> InvalidInput:
    remedy = "select with name:, tag: or file: instead"
    return InvalidInput(Diagnostic(code="CC291", message=f"changed: {why}", help=remedy))


def _no_commit(ref: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC292",
            message=f"changed:{ref}: git knows no such commit",
            help="write a branch, tag or commit; a shallow checkout (as in CI) may lack it: "
            "fetch its history",
        )
    )
