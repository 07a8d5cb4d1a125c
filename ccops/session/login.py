"""`ccops auth`: log in, see who is logged in, and log out.

Whatever the login service gives is stored before any of it is used. The login's record is held
from before the request until then, so that no renewal by another process comes in between.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ccops import resources
from ccops.constantcontact import reader
from ccops.constantcontact.authz import NEEDED, authz_of
from ccops.constantcontact.client import client
from ccops.constantcontact.grants import UNUSED_LIFE
from ccops.constantcontact.origin import is_loopback
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.writes import NO_WRITES
from ccops.errors import AccessDenied, Diagnostic, InvalidInput
from ccops.manifest.settings import Settings
from ccops.model import Account
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
from ccops.session.consenting import Consent, by_browser, by_device
from ccops.session.credentials import given_client_id
from ccops.session.loading import local_now, origin_of
from ccops.session.walkthrough import STEPS
from ccops.session.wiring import environment, surroundings, today
from ccops.store.choice import Keyring, open_memory
from ccops.transport import open_transport
from ccops.workspace import find_root, load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to log in. `browser` opens one, `port` is the redirect's (0: any that is free)."""

    device: bool
    browser: bool
    port: int
    client_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut:
    """What logging out did, and which variables still speak for somebody."""

    was_in: bool
    where: str
    still_set: tuple[str, ...]


def log_in(
    start: Path, base_url: str | None, way: Way, *, tell: Callable[[str], None]
) -> LoginShown:
    """Log in to the workspace's account; only ccops.yaml is read, not the manifests.

    Raises:
        AccessDenied: CC527 no client id; CC528 it is another account's login; and as
            `ccops.session.consenting`.
        InvalidInput: CC550, CC552; the workspace, the base URL or CCOPS_STORE is wrong.
        StoreUnavailable, NoReply, Throttled, VendorFault: nothing was stored.
    """
    settings, around = _place(start, base_url)
    client_id = way.client_id or given_client_id(around.credentials)
    if client_id is None:
        for step in STEPS:
            tell(step)
        raise _no_client_id()
    authz = authz_of(around.origin)
    with open_login(around) as keyring, asking(authz) as send:
        consent = Consent(keyring=keyring, authz=authz, send=send, client_id=client_id, tell=tell)
        before = keyring.tokens.read()
        kept = (
            by_device(consent) if way.device else by_browser(consent, way.port, open_it=way.browser)
        )
        where = keyring.tokens.name
        account = _account(around, settings, kept.grant.access)
        if account.id != around.account:
            _put_back(keyring, before, kept.record)
            raise _other_account(account, settings)
    login = Login(token=kept.grant.access, source=Source.STORE, grant=kept.grant, where=where)
    return _shown(login, account)


def status(start: Path, base_url: str | None) -> LoginShown:
    """Say who is logged in, renewing the login if it ends soon, as every command does.

    Raises:
        AccessDenied: nobody is, the login is dead, or it is another account's (CC528).
        CcopsError: as every command that asks the account.
    """
    settings, around = _place(start, base_url)
    login = authorize(around)
    account = _account(around, settings, login.token)
    if account.id != around.account:
        raise _other_account(account, settings)
    return _shown(login, account)


def log_out(start: Path, base_url: str | None) -> LoggedOut:
    """Forget the stored login, on this store. At Constant Contact it is not revoked.

    It makes no request, and it forgets also what cannot be read.
    """
    _, around = _place(start, base_url)
    given = around.credentials
    with open_login(around) as keyring, keyring.tokens.hold() as held:
        was_in = held.record is not None and bool(held.record.text)
        held.write("")
        where = keyring.tokens.name
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
    return settings, surroundings(environment(), origin, settings.account)


def _account(around: Surroundings, settings: Settings, token: Secret) -> Account:
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
            gap=settings.limits.request_gap,
            per_day=settings.limits.per_day,
            today=today,
            sleep=time.sleep,
        )
        return reader.read_account(send)


def _put_back(keyring: Keyring, before: TokenRecord | None, written: TokenRecord) -> None:
    """Store again what was there, unless somebody has logged in since."""
    with keyring.tokens.hold() as held:
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
