"""Find and read a workspace: `ccops.yaml`, the manifests that it names, and `ccops.lock`.

Nothing outside the workspace is ever read: links are not followed, and only regular files of a
bounded size are opened. A pattern that matches nothing is an error, because a workspace that is
checked out by halves must not look like one that wants nothing.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.lockfile import Lock, examine_lock
from ccops.manifest.reader import examine_manifests, in_order
from ccops.manifest.settings import Pattern, Settings, examine_settings
from ccops.manifest.text import MAX_BYTES, decode, too_large
from ccops.model import Desired, JsonObject

FILE = "ccops.yaml"
LOCK_FILE = "ccops.lock"
_ENDINGS = (".yaml", ".yml")
_NO_MANIFEST = "CC203"
# Windows has neither flag, nor the things that they guard against.
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """The loaded JSON Schemas of the three kinds of file."""

    campaign: JsonObject
    workspace: JsonObject
    lock: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A workspace, read; `desired` by file and position, `root` absolute and free of links."""

    root: Path
    settings: Settings
    desired: tuple[Desired, ...]
    lock: Lock | None = None


def load(start: Path, *, schemas: Schemas, loopback: bool, bare: bool = False) -> Workspace:
    """Find the workspace from `start` upward and read all of it.

    `loopback`: the API origin is on this machine (see `read_settings`). `bare`: it may have no
    manifests yet (see `excused`). Raises one InvalidInput with every error of every file.
    """
    root = find_root(start)
    settings, errors = load_settings(root, schema=schemas.workspace, loopback=loopback)
    texts, unread = read_files(root, settings.manifests)
    desired, wrong = examine_manifests(texts, schema=schemas.campaign, zone=settings.zone)
    lock, amiss = load_lock(root, schema=schemas.lock, account=settings.account)
    unread = excused(unread, lock) if bare else unread
    if errors or unread or wrong or amiss:
        raise InvalidInput(*errors, *in_order((*unread, *wrong)), *amiss)
    return Workspace(root=root, settings=settings, desired=desired, lock=lock)


def excused(unread: tuple[Diagnostic, ...], lock: Lock | None) -> tuple[Diagnostic, ...]:
    """Leave out that there are no manifests, unless the lock pins some: then they were there."""
    had_some = lock is not None and lock.campaigns
    return unread if had_some else tuple(one for one in unread if one.code != _NO_MANIFEST)


def find_root(start: Path) -> Path:
    """Give the nearest folder from `start` upward that holds `ccops.yaml`.

    Raises InvalidInput CC201 if there is none up to the root of the file system.
    """
    folder = start.resolve()
    for one in (folder, *folder.parents):
        if os.path.lexists(one / FILE):
            return one
    raise InvalidInput(
        Diagnostic(
            code="CC201",
            message=f"no {FILE} in {folder}, nor in any folder above it",
            help="run `ccops init` to make one, or go to the folder that holds it",
        )
    )


def load_settings(
    root: Path, *, schema: JsonObject, loopback: bool
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Read the workspace file of `root`; see `examine_settings` for what is wrong in it.

    Raises InvalidInput if the file cannot be read at all.
    """
    return examine_settings(FILE, read_file(root, FILE), schema=schema, loopback=loopback)


def load_lock(
    root: Path, *, schema: JsonObject, account: str
) -> tuple[Lock | None, tuple[Diagnostic, ...]]:
    """Read the lock file of `root`, if there is one, and say what is wrong with it.

    `account` is the workspace's; "" where that is not known.
    """
    if not os.path.lexists(root / LOCK_FILE):
        return None, ()
    try:
        return examine_lock(LOCK_FILE, read_file(root, LOCK_FILE), schema=schema, account=account)
    except InvalidInput as refused:
        return None, refused.diagnostics


def read_files(
    root: Path, patterns: Iterable[Pattern]
) -> tuple[tuple[tuple[str, str], ...], tuple[Diagnostic, ...]]:
    """Read every file that a pattern matches: (name, text) by name, and what could not be read.

    Names are relative to `root`, with `/`. Hidden files and folders match no pattern.
    """
    names: set[str] = set()
    errors: list[Diagnostic] = []
    for pattern in patterns:
        matched, wrong = _expand(root, pattern)
        names |= matched
        errors += wrong
    texts = []
    for name in sorted(names):
        try:
            texts.append((_shown(name), read_file(root, name)))
        except InvalidInput as refused:
            errors += refused.diagnostics
    return tuple(texts), tuple(dict.fromkeys([*errors, *_collisions(names)]))


def unmatched(root: Path, patterns: Iterable[Pattern]) -> tuple[Pattern, ...]:
    """Give the patterns that no file matches, for which `load` refuses a workspace."""
    return tuple(one for one in patterns if _nothing(one) in _expand(root, one)[1])


def read_file(root: Path, name: str) -> str:
    """Give the text of one file of the workspace.

    Raises InvalidInput: CC202 cannot be read, CC204 a link, CC205 no regular file, CC010 not
    UTF-8, CC011 larger than 1 MiB (nothing of it is read then).
    """
    path = root / name
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            raise InvalidInput(_link(root, name))
        if not stat.S_ISREG(found.st_mode):
            raise InvalidInput(_irregular(name))
        if found.st_size > MAX_BYTES:
            raise InvalidInput(too_large(_shown(name)))
        with open(path, "rb", opener=_opener) as file:
            return decode(_shown(name), file.read(MAX_BYTES + 1))
    except OSError as error:
        raise InvalidInput(_unreadable(name, error)) from error


def _opener(path: str, flags: int) -> int:
    """Open without following a link or waiting for a pipe that took the file's place meanwhile."""
    return os.open(path, flags | _SAFELY)


def _expand(root: Path, pattern: Pattern) -> tuple[set[str], list[Diagnostic]]:
    if _malformed(pattern.text):
        return set(), [_bad_pattern(pattern)]
    errors: list[Diagnostic] = []
    names = set(_walk(root, _segments(pattern), errors)) - {FILE}
    return names, errors if names or errors else [_nothing(pattern)]


def _segments(pattern: Pattern) -> tuple[str, ...]:
    """Split a pattern into what each folder on the way is called; `**/**` means no more than `**`."""
    words = pattern.text.split("/")
    return tuple(word for word, after in pairwise([*words, ""]) if (word, after) != ("**", "**"))


def _malformed(pattern: str) -> bool:
    odd = {"", ".", ".."} & set(pattern.split("/"))
    return bool(odd) or "\\" in pattern or not pattern.endswith(_ENDINGS)


def _walk(root: Path, segments: Sequence[str], errors: list[Diagnostic]) -> Iterator[str]:
    """Give the files that the segments match; note what cannot be gone into.

    A folder is looked through once for each place in the pattern that it stands at, so that
    neither depth nor a pattern of many `**` makes this endless.
    """
    waiting, begun = [("", 0)], {("", 0)}
    while waiting:
        folder, at = waiting.pop()
        deeper: list[tuple[str, int]] = [(folder, at + 1)] if segments[at] == "**" else []
        for entry in _entries(root, folder, errors):
            name = f"{folder}{entry.name}"
            if segments[at] != "**" and not fnmatchcase(entry.name, segments[at]):
                continue
            last = at + 1 == len(segments)
            if entry.is_symlink():
                if _leads(entry, last=last):
                    errors.append(_link(root, name))
            elif entry.is_dir(follow_symlinks=False):
                deeper += [] if last else [(f"{name}/", at if segments[at] == "**" else at + 1)]
            elif last:
                yield name
        waiting += [one for one in reversed(deeper) if one not in begun]
        begun.update(deeper)


def _leads(link: os.DirEntry[str], *, last: bool) -> bool:
    """Say whether a link stands where the pattern wants a file, or leads to a folder."""
    # Path.is_dir raises where this says no: on loops, and on what may not be looked into.
    return last or os.path.isdir(link.path)  # noqa: PTH112


def _entries(root: Path, folder: str, errors: list[Diagnostic]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        errors.append(_unreadable(folder or ".", error))
        return []
    return [entry for entry in entries if not entry.name.startswith(".")]


def _link(root: Path, name: str) -> Diagnostic:
    target = Path(os.path.realpath(root / name))
    outside = not target.is_relative_to(root)
    return Diagnostic(
        code="CC204",
        message="a link that leads out of the workspace" if outside else "a link",
        place=_file(name),
        label="links are not followed",
        help="put the file itself here",
    )


def _irregular(name: str) -> Diagnostic:
    return Diagnostic(
        code="CC205",
        message="not a regular file",
        place=_file(name),
        help="a manifest is a file, no folder, pipe or device",
    )


def _unreadable(name: str, error: OSError) -> Diagnostic:
    return Diagnostic(
        code="CC202",
        message=f"cannot be read: {error.strerror}",
        place=_file(name),
        help="correct its permissions, or check it out again",
    )


def _bad_pattern(pattern: Pattern) -> Diagnostic:
    return Diagnostic(
        code="CC206",
        message=f"`{pattern.text}` is not a pattern of manifests",
        place=pattern.place,
        help="write it relative to this folder, with /, without . or .., ending in .yaml or .yml",
    )


def _nothing(pattern: Pattern) -> Diagnostic:
    return Diagnostic(
        code=_NO_MANIFEST,
        message=f"no file matches `{pattern.text}`",
        place=pattern.place,
        label="a workspace without manifests is taken for a broken checkout",
        help="check out the missing files, correct `manifests:`, or begin with `ccops pull`",
    )


def _collisions(names: Iterable[str]) -> Iterator[Diagnostic]:
    """Refuse names that are one name on file systems that ignore case."""
    seen: dict[str, str] = {}
    for name in sorted(names):
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            yield Diagnostic(
                code="CC210",
                message="two files whose names differ only in case",
                place=_file(name),
                help="rename one: on macOS and Windows only one of them would exist",
                also=((_file(first), "the other one"),),
            )


def _file(name: str) -> Place:
    return Place(file=_shown(name), line=1, column=1)


def _shown(name: str) -> str:
    # A name may hold bytes that are no UTF-8: they must not break the writing of an error.
    return name.encode(errors="backslashreplace").decode()
