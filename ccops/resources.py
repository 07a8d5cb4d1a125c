"""The files that ship with ccops: JSON Schemas, the example workspace, workflows for GitHub.

The first two stand at the top of a source checkout, and in `ccops/_data` of an installed wheel.
"""

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Literal

from ccops.errors import CcopsError, Diagnostic, InvalidInput
from ccops.model import JsonObject

SchemaName = Literal["campaign", "workspace", "plan", "lock"]

_WORKFLOWS = Path(__file__).parent / "workflows"
_NOT_SHIPPED = shutil.ignore_patterns(".ccops", "__pycache__")


def schema(name: SchemaName) -> JsonObject:
    """Return a JSON Schema, decoded: read once per process, and never to be changed.

    Raises CcopsError when the installation lacks it.
    """
    return _decoded(name)


def schema_text(name: SchemaName) -> str:
    """Return a JSON Schema as it stands in its file. Raises CcopsError when it is missing."""
    return _shipped("schemas", f"{name}.schema.json").read_text(encoding="utf-8")


def workflow_names() -> tuple[str, ...]:
    """Return the names of the workflow files that `ccops init github` writes, in order."""
    return tuple(sorted(path.name for path in _WORKFLOWS.glob("*.yml")))


def workflow_text(name: str) -> str:
    """Return a workflow file with its blanks: CCOPS_ACTION, _BRANCH, _FOLDER, _SUFFIX."""
    return (_WORKFLOWS / name).read_text(encoding="utf-8")


def copy_examples(target: Path) -> None:
    """Copy the example workspace into a folder, which is made if it is not there.

    Nothing is ever overwritten: raises InvalidInput if any of the files is there already, and
    CcopsError when the installation lacks the examples.
    """
    source = _shipped("examples")
    for file in sorted(source.rglob("*")):
        wanted = target / file.relative_to(source)
        if file.is_file() and wanted.exists():
            raise InvalidInput(_occupied(wanted))
    shutil.copytree(source, target, ignore=_NOT_SHIPPED, dirs_exist_ok=True)


@cache
def _decoded(name: SchemaName) -> JsonObject:
    document: JsonObject = json.loads(schema_text(name))
    return document


def _shipped(*parts: str) -> Path:
    package = Path(__file__).parent
    installed = package / "_data"
    path = (installed if installed.is_dir() else package.parent).joinpath(*parts)
    if not path.exists():
        raise CcopsError(_missing(path))
    return path


def _missing(path: Path) -> Diagnostic:
    return Diagnostic(
        code="CC295",
        message=f"this installation of ccops lacks {path}",
        help="Install ccops again; if that does not help, please report it.",
    )


def _occupied(path: Path) -> Diagnostic:
    return Diagnostic(
        code="CC296",
        message=f"{path} exists already, and ccops does not overwrite it",
        help="Choose another folder.",
    )
