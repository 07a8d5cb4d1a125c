"""The SQLite store's files: private, of known shape, and refused when they are not."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from ccops.errors import ExitCode, StoreUnavailable
from ccops.ports import JournalEntry, WriteState
from ccops.store import files, sqlite
from ccops.store.files import file_name
from ccops.store.sqlite import SqliteStore, open_meter, open_store
from ccops.store.tables import JOURNAL
from tests.project.pure_core import ROOT
from tests.store.store_backends import ACCOUNT, ACTIVITY, DAY, ORIGIN, entry, halt

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")


def opened(folder: Path) -> SqliteStore:
    return open_store(folder, origin=ORIGIN, account=ACCOUNT, run="run-1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a" / "state"


@pytest.fixture
def journal(folder: Path) -> Path:
    """A journal with two closed writes and an open one, closed properly."""
    with opened(folder) as store, store.lock():
        for line in (
            entry("w1"),
            entry("w1", WriteState.VERIFIED),
            entry("w2", activity="other"),
            entry("w2", WriteState.RESOLVED, activity="other"),
            entry("w3"),
        ):
            store.append(line)
    return store.path


def use(folder: Path) -> None:
    with opened(folder) as store:
        store.fresh()
        store.entries()
        store.generations()
        store.halts()
        with store.lock():
            store.append(entry("w9", activity="new"))


def refused(folder: Path, code: str) -> StoreUnavailable:
    """Open, read and write; one of these must say no, with the exit code and a remedy."""
    with pytest.raises(StoreUnavailable, match=code) as caught:
        use(folder)
    assert caught.value.exit_code is ExitCode.LOCKED
    assert caught.value.diagnostics[0].help
    return caught.value


@posix
def test_files_are_for_their_owner_alone(folder: Path, journal: Path) -> None:
    """0600 in 0700, the files beside the database included."""
    with opened(folder) as store, store.lock(), open_meter(folder, "key") as meter:
        store.append(entry("w4", activity="new"))
        meter.spend(DAY, 9)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert journal.name in modes
    assert len(modes) > 3
    assert set(modes.values()) == {0o600}


@posix
def test_modes_that_were_loosened_are_tightened(folder: Path, journal: Path) -> None:
    """A copy or a careless chmod leaves them open."""
    journal.chmod(0o644)
    opened(folder).close()
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(folder: Path, mode: int) -> None:
    """They could put another journal in its place."""
    folder.mkdir(parents=True)
    folder.chmod(mode)
    assert "chmod 700" in str(refused(folder, "CC702"))
    assert list(folder.iterdir()) == []


@posix
def test_a_symbolic_link_is_not_followed(folder: Path, journal: Path) -> None:
    """Nor anything else that is no file."""
    elsewhere = folder / "elsewhere"
    journal.rename(elsewhere)
    journal.symlink_to(elsewhere)
    refused(folder, "CC702")
    journal.unlink()
    journal.mkdir()
    refused(folder, "CC702")


def test_names_of_files_say_nothing_and_choose_nothing() -> None:
    """An account id is whatever an answer said."""
    names = {
        file_name("journal", *parts)
        for parts in (("a", "b"), ("ab", ""), ("", "ab"), ("a\n1:b",), ("../../x", "b"), ("a\nb",))
    }
    assert len(names) == 6
    assert all(name.replace("journal-", "").removesuffix(".sqlite3").isalnum() for name in names)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """With its path."""
    blocker = tmp_path / "file"
    blocker.write_text("")
    assert str(blocker / "state") in str(refused(blocker / "state", "CC702"))


def overwrite(at: int, data: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[:at] + data + content[at + len(data) :])

    return damage


def sql(*statements: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    return damage


def forged(*statements: str) -> Callable[[Path], None]:
    """Change lines in spite of the triggers, and put these back."""

    def damage(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
        drops = [f"DROP TRIGGER {name}" for name, _ in rows]
        sql(*drops, *statements, *[text for _, text in rows])(path)

    return damage


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "text file": (overwrite(0, b"hello " * 9_000), "CC703"),
    "header": (overwrite(0, b"not SQLite at all"), "CC703"),
    "cut in half": (lambda path: os.truncate(path, path.stat().st_size // 2), "CC703"),
    "emptied": (lambda path: os.truncate(path, 0), "CC703"),
    "removed": (lambda path: path.unlink(), "CC703"),
    "another program's": (sql("PRAGMA application_id = 1"), "CC703"),
    "unmarked": (sql("PRAGMA application_id = 0"), "CC703"),
    "newer": (sql("PRAGMA user_version = 3"), "CC704"),
    "of two versions": (sql("PRAGMA user_version = 1"), "CC703"),
    "no version": (sql("PRAGMA user_version = 0"), "CC703"),
    "missing table": (sql("DROP TABLE open_writes"), "CC703"),
    "further table": (sql("CREATE TABLE more (a)"), "CC703"),
    "missing trigger": (sql("DROP TRIGGER journal_is_never_cut"), "CC703"),
    "changed line": (
        forged("UPDATE journal SET entry = replace(entry, 'verified', 'resolved')"),
        "CC703",
    ),
    "changed hash": (forged("UPDATE journal SET hash = '' WHERE seq = 2"), "CC703"),
    "moved line": (forged("UPDATE journal SET activity = 'x' WHERE seq = 1"), "CC703"),
    "removed line": (forged("DELETE FROM journal WHERE seq = 2"), "CC703"),
    "cut end": (forged("DELETE FROM journal WHERE seq = 5"), "CC703"),
    "no lines": (forged("DELETE FROM journal"), "CC703"),
    "no head": (sql("DELETE FROM head"), "CC703"),
    "closed by hand": (sql("DELETE FROM open_writes"), "CC703"),
    "moment of no zone": (sql("INSERT INTO generations VALUES ('x', '2026-10-06 13:00')"), "CC703"),
    "halt of no shape": (sql("INSERT INTO halts VALUES ('x', '{}')"), "CC703"),
    "opened by hand": (sql("INSERT INTO open_writes VALUES ('x', 'y')"), "CC703"),
}


@pytest.mark.parametrize(("damage", "code"), list(DAMAGES.values()), ids=list(DAMAGES))
def test_a_damaged_journal_is_refused(
    folder: Path, journal: Path, damage: Callable[[Path], None], code: str
) -> None:
    """F-43: corrupt, truncated, of another schema or a future version: nothing is written."""
    damage(journal)
    refused(folder, code)


@pytest.mark.parametrize(
    "statement", ["UPDATE journal SET entry = ''", "DELETE FROM journal WHERE seq = 1"]
)
def test_the_database_itself_keeps_lines_from_change(journal: Path, statement: str) -> None:
    """Also against a person with a SQLite prompt."""
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        sql(statement)(journal)


def test_the_end_is_checked_before_a_line_is_added(folder: Path, journal: Path) -> None:
    """Also by a run that reads nothing."""
    DAMAGES["cut end"][0](journal)
    with (
        opened(folder) as store,
        store.lock(),
        pytest.raises(StoreUnavailable, match="its end is missing"),
    ):
        store.append(entry("w9", activity="new"))


@posix
def test_a_journal_that_is_replaced_while_in_use_is_noticed(folder: Path, journal: Path) -> None:
    """An INTENT in a file that nobody will find again is none."""
    with opened(folder) as store, store.lock():
        journal.rename(folder / "moved")
        with pytest.raises(StoreUnavailable, match="CC702"):
            store.append(entry("w9", activity="new"))
        journal.write_bytes((folder / "moved").read_bytes())
        with pytest.raises(StoreUnavailable, match="it was replaced"):
            store.append(entry("w9", activity="new"))


def test_a_full_disk_ends_before_anything_is_half_recorded(folder: Path) -> None:
    """F-41: the line is there or it is not, and the store works again when there is space."""
    with opened(folder) as store, store.lock():
        store.append(entry())
        before = store.entries()
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreUnavailable, match="full"):
            store.append(entry("w9", activity="new", detail="x" * 100_000))
        assert store.entries() == before
        store._connection.execute("PRAGMA max_page_count = 100000")
        store.append(entry("w9", activity="new"))
        assert len(store.entries()) == len(before) + 1


def test_a_store_that_another_program_blocks_is_told(folder: Path, journal: Path) -> None:
    """After some seconds (here: none), with the reason."""
    with opened(folder) as store, store.lock(), closing(sqlite3.connect(journal)) as other:
        store._connection.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"CC702: .* database is locked"):
            store.append(entry("w9", activity="new"))


def test_a_lock_file_that_is_no_database_is_not_held(folder: Path) -> None:
    """It is damaged, and nobody is named."""
    with opened(folder) as store:
        (folder / file_name("lock", ORIGIN, ACCOUNT)).write_text("no database " * 1000)
        with pytest.raises(StoreUnavailable, match="CC703"):
            store.lock().__enter__()


def test_a_lock_that_cannot_be_taken_is_not_held(folder: Path) -> None:
    """Whatever the reason, here a folder in the place of a file that SQLite needs."""
    with opened(folder) as store:
        (folder / f"{file_name('lock', ORIGIN, ACCOUNT)}-journal").mkdir()
        with pytest.raises(StoreUnavailable, match="CC702"):
            store.lock().__enter__()


def test_a_holder_that_is_just_starting_has_no_name(folder: Path) -> None:
    """The lock comes first, the name after it."""
    with opened(folder) as store, opened(folder) as other, store.lock():
        store._connection.execute("DELETE FROM holder")
        with pytest.raises(StoreUnavailable, match="another run, just starting or ending"):
            other.lock().__enter__()


def test_closing_frees_the_lock(folder: Path) -> None:
    """For a run that ends without leaving its block."""
    store = opened(folder)
    held = store.lock()
    held.__enter__()
    store.close()
    with opened(folder) as other, other.lock():
        other.append(entry())
        assert not other.fresh()
    held.__exit__(None, None, None)


FIRST_VERSION = """
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    activity TEXT NOT NULL,
    write_id TEXT NOT NULL,
    entry TEXT NOT NULL,
    hash TEXT NOT NULL
);;
CREATE INDEX journal_activity ON journal (activity);;
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;;
CREATE TRIGGER journal_is_never_cut BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;;
CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER, hash TEXT);;
CREATE TABLE open_writes (activity TEXT PRIMARY KEY, write_id TEXT NOT NULL);;
CREATE TABLE holder (
    only INTEGER PRIMARY KEY CHECK (only = 1), run TEXT, host TEXT, pid INTEGER, since TEXT
);;
PRAGMA application_id = 1667460976;;
PRAGMA user_version = 1;;
"""
"""The text that the first version of the store made its files with."""


@pytest.fixture
def first_version(folder: Path, journal: Path) -> tuple[JournalEntry, ...]:
    """Write the journal's lines to a file of the first version; return them."""
    with opened(folder) as store:
        entries = store.entries()
    old = folder / "old"
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statement in FIRST_VERSION.split(";;"):
            connection.execute(statement.strip())
        connection.execute("ATTACH ? AS new", (str(journal),))
        for table in ("journal", "head", "open_writes"):
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
    old.replace(journal)
    return entries


def pragma(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def test_a_store_of_the_first_version_is_brought_up_to_date(
    folder: Path, journal: Path, first_version: tuple[JournalEntry, ...]
) -> None:
    """In place, with every line, and it takes further ones and marks."""
    with opened(folder) as store, store.lock():
        assert len(first_version) == 5
        assert store.entries() == first_version
        assert (store.generations(), store.halts()) == ({}, ())
        with pytest.raises(StoreUnavailable, match="CC706"):
            store.append(entry("w4"))
        store.append(entry("w3", WriteState.VERIFIED))
        store.halt(halt())
    with opened(folder) as store:
        assert store.entries() == (*first_version, entry("w3", WriteState.VERIFIED))
        assert store.halts() == (halt(),)
    assert pragma(journal, "user_version") == len(JOURNAL) == 2


def test_an_upgrade_is_done_whole_or_not_at_all(
    folder: Path,
    journal: Path,
    first_version: tuple[JournalEntry, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk in the middle of it leaves the file as it was."""
    broken = (*JOURNAL, "CREATE TABLE more (a);; CREATE TABLE journal (b);;")
    monkeypatch.setattr(sqlite, "JOURNAL", broken)
    refused(folder, "CC702")
    assert pragma(journal, "user_version") == 1
    monkeypatch.undo()
    with opened(folder) as store:
        assert store.entries() == first_version


def test_many_may_make_files_at_once(folder: Path) -> None:
    """SQLite refuses at once whoever turns a file into one with a log while another does."""
    code = (
        "import sys; from pathlib import Path; from ccops.store.sqlite import open_meter\n"
        "print('ready', flush=True); input()\n"
        "for one in range(150): open_meter(Path(sys.argv[1]), f'key {one}').close()"
    )
    command = [sys.executable, "-c", code, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with ExitStack() as stack:
        makers = [
            stack.enter_context(subprocess.Popen(command, cwd=ROOT, text=True, **pipes))
            for _ in range(6)
        ]
        for one in makers:
            assert one.stdout
            assert one.stdout.readline() == "ready\n"
        for one in makers:
            assert one.stdin
            one.stdin.write("go\n")
            one.stdin.flush()
        assert [one.communicate()[1] for one in makers] == [""] * 6


def test_two_processes_may_upgrade_at_once(
    folder: Path, journal: Path, first_version: tuple[JournalEntry, ...]
) -> None:
    """The second finds it done."""
    code = (
        "import sys; from pathlib import Path; from tests.store.test_sqlite_files import opened\n"
        "print(len(opened(Path(sys.argv[1])).entries()))"
    )
    with ExitStack() as stack:
        others = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", code, str(folder)],
                    cwd=ROOT,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(4)
        ]
        assert [other.communicate()[0] for other in others] == [f"{len(first_version)}\n"] * 4
    assert pragma(journal, "user_version") == 2


def test_a_damaged_store_of_the_first_version_is_not_upgraded(
    folder: Path, journal: Path, first_version: tuple[JournalEntry, ...]
) -> None:
    """What is missing from it would be hidden for ever."""
    assert first_version
    sql("DROP TRIGGER journal_is_never_cut")(journal)
    refused(folder, "CC703")
    assert pragma(journal, "user_version") == 1


def test_a_meter_that_is_damaged_is_refused(folder: Path) -> None:
    """Pacing is not guessed."""
    with open_meter(folder, "key") as meter:
        meter.spend(DAY, 9)
    sql("DROP TABLE slot")(meter.path)
    with pytest.raises(StoreUnavailable, match="CC703"):
        open_meter(folder, "key")


def test_a_key_is_not_in_the_name_of_its_file(folder: Path) -> None:
    """Nor in the file."""
    with open_meter(folder, "my-client-id") as meter:
        meter.spend(DAY, 9)
    assert "my-client-id" not in meter.path.name
    assert b"my-client-id" not in meter.path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows opens no folders")
def test_a_new_files_name_is_made_durable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line in a file that a power cut took the name of is lost; Windows has no such call."""
    synced: list[bool] = []
    monkeypatch.setattr(
        os, "fsync", lambda number: synced.append(stat.S_ISDIR(os.fstat(number)[0]))
    )
    opened(folder).close()
    assert synced == [True]
    monkeypatch.setattr(os, "name", "nt")
    files._sync_folder(folder)
    assert synced == [True]


def test_the_journal_survives_a_power_cut_and_the_meter_need_not(folder: Path) -> None:
    """FULL is 2, NORMAL is 1 (SQLite)."""
    with opened(folder) as store, open_meter(folder, "key") as meter:
        levels = [
            one._connection.execute("PRAGMA synchronous").fetchone()[0] for one in (store, meter)
        ]
        mode = store._connection.execute("PRAGMA journal_mode").fetchone()[0]
    assert (levels, mode) == ([2, 1], "wal")


def test_an_activity_has_one_row_of_open_writes(journal: Path) -> None:
    """A constraint of the database, not only of this program."""
    with closing(sqlite3.connect(journal)) as connection:
        rows = connection.execute("SELECT activity, write_id FROM open_writes").fetchall()
        assert rows == [(ACTIVITY, "w3")]
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute("INSERT INTO open_writes VALUES (?, 'w4')", (ACTIVITY,))
