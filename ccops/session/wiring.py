"""Flags, environment and clock → wired parts.

Environment and clock are read here and nowhere else. A session's client has an empty write list;
one that can write is made by `writer` alone.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import platformdirs

from ccops.constantcontact.client import Client, client
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.writes import NO_WRITES, WriteList
from ccops.errors import AccessDenied, Diagnostic
from ccops.ports import Send
from ccops.session.loading import load, local_now, origin_of
from ccops.store.meter import SqliteMeter, open_meter
from ccops.store.sqlite import SqliteStore, open_store
from ccops.transport import open_transport
from ccops.workspace import Workspace

RESERVE = 300
"""Requests of each day that plans leave for `apply`, so that it can always verify what it wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What this process was given by its surroundings."""

    token: str | None
    api_key: str
    state: Path
    commit: str


@dataclass(slots=True, kw_only=True)
class Session:
    """A workspace, connected to its account. `send` can read and nothing else."""

    workspace: Workspace
    origin: str
    transport: Send
    token: Secret
    send: Client
    store: SqliteStore
    meter: SqliteMeter
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
    """Connect the workspace to its account, with a client that cannot write.

    Raises:
        InvalidInput: the workspace, a manifest or the base URL is wrong.
        AccessDenied: there is no access token.
        StoreUnavailable: the store cannot be opened.
    """
    origin = origin_of(base_url)
    space = load(start, base_url)
    environment = _environment()
    token = _token(environment)
    run = f"{local_now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    account = space.settings.account
    with (
        open_transport(origin) as transport,
        open_store(environment.state, origin=origin, account=account, run=run) as store,
        open_meter(environment.state, f"{origin} {environment.api_key}") as meter,
    ):
        yield Session(
            workspace=space,
            origin=origin,
            transport=transport,
            token=token,
            send=_client(transport, token, origin, space, meter, NO_WRITES, RESERVE),
            store=store,
            meter=meter,
            run=run,
            commit=environment.commit,
            tell=tell,
        )


def writer(session: Session, writes: WriteList) -> Client:
    """Return a client on the same connection that may make these writes; only `apply` asks."""
    return _client(
        session.transport, session.token, session.origin, session.workspace, session.meter, writes
    )


def _environment() -> Environment:
    state = os.environ.get("CCOPS_STATE_DIR")
    return Environment(
        token=os.environ.get("CCOPS_ACCESS_TOKEN"),
        api_key=os.environ.get("CCOPS_CLIENT_ID", "default"),
        state=Path(state) if state else platformdirs.user_state_path("ccops"),
        commit=os.environ.get("GITHUB_SHA", "")[:7],
    )


def _token(environment: Environment) -> Secret:
    if environment.token:
        return Secret(environment.token)
    raise AccessDenied(
        Diagnostic(
            code="CC526",
            message="there is no access token",
            help="set CCOPS_ACCESS_TOKEN to a token of the account; against a sandbox any word "
            "will do",
        )
    )


def _client(  # noqa: PLR0917 - the parts of one session, in their order
    transport: Send,
    token: Secret,
    origin: str,
    space: Workspace,
    meter: SqliteMeter,
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
