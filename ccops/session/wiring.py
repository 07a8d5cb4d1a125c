"""Flags, environment and clock → wired parts.

Environment and clock are read here and nowhere else. A session's client has an empty write list;
one that can write is made by `writer` alone.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock

import platformdirs

from ccops.constantcontact.client import Client, client
from ccops.constantcontact.reader import read_account
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.standing import Renew
from ccops.constantcontact.writes import NO_WRITES, WriteList
from ccops.errors import AccessDenied, Diagnostic
from ccops.model import Account, Limits, StepKind
from ccops.ports import Meter, Send
from ccops.session.authorizing import (
    Login,
    Surroundings,
    another,
    at_hand,
    authorize,
    refuse_ending,
    token_gap,
)
from ccops.session.credentials import Credentials, credentials
from ccops.session.loading import load, local_now, origin_of
from ccops.store.choice import NamedStore, open_memory
from ccops.transport import open_transport
from ccops.workspace import Workspace

LINES = 4
"""Connections at most: four requests that overlap keep the pace up to replies of 1.2 seconds."""

RESERVE = 300
"""Requests of each day that plans leave for `apply`, so that it can always verify what it wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What this process was given by its surroundings."""

    credentials: Credentials
    api_key: str
    state: Path
    store: str | None = field(repr=False)
    commit: str


@dataclass(slots=True, kw_only=True)
class Session:
    """A workspace, connected to its account. `send` can read and nothing else.

    `transport` is one connection, `more` are further ones. `login` changes at most once, when its
    token is refused; see `_replaced`. `renewing` is held meanwhile.
    """

    workspace: Workspace
    origin: str
    transport: Send
    login: Login
    send: Client = field(init=False)
    store: NamedStore
    meter: Meter
    run: str
    commit: str
    tell: Callable[[str], None]
    """Hears of the progress of reading."""
    around: Surroundings
    more: tuple[Send, ...] = ()
    replaced: bool = False
    renewing: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self.send = _client(self, self.login.token, NO_WRITES, RESERVE, renew=_renew(self))


def _silent(_: str) -> None:
    """Tell nobody."""


@contextmanager
def reading(
    start: Path,
    base_url: str | None,
    tell: Callable[[str], None] = _silent,
    *,
    bare: bool = False,
) -> Iterator[Session]:
    """Read the workspace and connect it to its account, with a client that cannot write.

    `bare`: it may have no manifests yet.

    Raises:
        InvalidInput: the workspace, a manifest, the base URL or CCOPS_STORE is wrong.
        AccessDenied: there is no login, or it is dead; see `ccops.session.authorizing.authorize`.
        StoreUnavailable: the store cannot be opened.
    """
    space = load(start, base_url, bare=bare)
    with _connected(space, base_url, tell, authorize) as session:
        if session.login.trouble is not None:
            tell(f"the login was not renewed and ends soon: {session.login.trouble}")
        yield session


@contextmanager
def connected(
    space: Workspace, base_url: str | None, tell: Callable[[str], None] = _silent
) -> Iterator[Session]:
    """Connect a workspace to its account, with a client that cannot write. Raises as `reading`.

    The login is any that lives, be it for a moment: so the emergency brake needs no login
    service. `writer` asks for more when more is to be written than schedules are to be deleted.
    """
    with _connected(space, base_url, tell, at_hand) as session:
        yield session


@contextmanager
def _connected(
    space: Workspace,
    base_url: str | None,
    tell: Callable[[str], None],
    log_in: Callable[[Surroundings], Login],
) -> Iterator[Session]:
    origin = origin_of(base_url)
    given = environment()
    around = surroundings(given, origin, space.settings.account, space.settings.limits)
    login = log_in(around)
    run = f"{local_now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with (
        _lines(origin, space.settings.limits) as (transport, *more),
        open_memory(
            given.store,
            given.state,
            origin=origin,
            account=space.settings.account,
            key=f"{origin} {_api_key(given, login)}",
            run=run,
        ) as memory,
    ):
        session = Session(
            workspace=space,
            origin=origin,
            transport=transport,
            login=login,
            store=memory.store,
            meter=memory.meter,
            run=run,
            commit=given.commit,
            tell=tell,
            around=around,
            more=tuple(more),
        )
        try:
            yield session
        finally:
            # A thread that reads may be renewing the login: the old refresh token is used up by
            # then, and the new one must not be lost with the process. None begins that any more.
            with session.renewing:
                session.replaced = True


@contextmanager
def _lines(origin: str, limits: Limits) -> Iterator[tuple[Send, ...]]:
    """Open as many connections as the pace may need; none connects before its first request.

    Where nothing is paced, as in a sandbox, it is one: requests then come in the plan's order,
    and the same run makes the same requests in the same order again.
    """
    with ExitStack() as stack:
        number = LINES if limits.request_gap else 1
        yield tuple(stack.enter_context(open_transport(origin)) for _ in range(number))


def writer(session: Session, writes: WriteList) -> Client:
    """Return a client on the same connections that may make these writes; only `apply` asks.

    Raises:
        CcopsError: the login may end in the middle; see `ccops.session.authorizing.refuse_ending`.
            What is written by DELETE of schedules alone has no middle.
    """
    if not writes.kinds <= {StepKind.UNSCHEDULE}:
        refuse_ending(session.login, local_now())
    return _client(session, session.login.token, writes, renew=_renew(session))


def _renew(session: Session) -> Renew:
    return lambda refused: _replaced(session, refused)


def _replaced(session: Session, refused: Secret) -> Secret | None:
    """Return another token for one that the API refused, at most once a run; None: no other.

    It is the workspace's account that it must speak for: somebody may have logged in meanwhile.
    Once is enough, as a run that needs a second one meets somebody who takes them away.

    Raises:
        AccessDenied: CC557, it is another account's; and as `ccops.session.authorizing.another`.
    """
    with session.renewing:
        if session.replaced:
            known = session.login.token
            return known if known.reveal() != refused.reveal() else None
        session.replaced = True
        login = another(session.around, refused)
    if login is None:
        return None
    # On a connection of its own: another thread may be busy on each of the others.
    with open_transport(session.origin) as aside:
        _refuse_stranger(
            session, read_account(_client(session, login.token, NO_WRITES, line=aside))
        )
    session.login = login
    return login.token


def _refuse_stranger(session: Session, account: Account) -> None:
    settings = session.workspace.settings
    if account.id != settings.account:
        message = f"somebody logged in to the account {account.id} ({account.name}) meanwhile"
        remedy = f"log in to {settings.account}, and run again"
        raise AccessDenied(Diagnostic(code="CC557", message=message, help=remedy))


def environment() -> Environment:
    """Read what the surroundings say, once; every other part is told."""
    state = os.environ.get("CCOPS_STATE_DIR")
    return Environment(
        credentials=credentials(os.environ),
        api_key=os.environ.get("CCOPS_CLIENT_ID", "default"),
        state=Path(state) if state else platformdirs.user_state_path("ccops"),
        store=os.environ.get("CCOPS_STORE"),
        commit=os.environ.get("GITHUB_SHA", "")[:7],
    )


def surroundings(given: Environment, origin: str, account: str, limits: Limits) -> Surroundings:
    """Return what the login of an account depends on."""
    return Surroundings(
        origin=origin,
        account=account,
        credentials=given.credentials,
        store=given.store,
        state=given.state,
        api_key=given.api_key,
        gap=token_gap(origin, limits),
    )


def _api_key(given: Environment, login: Login) -> str:
    """Requests are counted per application (docs): the one that the login was issued to."""
    return given.api_key if login.grant is None else login.grant.client_id


def _client(
    session: Session,
    token: Secret,
    writes: WriteList,
    reserve: int = 0,
    *,
    renew: Renew | None = None,
    line: Send | None = None,
) -> Client:
    """Return a client on all connections of the session, or on this `line` alone."""
    limits = session.workspace.settings.limits
    return client(
        line or session.transport,
        token=token,
        origin=session.origin,
        writes=writes,
        meter=session.meter,
        gap=limits.request_gap,
        per_day=max(limits.per_day - reserve, 0),
        today=today,
        sleep=time.sleep,
        renew=renew,
        more=() if line else session.more,
    )


def today() -> date:
    """Return the UTC day that requests are counted for."""
    return local_now().date()
