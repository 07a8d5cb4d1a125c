"""Asking git what a commit holds, in a checkout that may be a stranger's.

Its configuration and attributes can name programs that git would run (hooks, filters, monitors,
helpers). So git is asked only for ids, names, sizes and the bytes of blobs, never for a diff, a
checkout or a status. No shell, no network, and no word that git could take for an option.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0
"""Seconds after which git is given up."""
_SAFELY = (
    *("--no-pager", "--literal-pathspecs", "--no-optional-locks", "--no-replace-objects"),
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"),
)
# No kind of remote is allowed: a partial clone would fetch what it lacks, by any program.
_FIXED = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_UNFIT = re.compile(r"-|.*[\x00-\x20\x7f]", re.DOTALL)
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_UNKNOWN = 1


class GitFailedError(Exception):
    """Git is missing, refuses, or lacks something. The text says why, in its own first words."""


class NoSuchCommitError(Exception):
    """What was named is no commit that this repository has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of a commit: its path below the folder, by `/`; whether it is a link; its size.

    `size` is in bytes; None: git has the name and lacks the content (a partial clone).
    """

    path: str
    id: str
    link: bool
    size: int | None


def commit_of(root: Path, ref: str) -> str:
    """Return the id of the commit that `ref` names.

    Raises:
        NoSuchCommitError: there is none. GitFailedError: git cannot be asked.
    """
    if not ref or _UNFIT.match(ref):
        raise NoSuchCommitError
    done = _run(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if done.returncode not in {0, _UNKNOWN}:
        raise _failed(done)
    found = done.stdout.decode(errors="replace").strip()
    if not _ID.fullmatch(found):
        raise NoSuchCommitError
    return found


def files_of(root: Path, commit: str, *paths: str) -> tuple[Entry, ...]:
    """Return the files and links that a commit has below `root`; `paths` narrow them.

    Raises GitFailedError.
    """
    return tuple(_entries(_ask(root, "ls-tree", "-r", "-l", "-z", commit, *_only(paths))))


def ids_of(root: Path, commit: str, *paths: str) -> Mapping[str, str]:
    """Return the ids of the files below `root` by path; `paths` narrow them. Raises GitFailedError.

    The contents are not looked at, so that a partial clone need not have them.
    """
    listing = _ask(root, "ls-tree", "-r", "-z", commit, *_only(paths))
    return {one.path: one.id for one in _entries(listing)}


def _only(paths: tuple[str, ...]) -> tuple[str, ...]:
    return ("--", *paths) if paths else ()


def tracks(root: Path, path: str) -> bool:
    """Say whether a file below `root` is committed, or staged to be. Raises GitFailedError."""
    return bool(_ask(root, "ls-files", "-z", "--", path))


def history_of(root: Path, commit: str, path: str) -> tuple[str, ...]:
    """Return the commits of a branch that changed a file, the newest first, up to `commit`.

    What a merge brought is one change of the branch, however old it claims to be: only first
    parents are followed. Raises GitFailedError: also for a shallow checkout, whose oldest commit
    looks as if it had brought everything.
    """
    if _ask(root, "rev-parse", "--is-shallow-repository").strip() != b"false":
        raise GitFailedError("this checkout is shallow (fetch-depth: 0 fetches its history)")
    told = _ask(root, "rev-list", "--first-parent", commit, "--", path)
    return tuple(told.decode("ascii").split())


def _entries(listing: bytes) -> Iterator[Entry]:
    """Read `mode type id [size]<TAB>path<NUL>`; a repository inside of this one is no file."""
    for line in listing.split(b"\0"):
        words, _, path = line.partition(b"\t")
        mode, kind, found, *size = words.decode("ascii").split() if path else ("", "", "")
        if kind == "blob":
            yield Entry(
                path=path.decode(errors="backslashreplace"),
                id=found,
                link=mode == "120000",
                size=int(size[0]) if size and size[0].isdigit() else None,
            )


def contents(root: Path, ids: Sequence[str]) -> Mapping[str, bytes]:
    """Return the bytes of blobs, as committed, by id; the caller bounds their sizes first.

    Raises:
        GitFailedError: git has not all of them.
    """
    wanted = tuple(dict.fromkeys(ids))
    told = _ask(root, "cat-file", "--batch", words=b"".join(b"%s\n" % i.encode() for i in wanted))
    found, at = {}, 0
    for one in wanted:
        head, _, _ = told[at : at + 200].partition(b"\n")
        said, *kind = head.decode(errors="replace").split()[:3] or ("",)
        if said != one or kind[:1] != ["blob"] or not kind[-1].isdigit():
            raise GitFailedError("git lacks a file of that commit")
        start = at + len(head) + 1
        found[one] = told[start : start + int(kind[-1])]
        at = start + int(kind[-1]) + 1
    return found


def _ask(root: Path, *arguments: str, words: bytes = b"") -> bytes:
    done = _run(root, *arguments, words=words)
    if done.returncode:
        raise _failed(done)
    return done.stdout


def _run(root: Path, *arguments: str, words: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run git in the folder; nothing secret and nothing of a calling git is in its environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("GIT_", "CCOPS_", "PG"))
    }
    try:
        return subprocess.run(  # noqa: S603 - a fixed program and fixed words, no shell
            [_program(root), *_SAFELY, *arguments],
            cwd=root,
            env=kept | _FIXED,
            input=words,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitFailedError(f"git cannot be asked: {type(error).__name__}") from error


def _program(root: Path) -> str:
    """Find git, but none that the workspace itself brought along."""
    found = shutil.which("git")
    if found is None or Path(found).resolve().is_relative_to(root):
        raise GitFailedError("git is not installed")
    return os.path.abspath(found)  # noqa: PTH100 - as found, so that a shim stays one


def _failed(done: "subprocess.CompletedProcess[bytes]") -> GitFailedError:
    """Tell in git's own first words why it failed: no repository, or one of another user."""
    words = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
    return GitFailedError(f"git failed: {words[0]}")
