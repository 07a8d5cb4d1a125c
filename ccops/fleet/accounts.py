"""Which workspaces make up the fleet: the folders named, and those below them."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ccops import resources
from ccops.constantcontact.origin import is_loopback
from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.settings import Settings
from ccops.workspace import FILE, load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One workspace of the fleet: its folder, absolute and free of links, and its `ccops.yaml`.

    `settings` is None where that file is wrong, and `refusal` says what is wrong then.
    """

    folder: Path
    settings: Settings | None = None
    refusal: InvalidInput | None = None

    @property
    def account(self) -> str:
        """The account's id; "" where it is not known."""
        return self.settings.account if self.settings else ""


def members(folders: Sequence[Path], origin: str) -> tuple[Member, ...]:
    """Find the workspaces, each once, however often it is named, by their folders' names.

    A folder is searched to its end, hidden ones and links left out. What is wrong with one
    workspace's own files is its own outcome, and no reason to stop.

    Raises:
        InvalidInput: CC253 there is none in a folder, or it cannot be searched; CC254 several are
            of one account: they would undo each other's work.
    """
    found = tuple(member(one, origin) for one in _workspaces(folders))
    twins = tuple(_twins(found))
    if twins:
        raise InvalidInput(*twins)
    return found


def names(folders: Iterable[Path]) -> dict[Path, str]:
    """Name folders for people: each by its path below the folder that all of them share."""
    known = tuple(folders)
    parents = {str(one.parent) for one in known}
    shared = os.path.commonpath(parents) if parents else ""
    return {one: str(one.relative_to(shared)) for one in known}


def _workspaces(folders: Sequence[Path]) -> tuple[Path, ...]:
    errors: list[Diagnostic] = []
    found = [(one, tuple(_below(one.resolve(), errors))) for one in folders]
    errors += [_none(one) for one, below in found if not below]
    if errors:
        raise InvalidInput(*errors)
    return tuple(sorted(set(chain.from_iterable(below for _, below in found))))


def _below(root: Path, errors: list[Diagnostic]) -> Iterator[Path]:
    for folder, below, files in os.walk(root, onerror=lambda error: errors.append(_closed(error))):
        # Whatever has that name is a workspace's, if only one that cannot be read.
        if FILE in {*below, *files}:
            yield Path(folder)
        below[:] = sorted(one for one in below if not one.startswith(".") and one != FILE)


def member(folder: Path, origin: str) -> Member:
    """Read the `ccops.yaml` of one workspace; what is wrong with it is in the value."""
    schema = resources.schema("workspace")
    try:
        settings, wrong = load_settings(folder, schema=schema, loopback=is_loopback(origin))
    except InvalidInput as refused:
        return Member(folder=folder, refusal=refused)
    if wrong:
        return Member(folder=folder, refusal=InvalidInput(*wrong))
    return Member(folder=folder, settings=settings)


def _twins(found: Sequence[Member]) -> Iterator[Diagnostic]:
    by_account = defaultdict(list)
    for one in found:
        if one.account:
            by_account[one.account].append(str(one.folder))
    for account, folders in by_account.items():
        if len(folders) > 1:
            yield Diagnostic(
                code="CC254",
                message=f"{len(folders)} workspaces are of the account {account}: "
                f"{', '.join(folders)}",
                help="one account has one workspace: leave the others out, or correct `account:`",
            )


def _none(folder: Path) -> Diagnostic:
    return Diagnostic(
        code="CC253",
        message=f"no {FILE} in {folder}, nor in any folder below it",
        help="name workspaces, or folders that hold some",
    )


def _closed(error: OSError) -> Diagnostic:
    return Diagnostic(
        code="CC253",
        message=f"{error.filename} cannot be searched: {error.strerror}",
        help="correct its permissions: a workspace that is not found is not looked after",
    )
