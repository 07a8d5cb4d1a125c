"""Find and read a workspace: `ccops.yaml`, the manifests that it names, and `ccops.lock`.

Nothing outside the workspace is ever read: links are not followed, and only regular files of a
bounded size are opened. A pattern that matches nothing is an error, because a workspace that is
checked out by halves must not look like one that wants nothing.
"""

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.lockfile import Lock, examine_lock
from ccops.manifest.reader import examine_manifests, in_order
from ccops.manifest.settings import Pattern, Settings, examine_settings
from ccops.manifest.text import MAX_BYTES, decode, too_large
from ccops.matching import NO_FILE, collisions, expand, file_place, link, nothing, shown, unreadable
from ccops.model import Desired, JsonObject
from ccops.regular import SAFELY

Content = TypeVar("Content", str, bytes)

FILE = "ccops.yaml"
LOCK_FILE = "ccops.lock"
_MORE = 64 * 1024
"""How much is read at once behind the end of a file, where mostly nothing is."""


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
    return unread if had_some else tuple(one for one in unread if one.code != NO_FILE)


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
    return _read(root, patterns, read_file)


def read_contents(
    root: Path, patterns: Iterable[Pattern]
) -> tuple[tuple[tuple[str, bytes], ...], tuple[Diagnostic, ...]]:
    """Read files like `read_files`, but give their bytes: whether they are text is not asked."""
    return _read(root, patterns, read_bytes)


def _read(
    root: Path, patterns: Iterable[Pattern], read: Callable[[Path, str], Content]
) -> tuple[tuple[tuple[str, Content], ...], tuple[Diagnostic, ...]]:
    names: set[str] = set()
    errors: list[Diagnostic] = []
    for pattern in patterns:
        matched, wrong = expand(root, pattern, besides=FILE)
        names |= matched
        errors += wrong
    contents = []
    for name in sorted(names):
        try:
            contents.append((shown(name), read(root, name)))
        except InvalidInput as refused:
            errors += refused.diagnostics
    return tuple(contents), tuple(dict.fromkeys([*errors, *collisions(names)]))


def unmatched(root: Path, patterns: Iterable[Pattern]) -> tuple[Pattern, ...]:
    """Give the patterns that no file matches, for which `load` refuses a workspace."""
    return tuple(one for one in patterns if nothing(one) in expand(root, one, besides=FILE)[1])


def read_file(root: Path, name: str) -> str:
    """Give the text of one file of the workspace.

    Raises InvalidInput: CC202 cannot be read, CC204 a link, CC205 no regular file, CC010 not
    UTF-8, CC011 larger than 1 MiB (nothing of it is read then).
    """
    return decode(shown(name), read_bytes(root, name))


def read_bytes(root: Path, name: str) -> bytes:
    """Give the bytes of one file of the workspace. Raises as `read_file`, but not CC010."""
    path = f"{root}/{name}"  # a Path of each of 10,000 files takes as long as reading it
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            raise InvalidInput(link(root, name))
        if not stat.S_ISREG(found.st_mode):
            raise InvalidInput(_irregular(name))
        if found.st_size > MAX_BYTES:
            raise InvalidInput(too_large(shown(name)))
        return _content(path, found.st_size)
    except OSError as error:
        raise InvalidInput(unreadable(name, error)) from error


def _content(path: str, size: int) -> bytes:
    """Read a file of some size, also if it grew meanwhile: as far as it is surely too large."""
    handle = os.open(path, SAFELY)
    try:
        data = os.read(handle, size + 1)
        while len(data) != size and len(data) <= MAX_BYTES and (more := os.read(handle, _MORE)):
            data += more
    finally:
        os.close(handle)
    return data


def _irregular(name: str) -> Diagnostic:
    return Diagnostic(
        code="CC205",
        message="not a regular file",
        place=file_place(name),
        help="a manifest is a file, no folder, pipe or device",
    )
