"""A stored login, renewed when its access token ends soon: by one process, with one attempt.

Whoever renews holds the login's record. Before the request it is noted, durably, which refresh
token is about to be shown. A rotating token is dead once the server has seen it; if its answer
is lost, or the process ends before the answer is stored, the note is all that remains, and no run
shows that token again: a second use may revoke the whole login (docs·support).

A login is renewed before a run's first request, when two hours are left: more than any run takes.
So a run needs no renewal on its way. If its token is refused all the same, somebody else has
logged in, or the login was revoked: `replacing` then takes what is stored by now, or renews.
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
from ccops.store.choice import LoginStore
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

    store: LoginStore
    authz: Authz
    send: Send
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    seed: Secret | None = None
    client_id: str | None = None
    repair: str = LOG_IN
    gap: timedelta = GAP


def living(renewal: Renewal) -> Grant | None:
    """Return the stored login, renewed if it ends within two hours; None: nobody is logged in.

    A login that cannot be renewed is returned while it lives.

    Raises:
        AccessDenied: CC541 the login is dead, CC546 it has ended and cannot be renewed, CC547 its
            last renewal was not answered, CC549 what is stored is no login.
        NoReply, Throttled: nothing was sent, or nothing used up; another run may try again.
        StoreUnavailable: the record cannot be read or held.
    """
    seen = renewal.store.tokens.read()
    grant = stored(seen)
    if grant is None and renewal.seed is None:
        return None
    if grant is not None and _lives(grant, renewal, ENOUGH):
        return grant
    if grant is not None and grant.refresh is None:
        return _last(grant, renewal)
    with renewal.store.tokens.hold() as held:
        return _while_held(held, seen, renewal)


def replacing(renewal: Renewal, refused: Secret) -> Grant | None:
    """Return another grant than the one whose access token the API refused; None: there is none.

    What another process has stored meanwhile is taken as it is; else this one renews, though the
    refused token might live on by its date. Raises as `living`.
    """
    with renewal.store.tokens.hold() as held:
        grant = stored(held.record)
        if grant is None or (grant.refresh is None and _is(grant, refused)):
            return None
        if not _is(grant, refused) and _lives(grant, renewal, timedelta(0)):
            return grant
        return _asked_for(held, grant, renewal)


def _is(grant: Grant, token: Secret) -> bool:
    return grant.access.reveal() == token.reveal()


def stored(kept: TokenRecord | None) -> Grant | None:
    """Read a record of a token store; None: nobody is logged in (AccessDenied CC549)."""
    try:
        return parse_grant("" if kept is None else kept.text)
    except ValueError as error:
        raise AccessDenied(
            Diagnostic(code="CC549", message=f"what is stored of the login: {error}", help=LOG_IN)
        ) from None


def paced(meter: Meter, gap: timedelta, sleep: Callable[[float], None]) -> None:
    """Wait for a slot of the token endpoint; `gap` lies between two of its requests."""
    wait = meter.reserve(gap)
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
    return _asked_for(held, grant, renewal)


def _asked_for(held: HeldToken, grant: Grant | None, renewal: Renewal) -> Grant | None:
    """Renew, and store what came before anybody can use it."""
    token = renewal.seed if grant is None else grant.refresh
    if token is None:
        return None if grant is None else _last(grant, renewal)
    mark = fingerprint("refresh", token.reveal())
    _refuse_second_use(mark, grant, renewal)
    paced(renewal.store.pace, renewal.gap, renewal.sleep)
    _note(mark, renewal)
    renewed = _renewed(token, grant, renewal)
    held.write(grant_text(renewed))
    return renewed


def _refuse_second_use(mark: str, grant: Grant | None, renewal: Renewal) -> None:
    """Refuse to show a token again whose answer was lost.

    A long-lived one may be: the same one comes back each time (docs·support). Nobody else writes
    the note while the login is held.
    """
    note = renewal.store.tried.read()
    lasting = grant is not None and grant.kind is RefreshKind.LONG_LIVED
    if note is not None and note.text == mark and not lasting:
        raise _unanswered(renewal, "was asked for earlier, and its answer was never stored")


def _note(mark: str, renewal: Renewal) -> None:
    """Record that the token of this mark is about to be shown; "": it is as good as before."""
    with renewal.store.tried.hold() as tried:
        tried.write(mark)


def _renewed(token: Secret, grant: Grant | None, renewal: Renewal) -> Grant:
    try:
        answer = _ask(token, grant, renewal)
    except NoReply as error:
        if not error.maybe_sent:
            _note("", renewal)
            raise
        failure = _unanswered(renewal, "was asked for, and no complete answer came")
    except VendorFault:
        failure = _unanswered(renewal, "was asked for, and the answer cannot be used")
    except Throttled:
        _note("", renewal)
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
            _note("", renewal)
            raise refused(answer, renewal.repair)
        case Grant():
            return answer if grant is None else renewed_grant(grant, answer)


def _unanswered(renewal: Renewal, why: str) -> AccessDenied:
    message = f"a renewal of the login {why}: its refresh token may be used up"
    remedy = f"{renewal.repair}; the old token is not shown again, which could revoke more"
    return AccessDenied(Diagnostic(code="CC547", message=message, help=remedy))
