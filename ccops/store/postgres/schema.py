"""The tables of the shared store, brought up to date by numbered SQL files, one after another.

A file that was released is never changed, and only adds: runs of the version before go on.
"""

from pathlib import Path
from typing import Final

from psycopg import errors

from ccops.store.naming import fingerprint
from ccops.store.postgres.link import Link, connect, told
from ccops.store.refusals import newer, unavailable

MIGRATIONS: Final = Path(__file__).with_name("migrations")

# Read as a table: to_regclass may answer from before a wait for another's migration.
_THERE = """
select exists (
    select from pg_catalog.pg_tables where schemaname = 'ccops' and tablename = 'schema_version'
)
"""
_VERSION = "select coalesce(max(version), 0) from ccops.schema_version"
_TURN = "select pg_advisory_xact_lock(%s)"


def advisory_key(*parts: str) -> int:
    """Return the number of an advisory lock: 64 bits, signed, of a hash of its name."""
    return int(fingerprint("ccops", *parts)[:16], 16) - 2**63


def opened(address: str, *, patience: float) -> Link:
    """Connect to a database whose tables are those of this version, made or upgraded if need be.

    Raises:
        CcopsError: as `connect` and `bring_up_to_date`; the connection is closed then.
    """
    link = connect(address, patience=patience)
    try:
        bring_up_to_date(link)
    except BaseException:  # not handled: closed whatever it is, and raised again
        link.close()
        raise
    return link


def bring_up_to_date(link: Link, folder: Path = MIGRATIONS) -> None:
    """Make or upgrade the tables, if need be; several at once take turns.

    Each is done whole or not at all. A user who may not make tables can use those that are there.

    Raises:
        StoreUnavailable: CC702 the database cannot be used, CC704 a newer ccops made its tables,
            CC712 they must be made, and this user may not.
    """
    scripts = sorted(folder.glob("*.sql"))
    with told(link):
        if _version(link) < len(scripts):
            _upgrade(link, scripts)
        if _version(link) > len(scripts):
            raise newer(link.name)


def _upgrade(link: Link, scripts: list[Path]) -> None:
    try:
        with link.transaction():
            link.execute(_TURN, [advisory_key("schema")])
            for number in range(_version(link) + 1, len(scripts) + 1):
                link.execute(scripts[number - 1].read_bytes())
                link.execute("insert into ccops.schema_version values (%s)", [number])
    except errors.InsufficientPrivilege as error:
        why = "its tables are not those of this version, and this user may not make them"
        remedy = "run `ccops doctor` once as a user who may create tables in it (docs/stores.md)"
        raise unavailable("CC712", link.name, why, remedy) from error


def _version(link: Link) -> int:
    """Return the number of the last migration that was made, 0 without any."""
    [(there,)] = link.execute(_THERE).fetchall()
    if not there:
        return 0
    [(version,)] = link.execute(_VERSION).fetchall()
    return int(version)
