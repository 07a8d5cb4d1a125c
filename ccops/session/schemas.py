"""The schemas for editors, in the workspace's folder `.ccops`, and nowhere else."""

from contextlib import suppress
from pathlib import Path
from typing import Literal, get_args

from ccops.errors import Diagnostic, InvalidInput
from ccops.session.git import GitFailedError, tracks
from ccops.session.replacing import replace_file
from ccops.workspace import read_file

SchemaKind = Literal["campaign", "workspace"]
KINDS: tuple[SchemaKind, ...] = get_args(SchemaKind)
"""The files that people write by hand."""

FOLDER = ".ccops"


def file_of(kind: str) -> str:
    """Return where editors find a schema, relative to the workspace."""
    return f"{FOLDER}/{kind}.schema.json"


def write_schema(root: Path, kind: str, text: str, *, private: bool) -> Path:
    """Put a schema where editors look for it; return its path.

    `private`: it holds names of the account, so that git is told to ignore the folder, unless
    somebody decided about that before.

    Raises:
        InvalidInput: CC294, the folder or the file is no such thing, or cannot be written; and
            as `read_file` and `replace_file`, of what is there already.
    """
    path = root / file_of(kind)
    try:
        if path.parent.is_symlink():
            raise _unwritten(FOLDER, "it is a link")
        path.parent.mkdir(exist_ok=True)
        if private:
            _ignore(path.parent)
        if not path.is_symlink() and not path.exists():
            _make(path, text)
            return path
    except OSError as error:
        raise _unwritten(file_of(kind), error.strerror or "unknown error") from error
    replace_file(root, file_of(kind), before=read_file(root, file_of(kind)), after=text)
    return path


def told_of_git(root: Path, kind: str) -> str:
    """Say that git watches a schema that holds names now; "" if it does not, or cannot be asked.

    `.gitignore` hides nothing from git that was committed or staged before.
    """
    with suppress(GitFailedError):
        if tracks(root, file_of(kind)):
            return (
                f"git tracks {file_of(kind)}, which now holds names of your account: run "
                f"`git rm --cached --force {file_of(kind)}` before the next commit (the file stays)"
            )
    return ""


def _ignore(folder: Path) -> None:
    with suppress(FileExistsError):
        _make(folder / ".gitignore", "*\n")


def _make(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        file.write(text)


def _unwritten(what: str, why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC294",
            message=f"the schema for editors cannot be written: {what}: {why}",
            help="correct it; nothing outside of the workspace's folder .ccops is ever written",
        )
    )
