"""Put a text in a file's place: all of it or nothing."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.workspace import read_file

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def replace_file(root: Path, file: str, before: str, after: str) -> None:
    """Replace a file of the workspace that holds `before`, durably, with the same permissions.

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
            help="correct its permissions, or run the command again",
        )
    )
