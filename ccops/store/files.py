"""A private SQLite file of known shape, and its errors as ours.

"Private": mode 0600 in a folder of mode 0700, never through a symbolic link. "Of known shape":
marked as ours, with exactly the tables of its version; an older one is brought up to date.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ccops.store.naming import fingerprint
from ccops.store.refusals import DAMAGE_HELP, damaged, newer, unavailable

APPLICATION_ID = 0x63636F70
"""Marks a file as ours, in the header that SQLite reserves for it: "ccop"."""

Versions = tuple[str, ...]
"""The SQL that makes each version of a file out of the one before it, the first out of nothing.

Statements end with ";;". The text of a version that was released is never changed.
"""

_BUSY_SECONDS = 10.0
_TRIES = 500
_PRIMARY = 0xFF
"""The part of SQLite's error codes that says what kind of error it is."""
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def file_name(kind: str, *parts: str) -> str:
    """Name a file for something that an outsider may have named: by a hash of it.

    Different parts never share a file; no part can choose a folder.
    """
    return f"{kind}-{fingerprint(*parts)[:32]}.sqlite3"


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn whatever SQLite or the file system says into StoreUnavailable (CC702, CC703)."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise unavailable("CC702", path, error, _OPERATION_HELP) from error
    except sqlite3.Error as error:
        raise unavailable("CC703", path, error, DAMAGE_HELP) from error
    except OSError as error:
        raise unavailable("CC702", path, error.strerror or error, _OPERATION_HELP) from error


_OPERATION_HELP = "look at free space, permissions and other programs that hold the file"


def make_private(folder: Path, path: Path) -> None:
    """Make the folder and an empty file in it, or see that existing ones are private.

    A file that exists is not opened: closing it would drop the locks that this process holds
    on it (POSIX).

    Raises:
        OSError: not ours, no regular file, read-only …; call inside `told`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_mode & _OTHERS_WRITE:
        raise PermissionError(0, f"others may write to its folder; do: chmod 700 {folder}")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise PermissionError(0, "it is no regular file") from None
        path.chmod(0o600)
    else:
        os.close(descriptor)
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Make the file's name as durable as its content; Windows opens no folders."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def connect(path: Path, *, busy: float = _BUSY_SECONDS, shared: bool = False) -> sqlite3.Connection:
    """Open a file that exists; transactions are begun by hand. `busy` are seconds to wait.

    `shared`: several threads use it, one at a time, which is for the caller to see to.
    """
    # A URI, for `mode=rw`: a file that somebody removed is not made anew behind our back.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy,
        isolation_level=None,
        check_same_thread=not shared,
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing; other writers wait."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def open_database(
    path: Path, versions: Versions, *, synchronous: str, shared: bool = False
) -> sqlite3.Connection:
    """Open a private file, made on first use; an older version becomes the newest in place.

    `synchronous` is SQLite's word: FULL survives a power cut with every commit. `shared`: see
    `connect`.

    Raises:
        StoreUnavailable: CC702 it cannot be opened, CC703 it is damaged or not ours, CC704 a
            newer ccops made it.
    """
    with told(path):
        make_private(path.parent, path)
        connection = connect(path, shared=shared)
        try:
            _prepare(connection, path, versions, synchronous)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(
    connection: sqlite3.Connection, path: Path, versions: Versions, synchronous: str
) -> None:
    _keep_a_log(connection)
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    # Looked at first without the writers' lock: who holds a login keeps that while the network
    # answers, and nobody who only opens the file should wait for it.
    if _found(connection, path, versions) < len(versions):
        with transaction(connection):
            _upgrade(connection, versions, _found(connection, path, versions))


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Write ahead to a log, as a file does for good once it was told.

    SQLite does not wait for another process that is just telling it the same.
    """
    for left in range(_TRIES, -1, -1):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not left or error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_BUSY_SECONDS / _TRIES)
        else:
            return


def _found(connection: sqlite3.Connection, path: Path, versions: Versions) -> int:
    """Return which version a file is, seen at one moment; 0: it is empty."""
    connection.execute("SAVEPOINT look")
    try:
        return 0 if _is_empty(connection) else _version(connection, path, versions)
    finally:
        connection.execute("RELEASE look")


def _is_empty(connection: sqlite3.Connection) -> bool:
    return _pragma(connection, "application_id") == 0 and not _shape(connection)


def _version(connection: sqlite3.Connection, path: Path, versions: Versions) -> int:
    """Return which of its versions a file is; raises unless it is exactly that."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise damaged(path, "it is another program's database")
    found = _pragma(connection, "user_version")
    if found > len(versions):
        raise newer(path)
    if found < 1 or _shape(connection) != _shape_of(versions[:found]):
        raise damaged(path, "its tables are not those of its version")
    return found


def _upgrade(connection: sqlite3.Connection, versions: Versions, found: int) -> None:
    if found == len(versions):
        return  # another process was faster
    for statement in _statements(versions[found:]):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(versions)}")


def _statements(versions: Versions) -> tuple[str, ...]:
    # Not `executescript`: it commits the transaction that keeps two first runs apart.
    return tuple(one.strip() for sql in versions for one in sql.split(";;") if one.strip())


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _shape(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return frozenset((name, sql) for name, sql in rows)


def _shape_of(versions: Versions) -> frozenset[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as memory:
        for statement in _statements(versions):
            memory.execute(statement)
        return _shape(memory)
