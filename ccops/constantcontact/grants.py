"""What a login yields, as a value: tokens, until when, what for; and its text in a token store."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ccops.constantcontact.secret import Secret
from ccops.constantcontact.strict import array, integer, optional_text, parse, record, text
from ccops.errors import CcopsError
from ccops.model import JsonObject

UNUSED_LIFE = timedelta(days=180)
"""How long a refresh token lives without use (docs·support)."""

_FORMAT = 1
_LONGEST_LIFE = 366 * 24 * 60 * 60
_KEYS = {
    "format",
    "client_id",
    "access_token",
    "expires_at",
    "refresh_token",
    "renewed_at",
    "scopes",
    "kind",
}


class RefreshKind(StrEnum):
    """What a refresh token turned out to be; an application's owner chooses (docs·support).

    None: there is none, the login ends with its access token. Unknown: not used yet. Rotating:
    each use returned another one and killed it. Long-lived: the same one came back.
    """

    NONE = "none"
    UNKNOWN = "unknown"
    ROTATING = "rotating"
    LONG_LIVED = "long-lived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A login. Instants are UTC, by the clock of the machine that asked.

    `refresh` is None exactly if `kind` is NONE. `renewed_at` is when the newest answer was asked
    for: the refresh token's life without use counts from there.
    """

    client_id: str
    access: Secret
    expires_at: datetime
    refresh: Secret | None
    renewed_at: datetime
    scopes: tuple[str, ...]
    kind: RefreshKind


def read_grant(
    body: bytes, *, client_id: str, asked: tuple[str, ...], now: datetime, refresh: Secret | None
) -> Grant:
    """Read a 200 of the token endpoint; `now` is when it was asked, `asked` are the scopes.

    `refresh` is the refresh token that was shown for it, None at a login. An answer that names no
    scope grants what was asked for, and one without a refresh token leaves the old one in force
    (RFC 6749 §5.1, §6).

    Raises:
        CcopsError, ValueError: it is not what the endpoint's description says. No token is quoted.
    """
    answer = record(parse(body), "token")
    life = integer(answer, "expires_in", "token")
    if not 0 < life <= _LONGEST_LIFE:
        raise ValueError("expires_in is no life that a token can have")
    new = optional_text(answer, "refresh_token", "token")
    scope = optional_text(answer, "scope", "token")
    kept = Secret(new) if new else refresh
    return Grant(
        client_id=client_id,
        access=Secret(text(answer, "access_token", "token")),
        expires_at=now + timedelta(seconds=life),
        refresh=kept,
        renewed_at=now,
        scopes=asked if scope is None else tuple(scope.split()),
        kind=_kind(kept, new, refresh),
    )


def _kind(kept: Secret | None, new: str | None, shown: Secret | None) -> RefreshKind:
    if kept is None:
        return RefreshKind.NONE
    if shown is None or not new:
        return RefreshKind.UNKNOWN
    return RefreshKind.LONG_LIVED if new == shown.reveal() else RefreshKind.ROTATING


def renewed_grant(old: Grant, new: Grant) -> Grant:
    """Return the new grant; what it could not tell of its refresh token, the old one did."""
    return replace(new, kind=old.kind) if new.kind is RefreshKind.UNKNOWN else new


def grant_text(grant: Grant | None) -> str:
    """Return the text for a token store, which is as secret as the tokens; None: logged out."""
    if grant is None:
        return ""
    content: Mapping[str, object] = {
        "format": _FORMAT,
        "client_id": grant.client_id,
        "access_token": grant.access.reveal(),
        "expires_at": grant.expires_at.astimezone(UTC).isoformat(),
        "refresh_token": None if grant.refresh is None else grant.refresh.reveal(),
        "renewed_at": grant.renewed_at.astimezone(UTC).isoformat(),
        "scopes": list(grant.scopes),
        "kind": grant.kind,
    }
    return json.dumps(content, sort_keys=True)


def parse_grant(stored: str) -> Grant | None:
    """Read what `grant_text` wrote; None: nobody is logged in.

    Raises:
        ValueError: it is not exactly such a text. The text is not quoted.
    """
    if not stored:
        return None
    try:
        return _grant(record(parse(stored.encode()), "grant"))
    except (CcopsError, ValueError, OverflowError):
        failure = ValueError("this is no login that this version of ccops stored")
    raise failure


def _grant(kept: JsonObject) -> Grant:
    refresh = optional_text(kept, "refresh_token", "grant")
    kind = RefreshKind(text(kept, "kind", "grant"))
    right = set(kept) == _KEYS and integer(kept, "format", "grant") == _FORMAT
    if not right or (refresh is None) is not (kind is RefreshKind.NONE):
        raise ValueError
    return Grant(
        client_id=text(kept, "client_id", "grant"),
        access=Secret(text(kept, "access_token", "grant")),
        expires_at=_instant(text(kept, "expires_at", "grant")),
        refresh=None if refresh is None else Secret(refresh),
        renewed_at=_instant(text(kept, "renewed_at", "grant")),
        scopes=tuple(_word(one) for one in array(kept["scopes"], "grant")),
        kind=kind,
    )


def _instant(written: str) -> datetime:
    instant = datetime.fromisoformat(written)
    if instant.utcoffset() != timedelta(0):
        raise ValueError
    return instant.astimezone(UTC)


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - told as any other fault of the text
    return value
