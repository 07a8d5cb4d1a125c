"""A person says yes: in the browser of this machine, or on any device with a short code."""

import os
import secrets
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from ccops.constantcontact import oauth
from ccops.constantcontact.authz import Authz
from ccops.constantcontact.denials import Refusal, refused
from ccops.constantcontact.grants import Grant, grant_text
from ccops.constantcontact.oauth import Device
from ccops.constantcontact.secret import Secret
from ccops.errors import NoReply
from ccops.ports import Send, TokenRecord
from ccops.session.credentials import CONFIDENTIAL
from ccops.session.loading import local_now
from ccops.session.loopback import listening
from ccops.session.renewing import GAP, paced
from ccops.store.choice import LoginStore

WAIT = 300.0
"""Seconds that a person has in the browser: as long as a code lives (client code)."""

SLOWER = 5
"""Seconds by which the polling slows down when it is asked to (RFC 8628 §3.5)."""

_AGAIN = "run `ccops auth login` again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What both flows need. `tell` speaks to the person, one line at a time."""

    store: LoginStore
    authz: Authz
    send: Send
    client_id: str
    tell: Callable[[str], None]
    gap: timedelta = GAP
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    wait: float = WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A login, and the record that it was stored as."""

    grant: Grant
    record: TokenRecord


def by_browser(consent: Consent, port: int, *, open_it: bool) -> Kept:
    """Let the browser come back to a port of this machine with a code, and store what it yields.

    Raises:
        AccessDenied: CC540, CC541, CC543 to CC545; nothing was stored.
        InvalidInput: CC552, the port cannot be listened on.
        NoReply, Throttled, VendorFault: the code could not be redeemed; nothing was stored.
    """
    state, verifier = secrets.token_urlsafe(32), Secret(secrets.token_urlsafe(48))
    with listening(port) as loopback:
        uri = loopback.redirect_uri
        url = oauth.authorize_url(
            consent.authz,
            client_id=consent.client_id,
            redirect_uri=uri,
            state=state,
            verifier=verifier.reveal(),
        )
        _invite(consent, url, open_it=open_it)
        code = oauth.read_redirect(loopback.answer(consent.wait), state)
    if isinstance(code, Refusal):
        raise refused(code, _AGAIN)
    stored = _stored(
        consent,
        lambda: oauth.redeem(
            consent.send,
            consent.authz,
            client_id=consent.client_id,
            code=code,
            redirect_uri=uri,
            verifier=verifier,
            now=local_now(),
        ),
    )
    if isinstance(stored, Refusal):
        raise refused(stored, _AGAIN)
    return stored


def by_device(consent: Consent) -> Kept:
    """Let a person type a short code on any device, and store what that yields.

    Raises:
        AccessDenied: CC540, CC541, CC544; nothing was stored.
        NoReply, Throttled, VendorFault: the flow could not begin; nothing was stored.
    """
    paced(consent.store.pace, consent.gap, consent.sleep)
    device = oauth.begin_device(consent.send, consent.authz, client_id=consent.client_id)
    if isinstance(device, Refusal):
        raise refused(device, _AGAIN)
    consent.tell(f"Open {device.uri} on any device and type the code {device.user_code}")
    if device.whole_uri != device.uri:
        consent.tell(f"or open {device.whole_uri}")
    consent.tell(f"Waiting up to {device.life // 60} minutes. Ctrl-C stops.")
    return _polled(consent, device)


def _polled(consent: Consent, device: Device) -> Kept:
    ends, pause = consent.monotonic() + device.life, float(device.interval)
    while consent.monotonic() < ends:
        consent.sleep(pause)
        answer: Kept | Refusal = Refusal.SLOW_DOWN
        with suppress(NoReply):
            answer = _stored(consent, lambda: _poll(consent, device))
        match answer:
            case Kept():
                return answer
            case Refusal.AUTHORIZATION_PENDING:
                pass
            case Refusal.SLOW_DOWN:
                pause += SLOWER
            case _:
                raise refused(answer, _AGAIN)
    raise refused(Refusal.EXPIRED_TOKEN, _AGAIN)


def _poll(consent: Consent, device: Device) -> Grant | Refusal:
    return oauth.poll_device(
        consent.send, consent.authz, device, client_id=consent.client_id, now=local_now()
    )


def _stored(consent: Consent, ask: Callable[[], Grant | Refusal]) -> Kept | Refusal:
    """Ask while the login is held, and store what comes before anybody can use it."""
    with consent.store.tokens.hold() as held:
        paced(consent.store.pace, consent.gap, consent.sleep)
        answer = ask()
        if isinstance(answer, Refusal):
            return answer
        return Kept(grant=answer, record=held.write(grant_text(answer)))


def _invite(consent: Consent, url: str, *, open_it: bool) -> None:
    opened = open_it and _opened(url)
    consent.tell("The browser opens. If it does not, open this page:" if opened else "Open:")
    consent.tell(url)
    consent.tell(f"Waiting up to {consent.wait / 60:.0f} minutes. Ctrl-C stops.")


def _opened(url: str) -> bool:
    with _without_secrets():
        return webbrowser.open(url)


@contextmanager
def _without_secrets() -> Iterator[None]:
    """Hide from the browser that is started what this process was given in confidence."""
    hidden = {name: os.environ.pop(name) for name in tuple(os.environ) if name in CONFIDENTIAL}
    try:
        yield
    finally:
        os.environ.update(hidden)
