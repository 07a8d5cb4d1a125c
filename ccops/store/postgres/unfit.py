"""Which servers and addresses are refused, and in which words. Pure.

What libpq says of a failed connection may quote the address, and an address with a stray "@" or
"/" is quoted with a part of its password. So none of it is passed on: it is only recognised.
"""

from dataclasses import dataclass
from typing import Final

from ccops.errors import CcopsError, Diagnostic, InvalidInput, StoreUnavailable

OLDEST: Final = 14_00_00
"""PostgreSQL 14, as the server counts: the oldest with every setting that is made here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a server says of itself: `greeted` and `answering` are backends, by process id."""

    greeted: int
    answering: int
    replica: bool
    version: int


def refuse_unfit(server: Server) -> None:
    """Refuse a server that cannot hold a lock.

    Raises:
        InvalidInput: CC709 not connected straight to it, CC711 too old.
        StoreUnavailable: CC710 a replica.
    """
    if server.greeted != server.answering:
        raise InvalidInput(_POOLED)
    if server.replica:
        raise StoreUnavailable(_REPLICA)
    if server.version < OLDEST:
        raise InvalidInput(_old(server.version))


_POOLED = Diagnostic(
    code="CC709",
    message="the store's connection ends at a pooler such as PgBouncer, not at PostgreSQL",
    help="name the server itself in CCOPS_STORE: behind a pooler the lock may be another client's",
)

_REPLICA = Diagnostic(
    code="CC710",
    message="the store's server is a replica, or still recovering",
    help="name the primary in CCOPS_STORE; with several hosts add ?target_session_attrs=primary",
)


def _old(version: int) -> Diagnostic:
    message = f"the store's server is PostgreSQL {version // 10_000}"
    remedy = f"ccops needs PostgreSQL {OLDEST // 10_000} or newer"
    return Diagnostic(code="CC711", message=message, help=remedy)


def refused_connection(said: str) -> CcopsError:
    """Make the error for a server that was not reached (CC702), from what libpq said."""
    why, remedy = next(
        (told for words, told in _REASONS if any(word in said for word in words)), _NO_REASON
    )
    message = f"the store's PostgreSQL server cannot be used: {why}"
    return StoreUnavailable(Diagnostic(code="CC702", message=message, help=remedy))


_LOGIN = "correct the user or the password in CCOPS_STORE (or PGPASSWORD, ~/.pgpass)"
_REACH = "is it running, and do host and port in CCOPS_STORE lead to it from this machine?"

_REASONS: Final = (
    (
        ("password authentication failed", "no password supplied", 'role "'),
        ("it does not accept the login", _LOGIN),
    ),
    (
        ("no pg_hba.conf entry", "pg_hba.conf rejects"),
        ("it does not admit this user from this machine", "have it admitted in pg_hba.conf"),
    ),
    (
        ("SSL", "certificate", "TLS"),
        ("a secure connection was not agreed on", "look at sslmode and sslrootcert (libpq)"),
    ),
    (('database "',), ("it has no such database", "have it created, or correct CCOPS_STORE")),
    (
        ("too many clients", "connection slots", "too many connections"),
        ("it has no connection left", "wait, or raise max_connections"),
    ),
    (
        ("starting up", "shutting down", "not yet accepting"),
        ("it is just starting or stopping", "run again in a moment"),
    ),
    (
        ("translate host name", "resolve", "not known"),
        ("its host is not found", "correct the host in CCOPS_STORE, or look at the name service"),
    ),
    (("timeout", "timed out"), ("it does not answer in time", _REACH)),
    (("refused", "No such file", "unreachable", "No route"), ("nobody answers there", _REACH)),
)
_NO_REASON = ("the connection failed", "`psql` with the same address says more")
