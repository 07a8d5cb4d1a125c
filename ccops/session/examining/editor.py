"""Whether editors check and complete the files with the schemas that ccops itself uses."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ccops import resources
from ccops.errors import InvalidInput
from ccops.manifest.completion import Origin, completed_from
from ccops.render.checks import Check, Subject, passed, warned
from ccops.render.phrases import counted, joined
from ccops.session.examining.files import Files
from ccops.session.schemas import KINDS, SchemaKind, file_of
from ccops.workspace import read_file

_MODELINE = re.compile(r"^[ \t]*#+[ \t]*yaml-language-server:[ \t]*\$schema=(\S+)", re.MULTILINE)
_COMPLETE = "run `ccops schema --account --write`"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One thing looked at; without a remedy it is fine."""

    detail: str
    remedy: str = ""


def editor_check(files: Files) -> Check:
    """Whether the schemas in `.ccops` are those of this version, and every modeline finds one.

    Addresses of the web are not asked. That no editor is served at all is no fault.
    """
    schemas = [_schema(kind, files) for kind in KINDS if (files.root / file_of(kind)).exists()]
    troubles = [one for one in (*schemas, *_astray(files)) if one.remedy]
    if troubles:
        first, more = troubles[0], len(troubles) - 1
        detail = first.detail + (f"; and {more:,} more" if more else "")
        return warned(Subject.EDITOR, detail, first.remedy)
    if schemas:
        return passed(Subject.EDITOR, joined([one.detail for one in schemas]))
    named = sum(_target(text) is not None for _, text in files.texts)
    if named:
        return passed(Subject.EDITOR, f"{counted(named, 'file')} with a schema of your own")
    return passed(Subject.EDITOR, "no schema in use; `ccops schema --write` makes one")


def _schema(kind: SchemaKind, files: Files) -> _Seen:
    file, plainly = file_of(kind), f"run `ccops schema {kind} --write`"
    try:
        text = read_file(files.root, file)
    except InvalidInput as refused:
        first = refused.diagnostics[0]
        return _Seen(detail=f"{file}: {first.message}", remedy=first.help or plainly)
    if text == resources.schema_text(kind):
        return _Seen(detail=f"{file} of this version")
    made_of = _made_of(text)
    if made_of is None:
        return _Seen(detail=f"{file} is not this version's", remedy=plainly)
    if files.settings.account not in {"", made_of.account}:
        why = f"{file} has the names of the account {made_of.account}"
        return _Seen(detail=why, remedy=_COMPLETE)
    if not made_of.of(resources.schema(kind)):
        return _Seen(detail=f"{file} is not this version's", remedy=_COMPLETE)
    return _Seen(detail=f"{file} of this version, with the account's names")


def _made_of(text: str) -> Origin | None:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return completed_from(document) if isinstance(document, dict) else None


def _astray(files: Files) -> Iterator[_Seen]:
    """Find the modelines that lead to no file."""
    for name, text in files.texts:
        target = _target(text)
        if target is None or _is_address(target):
            continue
        path = (files.root / name).parent / target
        if not path.is_file():
            detail = f"{name} names the schema {target}, which is not there"
            yield _Seen(detail=detail, remedy=_way_to(path, files.root))


def _target(text: str) -> str | None:
    found = _MODELINE.search(text)
    return None if found is None else found[1]


def _is_address(target: str) -> bool:
    try:
        return len(urlsplit(target).scheme) > 1  # one letter is a drive of Windows
    except ValueError:
        return True


def _way_to(path: Path, root: Path) -> str:
    wanted = path.resolve()
    kinds = [kind for kind in KINDS if wanted == root / file_of(kind)]
    if kinds:
        return f"run `ccops schema {kinds[0]} --write`"
    return "correct the path in its modeline, or put the schema there"
