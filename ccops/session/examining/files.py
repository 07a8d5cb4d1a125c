"""The workspace's files, each looked at although another is wrong. No login, no request."""

from dataclasses import dataclass, replace
from pathlib import Path

from ccops import resources
from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.lockfile import Lock
from ccops.manifest.reader import examine_manifests, in_order
from ccops.manifest.settings import Settings
from ccops.model import Desired
from ccops.render.checks import Check, Subject, passed, refused
from ccops.render.phrases import counted
from ccops.workspace import (
    FILE,
    excused,
    find_root,
    load_lock,
    load_settings,
    read_file,
    read_files,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A workspace, as far as it can be read.

    `texts` are its files by name, ccops.yaml first. `desired` is what the manifests want, and
    not all of it if there are `errors`, which are those of ccops.yaml and the manifests. `lock`
    is None without one, and if there are `lock_errors`.
    """

    root: Path
    settings: Settings
    texts: tuple[tuple[str, str], ...]
    desired: tuple[Desired, ...]
    errors: tuple[Diagnostic, ...]
    lock: Lock | None
    lock_errors: tuple[Diagnostic, ...]


def read_workspace(start: Path, *, loopback: bool) -> Files:
    """Read a workspace, and go on after each mistake.

    `loopback`: the API origin is on this machine.

    Raises:
        InvalidInput: there is no ccops.yaml, or it cannot be read at all.
    """
    root = find_root(start)
    settings, errors = load_settings(root, schema=resources.schema("workspace"), loopback=loopback)
    texts, unread = read_files(root, settings.manifests)
    desired, wrong = examine_manifests(
        texts, schema=resources.schema("campaign"), zone=settings.zone
    )
    lock, amiss = load_lock(root, schema=resources.schema("lock"), account=settings.account)
    return Files(
        root=root,
        settings=settings,
        texts=((FILE, read_file(root, FILE)), *texts),
        desired=desired,
        errors=(*errors, *in_order((*excused(unread, lock), *wrong))),
        lock=lock,
        lock_errors=amiss,
    )


def workspace_check(files: Files) -> Check:
    """Whether ccops.yaml and every manifest can be read; that there is none yet is fine."""
    if not files.errors and not files.desired:
        return passed(Subject.WORKSPACE, f"no manifests yet in {files.root}: see `ccops pull`")
    if not files.errors:
        detail = f"{counted(len(files.desired), 'campaign')} in {files.root}"
        return passed(Subject.WORKSPACE, detail)
    found = refused(Subject.WORKSPACE, InvalidInput(*files.errors))
    if len(files.errors) == 1:
        return found
    return replace(found, remedy="run `ccops validate`: it shows every mistake at its place")
