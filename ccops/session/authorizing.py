"""Whose word the session speaks: the access token, from the environment or from a stored login.

A login is renewed before a run when two hours are left, and it lives one hour longer when the run
begins. In between, a login service that is down or busy stops nobody: nothing was used up, and a
later run renews. A login that is dead is told at once, while there is time. `apply` asks again
before it writes (`refuse_ending`): a sequence that it begins must not be left half done. The
emergency brake takes whatever lives, and asks nobody (`at_hand`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from ccops.constantcontact.authz import Authz, authz_of
from ccops.constantcontact.grants import Grant, RefreshKind
from ccops.constantcontact.origin import is_loopback
from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied, CcopsError, Diagnostic, NoReply, Throttled
from ccops.model import Limits
from ccops.ports import Send
from ccops.session.credentials import Credentials, given_client_id, given_refresh
from ccops.session.loading import local_now
from ccops.session.renewing import GAP, LOG_IN, Renewal, living, replacing, stored
from ccops.store.choice import LoginStore, open_login_store
from ccops.store.naming import fingerprint
from ccops.transport import open_transport

LASTING = timedelta(hours=1)
"""No run takes longer: in that time the requests of a day are used up (docs)."""


class Source(StrEnum):
    """Where the login comes from, the first that is there."""

    ACCESS = "CCOPS_ACCESS_TOKEN"
    REFRESH = "CCOPS_REFRESH_TOKEN"
    STORE = "ccops auth login"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a login depends on: the account at its origin, the variables, and the store.

    `gap` lies between two requests for tokens.
    """

    origin: str
    account: str
    credentials: Credentials
    store: str | None
    state: Path
    api_key: str
    gap: timedelta = GAP


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An access token that may be used, and what is known of it.

    `grant` is None for a token out of CCOPS_ACCESS_TOKEN, of which nothing is known. `trouble` is
    why it was not renewed although it ends soon; another run may try again.
    """

    token: Secret
    source: Source
    grant: Grant | None = None
    where: str = ""
    trouble: CcopsError | None = None


def authorize(around: Surroundings) -> Login:
    """Return the login to use; a stored one is renewed first if it ends within two hours.

    If the login service could not be asked, or asks for patience, it is returned as it is while
    it lives for `LASTING`, with that `trouble`.

    Raises:
        AccessDenied: CC526 there is none; CC548 no client id; CC525 and CC551 what is given is no token; and as
            `ccops.session.renewing.living`.
        InvalidInput: CC550, the variables do not go together; CC707 to CC711.
        StoreUnavailable, NoReply, Throttled: see there.
    """
    if around.credentials.access is not None:
        return Login(token=Secret(around.credentials.access), source=Source.ACCESS)
    seed = given_refresh(around.credentials)
    with open_login(around, seed) as store:
        try:
            with asking(authz_of(around.origin)) as send:
                grant, trouble = living(_renewal(around, store, send, seed)), None
        except (NoReply, Throttled) as error:
            grant, trouble = _alive(store, LASTING), error
            if grant is None:
                raise
        if grant is None:
            raise _nobody()
        return _login(grant, store, seed, trouble)


def at_hand(around: Surroundings) -> Login:
    """Return the login for the emergency brake: the stored one while it lives, asking nobody.

    Neither the login service nor the refresh token is needed for that. Otherwise as `authorize`.
    """
    if around.credentials.access is None:
        seed = given_refresh(around.credentials)
        with open_login(around, seed) as store:
            grant = _alive(store, timedelta(0))
            if grant is not None:
                return _login(grant, store, seed)
    return authorize(around)


def another(around: Surroundings, refused: Secret) -> Login | None:
    """Return another login in place of one whose token the API refused; None: there is none.

    Raises as `ccops.session.renewing.replacing`.
    """
    if around.credentials.access is not None:
        return None
    seed = given_refresh(around.credentials)
    with open_login(around, seed) as store, asking(authz_of(around.origin)) as send:
        grant = replacing(_renewal(around, store, send, seed), refused)
        return None if grant is None else _login(grant, store, seed)


def refuse_ending(login: Login, now: datetime) -> None:
    """Refuse to begin writing with a token that may end before the writing does.

    Of a token out of CCOPS_ACCESS_TOKEN nobody knows; when it ends in the middle, the run stops
    as `ccops.constantcontact.client` says. A login without a refresh token comes here in its last
    hour, and one that was waited with, say for a confirmation.

    Raises:
        AccessDenied: CC553, it ends within `LASTING`.
    """
    if login.grant is None or login.grant.expires_at - now > LASTING:
        return
    message = "the login ends within an hour, and in the middle of an apply it must not"
    remedy = f"run again, which renews it first if it can be renewed; else {LOG_IN}"
    raise AccessDenied(Diagnostic(code="CC553", message=message, help=remedy))


def _alive(store: LoginStore, least: timedelta) -> Grant | None:
    grant = stored(store.tokens.read())
    return grant if grant is not None and grant.expires_at - local_now() > least else None


def _login(
    grant: Grant, store: LoginStore, seed: Secret | None, trouble: CcopsError | None = None
) -> Login:
    return Login(
        token=grant.access,
        source=Source.STORE if seed is None else Source.REFRESH,
        grant=grant,
        where=store.tokens.name,
        trouble=trouble,
    )


def _renewal(around: Surroundings, store: LoginStore, send: Send, seed: Secret | None) -> Renewal:
    return Renewal(
        store=store,
        authz=authz_of(around.origin),
        send=send,
        now=local_now,
        sleep=time.sleep,
        seed=seed,
        client_id=None if seed is None else client_id_of(around.credentials),
        repair=LOG_IN if seed is None else _REPLACE,
        gap=around.gap,
    )


def token_gap(origin: str, limits: Limits) -> timedelta:
    """Return how far requests for tokens are apart: a second, and in a sandbox as any others."""
    return limits.request_gap if is_loopback(origin) else GAP


def client_id_of(given: Credentials) -> str:
    """Return the application's client id that goes with a refresh token (AccessDenied CC548)."""
    client_id = given_client_id(given)
    if client_id is not None:
        return client_id
    message = "CCOPS_REFRESH_TOKEN is set, and the application that it was issued to is not named"
    raise AccessDenied(Diagnostic(code="CC548", message=message, help="set CCOPS_CLIENT_ID"))


@contextmanager
def open_login(
    around: Surroundings, seed: Secret | None = None, *, keychain: bool = False
) -> Iterator[LoginStore]:
    """Open what is kept of the account's login; `keychain`: a new one goes into the keychain.

    What grew out of a refresh token of the environment is kept apart, under a hash of that token:
    two jobs with a token each do not replace each other's, nor a person's login.
    """
    grown = "" if seed is None else f" {fingerprint('seed', seed.reveal())[:32]}"
    with open_login_store(
        around.store,
        around.state,
        origin=f"{around.origin}{grown}",
        account=around.account,
        key=f"{around.origin} {around.api_key} token",
        keychain=keychain,
    ) as store:
        yield store


@contextmanager
def asking(authz: Authz) -> Iterator[Send]:
    """Open the transport for token requests, which can make no others."""
    paths = frozenset({authz.token, authz.device})
    with open_transport(authz.origin, only_posts_to=paths) as send:
        yield send


def serves_ci(grant: Grant) -> bool:
    """Whether the login can be renewed with nobody there."""
    return grant.kind is not RefreshKind.NONE


_REPLACE = (
    "put a fresh refresh token into CCOPS_REFRESH_TOKEN; or unset it and run `ccops auth login`, "
    "on a machine with a browser, with the same CCOPS_STORE"
)


def _nobody() -> AccessDenied:
    return AccessDenied(
        Diagnostic(
            code="CC526",
            message="there is no access token, and nobody is logged in to this account",
            help="run `ccops auth login`, or set CCOPS_ACCESS_TOKEN to a token of the account; "
            "a sandbox takes any word, unless it runs with --strict-auth",
        )
    )
