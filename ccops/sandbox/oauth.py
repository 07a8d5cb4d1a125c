"""The login service: authorization code with PKCE, device flow, and rotating refresh tokens."""

import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from ccops.sandbox.access import check_token_limit
from ccops.sandbox.envelopes import oauth_error
from ccops.sandbox.exchange import Answer, Request, answer
from ccops.sandbox.records import Grant, Token
from ccops.sandbox.world import World

_ACCESS = timedelta(hours=24)
_REFRESH = timedelta(days=180)
_CODE = timedelta(minutes=5)
_DEVICE = timedelta(minutes=10)
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_LOGGED = {"grant_type", "client_id", "scope", "redirect_uri"}


def without_secrets(request: Request) -> str:
    """Return the body for the log; of a login request only what is no secret."""
    text = request.body.decode("utf-8", "replace")
    if not request.path.startswith("/oauth2/"):
        return text
    return urlencode({name: v if name in _LOGGED else "…" for name, v in parse_qsl(text)})


def _form(request: Request) -> Mapping[str, str]:
    """Return the form: parameters are read from the body, not from the query (docs differ)."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _client(world: World, request: Request, form: Mapping[str, str]) -> str:
    """Return the client id, from HTTP Basic or the body.

    A client known with a secret must show it, unless the code was bound to a verifier.
    """
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, value = request.authorization.partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _basic(value)
    if not client_id:
        raise oauth_error("invalid_client", "Client authentication failed.", 401)
    if secret and world.clients.get(client_id, secret) != secret:
        raise oauth_error("invalid_client", "The client secret is invalid.", 401)
    return client_id


def _basic(value: str) -> tuple[str, str]:
    try:
        client_id, _, secret = b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise oauth_error("invalid_client", "Client authentication failed.", 401) from None
    return client_id, secret


def _scopes(world: World, text: str) -> tuple[str, ...]:
    """Split a scope; an encoded plus sign does not separate (recorded)."""
    names = tuple(text.split())
    if not names or any(name not in world.scopes for name in names):
        raise oauth_error("invalid_scope", "One or more scopes are not configured.")
    return names


def authorize(world: World, request: Request) -> Answer:
    """GET /authorize: the owner consents at once (or not: switch `consent`), and is sent back."""
    query = request.query
    uri = query.get("redirect_uri", "")
    if urlsplit(uri).hostname not in _LOOPBACK or query.get("response_type") != "code":
        raise oauth_error("invalid_request", "redirect_uri or response_type is invalid.")
    if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
        raise oauth_error("invalid_request", "code_challenge_method must be S256.")
    back = {"state": query.get("state", "")}
    if world.switch("consent") == "deny":
        return _redirect(uri, {"error": "access_denied", **back})
    grant = Grant(
        code=secrets.token_urlsafe(16),
        kind="code",
        client_id=query.get("client_id", ""),
        scopes=_scopes(world, query.get("scope", "")),
        expires_at=world.now + _CODE,
        redirect_uri=uri,
        challenge=query.get("code_challenge", ""),
        verdict="granted",
    )
    world.grants[grant.code] = grant
    return _redirect(uri, {"code": grant.code, **back})


def _redirect(uri: str, query: Mapping[str, str]) -> Answer:
    joint = "&" if urlsplit(uri).query else "?"
    return Answer(status=302, headers=(("Location", f"{uri}{joint}{urlencode(query)}"),))


def authorize_device(world: World, request: Request) -> Answer:
    """POST /device/authorize: a code for the machine, another for the person (docs)."""
    form = _form(request)
    grant = Grant(
        code=secrets.token_urlsafe(16),
        kind="device",
        client_id=_client(world, request, form),
        scopes=_scopes(world, form.get("scope", "")),
        expires_at=world.now + _DEVICE,
        user_code=secrets.token_hex(4).upper(),
    )
    world.grants[grant.code] = grant
    return answer(
        200,
        {
            "device_code": grant.code,
            "user_code": grant.user_code,
            "verification_uri": f"{request.origin}/activate",
            "verification_uri_complete": f"{request.origin}/activate?user_code={grant.user_code}",
            "expires_in": int(_DEVICE.total_seconds()),
            "interval": int(world.seconds("device_interval")),
        },
    )


def activate(world: World, request: Request) -> Answer:
    """GET /activate?user_code=…: the owner consents to a device (or not: switch `consent`)."""
    verdict = "denied" if world.switch("consent") == "deny" else "granted"
    for grant in world.grants.values():
        if grant.user_code and grant.user_code == request.query.get("user_code"):
            world.grants[grant.code] = replace(grant, verdict=verdict)
            return answer(200, {"device": verdict})
    raise oauth_error("invalid_request", "The user code is unknown.", 404)


def token(world: World, request: Request) -> Answer:
    """POST /token: a code, a device code or a refresh token becomes an access token."""
    form = _form(request)
    client_id = _client(world, request, form)
    check_token_limit(world, client_id)
    match form.get("grant_type"):
        case "authorization_code":
            return _from_code(world, request, form, client_id)
        case "refresh_token":
            return _from_refresh(world, form, client_id)
        case grant_type if grant_type == _DEVICE_GRANT:
            return _from_device(world, form, client_id)
        case _:
            raise oauth_error("unsupported_grant_type", "The grant type is not supported.")


def _from_code(world: World, request: Request, form: Mapping[str, str], client_id: str) -> Answer:
    """A code is used once and lives five minutes (recorded)."""
    grant = world.grants.get(form.get("code", ""))
    if grant is None or grant.kind != "code" or grant.client_id != client_id:
        raise _invalid_grant()
    del world.grants[grant.code]
    if grant.expires_at <= world.now or grant.redirect_uri != form.get("redirect_uri"):
        raise _invalid_grant()
    if grant.challenge:
        if _challenge(form.get("code_verifier", "")) != grant.challenge:
            raise _invalid_grant()
    elif client_id in world.clients and not _has_secret(request, form):
        raise oauth_error("invalid_client", "Client authentication failed.", 401)
    return _tokens(world, client_id, grant.scopes, refreshable=True)


def _has_secret(request: Request, form: Mapping[str, str]) -> bool:
    return bool(form.get("client_secret")) or request.authorization.lower().startswith("basic ")


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _from_device(world: World, form: Mapping[str, str], client_id: str) -> Answer:
    grant = world.grants.get(form.get("device_code", ""))
    if grant is None or grant.kind != "device" or grant.client_id != client_id:
        raise _invalid_grant()
    if grant.expires_at <= world.now:
        raise oauth_error("expired_token", "The device code has expired.")
    if left := world.seconds("device_slow_down"):
        world.set_switch("device_slow_down", left - 1)
        raise oauth_error("slow_down", "The device asks too often.")
    if grant.verdict == "pending":
        raise oauth_error("authorization_pending", "The owner has not decided yet.")
    del world.grants[grant.code]
    if grant.verdict == "denied":
        raise oauth_error("access_denied", "The owner denied the request.")
    # The device flow gives no refresh token (docs); some say that it does.
    refreshable = world.switch("device_refresh") is True
    return _tokens(world, client_id, grant.scopes, refreshable=refreshable)


def _from_refresh(world: World, form: Mapping[str, str], client_id: str) -> Answer:
    """Rotating: used once, and every earlier refresh token dies; long-lived: it stays (docs)."""
    old = world.tokens.get(form.get("refresh_token", ""))
    if old is None or old.kind != "refresh" or old.client_id != client_id:
        raise _invalid_grant()
    if old.dead or old.expires_at <= world.now:
        raise _invalid_grant()
    if world.switch("refresh_tokens") == "long_lived":
        world.tokens[old.value] = replace(old, expires_at=world.now + _REFRESH)
        return _access(world, client_id, old.scopes, old.value)
    return _tokens(world, client_id, old.scopes, refreshable=True)


def _invalid_grant() -> Exception:
    return oauth_error("invalid_grant", "The code or refresh token is invalid or expired.")


def _tokens(world: World, client_id: str, scopes: tuple[str, ...], *, refreshable: bool) -> Answer:
    if not refreshable or "offline_access" not in scopes:
        return _access(world, client_id, scopes, None)
    for value, known in list(world.tokens.items()):
        if known.kind == "refresh" and known.client_id == client_id:
            world.tokens[value] = replace(known, dead=True)
    refresh = _issue(world, "refresh", client_id, scopes, _REFRESH)
    return _access(world, client_id, scopes, refresh.value)


def _issue(
    world: World, kind: str, client_id: str, scopes: tuple[str, ...], life: timedelta
) -> Token:
    issued = Token(
        value=secrets.token_urlsafe(32),
        kind=kind,
        client_id=client_id,
        scopes=scopes,
        expires_at=world.now + life,
    )
    world.tokens[issued.value] = issued
    return issued


def _access(world: World, client_id: str, scopes: tuple[str, ...], refresh: str | None) -> Answer:
    """Access tokens live 24 hours (docs)."""
    issued = _issue(world, "access", client_id, scopes, _ACCESS)
    document: dict[str, object] = {
        "token_type": "Bearer",
        "expires_in": int(_ACCESS.total_seconds()),
        "access_token": issued.value,
        "scope": " ".join(scopes),
    }
    return answer(200, document if refresh is None else {**document, "refresh_token": refresh})
