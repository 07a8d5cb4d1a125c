"""The standard form of a file: key order, indentation and spacing. Text to text.

Words, quotes, comments, documents and the kind of line break stay the author's. What comes out is
read again and compared: if it does not say exactly what was said before, or lost a comment, the
file is refused and left as it is.
"""

from collections.abc import Iterable, Iterator, Sequence

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.comments import Line, find_comments, survey
from ccops.manifest.document import FASTEST, Loader, read_documents
from ccops.manifest.layout import Order, Sheet, manifest_lines
from ccops.manifest.nodes import Node
from ccops.manifest.reader import read_manifests
from ccops.manifest.rules import Guard
from ccops.manifest.settings import read_settings
from ccops.manifest.spans import find_roots, leaves
from ccops.model import JsonObject

MANIFEST_ORDER: Order = {
    (): (
        "campaign",
        "recipients",
        "send_at",
        "activity",
        "timezone",
        "resend_to_new_contacts",
        "expect",
        "tags",
        "owner",
        "overrides",
    ),
    ("expect",): ("subject", "from", "contacts"),
}
"""The order of the manual and of `write_manifest`."""

SETTINGS_ORDER: Order = {
    (): ("version", "account", "timezone", "manifests", "guards", "approvers", "limits", "partner"),
    ("guards",): (*Guard, "counting", "severity"),
}
"""The order of the manual for `ccops.yaml`."""

_MARKERS = ("---", "...")


def format_manifests(
    file: str, text: str, *, schema: JsonObject, zone: str | None, loader: Loader = FASTEST
) -> str:
    """Give the standard form of a file of manifests; idempotent.

    `zone` is the workspace's.

    Raises:
        InvalidInput: what `read_manifests` says, of a file that is not sound; CC124, its
            standard form would say something else, or lose a comment.
    """
    before = read_manifests([(file, text)], schema=schema, zone=zone)
    after = _formatted(file, text, MANIFEST_ORDER, loader)
    try:
        same = read_manifests([(file, after)], schema=schema, zone=zone) == before
    except InvalidInput:
        same = False
    return _checked(file, text, after, loader, same=same)


def format_settings(file: str, text: str, *, schema: JsonObject, loader: Loader = FASTEST) -> str:
    """Give the standard form of a workspace file; idempotent. Raises like `format_manifests`."""
    # Which limits are allowed depends on the origin, and is no question of form.
    before = read_settings(file, text, schema=schema, loopback=True)
    after = _formatted(file, text, SETTINGS_ORDER, loader)
    try:
        same = read_settings(file, after, schema=schema, loopback=True) == before
    except InvalidInput:
        same = False
    return _checked(file, text, after, loader, same=same)


def _formatted(file: str, text: str, order: Order, loader: Loader) -> str:
    """Write a file anew. Its line breaks are all like the first one; there is one at its end.

    They are kept because git and editors decide about them: a formatter with another opinion
    would show every line of a file as changed.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    head = text.partition("\n")[0]
    source = text.removeprefix(mark).replace("\r\n", "\n")
    roots = tuple(find_roots(file, source, loader))
    around = survey(source, roots)
    sheet = Sheet(text=source, around=around, order=order)
    lines: list[str] = []
    for before, root in zip(around.between, roots, strict=False):
        lines += _outside(before)
        lines += manifest_lines(sheet, root)
    lines += _outside(around.between[-1])
    after = "\n".join((*_spaced(lines), ""))
    return mark + (after.replace("\n", "\r\n") if head.endswith("\r") else after)


def _outside(lines: Sequence[Line]) -> Iterator[str]:
    return (line.text for line in lines)


def _spaced(lines: Iterable[str]) -> Iterator[str]:
    """Leave one blank line of several, and none at the beginning and end of the file."""
    last, waiting = "", False
    for line in lines:
        if line:
            yield from [""] if waiting and last else []
            yield line
            last, waiting = line, False
        else:
            waiting = True


def _checked(file: str, before: str, after: str, loader: Loader, *, same: bool) -> str:
    if not same or _said(file, before, loader) != _said(file, after, loader):
        raise InvalidInput(
            Diagnostic(
                code="CC124",
                message="the standard form of this file would not say what it says",
                place=Place(file=file, line=1, column=1),
                help="the file was left as it is; please report it",
            )
        )
    return after


def _said(file: str, text: str, loader: Loader) -> tuple[object, ...]:
    """Give all that formatting must keep: the trees, the comments, and how each word is quoted."""
    trees, errors = read_documents(file, text)
    roots = tuple(find_roots(file, text, loader))
    comments = sorted(one.text.rstrip() for one in find_comments(text, roots))
    quotes = sorted((one.text, one.style) for root in roots for one in leaves(root))
    return _plain(trees), errors, comments, quotes


def _plain(trees: Iterable[Node]) -> list[object]:
    return [tree.value for tree in trees]
