"""`ccops auth`: log in, see who is logged in, and log out.

Whatever the login service gives is stored before any of it is used. The login's record is held
from before the request until then, so that no renewal by another process comes in between.

Outside a workspace the account is not known before the login. What comes is stored under no
account first, and under its own as soon as that can be asked for.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ccops import resources
from ccops.constantcontact import reader
from ccops.constantcontact.authz import NEEDED, authz_of
from ccops.constantcontact.client import client
from ccops.constantcontact.grants import UNUSED_LIFE, grant_text
from ccops.constantcontact.origin import is_loopback
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.writes import NO_WRITES
from ccops.errors import AccessDenied, Diagnostic, InvalidInput
from ccops.manifest.settings import Settings
from ccops.model import Account, Limits
from ccops.ports import TokenRecord
from ccops.render.login import LoginShown
from ccops.session.authorizing import (
    Login,
    Source,
    Surroundings,
    asking,
    authorize,
    open_login,
    serves_ci,
)
from ccops.session.consenting import Consent, Kept, by_browser, by_device
from ccops.session.credentials import given_client_id
from ccops.session.loading import local_now, origin_of
from ccops.session.walkthrough import NO_CI, STEPS, make_workspace
from ccops.session.wiring import environment, surroundings, today
from ccops.store.choice import LoginStore, open_memory
from ccops.transport import open_transport
from ccops.workspace import find_root, load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to log in. `browser` opens one, `port` is the redirect's (0: any that is free).

    `keychain`: keep the login in the platform's keychain.
    """

    device: bool
    browser: bool
    port: int
    client_id: str | None
    keychain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A new login, and the account's zone. `workspace`: whether there was one to log in for."""

    shown: LoginShown
    zone: str
    workspace: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut:
    """What logging out did, and which variables still speak for somebody."""

    was_in: bool
    where: str
    still_set: tuple[str, ...]


def log_in(start: Path, base_url: str | None, way: Way, *, tell: Callable[[str], None]) -> LoggedIn:
    """Log in to the workspace's account, or outside a workspace to any.

    Only ccops.yaml is read, not the manifests. Whether the login can be kept is tried before
    anybody is asked to consent.

    Raises:
        AccessDenied: CC527 no client id; CC528 it is another account's login; and as
            `ccops.session.consenting`.
        InvalidInput: CC550, CC552, CC555, CC556; the workspace, the base URL or CCOPS_STORE is wrong.
        StoreUnavailable, NoReply, Throttled, VendorFault: nothing was stored.
    """
    settings, around = _place_or_none(start, base_url)
    client_id = way.client_id or given_client_id(around.credentials)
    if client_id is None:
        for step in STEPS:
            tell(step)
        raise _no_client_id()
    authz = authz_of(around.origin)
    with open_login(around, keychain=way.keychain) as store, asking(authz) as send:
        with store.tokens.hold():
            before = store.tokens.read()
        consent = Consent(
            store=store, authz=authz, send=send, client_id=client_id, tell=tell, gap=around.gap
        )
        kept = (
            by_device(consent) if way.device else by_browser(consent, way.port, open_it=way.browser)
        )
        if settings is None:
            return _under_its_account(around, store, kept, keychain=way.keychain)
        account = _account(around, settings.limits, kept.grant.access)
        if account.id != around.account:
            _put_back(store, before, kept.record)
            raise _other_account(account, settings)
        login = _logged_in(kept, store)
    return LoggedIn(shown=_shown(login, account), zone=account.zone, workspace=True)


def _under_its_account(
    around: Surroundings, store: LoginStore, kept: Kept, *, keychain: bool
) -> LoggedIn:
    """Ask whose login it is, and store it there; under no account it does not stay."""
    try:
        account = _account(around, Limits(), kept.grant.access)
        own = replace(around, account=account.id)
        with open_login(own, keychain=keychain) as its:
            with its.tokens.hold() as held:
                held.write(grant_text(kept.grant))
            login = _logged_in(kept, its)
    finally:
        _put_back(store, None, kept.record)
    return LoggedIn(shown=_shown(login, account), zone=account.zone, workspace=False)


def _logged_in(kept: Kept, store: LoginStore) -> Login:
    return Login(
        token=kept.grant.access, source=Source.STORE, grant=kept.grant, where=store.tokens.name
    )


def what_next(done: LoggedIn) -> tuple[str, ...]:
    """Say what the person has to know and do after a login, a line each."""
    no_ci = (NO_CI,) if done.shown.unused_until is None else ()
    make = make_workspace(done.shown.account, done.zone)
    return no_ci if done.workspace else (*no_ci, make)


def status(start: Path, base_url: str | None) -> LoginShown:
    """Say who is logged in, renewing the login if it ends soon, as every command does.

    Raises:
        AccessDenied: nobody is, the login is dead, or it is another account's (CC528).
        CcopsError: as every command that asks the account.
    """
    settings, around = _place(start, base_url)
    login = authorize(around)
    account = _account(around, settings.limits, login.token)
    if account.id != around.account:
        raise _other_account(account, settings)
    return _shown(login, account)


def log_out(start: Path, base_url: str | None) -> LoggedOut:
    """Forget the stored login, on this store. At Constant Contact it is not revoked.

    It makes no request, and it forgets also what cannot be read.
    """
    _, around = _place(start, base_url)
    given = around.credentials
    with open_login(around) as store, store.tokens.hold() as held:
        was_in, where = held.record is not None and bool(held.record.text), store.tokens.name
        held.write("")
    variables = {
        Source.ACCESS: given.access,
        Source.REFRESH: given.refresh or given.refresh_file,
    }
    still = tuple(name.value for name, value in variables.items() if value)
    return LoggedOut(was_in=was_in, where=where, still_set=still)


def _place(start: Path, base_url: str | None) -> tuple[Settings, Surroundings]:
    """Read ccops.yaml alone: a mistake in a manifest is no reason not to log in."""
    origin = origin_of(base_url)
    settings, errors = load_settings(
        find_root(start), schema=resources.schema("workspace"), loopback=is_loopback(origin)
    )
    if errors:
        raise InvalidInput(*errors)
    return settings, surroundings(environment(), origin, settings.account, settings.limits)


_NOBODY = "no account yet"
"""What a login is stored under until its account is known; no account has such an id (docs)."""


def _place_or_none(start: Path, base_url: str | None) -> tuple[Settings | None, Surroundings]:
    """Read ccops.yaml if there is one."""
    origin = origin_of(base_url)
    try:
        find_root(start)
    except InvalidInput:
        return None, surroundings(environment(), origin, _NOBODY, Limits())
    return _place(start, base_url)


def _account(around: Surroundings, limits: Limits, token: Secret) -> Account:
    """Ask whose token it is; a token of a login has been stored by now."""
    with (
        open_memory(
            around.store,
            around.state,
            origin=around.origin,
            account=around.account,
            key=f"{around.origin} {around.api_key}",
            run="none",
        ) as memory,
        open_transport(around.origin) as transport,
    ):
        send = client(
            transport,
            token=token,
            origin=around.origin,
            writes=NO_WRITES,
            meter=memory.meter,
            gap=limits.request_gap,
            per_day=limits.per_day,
            today=today,
            sleep=time.sleep,
        )
        return reader.read_account(send)


def _put_back(store: LoginStore, before: TokenRecord | None, written: TokenRecord) -> None:
    """Store again what was there, unless somebody has logged in since."""
    with store.tokens.hold() as held:
        if held.record == written:
            held.write("" if before is None else before.text)


def _shown(login: Login, account: Account) -> LoginShown:
    grant = login.grant
    renewable = grant is not None and serves_ci(grant)
    return LoginShown(
        account=account.id,
        name=account.name,
        source=login.source,
        where=login.where,
        kind=None if grant is None else grant.kind,
        now=local_now(),
        ends=None if grant is None else grant.expires_at,
        unused_until=grant.renewed_at + UNUSED_LIFE if grant is not None and renewable else None,
        scopes=() if grant is None else grant.scopes,
        missing=() if grant is None else tuple(one for one in NEEDED if one not in grant.scopes),
        trouble="" if login.trouble is None else str(login.trouble),
    )


def _other_account(account: Account, settings: Settings) -> AccessDenied:
    message = (
        f"this is the login of the account {account.id} ({account.name}), "
        f"but ccops.yaml names {settings.account}"
    )
    remedy = (
        "log in as a user of the account that ccops.yaml names, or correct `account`; "
        "the login was not kept"
    )
    return AccessDenied(
        Diagnostic(code="CC528", message=message, place=settings.account_place, help=remedy)
    )


def _no_client_id() -> AccessDenied:
    message = "no client id: ccops logs in as an application of your own, and has none of its own"
    remedy = "make one as described above, then run `ccops auth login --client-id …`"
    return AccessDenied(Diagnostic(code="CC527", message=message, help=remedy))
