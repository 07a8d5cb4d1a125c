"""`plan --offline --base REF`: a commit beside the workspace, without account, login or request."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from ccops import resources
from ccops.constantcontact.origin import is_loopback
from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.lockfile import examine_lock
from ccops.manifest.pattern import matches
from ccops.manifest.reader import examine_manifests, in_order
from ccops.manifest.settings import Pattern, examine_settings
from ccops.manifest.text import MAX_BYTES, decode, too_large
from ccops.planning.based import Base, Comparison, Version, compare
from ccops.session.git import (
    Entry,
    GitFailedError,
    NoSuchCommitError,
    commit_of,
    contents,
    files_of,
)
from ccops.session.loading import load, local_now, origin_of
from ccops.workspace import FILE, LOCK_FILE

MAX_TOTAL_BYTES = 256 * 1024 * 1024
"""How much text of a commit is read at most."""

Texts = tuple[tuple[str, str], ...]


def compared(
    start: Path,
    base_url: str | None,
    ref: str,
    *,
    clock: Callable[[], datetime] = local_now,
) -> Comparison:
    """Compare the workspace, as it lies there, with the commit that `ref` names.

    Both are read by the same strict rules. `clock` is this machine's, UTC, which nothing corrects.

    Raises:
        InvalidInput: the workspace is wrong; CC241 git cannot be asked, CC242 no such commit.
    """
    space = load(start, base_url)
    loopback = is_loopback(origin_of(base_url))
    head = Version(settings=space.settings, desired=space.desired, lock=space.lock)
    return compare(_base(space.root, ref, loopback=loopback), head, now=clock())


def _base(root: Path, ref: str, *, loopback: bool) -> Base:
    try:
        commit = commit_of(root, ref)
        version, errors = _version(root, files_of(root, commit), loopback=loopback)
    except NoSuchCommitError:
        raise InvalidInput(_no_commit(ref)) from None
    except GitFailedError as failed:
        raise InvalidInput(_no_git(str(failed))) from failed
    return Base(ref=ref, commit=commit, version=version, errors=errors)


def _version(
    root: Path, held: Sequence[Entry], *, loopback: bool
) -> tuple[Version | None, tuple[Diagnostic, ...]]:
    """Read a commit's workspace as `workspace.load` reads a folder; None where it has mistakes."""
    around, unread = _texts(root, [one for one in held if one.path in {FILE, LOCK_FILE}])
    by_name = dict(around)
    if FILE not in by_name:
        return (None, unread) if unread else (Version(), ())
    settings, errors = examine_settings(
        FILE, by_name[FILE], schema=resources.schema("workspace"), loopback=loopback
    )
    texts, unreadable = _texts(root, _manifests(held, settings.manifests))
    desired, wrong = examine_manifests(
        texts, schema=resources.schema("campaign"), zone=settings.zone
    )
    lock, amiss = (
        examine_lock(
            LOCK_FILE,
            by_name[LOCK_FILE],
            schema=resources.schema("lock"),
            account=settings.account,
        )
        if LOCK_FILE in by_name
        else (None, ())
    )
    every = (*unread, *errors, *in_order((*unreadable, *wrong)), *amiss)
    return (None if every else Version(settings=settings, desired=desired, lock=lock)), every


def _manifests(held: Sequence[Entry], patterns: Sequence[Pattern]) -> list[Entry]:
    return [
        one
        for one in held
        if one.path != FILE and any(matches(each.text, one.path) for each in patterns)
    ]


def _texts(root: Path, files: Sequence[Entry]) -> tuple[Texts, tuple[Diagnostic, ...]]:
    """Read files of a commit: (name, text) by name, and what could not be read."""
    errors = [wrong for one in files for wrong in _unfit(one)]
    if sum(one.size or 0 for one in files) > MAX_TOTAL_BYTES:
        raise GitFailedError("that commit has more manifests than are read")
    sound = [one for one in files if not _unfit(one)]
    found = contents(root, [one.id for one in sound]) if sound else {}
    texts = []
    for one in sorted(sound, key=lambda entry: entry.path):
        try:
            texts.append((one.path, decode(one.path, found[one.id])))
        except InvalidInput as refused:
            errors += refused.diagnostics
    return tuple(texts), tuple(errors)


def _unfit(one: Entry) -> tuple[Diagnostic, ...]:
    place = Place(file=one.path, line=1, column=1)
    if one.link:
        return (Diagnostic(code="CC245", message="a link", place=place, help=_FILE_ITSELF),)
    if one.size is None:
        raise GitFailedError(f"git lacks the content of {one.path}")
    return (too_large(one.path),) if one.size > MAX_BYTES else ()


_FILE_ITSELF = "put the file itself here"


def _no_git(why: str) -> Diagnostic:
    remedy = "compare inside of a git checkout that has that commit and its files"
    return Diagnostic(code="CC241", message=f"--base: {why}", help=remedy)


def _no_commit(ref: str) -> Diagnostic:
    new = bool(ref) and not ref.strip("0")
    known = "the push made this branch, so there is nothing before it"
    return Diagnostic(
        code="CC242",
        message=f"--base {ref}: {known if new else 'git knows no such commit'}",
        help="write a branch, tag or commit; a shallow checkout (as in CI) may lack it: "
        "fetch its history (fetch-depth: 0)",
    )
