"""Whose word the session speaks: the access token, from the environment or from a stored login."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ccops.constantcontact.authz import Authz, authz_of
from ccops.constantcontact.grants import Grant, RefreshKind
from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied, Diagnostic
from ccops.ports import Send
from ccops.session.credentials import Credentials, given_client_id, given_refresh
from ccops.session.loading import local_now
from ccops.session.renewing import LOG_IN, Renewal, living
from ccops.store.choice import Keyring, open_keyring
from ccops.store.naming import fingerprint
from ccops.transport import open_transport


class Source(StrEnum):
    """Where the login comes from, the first that is there."""

    ACCESS = "CCOPS_ACCESS_TOKEN"
    REFRESH = "CCOPS_REFRESH_TOKEN"
    STORE = "ccops auth login"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a login depends on: the account at its origin, the variables, and the store."""

    origin: str
    account: str
    credentials: Credentials
    store: str | None
    state: Path
    api_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An access token that may be used, and what is known of it.

    `grant` is None for a token out of CCOPS_ACCESS_TOKEN, of which nothing is known.
    """

    token: Secret
    source: Source
    grant: Grant | None = None
    where: str = ""


def authorize(around: Surroundings) -> Login:
    """Return the login to use; a stored one is renewed first if it ends within two hours.

    Raises:
        AccessDenied: CC526 there is none; CC548 no client id; CC525 and CC551 what is given is no token; and as
            `ccops.session.renewing.living`.
        InvalidInput: CC550, the variables do not go together; CC707 to CC711.
        StoreUnavailable, NoReply, Throttled: see there.
    """
    if around.credentials.access is not None:
        return Login(token=Secret(around.credentials.access), source=Source.ACCESS)
    seed = given_refresh(around.credentials)
    source = Source.STORE if seed is None else Source.REFRESH
    with open_login(around, seed) as keyring, asking(authz_of(around.origin)) as send:
        grant = living(_renewal(around, keyring, send, seed))
        where = keyring.tokens.name
    if grant is None:
        raise _nobody()
    return Login(token=grant.access, source=source, grant=grant, where=where)


def _renewal(around: Surroundings, keyring: Keyring, send: Send, seed: Secret | None) -> Renewal:
    return Renewal(
        keyring=keyring,
        authz=authz_of(around.origin),
        send=send,
        now=local_now,
        sleep=time.sleep,
        seed=seed,
        client_id=None if seed is None else client_id_of(around.credentials),
        repair=LOG_IN if seed is None else _REPLACE,
    )


def client_id_of(given: Credentials) -> str:
    """Return the application's client id that goes with a refresh token (AccessDenied CC548)."""
    client_id = given_client_id(given)
    if client_id is not None:
        return client_id
    message = "CCOPS_REFRESH_TOKEN is set, and the application that it was issued to is not named"
    raise AccessDenied(Diagnostic(code="CC548", message=message, help="set CCOPS_CLIENT_ID"))


@contextmanager
def open_login(around: Surroundings, seed: Secret | None = None) -> Iterator[Keyring]:
    """Open what is kept of the account's login.

    What grew out of a refresh token of the environment is kept apart, under a hash of that token:
    two jobs with a token each do not replace each other's, nor a person's login.
    """
    grown = "" if seed is None else f" {fingerprint('seed', seed.reveal())[:32]}"
    with open_keyring(
        around.store,
        around.state,
        origin=f"{around.origin}{grown}",
        account=around.account,
        key=f"{around.origin} {around.api_key} token",
    ) as keyring:
        yield keyring


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
            "against a sandbox any word will do",
        )
    )
