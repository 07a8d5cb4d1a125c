"""The manifests that can be read, whatever is wrong with others: no typo may disable a brake."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ccops import resources
from ccops.constantcontact.origin import is_loopback
from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.reader import examine_manifests
from ccops.model import Desired
from ccops.session.loading import load, origin_of
from ccops.workspace import Workspace, find_root, load_settings, read_files


def readable(start: Path, base_url: str | None) -> tuple[Workspace, tuple[Diagnostic, ...]]:
    """Read a workspace, and say what is wrong with what could not be read of its manifests.

    Raises:
        InvalidInput: the workspace file is wrong, or no manifest at all can be read.
    """
    try:
        return load(start, base_url), ()
    except InvalidInput as refused:
        space = _what_there_is(start, base_url)
        if not space.desired:
            raise
        return space, refused.diagnostics


def _what_there_is(start: Path, base_url: str | None) -> Workspace:
    root = find_root(start)
    loopback = is_loopback(origin_of(base_url))
    settings, errors = load_settings(root, schema=resources.schema("workspace"), loopback=loopback)
    texts, _ = read_files(root, settings.manifests)
    desired, _ = examine_manifests(texts, schema=resources.schema("campaign"), zone=settings.zone)
    space = Workspace(root=root, settings=settings, desired=_first_of_each(desired))
    # It names the account: nothing of a workspace file is guessed.
    return replace(space, desired=()) if errors else space


def _first_of_each(desired: Sequence[Desired]) -> tuple[Desired, ...]:
    """Of two manifests for one campaign, which are a mistake, the first counts."""
    return tuple({one.campaign: one for one in reversed(desired)}.values())[::-1]
