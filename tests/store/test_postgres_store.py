"""What the PostgreSQL store promises beyond every store: the session is the fence."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from ccops.errors import StoreUnavailable
from ccops.ports import WriteState
from ccops.store.postgres import statements
from ccops.store.postgres.link import connect
from ccops.store.postgres.meter import open_meter
from ccops.store.postgres.schema import MIGRATIONS, advisory_key, bring_up_to_date
from ccops.store.postgres.store import PostgresStore, open_store
from ccops.store.postgres.tokens import open_tokens
from tests.store.cluster import DATABASE, Cluster
from tests.store.store_backends import ACCOUNT, ACTIVITY, DAY, ORIGIN, entry, halt

ROOT = Path(__file__).parents[2]


@pytest.fixture
def address(server: Cluster) -> Iterator[str]:
    """The address of an empty database of its own."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(server.address(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield server.address().replace(f"/{DATABASE}", f"/{name}")
    with psycopg.connect(server.address(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@contextmanager
def prompt(address: str) -> Iterator[psycopg.Connection]:
    """A person at a prompt."""
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def opened(address: str, account: str = ACCOUNT, run: str = "run-1") -> PostgresStore:
    return open_store(address, origin=ORIGIN, account=account, run=run)


def end_session(address: str, store: PostgresStore) -> None:
    with prompt(address) as person:
        person.execute("select pg_terminate_backend(%s, 5000)", [store._link.info.backend_pid])


# The fence


CHANGES: dict[str, Callable[[PostgresStore], None]] = {
    "append": lambda store: store.append(entry("w2", activity="new")),
    "advance": lambda store: store.advance(entry().at, ["new"]),
    "halt": lambda store: store.halt(halt("new")),
    "release": lambda store: store.release(ACTIVITY),
}


@pytest.mark.parametrize("change", list(CHANGES.values()), ids=list(CHANGES))
def test_a_run_that_lost_its_session_changes_nothing_more(
    address: str, change: Callable[[PostgresStore], None]
) -> None:
    """F-37, INV-06: it never connects again by itself; another run has the lock at once."""
    with opened(address) as store, opened(address, run="run-2") as second, store.lock():
        store.append(entry())
        store.halt(halt())
        end_session(address, store)
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="CC705"):
                change(store)
        with pytest.raises(StoreUnavailable, match="CC702"):
            store.entries()
        with second.lock():
            assert (second.entries(), second.halts()) == ((entry(),), (halt(),))
            assert dict(second.generations()) == {}
    with opened(address) as store:
        end_session(address, store)
        with pytest.raises(StoreUnavailable, match="CC702"):
            store.lock().__enter__()


def test_a_session_that_lost_the_lock_alone_changes_nothing_more(address: str) -> None:
    """The database is asked in the very transaction, not our memory."""
    with opened(address) as store, opened(address, run="run-2") as second, store.lock():
        store._link.execute("select pg_advisory_unlock_all()")
        with second.lock(), pytest.raises(StoreUnavailable, match=r"CC705: .*has lost its lock"):
            store.append(entry())
        assert store.fresh()


def test_the_server_crashes_and_comes_back(server: Cluster, address: str) -> None:
    """F-44: the run stops; what was said to be recorded is there, and the write is still open."""
    with opened(address) as store:
        lock = store.lock()
        lock.__enter__()
        store.append(entry())
        server.stop("immediate")
        try:
            with pytest.raises(StoreUnavailable, match="CC705"):
                store.append(entry("w1", WriteState.VERIFIED))
            with pytest.raises(StoreUnavailable, match=r"CC702: .*nobody answers"):
                opened(address)
        finally:
            server.start()
        with pytest.raises(StoreUnavailable, match="CC705"):
            store.append(entry("w1", WriteState.VERIFIED))
        lock.__exit__(None, None, None)
    with opened(address) as store, store.lock():
        assert store.entries() == (entry(),)
        with pytest.raises(StoreUnavailable, match="CC706"):
            store.append(entry("w2"))


def test_the_database_forbids_a_second_open_write_even_without_a_lock(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs that both believe they hold it: the index decides, and the chain stays whole."""
    monkeypatch.setattr(statements, "FENCE", "select null, true")
    with opened(address) as store, opened(address) as second:
        store._holding = second._holding = True
        store.append(entry("w1"))
        with pytest.raises(StoreUnavailable, match="CC706"):
            second.append(entry("w2"))
        second.append(entry("w2", activity="new"))
        assert store.entries() == (entry("w1"), entry("w2", activity="new"))


@pytest.mark.parametrize(
    ("before", "during"), [("off", "on"), ("local", "local"), ("on", "on"), ("remote_apply",) * 2]
)
def test_a_line_waits_for_the_disk(address: str, before: str, during: str) -> None:
    """A server set to lose the last second's commits is set right; a stricter one stays so."""
    with opened(address) as store, store.lock():
        store._link.execute("select set_config('synchronous_commit', %s, false)", [before])
        with store._writing():
            row = store._link.execute("select current_setting('synchronous_commit')").fetchone()
        assert row == (during,)


def test_a_holder_that_left_only_its_name_is_not_named(address: str) -> None:
    """A killed run's line may still be there while another, nameless yet, has the lock."""
    with opened(address, run="dead") as store, store.lock():
        end_session(address, store)
    with prompt(address) as person, opened(address) as store:
        key = advisory_key("account", ORIGIN, ACCOUNT)
        person.execute("select pg_advisory_lock(%s)", [key])
        assert person.execute("select run from ccops.holder").fetchall() == [("dead",)]
        with pytest.raises(StoreUnavailable, match=r"CC701: .*another run, just starting"):
            store.lock().__enter__()


def test_a_holder_that_cannot_leave_its_name_holds_nothing(address: str) -> None:
    """Nor does it keep others from it."""
    with opened(address) as store, opened(address) as second:
        with prompt(address) as person:
            person.execute("alter table ccops.holder rename to gone")
            with pytest.raises(StoreUnavailable, match="CC703"):
                store.lock().__enter__()
            person.execute("alter table ccops.gone rename to holder")
        with second.lock():
            second.append(entry())


# Damage


def as_owner(*changes: str) -> Callable[[str], None]:
    """Change rows as one may who owns the tables: with the triggers asleep."""

    def damage(address: str) -> None:
        with prompt(address) as person:
            person.execute("set session_replication_role = replica")
            for change in changes:
                person.execute(change)

    return damage


DAMAGES = {
    "changed line": "update ccops.journal set entry = replace(entry, 'verified', 'resolved')",
    "changed hash": "update ccops.journal set hash = '' where seq = 2",
    "moved line": "update ccops.journal set activity = 'x' where seq = 1",
    "removed line": "delete from ccops.journal where seq = 2",
    "cut end": "delete from ccops.journal where seq = 3",
    "no lines": "truncate ccops.journal",
    "no head": "delete from ccops.head",
    "closed by hand": "update ccops.write_state set state = 'verified'",
    "opened by hand": "insert into ccops.write_state select origin, account, 'x', 'y', 'unknown' "
    "from ccops.head",
    "missing table": "drop table ccops.head",
    "halt of no shape": "insert into ccops.halt select origin, account, 'x', '{}' from ccops.head",
}


@pytest.mark.parametrize("change", list(DAMAGES.values()), ids=list(DAMAGES))
def test_a_damaged_journal_is_refused(address: str, change: str) -> None:
    """F-43, as for files."""
    with opened(address) as store, store.lock():
        for line in (entry("w1"), entry("w1", WriteState.VERIFIED), entry("w2")):
            store.append(line)
    as_owner(change)(address)
    with opened(address) as store, pytest.raises(StoreUnavailable, match="CC703"):
        assert not (store.halts(), store.entries())


def test_the_end_is_checked_before_a_line_is_added(address: str) -> None:
    """Also by a run that reads nothing."""
    with opened(address) as store, store.lock():
        store.append(entry("w1", WriteState.VERIFIED))
        store.append(entry("w2", WriteState.VERIFIED))
        as_owner("delete from ccops.journal where seq = 2")(address)
        with pytest.raises(StoreUnavailable, match="its end is missing"):
            store.append(entry("w3"))


def test_a_number_that_is_taken_is_no_second_write(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of another table is told as what it is."""
    monkeypatch.setattr(statements, "NEWEST", statements.HEAD)
    with opened(address) as store, store.lock():
        store.append(entry())
        as_owner("update ccops.head set seq = 0")(address)
        with pytest.raises(StoreUnavailable, match=r"CC703: .*journal_pkey"):
            store.append(entry())


def test_a_table_that_another_blocks_is_told(address: str) -> None:
    """The server ends the wait; the lock is still held, and nothing was half recorded."""
    with opened(address) as store, prompt(address) as person, store.lock():
        store.append(entry())
        store._link.execute("set statement_timeout = 50")
        with person.transaction():
            person.execute("lock table ccops.head in exclusive mode")
            with pytest.raises(StoreUnavailable, match=r"CC702: .*statement timeout"):
                store.append(entry("w1", WriteState.VERIFIED))
        store.append(entry("w1", WriteState.RESOLVED))
        assert store.entries() == (entry(), entry("w1", WriteState.RESOLVED))


@pytest.mark.parametrize(
    "statement",
    ["update ccops.journal set entry = ''", "delete from ccops.journal", "truncate ccops.journal"],
)
def test_the_database_itself_keeps_lines_from_change(address: str, statement: str) -> None:
    """Also against a person with a prompt."""
    with opened(address) as store, store.lock():
        store.append(entry())
    with prompt(address) as person, pytest.raises(errors.IntegrityError, match="append-only"):
        person.execute(statement)


# The tables


def test_several_first_runs_make_the_tables_once(address: str) -> None:
    """They take turns, and each finds them whole."""
    with ExitStack() as stack:
        links = [stack.enter_context(connect(address)) for _ in range(8)]
        made: list[int] = []

        def first_run(number: int) -> None:
            bring_up_to_date(links[number])
            made.append(number)

        threads = [Thread(target=first_run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(made) == list(range(8))
    with prompt(address) as person:
        rows = person.execute("select version from ccops.schema_version").fetchall()
        assert rows == [(number + 1,) for number in range(len(list(MIGRATIONS.glob("*.sql"))))]


def later(folder: Path, *scripts: str) -> Path:
    """A folder of migrations as a later version might have it."""
    for path in MIGRATIONS.glob("*.sql"):
        (folder / path.name).write_bytes(path.read_bytes())
    for number, script in enumerate(scripts, 2):
        (folder / f"{number:04}_more.sql").write_text(script, encoding="utf-8")
    return folder


def test_tables_are_brought_up_to_date_and_keep_their_rows(address: str, tmp_path: Path) -> None:
    """One number after another; the version before goes on, the one after is refused to it."""
    with opened(address) as store, store.lock():
        store.append(entry())
        with connect(address) as link:
            bring_up_to_date(
                link, later(tmp_path, "create table ccops.more (a int)", "drop table ccops.more")
            )
        store.append(entry("w2", activity="new"))
        assert len(store.entries()) == 2
    with pytest.raises(StoreUnavailable, match="CC704"):
        opened(address)
    with pytest.raises(StoreUnavailable, match="CC704"):
        open_meter(address, "key")
    with pytest.raises(StoreUnavailable, match="CC704"):
        open_tokens(address, origin=ORIGIN, account=ACCOUNT)


def test_a_migration_is_made_whole_or_not_at_all(address: str, tmp_path: Path) -> None:
    """Also several in one go."""
    broken = later(tmp_path, "create table ccops.more (a int)", "create table ccops.more (b int)")
    with connect(address) as link:
        with pytest.raises(StoreUnavailable, match="CC703"):
            bring_up_to_date(link, broken)
        bring_up_to_date(link)
        tables = link.execute("select count(*) from pg_tables where tablename = 'more'").fetchone()
        assert tables == (0,)


def documented(language: str) -> str:
    """The statements that docs/stores.md tells an administrator to run."""
    text = (ROOT / "docs" / "stores.md").read_text(encoding="utf-8")
    return text.split(f"```{language}\n")[1].split("```")[0]


def test_a_user_without_rights_to_make_tables_can_use_them(server: Cluster, address: str) -> None:
    """With the rights that the documentation lists, and no more."""
    name = address.rpartition("/")[2]
    poor = server.address(user="ccops_run", password="poor").replace(f"/{DATABASE}", f"/{name}")
    with prompt(address) as person:
        person.execute("create role ccops_run login password 'poor'")
        try:
            with pytest.raises(StoreUnavailable, match="CC712"):
                opened(poor)
            opened(address).close()
            with pytest.raises(StoreUnavailable, match=r"CC702: .*permission denied"):
                opened(poor)
            person.execute(documented("sql"))
            use_everything(poor)
            with prompt(poor) as user, pytest.raises(errors.InsufficientPrivilege):
                user.execute("delete from ccops.journal")
        finally:
            person.execute("drop owned by ccops_run")
            person.execute("drop role ccops_run")


def use_everything(address: str) -> None:
    with opened(address) as store, store.lock():
        store.append(entry())
        store.append(entry("w1", WriteState.VERIFIED))
        store.advance(entry().at, [ACTIVITY])
        store.halt(halt())
        store.release(ACTIVITY)
        assert (len(store.entries()), len(store.generations()), store.halts()) == (2, 1, ())
    with open_meter(address, "key") as meter:
        meter.reserve(timedelta(0))
        assert meter.spend(DAY, 9) == meter.spent(DAY) == 1
    tokens = open_tokens(address, origin=ORIGIN, account=ACCOUNT)
    with tokens, tokens.hold() as held:
        assert held.write("a").generation == 1


# The meter


def test_the_servers_clock_paces_every_machine(address: str) -> None:
    """Whatever this machine's clock says."""
    hour = timedelta(hours=1)
    with open_meter(address, "key") as meter, open_meter(address, "key") as other:
        assert meter.reserve(hour) == 0
        assert 3_500 < other.reserve(hour) <= 3_600


def test_the_meter_goes_on_when_the_lock_is_lost(address: str) -> None:
    """What was written can still be verified."""
    with opened(address) as store, open_meter(address, "key") as meter, store.lock():
        end_session(address, store)
        assert meter.spend(DAY, 9) == 1


def test_a_key_is_nowhere_in_the_database(address: str) -> None:
    """A hash of it is."""
    with open_meter(address, "my-client-id") as meter:
        meter.reserve(timedelta(0))
        meter.spend(DAY, 9)
    with prompt(address) as person:
        rows = person.execute("select key from ccops.slot union select key from ccops.ledger")
        assert [len(key) for (key,) in rows.fetchall()] == [64]


def test_every_table_is_used_by_name(address: str) -> None:
    """A search path of the user's leads nowhere else."""
    more = "?options=-c%20search_path%3Delsewhere"
    with prompt(address) as person:
        person.execute("create schema elsewhere create table journal (a int)")
    use_everything(f"{address}{more}")
    assert os.environ.get("PGOPTIONS") is None


def test_how_the_server_writes_times_does_not_matter(address: str) -> None:
    """German dates and ISO spans, by the address, PGDATESTYLE or the database's own setting."""
    address += "?options=-c%20datestyle%3DGerman%20-c%20intervalstyle%3Diso_8601"
    with opened(address) as store, store.lock():
        store.advance(entry().at, ["a"])
        assert store.generations() == {"a": entry().at}
    with open_meter(address, "key") as meter:
        assert meter.reserve(timedelta(hours=1)) == 0
        assert 3_500 < meter.reserve(timedelta(hours=1)) <= 3_600
