"""What the surroundings say of the login: tokens and the client id, or files that hold them."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied, Diagnostic, InvalidInput

CONFIDENTIAL = ("CCOPS_ACCESS_TOKEN", "CCOPS_REFRESH_TOKEN", "CCOPS_STORE", "PGPASSWORD")
"""Variables that hold a secret, or an address with a password in it."""

_MOST = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The variables of the login, unread; an empty one counts as not set.

    `access` is the word of CCOPS_ACCESS_TOKEN, which beats everything else.
    """

    access: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    refresh_file: str | None = None
    client_id: str | None = None
    client_id_file: str | None = None


def credentials(environ: Mapping[str, str]) -> Credentials:
    """Take the variables of the login out of an environment; no file is read."""
    return Credentials(
        access=environ.get("CCOPS_ACCESS_TOKEN") or None,
        refresh=environ.get("CCOPS_REFRESH_TOKEN") or None,
        refresh_file=environ.get("CCOPS_REFRESH_TOKEN_FILE") or None,
        client_id=environ.get("CCOPS_CLIENT_ID") or None,
        client_id_file=environ.get("CCOPS_CLIENT_ID_FILE") or None,
    )


def confidential(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what an environment holds in confidence: each value, and each word in it."""
    given = [environ.get(name, "") for name in CONFIDENTIAL]
    return (*given, *(word for one in given for word in one.split()))


def given_refresh(given: Credentials) -> Secret | None:
    """Return the refresh token that the environment gives, if any.

    Raises:
        InvalidInput: CC550, the variable and its `…_FILE` are both set, or the file cannot be read.
        AccessDenied: CC551, what is there is no token.
    """
    name = "CCOPS_REFRESH_TOKEN"
    word = _either(name, given.refresh, given.refresh_file)
    if word is None:
        return None
    try:
        return Secret(word)
    except AccessDenied:
        message = f"{name} holds no token: it is empty or has a blank, a line break or the like"
        remedy = "copy it again: it is one long word"
    raise AccessDenied(Diagnostic(code="CC551", message=message, help=remedy))


def given_client_id(given: Credentials) -> str | None:
    """Return the application's client id that the environment gives, if any.

    Raises:
        InvalidInput: CC550, as `given_refresh`.
    """
    return _either("CCOPS_CLIENT_ID", given.client_id, given.client_id_file)


def _either(name: str, word: str | None, file: str | None) -> str | None:
    if word and file:
        raise _unusable(f"{name} and {name}_FILE are both set", "unset one of them")
    return _content(name, Path(file)) if file else word


def _content(name: str, path: Path) -> str:
    """Read a secret that a runner mounted; a line break at its end is none of it.

    Links are followed: mounted secrets are links. A pipe or device is not waited for.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _unusable(f"{name}_FILE names no regular file", _REMEDY)
            return stream.read(_MOST).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        failure = _unusable(f"the file that {name}_FILE names cannot be read", _REMEDY)
    raise failure


_REMEDY = "correct the path or its permissions, or unset the variable"


def _unusable(message: str, remedy: str) -> InvalidInput:
    return InvalidInput(Diagnostic(code="CC550", message=message, help=remedy))
