"""Where to log in: the vendor's authorization server, or the sandbox's own on this machine."""

from dataclasses import dataclass

from ccops.constantcontact.origin import check_origin, is_loopback

AUTHZ_ORIGIN = "https://authz.constantcontact.com"
"""The authorization server (docs). It publishes no discovery document (probe), so that its
addresses are pinned here; earlier hosts were switched off in 2022 (docs)."""

SCOPES = ("campaign_data", "contact_data", "account_read", "offline_access")
"""What is asked for (docs): campaigns, lists, the account's name, and a refresh token."""

NEEDED = SCOPES[:3]
"""The scopes without which some command must fail."""

_ROOT = "/oauth2/default/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authz:
    """An authorization server: its origin, and the paths of its endpoints."""

    origin: str
    authorize: str = f"{_ROOT}/authorize"
    token: str = f"{_ROOT}/token"
    device: str = f"{_ROOT}/device/authorize"


def authz_of(origin: str) -> Authz:
    """Return the authorization server of an API origin.

    A loopback origin is a sandbox, which serves the same paths itself.

    Raises:
        InvalidInput: CC290, the origin is neither the API's nor this machine's.
    """
    checked = check_origin(origin)
    return Authz(origin=checked if is_loopback(checked) else AUTHZ_ORIGIN)
