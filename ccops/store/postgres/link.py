"""A connection to PostgreSQL that is fit to hold a lock, and never waits for ever.

Fit: straight to the server (no pooler), to the primary, of a version that its makers still
support. A connection is made once; what is lost stays lost, so that no lock is thought to be held
that the server has given away.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from ccops.errors import StoreUnavailable
from ccops.store.postgres.unfit import Server, refuse_unfit, refused_connection
from ccops.store.refusals import bad_address, damaged, unavailable

# Every error is raised and told; what the library logs beside it would end up on stderr.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

PATIENCE: Final = 20.0
"""Seconds that one statement may take, by this machine's clock."""

# Only where the address does not say otherwise. A network that swallows packets is noticed by
# the kernel; a server that is there and does not answer, by `Link.wait`.
_DEFAULTS: Final = {
    "connect_timeout": "10",
    "fallback_application_name": "ccops",
    "keepalives_idle": "30",
    "tcp_user_timeout": "20000",
}

_LOOK = """
select pg_backend_pid(), pg_is_in_recovery(), current_setting('server_version_num')::integer
"""

# A session that is silent for minutes is a run that waits, not one that died. When its machine
# dies, the server's keepalives notice within a minute, and its lock is free.
_SETTINGS = """
select set_config(name, value, false) from (values
    ('statement_timeout', %(milliseconds)s), ('lock_timeout', '0'),
    ('idle_session_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
    ('default_transaction_isolation', 'read committed'),
    ('search_path', 'pg_catalog'), ('timezone', 'UTC'),
    ('datestyle', 'ISO'), ('intervalstyle', 'postgres'),
    ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'),
    ('tcp_keepalives_count', '3')
) as setting (name, value)
"""

_INTERVAL = 0.1
_SERVER_FIRST = 750  # thousandths of the patience: then the server's own words are heard

Returned = TypeVar("Returned")


class Link(psycopg.Connection[TupleRow]):
    """A psycopg connection that gives up on a server which does not answer. See `connect`."""

    name = "PostgreSQL"
    """The server and the database, without a password."""
    patience = PATIENCE

    def wait(
        self, gen: PQGen[Returned], interval: float = _INTERVAL, timeout: float | None = None
    ) -> Returned:
        """Run one exchange; without an end to it after `patience` the connection is closed.

        `statement_timeout` would be kept by the server, and one that hangs keeps nothing.
        """
        seconds = self.patience if timeout is None else min(timeout, self.patience)
        try:
            return super().wait(_limited(gen, seconds), interval)
        except TimeoutError:
            self.close()
            raise psycopg.OperationalError("the server does not answer") from None


def _limited(gen: PQGen[Returned], seconds: float) -> PQGen[Returned]:
    """Pass everything through; TimeoutError when nothing came for so long.

    psycopg resumes a waiting generator every `_INTERVAL`, so that signals are heard.
    """
    ends = time.monotonic() + seconds
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > ends:
                raise TimeoutError
            wanted = gen.send(ready)
    except StopIteration as end:
        returned: Returned = end.value
        return returned


def connect(address: str, *, patience: float = PATIENCE) -> Link:
    """Connect to the server that `address` (postgresql://…) names; close it after use.

    No error holds the address, or a part of it that may be a password. Every statement is its
    own transaction where none is begun.

    Raises:
        InvalidInput: CC707 it is no address, CC709 it leads to a pooler, CC711 the server is old.
        StoreUnavailable: CC702 it cannot be reached, or lets nobody in; CC710 it is a replica.
    """
    link = _opened(address)
    try:
        link.patience = patience
        link.name = f"PostgreSQL at {link.info.host}:{link.info.port}/{link.info.dbname}"
        with told(link):
            refuse_unfit(_look(link))
            # Not before: a pooler would hand the settings on to other clients.
            link.execute(_SETTINGS, {"milliseconds": str(int(patience * _SERVER_FIRST))})
    except BaseException:
        link.close()
        raise
    return link


def _opened(address: str) -> Link:
    try:
        named = conninfo_to_dict(address)
        whole = make_conninfo("", **(_DEFAULTS | named | {"client_encoding": "UTF8"}))
        return Link.connect(whole, autocommit=True)
    except psycopg.ProgrammingError:
        raise bad_address("is no address that PostgreSQL can read") from None
    except psycopg.Error as error:
        raise refused_connection(str(error)) from None


def _look(link: Link) -> Server:
    # A pooler makes up the process id of its greeting, and hands statements to backends of its own.
    [(answering, replica, version)] = link.execute(_LOOK).fetchall()
    return Server(
        greeted=link.info.backend_pid, answering=answering, replica=replica, version=version
    )


@contextmanager
def told(link: Link) -> Iterator[None]:
    """Turn whatever psycopg raises into StoreUnavailable: CC703 wrong content, CC702 the rest."""
    try:
        yield
    except psycopg.Error as error:
        raise _translated(link, error) from error


def _translated(link: Link, error: psycopg.Error) -> StoreUnavailable:
    why = error.diag.message_primary or str(error).partition("\n")[0]
    match error:
        case errors.InsufficientPrivilege():
            remedy = "docs/stores.md lists the rights that a user of the store needs"
            return unavailable("CC702", link.name, why, remedy)
        case psycopg.IntegrityError() | psycopg.DataError() | psycopg.ProgrammingError():
            return damaged(link.name, why)
        case _:
            remedy = "look at the server and its log; then run again"
            return unavailable("CC702", link.name, why, remedy)
