"""`approvers:` of the workspace file: whose approval an apply in CI needs."""

import re

from ccops.errors import Diagnostic
from ccops.manifest.names import text_of
from ccops.manifest.nodes import Node, items_of

_LOGIN = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}", re.ASCII)
"""What GitHub lets a login be (docs); no app's, which ends in `[bot]`."""


def read_approvers(node: Node | None, errors: list[Diagnostic]) -> frozenset[str]:
    """Read the logins, in lower case: GitHub tells them apart by nothing else (docs).

    An entry that is no login is added to `errors` (CC109).
    """
    entries = items_of(node) if node is not None else ()
    errors += [_no_login(one) for one in entries if not _LOGIN.fullmatch(text_of(one))]
    return frozenset(text_of(one).lower() for one in entries)


def _no_login(node: Node) -> Diagnostic:
    return Diagnostic(
        code="CC109",
        message=f"{text_of(node)!r} is no login of a person on GitHub",
        place=node.place,
        help="write it as it stands in the address of the profile, without @; teams and apps "
        "cannot approve",
    )
