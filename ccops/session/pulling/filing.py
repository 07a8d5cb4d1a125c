"""Put manifests into a workspace: new files, and changes of those that are there."""

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ccops import resources
from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.edit import amend
from ccops.manifest.writer import write_manifest
from ccops.model import CampaignRow, Desired
from ccops.planning.adopt import Reason, readable
from ccops.planning.adopt_file import Home, file_for
from ccops.planning.adopted import Rewrite
from ccops.planning.names import plain
from ccops.session.replacing import replace_file
from ccops.workspace import Workspace, read_file


@dataclass(slots=True, kw_only=True)
class Cabinet:
    """Where a pull files its manifests.

    `taken` are the names in the folder of new ones, case-folded; `borne` the campaign names that
    some manifest bears, each with its file. `modeline` is the way to the editors' schema; None:
    it is not in the workspace.
    """

    space: Workspace
    place: Home
    taken: set[str]
    borne: dict[str, str]
    modeline: str | None
    dry: bool


def open_cabinet(space: Workspace, place: Home, *, dry: bool) -> Cabinet:
    """Look at what is there already; nothing is made yet."""
    schema = space.root / ".ccops" / "campaign.schema.json"
    folder = space.root / place.folder
    there = folder.iterdir() if folder.is_dir() else ()
    return Cabinet(
        space=space,
        place=place,
        taken={path.name.casefold() for path in there},
        borne={plain(one.campaign): one.place.file for one in space.desired},
        modeline=place.modeline if schema.is_file() else None,
        dry=dry,
    )


def file_new(cabinet: Cabinet, row: CampaignRow, desired: Desired) -> str | Reason:
    """Make the file of a manifest and give its name; or say why there cannot be one.

    Raises:
        InvalidInput: CC297, it cannot be made.
    """
    bearer = cabinet.borne.get(desired.campaign)
    if bearer is not None:
        return Reason(text=f"{bearer} bears its name, and only one manifest can")
    zone = cabinet.space.settings.zone
    file = file_for(cabinet.place, row.name, row.campaign_id, cabinet.taken)
    text = write_manifest(desired, zone=zone, schema=cabinet.modeline)
    why = readable(file, text, desired, schema=resources.schema("campaign"), zone=zone)
    if why:
        return Reason(text=why)
    if not cabinet.dry:
        create_file(cabinet.space.root, file, text)
    cabinet.borne[desired.campaign] = file
    cabinet.taken.add(file.rpartition("/")[2].casefold())
    return file


def file_change(
    cabinet: Cabinet, old: Desired, new: Desired, agrees: Callable[[Rewrite], bool]
) -> tuple[Rewrite, bool]:
    """Change what differs in a manifest's file, if that is agreed; say what, and whether.

    Raises:
        InvalidInput: CC123, the file cannot be changed safely; CC297, it cannot be written.
    """
    space, file = cabinet.space, old.place.file
    before = read_file(space.root, file)
    schema, zone = resources.schema("campaign"), space.settings.zone
    after = amend(file, before, old.campaign, new, schema=schema, zone=zone)
    rewrite = Rewrite(file=file, before=before, after=after)
    if not agrees(rewrite):
        return rewrite, False
    if not cabinet.dry:
        replace_file(space.root, file, before, after)
    return rewrite, True


def create_file(root: Path, file: str, text: str) -> None:
    """Make a new file of the workspace, durably: all of it or nothing, and never over another.

    Folders on the way are made. No link is followed, so that nothing is written elsewhere.

    Raises:
        InvalidInput: CC297, there is something in its place, or it cannot be written.
    """
    path = root / file
    temporary = path.parent / f".ccops-{secrets.token_hex(4)}.new"
    try:
        _make_folders(root, path.parent)
        try:
            with temporary.open("x", encoding="utf-8", newline="") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            _move(temporary, path)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
    except OSError as error:
        raise _unwritten(file, error.strerror or "it cannot be made") from error


def _make_folders(root: Path, folder: Path) -> None:
    here = root
    for part in folder.relative_to(root).parts:
        here /= part
        with suppress(FileExistsError):
            here.mkdir()
        if not stat.S_ISDIR(here.lstat().st_mode):
            raise NotADirectoryError(None, f"{part} is no folder, or a link to one")


def _move(temporary: Path, path: Path) -> None:
    """Give a file its name; unlike a renaming, a second name never takes another file's place."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links, exFAT for one.
        if os.path.lexists(path):
            raise FileExistsError(None, "there is something of its name") from None
        temporary.rename(path)


def _unwritten(file: str, why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC297",
            message=f"{file} cannot be written: {why}",
            place=Place(file=file, line=1, column=1),
            help="correct its permissions, or run the command again",
        )
    )
