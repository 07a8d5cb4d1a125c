"""Who may do what: tokens, scopes, privileges, and the limits per API key."""

from dataclasses import replace

from ccops.sandbox.envelopes import access_denied, quota_exceeded, throttled, unauthorized
from ccops.sandbox.exchange import Request
from ccops.sandbox.records import Token
from ccops.sandbox.tables import Tables

_WINDOW = 1.0
"""Seconds over which the throttle counts."""


def check_token(world: Tables, request: Request) -> None:
    """Check the bearer token.

    Any is good enough, unless `strict_auth` is on: then it must be known, alive and not expired by
    the virtual clock.

    Raises:
        ApiError: 401.
    """
    if not request.token:
        raise unauthorized()
    if not world.switch("strict_auth"):
        return
    token = _token(world, request)
    if token is None or token.dead or token.expires_at <= world.now:
        raise unauthorized()


def _token(world: Tables, request: Request) -> Token | None:
    token = world.tokens.get(request.token)
    return token if token is not None and token.kind == "access" else None


def effective_privileges(world: Tables, request: Request) -> frozenset[str]:
    """Return what the user may do, narrowed to what a known token carries."""
    token = _token(world, request)
    mine = frozenset(world.privileges)
    return mine if token is None or token.privileges is None else mine & set(token.privileges)


def effective_scopes(world: Tables, request: Request) -> frozenset[str]:
    """Return what the application was granted, narrowed to what a known token carries."""
    token = _token(world, request)
    granted = frozenset(world.scopes)
    return granted if token is None else granted & set(token.scopes)


def check_rights(world: Tables, request: Request, *, scope: str, privilege: str) -> None:
    """Check scope and privilege; an empty one asks for nothing.

    Raises:
        ApiError: 403.
    """
    if scope and scope not in effective_scopes(world, request):
        raise access_denied()
    if privilege and privilege not in effective_privileges(world, request):
        raise access_denied()


def check_limits(world: Tables, request: Request) -> None:
    """Count the request against the limits of its API key (docs); both are off by default.

    The throttle counts granted requests in any one real second, the quota those of a virtual UTC
    day. A refused request counts in neither (inferred).

    Raises:
        ApiError: 429.
    """
    token = _token(world, request)
    key = "anybody" if token is None else token.client_id
    day = f"quota {key} {world.now:%Y-%m-%d}"
    quota, most = world.seconds("quota"), world.seconds("throttle")
    if quota and world.counters.get(day, 0) >= quota:
        raise quota_exceeded()
    if most and not _room(world, key, int(most)):
        raise throttled()
    if quota:
        world.count_up(day)


def check_token_limit(world: Tables, client_id: str) -> None:
    """Count a request of a client at the token endpoint: one a second (docs·support); off by default.

    Raises:
        ApiError: 429.
    """
    most = world.seconds("token_throttle")
    if most and not _room(world, f"token {client_id}", int(most)):
        raise throttled()


def _room(world: Tables, key: str, most: int) -> bool:
    now = world.monotonic()
    recent = [at for at in world.recent_calls.get(key, []) if at > now - _WINDOW]
    granted = len(recent) < most
    world.recent_calls[key] = [*recent, now] if granted else recent
    return granted


def expire(world: Tables, request: Request) -> None:
    """Let the request's token be dead from now on, known or not."""
    token = _token(world, request)
    if token is not None:
        world.tokens[token.value] = replace(token, dead=True)
