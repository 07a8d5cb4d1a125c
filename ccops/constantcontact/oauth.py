"""Logging in and staying so: the messages of OAuth 2 for a client that has no secret.

Authorization code with PKCE (RFC 7636), device flow (RFC 8628) and refresh (RFC 6749 §6). Every
message is sent once. What the server says of a refusal is never quoted: it may repeat what it was
shown. oauthlib makes the messages; it costs 40 ms, so it is loaded when one is made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from ccops import __version__
from ccops.constantcontact.authz import SCOPES, Authz
from ccops.constantcontact.denials import Refusal, foreign, refusal_of
from ccops.constantcontact.envelopes import vendor_error
from ccops.constantcontact.grants import Grant, read_grant
from ccops.constantcontact.refusals import OK, is_throttled
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.strict import integer, optional_text, parse, record, text
from ccops.errors import AccessDenied, CcopsError, Diagnostic, NoReply, Throttled, VendorFault
from ccops.ports import Call, Reply, Send

Read = TypeVar("Read")

# oauthlib wants https also of this machine, and reads nothing but the query of it.
_ANYWHERE = "https://localhost"
_TOO_MANY = 429
_REFUSALS = frozenset({400, 401, 403})
_INTERVAL = 5
_LONGEST = 1_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a device flow began with. `life` and `interval` are seconds.

    The person opens `uri` and types `user_code`, or opens `whole_uri`, which holds it already.
    """

    code: Secret
    user_code: str
    uri: str
    whole_uri: str
    life: int
    interval: int


def authorize_url(
    authz: Authz, *, client_id: str, redirect_uri: str, state: str, verifier: str
) -> str:
    """Return the address at which a person consents. It holds a hash of the verifier alone."""
    from oauthlib.oauth2 import WebApplicationClient  # noqa: PLC0415 - see above

    client = WebApplicationClient(client_id)
    made = client.prepare_request_uri(
        _ANYWHERE,
        redirect_uri=redirect_uri,
        scope=" ".join(SCOPES),
        state=state,
        code_challenge=client.create_code_challenge(verifier, "S256"),
        code_challenge_method="S256",
    )
    return f"{authz.origin}{authz.authorize}?{urlsplit(made).query}"


def read_redirect(query: str, state: str) -> Secret | Refusal:
    """Read what the browser was sent back with: a code, or why there is none.

    Raises:
        AccessDenied: CC543, it is no answer to this login: its state is another one's, or it is
            ambiguous.
    """
    from oauthlib.oauth2 import (  # noqa: PLC0415 - see above
        MismatchingStateError,
        OAuth2Error,
        WebApplicationClient,
    )

    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    if len(names) != len(set(names)):
        raise foreign()
    client = WebApplicationClient("")
    try:
        answer = client.parse_request_uri_response(f"{_ANYWHERE}/?{query}", state=state)
        return Secret(str(answer["code"]))
    except MismatchingStateError:
        failure = foreign()
    except OAuth2Error as error:
        return refusal_of(error.error)
    except AccessDenied:
        failure = foreign()
    raise failure


def redeem(
    send: Send,
    authz: Authz,
    *,
    client_id: str,
    code: Secret,
    redirect_uri: str,
    verifier: Secret,
    now: datetime,
) -> Grant | Refusal:
    """Turn an authorization code into a grant; a code works once, for about five minutes (docs).

    Raises:
        NoReply, Throttled, VendorFault: see `_asked`.
    """
    from oauthlib.oauth2 import WebApplicationClient  # noqa: PLC0415 - see above

    body = WebApplicationClient(client_id).prepare_request_body(
        code=code.reveal(), redirect_uri=redirect_uri, code_verifier=verifier.reveal()
    )
    return _granted(send, authz, body, client_id=client_id, scopes=SCOPES, now=now)


def begin_device(send: Send, authz: Authz, *, client_id: str) -> Device | Refusal:
    """Ask for a code for this machine and another for the person (docs).

    Raises:
        NoReply, Throttled, VendorFault: see `_asked`.
    """
    body = urlencode({"client_id": client_id, "scope": " ".join(SCOPES)})
    answer = _asked(send, _post(authz.device, body))
    return answer if isinstance(answer, Refusal) else _understood(lambda: _device(answer.body))


def poll_device(
    send: Send, authz: Authz, device: Device, *, client_id: str, now: datetime
) -> Grant | Refusal:
    """Ask once whether the person has decided.

    Raises:
        NoReply, Throttled, VendorFault: see `_asked`.
    """
    from oauthlib.oauth2 import DeviceClient  # noqa: PLC0415 - see above

    body = DeviceClient(client_id).prepare_request_body(
        device_code=device.code.reveal(), include_client_id=True
    )
    return _granted(send, authz, body, client_id=client_id, scopes=SCOPES, now=now)


def refresh(
    send: Send,
    authz: Authz,
    *,
    client_id: str,
    token: Secret,
    scopes: tuple[str, ...],
    now: datetime,
) -> Grant | Refusal:
    """Use a refresh token, once. `scopes` are those it was granted for.

    Whatever comes back is to be stored before it is used: a rotating token is dead by now.

    Raises:
        NoReply, Throttled, VendorFault: see `_asked`.
    """
    from oauthlib.oauth2 import WebApplicationClient  # noqa: PLC0415 - see above

    body = WebApplicationClient(client_id).prepare_refresh_body(
        refresh_token=token.reveal(), client_id=client_id
    )
    return _granted(send, authz, body, client_id=client_id, scopes=scopes, now=now, token=token)


def _post(path: str, body: str) -> Call:
    """Make a token request: in the body, where it is read for certain (client code)."""
    headers = {
        "accept": "application/json",
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": f"ccops/{__version__}",
    }
    return Call(method="POST", path=path, headers=headers, body=body.encode())


def _granted(
    send: Send,
    authz: Authz,
    body: str,
    *,
    client_id: str,
    scopes: tuple[str, ...],
    now: datetime,
    token: Secret | None = None,
) -> Grant | Refusal:
    answer = _asked(send, _post(authz.token, body))
    if isinstance(answer, Refusal):
        return answer
    return _understood(
        lambda: read_grant(answer.body, client_id=client_id, asked=scopes, now=now, refresh=token)
    )


def _understood(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except (CcopsError, ValueError, OverflowError):
        failure = _unusable("cannot be understood")
    raise failure


def _asked(send: Send, call: Call) -> Reply | Refusal:
    """Make a token request, once, and return its 200 or its refusal.

    Raises:
        NoReply: no complete answer came (CC542, or CC501 if nothing left); unless `maybe_sent` is
            False, what was shown may be used up.
        Throttled: CC530; nothing was used up (inferred: the limit comes before the request).
        VendorFault: CC542, an answer that no description allows; what was shown may be used up.
    """
    reply = _sent(send, call)
    if reply.status == OK:
        return reply
    error = vendor_error(reply)
    if reply.status == _TOO_MANY or is_throttled(error):
        message = "the login service asks for fewer requests (one a second is the limit)"
        remedy = "wait a minute and run again; nothing is lost"
        raise Throttled(Diagnostic(code="CC530", message=message, help=remedy))
    if reply.status in _REFUSALS and error.key:
        return refusal_of(error.key)
    raise _unusable(f"has the status {reply.status}")


def _sent(send: Send, call: Call) -> Reply:
    try:
        return send(call)
    except NoReply as error:
        if not error.maybe_sent:
            raise
    # The HTTP library's words quote what it could not read, which may repeat what was shown.
    raise NoReply(*_unusable("did not arrive completely").diagnostics, maybe_sent=True)


def _unusable(why: str) -> VendorFault:
    message = f"the login service's answer {why}"
    remedy = "run again later; if it stays so, is a proxy in between?"
    return VendorFault(Diagnostic(code="CC542", message=message, help=remedy))


def _device(body: bytes) -> Device:
    answer = record(parse(body), "device")
    uri = _page(text(answer, "verification_uri", "device"))
    whole = optional_text(answer, "verification_uri_complete", "device")
    wait = integer(answer, "interval", "device") if "interval" in answer else _INTERVAL
    return Device(
        code=Secret(text(answer, "device_code", "device")),
        user_code=text(answer, "user_code", "device"),
        uri=uri,
        whole_uri=_page(whole) if whole else uri,
        life=min(integer(answer, "expires_in", "device"), _LONGEST),
        interval=max(wait, 0),
    )


def _page(uri: str) -> str:
    """Return the address of a page to open, which is no program and no file of this machine."""
    link = urlsplit(uri)
    here = link.hostname in {"127.0.0.1", "::1", "localhost"}
    if link.scheme != "https" and not (here and link.scheme == "http"):
        raise ValueError("no page")
    return uri
