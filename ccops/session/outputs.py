"""Where results may be written: anywhere but over what a workspace is made of."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ccops import resources, workspace
from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.pattern import matches
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
            yield name in {FILE, LOCK_FILE} or any(matches(one, name) for one in _patterns(root))


def _patterns(root: Path) -> Iterable[str]:
    """Give a workspace's patterns; of a file that nothing can be made of, none."""
    try:
        settings, _ = workspace.load_settings(
            root, schema=resources.schema("workspace"), loopback=True
        )
    except InvalidInput:
        return ()
    return tuple(one.text.casefold() for one in settings.manifests)


def _own(target: str) -> Diagnostic:
    return Diagnostic(
        code="CC213",
        message=f"{target} is one of the workspace's own files, or would be taken for a manifest",
        help="write the result to another place",
    )
