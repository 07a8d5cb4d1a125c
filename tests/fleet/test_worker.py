"""A worker: what becomes of jobs that end well, badly, or for a reason of the hour."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import CcopsError, ExitCode, StoreUnavailable
from ccops.fleet import perform, queue
from ccops.fleet.finished import Finished, line, when_again
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.leftover import left_in_queue, left_in_words
from ccops.fleet.perform import Run
from ccops.fleet.standing import Standing, status
from ccops.fleet.worker import work
from tests.fleet.queues import ask, ending, fresh_database, fresh_queue, job, tell
from tests.store.cluster import Cluster

NOW = datetime(2027, 3, 9, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def shared(server: Cluster) -> Iterator[str]:
    with fresh_queue(server) as address:
        yield address


@pytest.fixture
def address(shared: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty queue."""
    monkeypatch.setenv("CCOPS_STORE", shared)
    tell(shared, "delete from procrastinate_jobs")
    return shared


def do(
    address: str, perform: Callable[[Job, Run], Outcome], *jobs: Job, at_once: int = 1
) -> tuple[frozenset[ExitCode], list[Finished]]:
    """Queue jobs, and let a worker do what can be done."""
    queue.defer(address, jobs)
    told: list[Finished] = []
    codes = work(address, at_once=at_once, once=True, tell=told.append, perform=perform)
    return codes, told


def where(address: str) -> dict[Standing, int]:
    return {one: count for one, count in status(address).counts.items() if count}


def outcome(code: ExitCode, reason: str = "") -> Outcome:
    return ending(code, reason)(job(), lambda _: pytest.fail("nothing is run"))


# When a job is done again.


@pytest.mark.parametrize(
    ("code", "reason", "stopped", "expected"),
    [
        (ExitCode.THROTTLED, "CC532: used up", False, datetime(2027, 3, 10, tzinfo=UTC)),
        (ExitCode.THROTTLED, "CC531: used up", False, datetime(2027, 3, 10, tzinfo=UTC)),
        (ExitCode.THROTTLED, "CC530: patience", False, NOW + timedelta(minutes=1)),
        (ExitCode.TERMINATED, "", True, NOW),
        (ExitCode.INTERRUPTED, "", True, NOW),
        (ExitCode.TERMINATED, "", False, None),
    ],
)
def test_what_the_hour_held_up_is_done_again(
    code: ExitCode, reason: str, stopped: bool, expected: datetime | None
) -> None:
    """After midnight when the day's requests are used up, in a minute when asked for patience."""
    assert when_again(outcome(code, reason), NOW, stopped=stopped) == expected


@pytest.mark.parametrize(
    "code",
    sorted(set(ExitCode) - {ExitCode.THROTTLED, ExitCode.INTERRUPTED, ExitCode.TERMINATED}),
)
def test_nothing_else_is_done_again_by_itself(code: ExitCode) -> None:
    """Least of all what is unknown, also when the worker itself is about to end."""
    assert when_again(outcome(code, "CC532"), NOW) is None
    assert when_again(outcome(code, "CC532"), NOW, stopped=True) is None


def test_a_line_for_each_job() -> None:
    """What was done, how it ended, and what comes next."""
    done = Finished(number=7, outcome=outcome(ExitCode.DONE))
    assert line(done) == "job 7: plan a1: exit 0: as told"
    later = Finished(number=8, outcome=outcome(ExitCode.THROTTLED, "CC532: used up"), again_at=NOW)
    assert line(later) == (
        "job 8: plan a1: exit 5: CC532: used up; again at 2027-03-09 12:30:00 UTC"
    )


# With a queue.


def test_every_job_is_done_once_and_told(address: str) -> None:
    """In the order of their sends."""
    jobs = [job(f"a{n}", earliest=NOW + timedelta(hours=n)) for n in (3, 1, 2)]
    codes, told = do(address, ending(ExitCode.DONE), *jobs)
    assert [one.outcome.job.account for one in told] == ["a1", "a2", "a3"]
    assert (codes, where(address)) == ({ExitCode.DONE}, {Standing.DONE: 3})
    assert do(address, ending(ExitCode.DONE)) == (frozenset(), [])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (ExitCode.CHANGES, Standing.DONE),
        (ExitCode.BLOCKED, Standing.FAILED),
        (ExitCode.PARTIAL, Standing.FAILED),
        (ExitCode.LOCKED, Standing.FAILED),
        (ExitCode.UNKNOWN, Standing.FAILED),
        (ExitCode.UNEXPECTED, Standing.FAILED),
    ],
)
def test_how_a_job_ended_is_kept(address: str, code: ExitCode, expected: Standing) -> None:
    """What did not end well stays to be looked at, with the reason, and is not done again."""
    codes, _ = do(address, ending(code, "why"), job())
    assert (codes, where(address)) == ({code}, {expected: 1})
    assert [one.outcome.reason for one in status(address).stuck if one.outcome] == (
        ["why"] if expected is Standing.FAILED else []
    )
    assert do(address, ending(ExitCode.DONE)) == (frozenset(), [])


def test_a_day_that_is_used_up_stops_the_queue_until_midnight(address: str) -> None:
    """Each job that meets it waits, and is not lost, nor failed."""
    codes, told = do(address, ending(ExitCode.THROTTLED, "CC532: used up"), job(), job("a2"))
    assert (codes, where(address)) == (frozenset(), {Standing.WAITING: 2})
    assert {one.again_at for one in told} == {one.until for one in status(address).next}


def test_several_at_once_but_never_two_of_one_account(address: str) -> None:
    """As many as it was told to."""
    together, lock = Barrier(3, timeout=30), Lock()
    at_work: list[str] = []
    doubled: list[str] = []

    def perform(done: Job, run: Run) -> Outcome:
        with lock:
            doubled.extend(one for one in at_work if one == done.account)
            at_work.append(done.account)
        if done.action is Action.PLAN:
            together.wait()  # three are here at once, or this fails
        with lock:
            at_work.remove(done.account)
        return ending(ExitCode.DONE)(done, run)

    accounts = ("a1", "a2", "a3")
    jobs = [job(one, action) for action in (Action.PLAN, Action.DRIFT) for one in accounts]
    codes, told = do(address, perform, *jobs, at_once=3)
    assert (codes, len(told), doubled) == ({ExitCode.DONE}, 6, [])


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_what_waits_behind_a_job_of_this_worker_is_done_too(address: str, at_once: int) -> None:
    """Whatever becomes free while the worker is at work is work that can be done now."""
    jobs = [job(one, action) for one in ("a1", "a2") for action in Action]
    codes, told = do(address, ending(ExitCode.DONE), *jobs, at_once=at_once)
    assert (codes, len(told)) == ({ExitCode.DONE}, len(jobs))
    assert where(address) == {Standing.DONE: len(jobs)}
    assert left_in_queue(address) == ""


def test_what_cannot_be_done_now_is_said(address: str) -> None:
    """A parked job, and what waits behind it; what the API's limits hold up."""
    queue.defer(address, [job(), job(action=Action.DRIFT), job("a2")])
    first = "(select min(id) from procrastinate_jobs)"
    tell(address, f"update procrastinate_jobs set status = 'doing' where id = {first}")
    codes, told = do(address, ending(ExitCode.THROTTLED, "CC532: used up"), at_once=4)
    assert (codes, len(told)) == (frozenset(), 1)
    assert left_in_queue(address).startswith("Left in the queue: 1 queued, 1 waiting, 1 parked. ")


def test_a_lost_queue_is_said_and_changes_no_exit_code(server: Cluster) -> None:
    """How the jobs ended counts, also when nobody can tell what is left."""
    with fresh_database(server) as address:
        assert left_in_queue(address).startswith("What is left in the queue cannot be told: CC730")


@given(st.dictionaries(st.sampled_from(Standing), st.integers(0, 3)))
def test_nothing_undone_is_passed_over(counts: dict[Standing, int]) -> None:
    """What is said names every job that nobody does now, and is said only if there is one."""
    said = left_in_words(counts)
    undone = {Standing.QUEUED, Standing.WAITING, Standing.PARKED}
    named = {one for one in undone if f"{counts.get(one, 0)} {one}" in said}
    assert named == {one for one in undone if counts.get(one)}
    assert bool(said) == bool(named)


def test_a_job_takes_no_longer_than_the_worker_was_told(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is ended then, and the job stands still: it would hang again."""
    monkeypatch.setattr(perform, "PROGRAM", (sys.executable, "-c", "import time; time.sleep(600)"))
    queue.defer(address, [job()])
    codes = work(address, at_once=1, once=True, limit=0.2, tell=lambda _: None)
    assert (codes, where(address)) == ({ExitCode.UNEXPECTED}, {Standing.FAILED: 1})


def test_a_bug_in_doing_a_job_is_a_failure_of_that_job(address: str) -> None:
    """The worker goes on with the next one."""

    def perform(done: Job, run: Run) -> Outcome:
        if done.account == "a1":
            raise ZeroDivisionError
        return ending(ExitCode.DONE)(done, run)

    codes, _ = do(address, perform, job(earliest=NOW), job("a2"))
    assert where(address) == {Standing.FAILED: 1, Standing.DONE: 1}
    assert codes == {ExitCode.UNEXPECTED, ExitCode.DONE}
    assert [one.outcome.reason for one in status(address).stuck if one.outcome] == [
        "a bug in ccops: ZeroDivisionError()"
    ]


def test_a_job_of_another_ccops_is_not_guessed_at(address: str) -> None:
    """It fails; nothing is done for it."""
    queue.defer(address, [job()])
    tell(address, 'update procrastinate_jobs set args = \'{"job": "{}"}\'')
    codes = work(
        address,
        at_once=1,
        once=True,
        tell=lambda _: None,
        perform=lambda _job, _run: pytest.fail("it was done"),
    )
    assert ask(address, "select status::text from procrastinate_jobs") == [("failed",)]
    assert codes == {ExitCode.INVALID}


@pytest.mark.parametrize(
    "bent",
    [
        job(plan_file="/home/somebody/.profile"),
        job("..", plan_file="/home/somebody/..json/../.json"),
        replace(job(), workspace="somewhere"),
    ],
)
def test_a_job_that_nobody_puts_into_a_queue_is_not_done(address: str, bent: Job) -> None:
    """Whoever can write rows of the queue is not to write files on a worker's machine."""
    queue.defer(address, [bent])
    codes = work(address, at_once=1, once=True, tell=lambda _: None)
    [stuck] = status(address).stuck
    assert (codes, stuck.outcome and stuck.outcome.reason[:5]) == ({ExitCode.INVALID}, "CC250")


@pytest.mark.parametrize("end", [ExitCode.DONE, ExitCode.LOCKED, ExitCode.THROTTLED])
def test_who_comes_back_late_decides_nothing_for_the_next_one(address: str, end: ExitCode) -> None:
    """Its job was let go meanwhile, and is another worker's by now; a person has to look."""
    theirs = "update ccops_run set host = 'build-4', pid = 1, attempt = attempt + 1"

    def perform(done: Job, run: Run) -> Outcome:
        tell(address, theirs)
        return ending(end, "CC530: cut off")(done, run)

    _, told = do(address, perform, job())
    assert ask(address, "select outcome from ccops_run") == [(None,)]
    assert ([one.again_at for one in told], where(address)) == ([None], {Standing.FAILED: 1})


def test_without_a_queue_there_is_nothing_to_do(server: Cluster) -> None:
    """And nothing is made by the way."""
    with fresh_database(server) as address:
        with pytest.raises(StoreUnavailable) as refused:
            work(address, at_once=1, once=True, tell=lambda _: None)
        assert code(refused.value) == "CC730"
        assert ask(address, "select to_regnamespace('ccops_queue')") == [(None,)]


def test_a_queue_that_is_lost_ends_the_worker(server: Cluster) -> None:
    """What it had under way stays where it is: it is parked."""
    with fresh_queue(server) as address:
        queue.defer(address, [job()])

        def perform(done: Job, run: Run) -> Outcome:
            tell(
                address,
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()",
            )
            tell(address, "alter table ccops_run rename to gone")
            return ending(ExitCode.DONE)(done, run)

        work(address, at_once=1, once=True, tell=lambda _: None, perform=perform)
        tell(address, "alter table gone rename to ccops_run")
        assert where(address) in ({Standing.PARKED: 1}, {Standing.FAILED: 1})


def code(error: CcopsError) -> str:
    return error.diagnostics[0].code
