"""What an access token says of itself: until when it lives, and for what. Shown, never relied on."""

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ccops.constantcontact.secret import Secret
from ccops.constantcontact.strict import array, integer, parse, record, text
from ccops.errors import CcopsError
from ccops.model import JsonObject

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says; None: it does not say it. `expires_at` is UTC, by the server's clock."""

    expires_at: datetime | None = None
    scopes: tuple[str, ...] | None = None


def read_claims(token: Secret) -> Claims:
    """Read the claims of an access token, whose signature is not checked.

    Access tokens are JWTs (docs); that expiry is `exp` and scopes are `scp` or `scope` is
    (inferred: the login service is Okta's, RFC 9068). Anything else, a sandbox's word say, tells
    nothing.
    """
    parts = token.reveal().split(".")
    if len(parts) != _PARTS:
        return Claims()
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = record(parse(urlsafe_b64decode(padded)), "token")
        return Claims(expires_at=_expiry(claims), scopes=_scopes(claims))
    except (CcopsError, ValueError, OverflowError):
        return Claims()


def _expiry(claims: JsonObject) -> datetime | None:
    if "exp" not in claims:
        return None
    return _EPOCH + timedelta(seconds=integer(claims, "exp", "token"))


def _scopes(claims: JsonObject) -> tuple[str, ...] | None:
    if "scp" in claims:
        return tuple(text({"scp": one}, "scp", "token") for one in array(claims["scp"], "token"))
    if "scope" in claims:
        return tuple(text(claims, "scope", "token").split())
    return None
