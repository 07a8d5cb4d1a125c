"""What stands still in the queue is shown, and let go by a person alone, after a look."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ccops.errors import Blocked, CcopsError, ExitCode, InvalidInput
from ccops.fleet import queue
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.standing import Queued, QueueStatus, Standing, Trace, requeue, standing, status
from ccops.fleet.standing_text import status_json, status_metrics, status_text
from ccops.ports import WriteState
from ccops.store.postgres.meter import open_meter
from ccops.store.postgres.store import open_store
from tests.fleet.queues import ORIGIN, ask, fresh_queue, job, tell
from tests.store.cluster import Cluster
from tests.store.store_backends import entry

TAKE = "select id from procrastinate_fetch_job_v2(array['fleet'], {worker})"
WORKER = "insert into procrastinate_workers (last_heartbeat) values (now() - interval '{ago}') returning id"
BEGUN = """
insert into ccops_run (job, attempt, host, pid, heartbeat, outcome)
select id, attempts, 'build-3', 4711, {heartbeat}, {outcome} from procrastinate_jobs where id = {job}
on conflict (job) do update set attempt = excluded.attempt, outcome = null
"""
NOON = datetime(2027, 3, 9, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def shared(server: Cluster) -> Iterator[str]:
    with fresh_queue(server) as address:
        yield address


@pytest.fixture
def address(shared: str) -> str:
    """An empty queue."""
    tell(shared, "delete from procrastinate_jobs")
    return shared


def put(address: str, *jobs: Job) -> list[int]:
    return [one.number or 0 for one in queue.defer(address, jobs)]


def take(address: str, ago: str = "0 seconds", heartbeat: float = 10) -> int:
    """Let a worker take the next job; it was heard of so long ago."""
    [(worker,)] = ask(address, WORKER.format(ago=ago))
    [(number,)] = ask(address, TAKE.format(worker=worker))
    assert isinstance(number, int)
    tell(address, BEGUN.format(job=number, heartbeat=heartbeat, outcome="null"))
    return number


def finish(address: str, number: int, state: str, outcome: Outcome | None = None) -> None:
    """Let it end like this."""
    if outcome is not None:
        tell(address, f"update ccops_run set outcome = $x${outcome.to_json()}$x$")
    ask(address, f"select procrastinate_finish_job_v1({number}, '{state}', false)")


def where(address: str) -> dict[Standing, int]:
    return {one: count for one, count in status(address).counts.items() if count}


def code(error: CcopsError) -> str:
    return error.diagnostics[0].code


# Where a job stands.


@pytest.mark.parametrize(
    ("state", "later", "alive", "dropped", "expected"),
    [
        ("todo", False, False, False, Standing.QUEUED),
        ("todo", True, False, False, Standing.WAITING),
        ("doing", False, True, False, Standing.RUNNING),
        ("doing", False, False, False, Standing.PARKED),
        ("failed", False, False, False, Standing.FAILED),
        ("failed", False, False, True, Standing.DROPPED),
        ("aborted", False, False, False, Standing.FAILED),
        ("aborted", False, False, True, Standing.DROPPED),
        ("cancelled", False, False, False, Standing.FAILED),
        ("succeeded", False, False, False, Standing.DONE),
    ],
)
def test_where_a_job_stands(
    state: str, later: bool, alive: bool, dropped: bool, expected: Standing
) -> None:
    """By Procrastinate's state, its worker's signs of life, and what a person said."""
    assert standing(state, later=later, alive=alive, dropped=dropped) is expected


def test_only_what_goes_on_by_itself_is_not_stuck() -> None:
    """Two need a person."""
    assert [one for one in Standing if one.stuck] == [Standing.PARKED, Standing.FAILED]


@pytest.mark.parametrize(
    ("ago", "heartbeat", "expected"),
    [
        ("0 seconds", 10, Standing.RUNNING),
        ("25 seconds", 10, Standing.RUNNING),
        ("31 seconds", 10, Standing.PARKED),
        ("4 seconds", 1, Standing.PARKED),
    ],
)
def test_a_worker_is_gone_after_three_of_its_heartbeats(
    address: str, ago: str, heartbeat: float, expected: Standing
) -> None:
    """Each worker is judged by its own."""
    put(address, job())
    take(address, ago, heartbeat)
    assert where(address) == {expected: 1}


def test_a_worker_that_was_forgotten_is_gone(address: str) -> None:
    """Procrastinate deletes silent workers; their jobs stay where they are."""
    put(address, job())
    take(address)
    tell(address, "delete from procrastinate_workers")
    assert where(address) == {Standing.PARKED: 1}


def test_a_worker_that_died_before_it_said_who_it_is(address: str) -> None:
    """What an earlier attempt wrote down is not taken for this one's."""
    [number] = put(address, job())
    tell(address, "insert into procrastinate_workers (last_heartbeat) values ('2020-01-01')")
    ask(address, TAKE.format(worker="(select max(id) from procrastinate_workers)"))
    tell(address, BEGUN.format(job=number, heartbeat=10, outcome="null"))
    tell(address, "update ccops_run set attempt = attempt - 1")
    [stuck] = status(address).stuck
    assert (stuck.standing, stuck.worker) == (Standing.PARKED, "")


@pytest.mark.parametrize("text", ['{"job": "{}"}', '{"job": "no JSON"}', "{}", '{"job": ["x"]}'])
def test_a_job_that_nobody_can_read_hides_no_other(address: str, text: str) -> None:
    """Of another ccops, or somebody's own; it is shown, and can be given up, but not done again."""
    [strange] = put(address, job())
    take(address)
    tell(address, f"update procrastinate_jobs set args = '{text}'")
    finish(address, strange, "failed")
    put(address, job("a2", Action.DRIFT))
    finish(address, take(address), "failed")
    found = status(address)
    assert [one.job and one.job.account for one in found.stuck] == [None, "a2"]
    assert f"job {strange}: none that this ccops knows failed" in status_text(
        found, encoding="utf-8"
    )
    assert json.loads(status_json(found))["stuck"][0]["job"] is None
    with pytest.raises(InvalidInput) as refused:
        requeue(address, strange, reason="x")
    assert code(refused.value) == "CC267"
    assert requeue(address, strange, reason="x", again=False).number == strange
    assert where(address)[Standing.FAILED] == 1


def test_what_is_parked_is_shown_with_what_it_left_behind(address: str) -> None:
    """Who had it, since when, what waits behind it, and what the journal does not know."""
    number, behind = put(address, job(earliest=NOON), job(action=Action.DRIFT))
    take(address, "1 hour")
    with open_store(address, origin=ORIGIN, account="a1", run="r") as store, store.lock():
        store.append(entry())
    found = status(address)
    [stuck] = found.stuck
    assert (stuck.number, stuck.worker, stuck.behind) == (number, "build-3, process 4711", 1)
    assert stuck.trace == Trace(open_writes=1, holder="")
    assert [one.number for one in found.next] == [behind]
    with open_store(address, origin=ORIGIN, account="a1", run="r") as store, store.lock():
        store.append(entry(state=WriteState.VERIFIED))


def test_a_failure_stands_still_until_the_same_was_done_with_success(address: str) -> None:
    """And not until another command of the account was."""
    put(address, job())
    failed = take(address)
    finish(address, failed, "failed")
    put(address, job(action=Action.DRIFT))
    finish(address, take(address), "succeeded")
    assert [one.number for one in status(address).stuck] == [failed]
    put(address, job())
    finish(address, take(address), "succeeded")
    assert status(address).stuck == ()


def test_the_ledger_of_the_day_is_shown(address: str) -> None:
    """By the first digits of the key's hash, never the key."""
    before = status(address)
    with open_meter(address, "the-key") as meter:
        meter.spend(before.day, 10)
        meter.spend(before.day, 10)
    assert [*status(address).spent.values()] == [2]
    assert "the-key" not in status_json(status(address))


# Letting go.


def test_a_parked_job_is_done_again_when_a_person_says_so(address: str) -> None:
    """The reason is kept; the job behind it stays behind it."""
    number, _ = put(address, job(earliest=NOON), job(action=Action.DRIFT))
    take(address, "1 hour")
    assert requeue(address, number, reason="looked: nothing open").standing is Standing.PARKED
    assert where(address) == {Standing.QUEUED: 2}
    kept = ask(
        address,
        "select job, again, reason from ccops_release where job = (select max(job) from ccops_release)",
    )
    assert kept == [(number, True, "looked: nothing open")]
    assert take(address) == number


@pytest.mark.parametrize("state", ["doing", "failed"])
def test_a_job_that_is_given_up_lets_the_others_go_on(address: str, state: str) -> None:
    """It is not done again, and stands in nobody's way."""
    number, behind = put(address, job(earliest=NOON), job(action=Action.DRIFT))
    take(address, "1 hour")
    if state == "failed":
        finish(address, number, "failed")
    requeue(address, number, reason="obsolete", again=False)
    assert where(address) == {Standing.QUEUED: 1, Standing.DROPPED: 1}
    assert take(address) == behind
    with pytest.raises(Blocked) as refused:
        requeue(address, number, reason="once more")
    assert code(refused.value) == "CC262"


def test_a_job_that_goes_on_is_not_let_go(address: str) -> None:
    """Queued, running or done: nothing is changed."""
    [number] = put(address, job())
    states = []
    for change in (
        lambda: None,
        lambda: take(address),
        lambda: finish(address, number, "succeeded"),
    ):
        change()
        with pytest.raises(Blocked) as refused:
            requeue(address, number, reason="x")
        states.append((code(refused.value), where(address)))
    assert states == [
        ("CC262", {Standing.QUEUED: 1}),
        ("CC262", {Standing.RUNNING: 1}),
        ("CC262", {Standing.DONE: 1}),
    ]


def test_a_job_that_is_not_there(address: str) -> None:
    """A number that was mistyped."""
    with pytest.raises(InvalidInput) as refused:
        requeue(address, 10**12, reason="x")
    assert code(refused.value) == "CC261"


def test_an_account_that_is_worked_on_is_left_alone(address: str) -> None:
    """A process may outlive its worker: who holds the lock is named, and waited for."""
    [number] = put(address, job())
    take(address, "1 hour")
    with open_store(address, origin=ORIGIN, account="a1", run="run-of-old") as store, store.lock():
        with pytest.raises(Blocked) as refused:
            requeue(address, number, reason="x")
        [stuck] = status(address).stuck
    assert code(refused.value) == "CC263"
    assert stuck.trace is not None
    assert "run-of-old" in stuck.trace.holder
    requeue(address, number, reason="its process has ended")
    assert where(address) == {Standing.QUEUED: 1}


def test_what_is_queued_again_already_is_not_queued_twice(address: str) -> None:
    """It can be given up."""
    [number] = put(address, job())
    take(address, "1 hour")
    put(address, job())
    with pytest.raises(Blocked) as refused:
        requeue(address, number, reason="x")
    assert code(refused.value) == "CC264"
    requeue(address, number, reason="queued anew", again=False)
    assert where(address) == {Standing.QUEUED: 1, Standing.DROPPED: 1}


# In words.

HOSTILE = "\x1b[2Ja\n::error::x ##[y]"


def told(text: str = "x") -> QueueStatus:
    """Return a status with everything in it."""
    done = Job(
        workspace=f"/work/{text}", action=Action.APPLY, account=text, origin=ORIGIN, earliest=NOON
    )
    outcome = Outcome(
        job=done, exit_code=ExitCode.UNKNOWN, summary="s", verdicts={}, reason=f"of {text}"
    )
    stuck = Queued(
        number=7,
        job=done,
        standing=Standing.FAILED,
        since=NOON,
        attempts=1,
        worker=f"{text}, process 1",
        behind=2,
        outcome=outcome,
        trace=Trace(open_writes=1, holder=f"run {text}"),
    )
    later = Queued(number=8, job=done, standing=Standing.WAITING, since=NOON, until=NOON)
    runs = Queued(number=9, job=done, standing=Standing.RUNNING, since=NOON, worker="h, process 2")
    return QueueStatus(
        counts={Standing.FAILED: 1, Standing.WAITING: 1},
        stuck=(stuck,),
        running=(runs,),
        next=(later,),
        day=NOON.date(),
        spent={"3fa8c2d1": 1234},
    )


def test_the_status_says_what_to_look_at() -> None:
    """What stands still first."""
    assert status_text(told(), encoding="utf-8").splitlines() == [
        "Queue: 1 waiting, 1 failed.",
        "Requests on 2027-03-09 (UTC): 1,234 with API key #3fa8c2d1.",
        "Stands still until a person has looked:",
        "  job 7: apply x failed since 2027-03-09 12:00:00 UTC on x, process 1",
        "      /work/x",
        "      exit 10: of x",
        "      1 write open: see `ccops journal show`; an apply looks before it writes",
        "      run x is still working on the account",
        "      2 jobs of the account behind it",
        "Running:",
        "  job 9: apply x on h, process 2, first send 2027-03-09 12:00:00 UTC",
        "Next:",
        "  job 8: apply x, first send 2027-03-09 12:00:00 UTC, not before 2027-03-09 12:00:00 UTC",
    ]


def test_an_empty_queue_says_so() -> None:
    """With nothing below it."""
    nothing = QueueStatus(counts={}, stuck=(), running=(), next=(), day=NOON.date(), spent={})
    assert status_text(nothing, encoding="utf-8").splitlines() == [
        "Queue: empty.",
        "Requests on 2027-03-09 (UTC): none.",
    ]


def test_what_it_quotes_is_harmless() -> None:
    """No terminal and no log obeys it; a program gets it to the letter."""
    lines = status_text(told(HOSTILE), encoding="utf-8").split("\n")
    assert all(line.isprintable() and "##[" not in line for line in lines)
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert json.loads(status_json(told(HOSTILE)))["stuck"][0]["job"]["account"] == HOSTILE
    assert HOSTILE not in status_metrics(told(HOSTILE))


def test_every_standing_has_its_gauge() -> None:
    """Also when there is none, so that an alert can tell 0 from nothing known."""
    lines = status_metrics(told()).splitlines()
    assert [
        f'ccops_queue_jobs{{standing="{one}"}} {told().counts.get(one, 0)}' for one in Standing
    ] == [line for line in lines if line.startswith("ccops_queue_jobs")]
    assert 'ccops_requests_today{key="3fa8c2d1"} 1234' in lines
