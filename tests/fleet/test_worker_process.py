"""Workers as users run them: processes that die, are asked to end, and share a queue."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from ccops.fleet import queue
from ccops.fleet.jobs import Action, Job
from ccops.fleet.standing import Queued, QueueStatus, Standing, status
from tests.e2e.stage import PATIENCE, START, Stage, account, finish, manifest, on_stage
from tests.e2e.window import window
from tests.fleet.queues import ask, fresh_queue, tell
from tests.store.cluster import PASSWORD, Cluster

WORKER = ("worker", "--queue", "store", "--heartbeat", "0.2")
Found = TypeVar("Found")


@pytest.fixture(scope="module")
def shared(server: Cluster) -> Iterator[str]:
    with fresh_queue(server) as address:
        yield address


@pytest.fixture
def agency(shared: str, tmp_path: Path) -> Iterator[Stage]:
    """A workspace with a campaign, and an empty queue beside its store."""
    tell(shared, "delete from procrastinate_jobs")
    tell(shared, "delete from procrastinate_workers")
    world = account(START)
    world.add_campaign("Spring")
    with on_stage(tmp_path / "w", world, CCOPS_STORE=shared) as stage:
        stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
        yield stage


def address(stage: Stage) -> str:
    return stage.environment["CCOPS_STORE"]


def put(stage: Stage, *selectors: str, action: Action = Action.PLAN) -> int:
    job = Job(
        workspace=str(stage.folder),
        action=action,
        account=stage.world.encoded_account_id,
        origin=stage.url,
        selectors=selectors,
    )
    [deferred] = queue.defer(address(stage), [job])
    assert deferred.number is not None
    return deferred.number


def until(look: Callable[[], Found | None]) -> Found:
    """Look until there is something."""
    limit = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < limit
        time.sleep(0.02)
    return found


def stuck(stage: Stage) -> Queued | None:
    return next(iter(status(address(stage)).stuck), None)


def children(process: "subprocess.Popen[str]") -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return [int(one) for task in tasks for one in (task / "children").read_text().split()]


def where(stage: Stage) -> QueueStatus:
    return status(address(stage))


def test_a_job_whose_worker_was_killed_is_parked_and_waits_for_a_person(agency: Stage) -> None:
    """Nobody takes it up; it is shown; let go by hand it is done, and what waited behind it too."""
    number = put(agency)
    with window(agency, "GET") as opened:
        worker = agency.start(*WORKER)
        opened.wait()
        [job] = children(worker)
        worker.kill()
        os.kill(job, signal.SIGKILL)
        worker.communicate()
    behind = put(agency, "name:*")
    parked = until(lambda: stuck(agency))
    assert (parked.number, parked.standing) == (number, Standing.PARKED)
    assert parked.worker.endswith(f", process {worker.pid}")

    # Another worker finds nothing to do, and changes nothing about it.
    before = len(agency.world.requests)
    other = agency.process(*WORKER, "--once")
    assert (other.code, other.out, len(agency.world.requests)) == (0, "", before)
    assert "Left in the queue: 1 queued, 1 parked. " in other.err
    shown = agency.run("fleet", "status", "--queue", "store")
    assert shown.code == 6
    assert f"job {number}: plan sandbox000001 parked since" in shown.out
    assert "1 job of the account behind it" in shown.out

    let_go = agency.run("fleet", "requeue", str(number), "--queue", "store", "--reason", "seen")
    assert (let_go.code, let_go.err) == (0, f"job {number} (plan sandbox000001) is queued again\n")
    done = agency.process(*WORKER, "--once")
    assert (done.code, [one.split(":")[0] for one in done.out.splitlines()]) == (
        0,
        [f"job {number}", f"job {behind}"],
    )
    assert agency.run("fleet", "status", "--queue", "store").code == 0


def test_a_worker_that_is_asked_to_end_gives_its_job_back(agency: Stage) -> None:
    """The job's process ends where nothing is open, and the next worker does it."""
    number = put(agency)
    with window(agency, "GET") as opened:
        worker = agency.start(*WORKER)
        opened.wait()
        worker.terminate()
        ended = finish(worker)
    assert ended.code == 143, ended.err
    assert ended.out.startswith(f"job {number}: plan sandbox000001: exit 143: ")
    assert where(agency).counts[Standing.QUEUED] == 1
    assert agency.process(*WORKER, "--once").code == 0
    assert where(agency).counts[Standing.DONE] == 1


def test_a_worker_without_work_ends_when_it_is_asked_to(agency: Stage) -> None:
    """By either signal, each with its code."""
    for number, expected in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        worker = agency.start(*WORKER)
        until(lambda: ask(address(agency), "select id from procrastinate_workers"))
        worker.send_signal(number)
        assert finish(worker).code == expected
        assert ask(address(agency), "select id from procrastinate_workers") == []


def test_once_with_several_at_once_leaves_no_job_of_an_account(agency: Stage) -> None:
    """A drift, a validate and a plan of one account: each waits for the one before, and is done."""
    jobs = [put(agency, action=one) for one in (Action.DRIFT, Action.VALIDATE, Action.PLAN)]
    done = agency.process(*WORKER, "--jobs", "4", "--once")
    assert (done.code, done.err, len(done.out.splitlines())) == (0, "", len(jobs))
    assert where(agency).counts[Standing.DONE] == len(jobs)


def test_two_workers_never_do_one_account_at_once(agency: Stage) -> None:
    """Whoever is free takes the next job, when the one before has ended."""
    jobs = [put(agency, f"name:{n}*") for n in range(4)]
    workers = [agency.start(*WORKER, "--once", "--jobs", "2") for _ in range(2)]
    ended = [finish(one) for one in workers]
    assert {one.code for one in ended} == {0}, [one.err for one in ended]
    if len(where(agency).next):  # one found the account busy, and nothing else to do
        assert agency.process(*WORKER, "--once").code == 0
    events = ask(
        address(agency),
        "select type::text from procrastinate_events where type in ('started', 'succeeded') "
        "order by at, id",
    )
    assert [one for (one,) in events] == ["started", "succeeded"] * len(jobs)


def test_no_password_and_no_token_is_on_a_command_line_or_told(agency: Stage) -> None:
    """The job's process is given them by its environment; the queue's address is no argument."""
    put(agency)
    with window(agency, "GET") as opened:
        worker = agency.start(*WORKER, "--once")
        opened.wait()
        [job] = children(worker)
        lines = [Path(f"/proc/{one}/cmdline").read_bytes() for one in (worker.pid, job)]
        opened.release()
        ended = finish(worker)
    assert ended.code == 0
    said = [*(one.decode() for one in lines), ended.out, ended.err]
    secret = (PASSWORD, "canary", agency.environment["CCOPS_ACCESS_TOKEN"])
    assert not [one for one in said for word in secret if word in one]


def test_a_queue_through_the_commands(agency: Stage) -> None:
    """Made by a word, filled by `ccops fleet plan`, told twice, emptied by a worker."""
    made = agency.run("worker", "--queue", "store", "--init")
    assert (made.code, made.err) == (0, "The queue is there already, in this version.\n")
    asked = ("fleet", "plan", str(agency.folder), "--queue", "store")
    foreseen = "About 11 requests for 1 account.\n"
    assert [agency.run(*asked).err for _ in range(2)] == [
        f"{foreseen}1 of 1 jobs are new in the queue.\n",
        f"{foreseen}0 of 1 jobs are new in the queue.\n",
    ]
    assert "Queue: 1 queued." in agency.run("fleet", "status", "--queue", "store").out
    done = agency.process(*WORKER, "--once")
    assert done.out.endswith("plan sandbox000001: exit 0: 1 schedule\n")
    form = ("fleet", "status", "--queue", "store", "--format")
    assert agency.run(*form, "json").document["counts"]["done"] == 1
    metrics = ("fleet", "status", str(agency.folder), *form[2:], "prometheus")
    gauges = agency.run(*metrics).out.splitlines()
    assert 'ccops_queue_jobs{standing="done"} 1' in gauges
    assert "ccops_fleet_accounts 1" in gauges
    names = [one.split(" ")[:3] for one in gauges if one.startswith("# ")]
    assert len(gauges) == len(set(gauges))
    assert len(names) == len({tuple(one) for one in names})


def test_both_standings_are_one_document(agency: Stage) -> None:
    """What reads stdout reads one, with one exit code."""
    number = put(agency, action=Action.APPLY)  # without a plan: it fails
    assert agency.process(*WORKER, "--once").code == 3
    words = ("fleet", "status", str(agency.folder), "--queue", "store", "--format", "json")
    shown = agency.run(*words)
    assert (shown.code, shown.document["exit_code"], len(shown.document["accounts"])) == (6, 6, 1)
    assert [one["number"] for one in shown.document["queue"]["stuck"]] == [number]


def test_a_plan_that_was_swapped_is_told_where_its_job_is_not_queued(agency: Stage) -> None:
    """And is the exit code: nobody else would hear of it."""
    parent = replace(agency, folder=agency.folder.parent)
    made = parent.run("fleet", "plan", "w", "--out", "plans", "--format", "json")
    (plan,) = (parent.folder / "plans").glob("sandbox*.json")
    plan.write_text("{}", "utf-8")
    checksum = made.document["checksum"]
    done = parent.run("fleet", "apply", "plans", "--checksum", checksum, "--queue", "store")
    assert (done.code, done.err) == (7, "0 of 0 jobs are new in the queue.\n")
    assert done.out.startswith("apply sandbox000001: exit 7: ")


@pytest.mark.parametrize("words", [("worker", "--once"), ("fleet", "status"), ("fleet", "plan", ".")])  # fmt: skip
def test_a_queue_beside_another_store_is_refused(agency: Stage, words: tuple[str, ...]) -> None:
    """Else the locks and open writes that are looked at would be those of nobody."""
    done = agency.run(*words, "--queue", "postgresql://u:secret@127.0.0.1:1/other")
    assert (done.code, "CC266" in done.err, "secret" in done.err) == (3, True, False)


def test_a_queue_that_no_variable_names(agency: Stage) -> None:
    """`store` means CCOPS_STORE alone; nothing is guessed."""
    bare = Stage(folder=agency.folder, world=agency.world, url=agency.url)
    for words in (("worker", "--queue", "store"), ("fleet", "status", "--queue", "store")):
        done = bare.run(*words)
        assert (done.code, "CC260" in done.err) == (3, True)
