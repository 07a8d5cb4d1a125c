"""Stop sends in the workspace's manifests: read again, rewritten, put back in one piece."""

import os
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ccops import resources
from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.rewrite import Stop, by_hand, stop_sends
from ccops.render.halting import HaltedManifest
from ccops.workspace import Workspace, read_file

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def rewrite(
    space: Workspace, stops: Iterable[Stop], *, dry: bool = False
) -> dict[str, HaltedManifest]:
    """Stop these sends in their files, and say by campaign what became of each.

    Every file is replaced in one piece or left as it was; one that cannot be rewritten hinders
    no other, and neither do manifests in one file. `dry`: nothing is written.
    """
    files: dict[str, list[Stop]] = {}
    for stop in stops:
        files.setdefault(stop.desired.place.file, []).append(stop)
    done: dict[str, HaltedManifest] = {}
    for file, group in files.items():
        whole = _rewritten(space, file, group, dry=dry)
        if len(group) > 1 and not all(one.rewritten for one in whole.values()):
            for stop in group:
                done |= _rewritten(space, file, [stop], dry=dry)
        else:
            done |= whole
    return done


def _rewritten(
    space: Workspace, file: str, stops: Sequence[Stop], *, dry: bool
) -> Mapping[str, HaltedManifest]:
    try:
        before = read_file(space.root, file)
        after = stop_sends(
            file,
            before,
            stops,
            schema=resources.schema("campaign"),
            zone=space.settings.zone,
        )
        if after != before and not dry:
            _replace(space.root, file, before, after)
    except InvalidInput as refused:
        problem = refused.diagnostics[0].message
        return {one.desired.campaign: _left(file, problem, one) for one in stops}
    return {one.desired.campaign: HaltedManifest(file=file, rewritten=True) for one in stops}


def _left(file: str, problem: str, stop: Stop) -> HaltedManifest:
    return HaltedManifest(file=file, rewritten=False, problem=problem, by_hand=by_hand(stop))


def _replace(root: Path, file: str, before: str, after: str) -> None:
    """Put a text in a file's place: all of it or nothing, with the same permissions.

    Raises:
        InvalidInput: CC297, the file is read-only, was changed meanwhile, or cannot be written.
    """
    path = root / file
    try:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not mode & _WRITABLE:
            raise _unwritten(file, "it is read-only")
        temporary = _written(path.parent, after, mode)
        try:
            if read_file(root, file) != before:
                raise _unwritten(file, "it was changed meanwhile")
            temporary.replace(path)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
    except OSError as error:
        raise _unwritten(file, error.strerror or "it cannot be replaced") from error


def _written(folder: Path, text: str, mode: int) -> Path:
    """Write a text durably into a new file beside the old one; no pattern matches its name."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".ccops-", suffix=".new")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
    except OSError:
        temporary.unlink()
        raise
    return temporary


def _unwritten(file: str, why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC297",
            message=f"{file} cannot be written: {why}",
            place=Place(file=file, line=1, column=1),
            help="write the lines by hand",
        )
    )
