"""Flags, environment and clock → wired parts.

Environment and clock are read here and nowhere else. A session's client has an empty write list;
one that can write is made by `writer` alone.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import platformdirs

from ccops.constantcontact.client import Client, client
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.writes import NO_WRITES, WriteList
from ccops.ports import Meter, Send
from ccops.session.authorizing import Login, Surroundings, authorize
from ccops.session.credentials import Credentials, credentials
from ccops.session.loading import load, local_now, origin_of
from ccops.store.choice import NamedStore, open_memory
from ccops.transport import open_transport
from ccops.workspace import Workspace

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
    """A workspace, connected to its account. `send` can read and nothing else."""

    workspace: Workspace
    origin: str
    transport: Send
    token: Secret
    send: Client
    store: NamedStore
    meter: Meter
    run: str
    commit: str
    tell: Callable[[str], None]
    """Hears of the progress of reading."""


def _silent(_: str) -> None:
    """Tell nobody."""


@contextmanager
def reading(
    start: Path, base_url: str | None, tell: Callable[[str], None] = _silent
) -> Iterator[Session]:
    """Read the workspace and connect it to its account; see `connected`.

    Raises:
        InvalidInput: the workspace, a manifest, the base URL or CCOPS_STORE is wrong.
        AccessDenied: there is no login, or it is dead; see `ccops.session.authorizing.authorize`.
        StoreUnavailable: the store cannot be opened.
    """
    with connected(load(start, base_url), base_url, tell) as session:
        yield session


@contextmanager
def connected(
    space: Workspace, base_url: str | None, tell: Callable[[str], None] = _silent
) -> Iterator[Session]:
    """Connect a workspace to its account, with a client that cannot write. Raises as `reading`."""
    origin = origin_of(base_url)
    given = environment()
    login = authorize(surroundings(given, origin, space.settings.account))
    run = f"{local_now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with (
        open_transport(origin) as transport,
        open_memory(
            given.store,
            given.state,
            origin=origin,
            account=space.settings.account,
            key=f"{origin} {_api_key(given, login)}",
            run=run,
        ) as memory,
    ):
        yield Session(
            workspace=space,
            origin=origin,
            transport=transport,
            token=login.token,
            send=_client(transport, login.token, origin, space, memory.meter, NO_WRITES, RESERVE),
            store=memory.store,
            meter=memory.meter,
            run=run,
            commit=given.commit,
            tell=tell,
        )


def writer(session: Session, writes: WriteList) -> Client:
    """Return a client on the same connection that may make these writes; only `apply` asks."""
    return _client(
        session.transport, session.token, session.origin, session.workspace, session.meter, writes
    )


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


def surroundings(given: Environment, origin: str, account: str) -> Surroundings:
    """Return what the login of an account depends on."""
    return Surroundings(
        origin=origin,
        account=account,
        credentials=given.credentials,
        store=given.store,
        state=given.state,
        api_key=given.api_key,
    )


def _api_key(given: Environment, login: Login) -> str:
    """Requests are counted per application (docs): the one that the login was issued to."""
    return given.api_key if login.grant is None else login.grant.client_id


def _client(  # noqa: PLR0917 - the parts of one session, in their order
    transport: Send,
    token: Secret,
    origin: str,
    space: Workspace,
    meter: Meter,
    writes: WriteList,
    reserve: int = 0,
) -> Client:
    limits = space.settings.limits
    return client(
        transport,
        token=token,
        origin=origin,
        writes=writes,
        meter=meter,
        gap=limits.request_gap,
        per_day=max(limits.per_day - reserve, 0),
        today=today,
        sleep=time.sleep,
    )


def today() -> date:
    """Return the UTC day that requests are counted for."""
    return local_now().date()
