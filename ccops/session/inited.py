"""`ccops init github`: the workflow files for this repository, and whether they are current."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ccops.errors import Diagnostic, InvalidInput
from ccops.resources import workflow_names, workflow_text
from ccops.workspace import find_root

_ACTION = re.compile(
    r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}/\.github/actions/ccops@[0-9a-f]{40}", re.ASCII
)
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}", re.ASCII)
_FOLDER = re.compile(r"[A-Za-z0-9_. /-]{1,200}", re.ASCII)
_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows:
    """The files to be: their text by path. The paths lie in the repository's workflow folder."""

    texts: Mapping[Path, str]

    @property
    def outdated(self) -> tuple[Path, ...]:
        """Those that are missing or have another text, in their order."""
        return tuple(path for path, text in self.texts.items() if _held(path) != text)


def workflows(start: Path, *, action: str, branch: str) -> Workflows:
    """Fill in the workflows for the workspace around `start`, in the repository that holds it.

    `action` is `OWNER/REPO/.github/actions/ccops@` and the 40 hex digits of a commit: a tag can be
    moved. Neither it nor `branch` nor the workspace's folder can be more than a plain word.

    Raises:
        InvalidInput: CC201 no workspace; CC243 the action, the branch or the folder will not do;
            CC244 no repository.
    """
    _check(_ACTION, action, "--action", "OWNER/REPO/.github/actions/ccops@ and 40 hex digits")
    _check(_BRANCH, branch, "--branch", "the name of the branch that is applied, like main")
    root = find_root(start)
    repository = _repository(root)
    folder = root.relative_to(repository).as_posix()
    _check(_FOLDER, folder, "the workspace's folder", "letters, digits, blanks and . _ - /")
    known = {"CCOPS_ACTION": action, "CCOPS_BRANCH": branch, "CCOPS_FOLDER": folder}
    where = repository / ".github" / "workflows"
    return Workflows(
        texts={where / name: _filled(workflow_text(name), known) for name in workflow_names()}
    )


def write(files: Workflows) -> tuple[Path, ...]:
    """Write the files that are missing, and return them. Nothing is overwritten.

    Raises:
        InvalidInput: CC246, one is there with another text: nothing was written. CC247, a file
            cannot be written.
    """
    wanted = files.outdated
    there = [path for path in wanted if os.path.lexists(path)]
    if there:
        raise InvalidInput(*map(_occupied, there))
    for path in wanted:
        _write(path, files.texts[path])
    return wanted


def _filled(text: str, known: Mapping[str, str]) -> str:
    for word, value in known.items():
        text = text.replace(word, value)
    return text


def _repository(root: Path) -> Path:
    """Give the nearest folder upward that holds `.git`: a folder or, in a worktree, a file."""
    for candidate in (root, *root.parents):
        if os.path.lexists(candidate / ".git"):
            return candidate
    raise InvalidInput(
        Diagnostic(
            code="CC244",
            message=f"{root} lies in no git repository",
            help="run `git init` in the folder that is to hold .github, or clone the repository",
        )
    )


def _held(path: Path) -> str | None:
    """Give a file's text; None for none, a link, or what is no text."""
    try:
        if path.is_symlink() or path.stat().st_size > _MAX_BYTES:
            return None
        return path.read_bytes().replace(b"\r\n", b"\n").decode()
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, text: str) -> None:
    """Write a new file. A link in its place is not followed, whether it leads anywhere or not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise InvalidInput(Diagnostic(code="CC247", message=message)) from error


def _check(shape: re.Pattern[str], value: str, name: str, wanted: str) -> None:
    odd = {"..", ""} & set(value.split("/")) or value.endswith((" ", ".lock"))
    if not shape.fullmatch(value) or odd:
        message = f"{name} {value!r} will not do in a workflow"
        raise InvalidInput(Diagnostic(code="CC243", message=message, help=f"write {wanted}"))


def _occupied(path: Path) -> Diagnostic:
    return Diagnostic(
        code="CC246",
        message=f"{path} is there already",
        help="nothing was written; to have it made anew, remove it first",
    )
