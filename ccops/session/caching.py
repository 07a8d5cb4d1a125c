"""Files in a workspace's folder of caches, read with suspicion and replaced in one piece."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from ccops.regular import read_regular

FOLDERS = (".ccops", "cache")

_IGNORED = "*\n"


def read_cached(root: Path, file: str, most: int) -> bytes:
    """Return the content of a file of the folder, `file` relative to the workspace.

    Raises OSError, or ValueError with the reason: a link, no regular file, more than `most` bytes.
    """
    _refuse_links(root)
    content = read_regular(root / file, most)
    if len(content) > most:
        raise ValueError("it is larger than any cache")
    return content


def write_cached(root: Path, file: str, content: bytes) -> None:
    """Replace a file of the folder, or a link in its place; the folder tells git to leave it out.

    It need not survive a power cut. Raises OSError, or ValueError: the folder leads elsewhere.
    """
    folder = root
    for name in FOLDERS:
        folder /= name
        folder.mkdir(exist_ok=True)
    _refuse_links(root)
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as ignore:
        ignore.write(_IGNORED)
    _replace(root / file, content)


def _refuse_links(root: Path) -> None:
    """Refuse folders that lead elsewhere: a checkout can hold a link to any place."""
    folder = root
    for name in FOLDERS:
        folder /= name
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise ValueError(f"{folder.relative_to(root)} is a link, or no folder")


def _replace(path: Path, content: bytes) -> None:
    import tempfile  # noqa: PLC0415 - it loads a generator of random numbers; seldom needed

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
