"""The cache of a workspace: one file that is read with suspicion and replaced in one piece."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from ccops import __version__
from ccops.errors import Diagnostic, InvalidInput, Severity
from ccops.planning.cache import Cache
from ccops.planning.cachefile import from_text, to_text

FOLDERS = (".ccops", "cache")
CACHE_FILE = ".ccops/cache/account.json"
"""Where it stands, relative to the workspace; beside it a file that tells git to leave it out."""
MAX_CACHE_BYTES = 16 * 1024 * 1024
"""Some 15,000 campaigns."""

# Never through a link, never waiting for the writer of a pipe; and on Windows byte for byte.
_SAFELY = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_IGNORED = "*\n"


def read_cache(root: Path, *, account: str, origin: str) -> Cache:
    """Read the cache of a workspace, if it is of this account, this origin and this ccops.

    Raises:
        InvalidInput: CC220, there is none that can be used; with the reason.
    """
    try:
        _refuse_links(root)
        return from_text(_content(root), account=account, origin=origin, version=__version__)
    except FileNotFoundError:
        raise _unusable("there is none yet") from None
    except OSError as error:
        raise _unusable(error.strerror or "it cannot be read") from error
    except ValueError as error:
        raise _unusable(str(error)) from error


def write_cache(root: Path, cache: Cache) -> None:
    """Put a cache in the place of the workspace's, for its owner's eyes.

    Raises:
        InvalidInput: CC221 (a warning), it cannot be written, or is larger than ccops would read.
    """
    text = to_text(cache, version=__version__).encode("ascii")
    try:
        if len(text) > MAX_CACHE_BYTES:
            raise ValueError("it would be larger than ccops would read again")  # noqa: TRY301 - told as the others
        _make_folders(root)
        _replace(root / CACHE_FILE, text)
    except OSError as error:
        raise _unwritten(error.strerror or "it cannot be replaced") from error
    except ValueError as error:
        raise _unwritten(str(error)) from error


def _content(root: Path) -> bytes:
    handle = os.open(root / CACHE_FILE, _SAFELY)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("it is no regular file")
        content = stream.read(MAX_CACHE_BYTES + 1)
    if len(content) > MAX_CACHE_BYTES:
        raise ValueError("it is larger than any cache")
    return content


def _refuse_links(root: Path) -> None:
    """Refuse folders that lead elsewhere: a checkout can hold a link to any place."""
    folder = root
    for name in FOLDERS:
        folder /= name
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise ValueError(f"{folder.relative_to(root)} is a link, or no folder")


def _make_folders(root: Path) -> None:
    folder = root
    for name in FOLDERS:
        folder /= name
        folder.mkdir(exist_ok=True)
    _refuse_links(root)
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as file:
        file.write(_IGNORED)


def _replace(path: Path, text: bytes) -> None:
    """Replace a file, or a link in its place; a cache need not survive a power cut."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".account-", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text)
        Path(name).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _unusable(why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC220",
            message=f"the cache {CACHE_FILE} cannot be used: {why}",
            help="run `ccops plan` once with a login to the account: it writes the cache",
        )
    )


def _unwritten(why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC221",
            message=f"the cache {CACHE_FILE} cannot be written: {why}",
            severity=Severity.WARNING,
            help="the plan is complete without it; the next one reads everything again",
        )
    )
