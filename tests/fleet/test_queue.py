"""The queue: made once, ordered by the soonest send, each work once, and without secrets."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.commands.fleet_queue import defer_jobs
from ccops.errors import CcopsError, ExitCode, InvalidInput, StoreUnavailable
from ccops.fleet import queue
from ccops.fleet.budget import Work
from ccops.fleet.jobs import Action, Job
from ccops.fleet.outcomes import failure
from ccops.fleet.sweep import ForQueue
from ccops.store.postgres import link
from tests.fleet.queues import ask, fresh_database, fresh_queue, job, tell
from tests.store.cluster import PASSWORD, Cluster, free_port

INSTANTS = st.integers(0, 2**36).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
TAKE = "select args->>'job' from procrastinate_fetch_job_v2(array['fleet'], null)"


@pytest.fixture(scope="module")
def shared(server: Cluster) -> Iterator[str]:
    with fresh_queue(server) as address:
        yield address


@pytest.fixture
def address(shared: str) -> str:
    """An empty queue."""
    tell(shared, "delete from procrastinate_jobs")
    return shared


def numbers(address: str, *jobs: Job) -> list[bool]:
    """Whether each was new."""
    return [one.number is not None for one in queue.defer(address, jobs)]


def taken(address: str) -> list[str]:
    """Take every job that can be taken now, as workers do; return their accounts."""
    accounts = []
    while (found := ask(address, TAKE)[0][0]) is not None:
        accounts.append(Job.from_json(str(found)).account)
    return accounts


def refusal(error: CcopsError) -> str:
    return error.diagnostics[0].code


# The order.


@given(INSTANTS, INSTANTS)
def test_who_sends_sooner_comes_first(one: datetime, other: datetime) -> None:
    """By the minute; and whose send is not known, comes after every other."""
    if other - one >= timedelta(minutes=1):
        assert queue.priority(one) > queue.priority(other)
    assert queue.priority(one) > queue.priority(None) == -(2**31)


def test_jobs_are_taken_in_the_order_of_their_sends(address: str) -> None:
    """And not in the order in which they were queued."""
    noon = datetime(2027, 3, 9, 12, tzinfo=UTC)
    jobs = [
        job("never"),
        job("third", earliest=noon + timedelta(days=1)),
        job("first", earliest=noon),
    ]
    jobs.append(job("second", earliest=noon + timedelta(minutes=5)))
    assert numbers(address, *jobs) == [True] * 4
    assert taken(address) == ["first", "second", "third", "never"]


def test_of_one_account_one_job_at_a_time(address: str) -> None:
    """The second one is offered to nobody while the first is under way; another account's is."""
    noon = datetime(2027, 3, 9, 12, tzinfo=UTC)
    numbers(address, job(earliest=noon), job(action=Action.DRIFT), job("a2"))
    assert taken(address) == ["a1", "a2"]


# The same work once.


def test_the_same_work_is_queued_once(address: str) -> None:
    """Whenever it is due. Other work of the account is other work."""
    plan = {"plan_file": "/plans/a1.json", "checksum": "sha256:1"}
    same = [job(), job(earliest=datetime(2027, 3, 9, tzinfo=UTC))]
    other = [job(action=Action.DRIFT), job("a2"), job(**plan), job(action=Action.APPLY, **plan)]
    other.append(replace(job(), locked=True))
    assert numbers(address, *same) == [True, False]
    assert numbers(address, *other) == [True] * 5
    assert numbers(address, *same, *other) == [False] * 7


def test_work_that_was_begun_can_be_queued_again(address: str) -> None:
    """What came up since it was begun is not forgotten."""
    numbers(address, job())
    assert taken(address) == ["a1"]
    assert numbers(address, job()) == [True]


@given(st.lists(st.text(max_size=3), min_size=2, max_size=2, unique=True))
def test_different_work_is_never_taken_for_the_same(words: list[str]) -> None:
    """Whatever is in the fields, and however it is spread over them."""
    one, other = words
    jobs = [
        job(plan_file=one, checksum=other),
        job(plan_file=other, checksum=one),
        job(plan_file=one + other, checksum=""),
    ]
    distinct = {(each.plan_file, each.checksum) for each in jobs}
    assert len({queue.work_lock(each) for each in jobs}) == len(distinct)


# What is not queued.


def test_what_the_set_does_not_cover_is_told(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its reason; and what is queued does not make that a success."""
    nameless = replace(job("cat"), account="")
    left_out = tuple(
        failure(one, ExitCode.ACCESS, "nobody is logged in") for one in (job("bolt"), nameless)
    )
    wanted = ForQueue(works=(Work(job=job()),), left_out=left_out)
    assert defer_jobs(address, wanted) is ExitCode.ACCESS
    out, err = capsys.readouterr()
    assert [line.partition(" as job")[0] for line in out.splitlines()] == [
        "plan a1: queued",
        "plan bolt: exit 4: no result: nobody is logged in",
        "plan /work/cat: exit 4: no result: nobody is logged in",
    ]
    assert "Nothing is queued for 2 accounts without a plan in this set." in err
    assert taken(address) == ["a1"]


# No secret.


def test_a_job_holds_no_secret(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the login, nor the database's password: nothing but the job itself is written."""
    monkeypatch.setenv("CCOPS_ACCESS_TOKEN", "token-never-to-be-shown")
    monkeypatch.setenv("CCOPS_STORE", address)
    numbers(address, job())
    [(record,)] = ask(address, "select row_to_json(j)::text from procrastinate_jobs j")
    assert json.loads(str(record))["args"] == {"job": job().to_json()}
    assert "never-to-be-shown" not in str(record)
    assert PASSWORD not in str(record)


@pytest.mark.parametrize("address", ["", "mysql://u:secret@h/d", "/tmp/secret", "postgres:secret"])
def test_an_address_of_something_else_is_refused_and_not_repeated(address: str) -> None:
    """It may hold a password."""
    with pytest.raises(InvalidInput) as refused:
        queue.defer(address, [job()])
    assert refusal(refused.value) == "CC707"
    assert "secret" not in str(refused.value)


def test_a_server_that_is_down_is_told_without_its_password() -> None:
    """As for the store."""
    with pytest.raises(StoreUnavailable) as refused:
        queue.defer(f"postgresql://u:secret@127.0.0.1:{free_port()}/d", [job()])
    assert refusal(refused.value) == "CC702"
    assert "secret" not in str(refused.value)


# Its tables.


def test_the_queue_is_made_by_an_explicit_step_alone(server: Cluster) -> None:
    """Before it nothing is queued; a second time nothing is made."""
    with fresh_database(server) as address:
        with pytest.raises(StoreUnavailable) as refused:
            queue.defer(address, [job()])
        assert refusal(refused.value) == "CC730"
        assert [queue.make(address), queue.make(address)] == [True, False]
        assert numbers(address, job()) == [True]


def test_tables_of_another_version_are_left_as_they_are(server: Cluster) -> None:
    """Neither used nor altered, whether older or newer."""
    with fresh_queue(server) as address:
        tell(address, "update ccops_queue.ccops_made set by = '99.00.00_01_new.sql'")
        tables = (
            "select relname, relfilenode from pg_class where relname ~ 'procra|ccops' order by 1"
        )
        before = ask(address, tables)
        for attempt in (lambda: queue.make(address), lambda: queue.defer(address, [job()])):
            with pytest.raises(StoreUnavailable) as refused:
                attempt()
            assert refusal(refused.value) == "CC731"
        assert ask(address, tables) == before


def test_it_lives_beside_another_procrastinate(server: Cluster) -> None:
    """An agency's own tables in the same database are not touched."""
    with fresh_database(server) as address:
        tell(address, "create table procrastinate_jobs (id integer)")
        queue.make(address)
        assert numbers(address, job()) == [True]
        assert ask(address, "select count(*) from public.procrastinate_jobs") == [(0,)]


def test_a_session_is_closed_after_use(address: str) -> None:
    """Also when the block ends with an error."""
    with pytest.raises(StoreUnavailable), queue.open_queue(address) as session:
        session.execute("select no_such_column")
    assert isinstance(session, link.Link)
    assert session.closed
