"""Where results may be written: anywhere but over what a workspace is made of."""

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from ccops import resources, workspace
from ccops.errors import Diagnostic, InvalidInput
from ccops.workspace import FILE, LOCK_FILE


def refuse_own(*targets: str) -> None:
    """Refuse to write a result over a workspace's own file, or where a manifest would stand.

    Whichever workspace holds it: the one at hand or another. Upper and lower case are one, as on
    some file systems. Raises InvalidInput CC213 with each such target.
    """
    refused = [_own(target) for target in targets if any(_meanings(target))]
    if refused:
        raise InvalidInput(*refused)


def _meanings(target: str) -> Iterator[bool]:
    """Tell for each workspace around the file whether it is one of its own."""
    # The folders may be links; one in the file's own place is never followed.
    path = Path(target).absolute()
    file = Path(os.path.realpath(path.parent)) / path.name
    for root in file.parents:
        if os.path.lexists(root / FILE):
            name = file.relative_to(root).as_posix().casefold()
            yield name in {FILE, LOCK_FILE} or any(_is(name, one) for one in _patterns(root))


def _patterns(root: Path) -> Iterable[str]:
    """Give a workspace's patterns; of a file that nothing can be made of, none."""
    try:
        settings, _ = workspace.load_settings(
            root, schema=resources.schema("workspace"), loopback=True
        )
    except InvalidInput:
        return ()
    return tuple(one.text.casefold() for one in settings.manifests)


def _is(name: str, pattern: str) -> bool:
    """Whether a file of this name would be taken for a manifest; hidden ones never are."""
    parts = PurePosixPath(name).parts
    return not any(one.startswith(".") for one in parts) and _fits(parts, pattern.split("/"))


def _fits(parts: Sequence[str], words: Sequence[str]) -> bool:
    """Match folder by folder, at all places of the pattern at once: many `**` take no longer."""
    places = _onward({0}, words)
    for part in parts:
        stay = {one for one in places if one < len(words) and words[one] == "**"}
        fit = {one + 1 for one in places - stay - {len(words)} if fnmatchcase(part, words[one])}
        places = _onward(stay | fit, words)
    return len(words) in places


def _onward(places: set[int], words: Sequence[str]) -> set[int]:
    """Add where one gets without any folder: past each `**`."""
    found = set(places)
    for place, word in enumerate(words):
        if place in found and word == "**":
            found.add(place + 1)
    return found


def _own(target: str) -> Diagnostic:
    return Diagnostic(
        code="CC213",
        message=f"{target} is one of the workspace's own files, or would be taken for a manifest",
        help="write the result to another place",
    )
