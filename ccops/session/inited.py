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
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}", re.ASCII)
_STORE = re.compile(r"^ *CCOPS_STORE:.*\n", re.MULTILINE)
_OF_FOLDER = re.compile(r'^ *working-directory: "([^"\n]+)"$', re.MULTILINE)
_DEFAULT = "ref: refs/remotes/origin/"
_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows:
    """The files to be: their text by path. The paths lie in the repository's workflow folder.

    `folder` is that of the workspace, from the repository on. `strays` says that timers will not
    start them: the name of the branch that GitHub starts timers on, "" if that is the one applied,
    or if it is not known.
    """

    texts: Mapping[Path, str]
    folder: str
    strays: str

    @property
    def outdated(self) -> tuple[Path, ...]:
        """Those that are missing or have another text, in their order."""
        return tuple(path for path, text in self.texts.items() if _held(path) != text)


def workflows(
    start: Path, *, action: str, branch: str, name: str = "", shared_store: bool = False
) -> Workflows:
    """Fill in the workflows for the workspace around `start`, in the repository that holds it.

    `action` is `OWNER/REPO/.github/actions/ccops@` and the 40 hex digits of a commit: a tag can be
    moved. `name` sets this workspace's files, environments and queues apart from those of another
    workspace in the same repository. Nothing that is filled in can be more than a plain word.
    Without `shared_store` no workflow names one; with it, a run that is given none refuses.

    Raises:
        InvalidInput: CC201 no workspace; CC243 the action, the branch, the name or the folder will
            not do; CC244 no repository.
    """
    _check(_ACTION, action, "--action", "OWNER/REPO/.github/actions/ccops@ and 40 hex digits")
    _check(_BRANCH, branch, "--branch", "the name of the branch that is applied, like main")
    if name:
        _check(_NAME, name, "--name", "small letters, digits and -")
    root = find_root(start)
    repository = _repository(root)
    folder = root.relative_to(repository).as_posix()
    _check(_FOLDER, folder, "the workspace's folder", "letters, digits, blanks and . _ - /")
    suffix = f"-{name}" if name else ""
    known = {
        "CCOPS_ACTION": action,
        "CCOPS_BRANCH": branch,
        "CCOPS_FOLDER": folder,
        "CCOPS_SUFFIX": suffix,
    }
    where = repository / ".github" / "workflows"
    texts = {
        where / one.replace(".yml", f"{suffix}.yml"): _filled(
            workflow_text(one), known, shared_store=shared_store
        )
        for one in workflow_names()
    }
    default = _default_branch(repository)
    return Workflows(texts=texts, folder=folder, strays=default if default != branch else "")


def write(files: Workflows) -> tuple[Path, ...]:
    """Write the files that are missing, and return them. Nothing is overwritten.

    Raises:
        InvalidInput: CC246, one is there with another text: nothing was written. CC247, a file
            cannot be written.
    """
    wanted = files.outdated
    there = [path for path in wanted if os.path.lexists(path)]
    if there:
        raise InvalidInput(*(_occupied(path, files.folder) for path in there))
    for path in wanted:
        _write(path, files.texts[path])
    return wanted


def _filled(text: str, known: Mapping[str, str], *, shared_store: bool) -> str:
    """Fill in all blanks at once, so that what is filled in is never taken for a blank."""
    kept = text if shared_store else _STORE.sub("", text)
    return re.sub("|".join(known), lambda blank: known[blank[0]], kept)


def _default_branch(repository: Path) -> str:
    """Give the branch that the clone took for the default one; "" if it does not say."""
    told = _held(repository / ".git" / "refs" / "remotes" / "origin" / "HEAD") or ""
    return told.removeprefix(_DEFAULT).strip() if told.startswith(_DEFAULT) else ""


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
    """Write a new file. No link in its way is followed, whether it leads anywhere or not."""
    if any(folder.is_symlink() for folder in (path.parent, path.parent.parent)):
        message = f"cannot write {path}: there is a link in its path"
        raise InvalidInput(Diagnostic(code="CC247", message=message))
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


def _occupied(path: Path, folder: str) -> Diagnostic:
    """Refuse to overwrite a file; another workspace's must not even be removed."""
    others = set(_OF_FOLDER.findall(_held(path) or "")) - {folder}
    if others:
        owner = min(others)
        return Diagnostic(
            code="CC246",
            message=f"{path} is there already, for the workspace in {owner!r}",
            help="nothing was written; give this workspace files of its own, with --name WORD",
        )
    return Diagnostic(
        code="CC246",
        message=f"{path} is there already",
        help="nothing was written; to have it made anew, remove it first",
    )
