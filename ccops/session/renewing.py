"""A stored login, renewed when its access token ends soon: by one process, with one attempt.

Whoever renews holds the login's record. Before the request it is noted, durably, which refresh
token is about to be shown. A rotating token is dead once the server has seen it; if its answer
is lost, or the process ends before the answer is stored, the note is all that remains, and no run
shows that token again: a second use may revoke the whole login (docs·support).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.constantcontact import oauth
from ccops.constantcontact.authz import SCOPES, Authz
from ccops.constantcontact.denials import Refusal, refused
from ccops.constantcontact.grants import (
    Grant,
    RefreshKind,
    grant_text,
    parse_grant,
    renewed_grant,
)
from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied, Diagnostic, NoReply, Throttled, VendorFault
from ccops.ports import HeldToken, Meter, Send, TokenRecord
from ccops.store.choice import Keyring
from ccops.store.naming import fingerprint

ENOUGH = timedelta(hours=2)
"""An access token that lives longer is used as it is: no run takes that long."""

GAP = timedelta(seconds=1)
"""The token endpoint takes one request a second (docs·support)."""

LOG_IN = "run `ccops auth login`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What it takes to renew a login.

    `seed` is the refresh token to begin with while nothing is stored, for the application
    `client_id`; `repair` says what to do when the login is dead. `now` is this machine's clock,
    UTC.
    """

    keyring: Keyring
    authz: Authz
    send: Send
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    seed: Secret | None = None
    client_id: str | None = None
    repair: str = LOG_IN


def living(renewal: Renewal) -> Grant | None:
    """Return the stored login, renewed if it ends within two hours; None: nobody is logged in.

    A login that cannot be renewed is returned while it lives.

    Raises:
        AccessDenied: CC541 the login is dead, CC546 it has ended and cannot be renewed, CC547 its
            last renewal was not answered, CC549 what is stored is no login.
        NoReply, Throttled: nothing was sent, or nothing used up; another run may try again.
        StoreUnavailable: the record cannot be read or held.
    """
    seen = renewal.keyring.tokens.read()
    grant = stored(seen)
    if grant is None and renewal.seed is None:
        return None
    if grant is not None and _lives(grant, renewal, ENOUGH):
        return grant
    if grant is not None and grant.refresh is None:
        return _last(grant, renewal)
    with renewal.keyring.tokens.hold() as held:
        return _while_held(held, seen, renewal)


def stored(kept: TokenRecord | None) -> Grant | None:
    """Read a record of a token store; None: nobody is logged in (AccessDenied CC549)."""
    try:
        return parse_grant("" if kept is None else kept.text)
    except ValueError as error:
        raise AccessDenied(
            Diagnostic(code="CC549", message=f"what is stored of the login: {error}", help=LOG_IN)
        ) from None


def paced(meter: Meter, sleep: Callable[[float], None]) -> None:
    """Wait for a slot of the token endpoint."""
    wait = meter.reserve(GAP)
    if wait > 0:
        sleep(wait)


def _lives(grant: Grant, renewal: Renewal, least: timedelta) -> bool:
    return grant.expires_at - renewal.now() > least


def _last(grant: Grant, renewal: Renewal) -> Grant:
    if _lives(grant, renewal, timedelta(0)):
        return grant
    message = "the login has ended, and it has no refresh token to renew it with"
    raise AccessDenied(Diagnostic(code="CC546", message=message, help=renewal.repair))


def _while_held(held: HeldToken, seen: TokenRecord | None, renewal: Renewal) -> Grant | None:
    grant = stored(held.record)
    if grant is not None and held.record != seen and _lives(grant, renewal, timedelta(0)):
        return grant  # another process renewed it, or logged in, while this one waited
    token = renewal.seed if grant is None else grant.refresh
    if token is None:
        return None if grant is None else _last(grant, renewal)
    paced(renewal.keyring.pace, renewal.sleep)
    _note(token, grant, renewal)
    renewed = _renewed(token, grant, renewal)
    held.write(grant_text(renewed))
    return renewed


def _note(token: Secret, grant: Grant | None, renewal: Renewal) -> None:
    """Record that this token is about to be shown; refuse to show it twice.

    A long-lived one may be: the same one comes back each time (docs·support).
    """
    mark = fingerprint("refresh", token.reveal())
    with renewal.keyring.tried.hold() as tried:
        known = grant is not None and grant.kind is RefreshKind.LONG_LIVED
        if tried.record is not None and tried.record.text == mark and not known:
            raise _unanswered(renewal, "was asked for earlier, and its answer was never stored")
        tried.write(mark)


def _forget(renewal: Renewal) -> None:
    """Take the note back: it is certain that the token is as good as before."""
    with renewal.keyring.tried.hold() as tried:
        tried.write("")


def _renewed(token: Secret, grant: Grant | None, renewal: Renewal) -> Grant:
    try:
        answer = _ask(token, grant, renewal)
    except NoReply as error:
        if not error.maybe_sent:
            _forget(renewal)
            raise
        failure = _unanswered(renewal, "was asked for, and no complete answer came")
    except VendorFault:
        failure = _unanswered(renewal, "was asked for, and the answer cannot be used")
    except Throttled:
        _forget(renewal)
        raise
    else:
        return _granted(answer, grant, renewal)
    # Raised out here, so that no error that may quote the server is kept.
    raise failure


def _ask(token: Secret, grant: Grant | None, renewal: Renewal) -> Grant | Refusal:
    return oauth.refresh(
        renewal.send,
        renewal.authz,
        client_id=(renewal.client_id or "") if grant is None else grant.client_id,
        token=token,
        scopes=SCOPES if grant is None else grant.scopes,
        now=renewal.now(),
    )


def _granted(answer: Grant | Refusal, grant: Grant | None, renewal: Renewal) -> Grant:
    match answer:
        case Refusal.INVALID_GRANT:
            # The note stays: it is dead, and showing it again could only do harm.
            raise refused(answer, renewal.repair)
        case Refusal():
            _forget(renewal)
            raise refused(answer, renewal.repair)
        case Grant():
            return answer if grant is None else renewed_grant(grant, answer)


def _unanswered(renewal: Renewal, why: str) -> AccessDenied:
    message = f"a renewal of the login {why}: its refresh token may be used up"
    remedy = f"{renewal.repair}; the old token is not shown again, which could revoke more"
    return AccessDenied(Diagnostic(code="CC547", message=message, help=remedy))
