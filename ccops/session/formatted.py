"""Bring the files of a workspace into the standard form, or say which are not in it."""

import os
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ccops import resources
from ccops.errors import Diagnostic, ExitCode, InvalidInput, Severity
from ccops.manifest.format import format_manifests, format_settings
from ccops.session.replacing import replace_file
from ccops.workspace import FILE, find_root, load_settings, read_file, read_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """One file that is not in the standard form: its text, and that in the standard form."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatting:
    """What `fmt` found: how many files it looked at, those that differ, and what was wrong.

    A file with an error is left as it is, and hinders no other.
    """

    files: int
    changed: tuple[Formatted, ...]
    errors: tuple[Diagnostic, ...]

    def exit_code(self, *, check: bool) -> ExitCode:
        """INVALID if a file could not be read or written; CHANGES if only checked, and one differs."""
        if any(one.severity is Severity.ERROR for one in self.errors):
            return ExitCode.INVALID
        return ExitCode.CHANGES if check and self.changed else ExitCode.DONE


def format_workspace(start: Path, paths: Sequence[Path], *, write: bool) -> Formatting:
    """Look at `ccops.yaml` and every manifest, or at those that `paths` name; offline.

    `paths` are files of the workspace, or folders of it. `write`: replace what differs, each file
    in one piece.

    Raises:
        InvalidInput: there is no workspace, `ccops.yaml` is not sound, or CC299, a path that is
            or holds no file of the workspace.
    """
    # As for every command: the zone data that ships with ccops decides, not the machine's.
    zoneinfo.reset_tzpath(())
    root = find_root(start)
    schema = resources.schema("workspace")
    settings, wrong = load_settings(root, schema=schema, loopback=True)
    if wrong:
        raise InvalidInput(*wrong)
    texts, unread = read_files(root, settings.manifests)
    chosen = _chosen(root, [(FILE, read_file(root, FILE)), *texts], paths)
    errors = [one for one in unread if not paths or _is_named(root, one, paths)]
    changed: list[Formatted] = []
    for file, before in chosen:
        try:
            after = _standard(file, before, settings.zone)
            if after != before and write:
                replace_file(root, file, before, after)
        except InvalidInput as refused:
            errors += refused.diagnostics
            continue
        changed += [Formatted(file=file, before=before, after=after)] if after != before else []
    return Formatting(files=len(chosen), changed=tuple(changed), errors=tuple(errors))


def _standard(file: str, text: str, zone: str | None) -> str:
    if file == FILE:
        return format_settings(file, text, schema=resources.schema("workspace"))
    return format_manifests(file, text, schema=resources.schema("campaign"), zone=zone)


def _chosen(
    root: Path, texts: Iterable[tuple[str, str]], paths: Sequence[Path]
) -> tuple[tuple[str, str], ...]:
    if not paths:
        return tuple(texts)
    found = tuple(
        (file, text) for file, text in texts if any(_holds(path, root / file) for path in paths)
    )
    lost = [path for path in paths if not any(_holds(path, root / file) for file, _ in found)]
    if lost:
        raise InvalidInput(*_strangers(lost))
    return found


def _holds(path: Path, file: Path) -> bool:
    """Whether a path is a file, or a folder that it is in; links on the way to it are followed."""
    real = Path(os.path.realpath(path))
    return file == real or real in file.parents


def _is_named(root: Path, error: Diagnostic, paths: Sequence[Path]) -> bool:
    return error.place is not None and any(_holds(one, root / error.place.file) for one in paths)


def _strangers(paths: Iterable[Path]) -> Iterator[Diagnostic]:
    for path in paths:
        yield Diagnostic(
            code="CC299",
            message=f"`{path}` is no file of this workspace, and holds none",
            help=f"name {FILE}, or files that `manifests:` in it matches, or a folder of such",
        )
