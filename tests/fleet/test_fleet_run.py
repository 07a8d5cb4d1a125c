"""Many jobs in one process: bounded, in order, apart from each other; signals and budgets end it."""

import os
import signal
import sys
from collections.abc import Sequence
from threading import Barrier, Event, Lock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import ExitCode
from ccops.fleet import perform
from ccops.fleet.budget import Work, fits
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.perform import Run
from ccops.fleet.run import run, worst

PATIENCE = 30.0
LOUD = (ExitCode.UNKNOWN, ExitCode.PARTIAL, ExitCode.STALE, ExitCode.BLOCKED)


def work(name: str, requests: int = 0) -> Work:
    job = Job(workspace=f"/w/{name}", action=Action.PLAN, account=name, origin="o")
    return Work(job=job, requests=requests)


def works(amount: int, requests: int = 0) -> list[Work]:
    return [work(f"a{one:03}", requests) for one in range(amount)]


def ended(job: Job, code: ExitCode = ExitCode.DONE) -> Outcome:
    return Outcome(job=job, exit_code=code, summary="", verdicts={})


def unbounded(_work: Work, _running: object) -> bool:
    return True


def quiet(_: Outcome) -> None:
    """Tell nobody."""


@given(st.lists(st.sampled_from(ExitCode)))
def test_the_worst_exit_code(codes: list[ExitCode]) -> None:
    """10 before 8 before 7 before 6 before all others; 0 only if all are."""
    found = worst(codes)
    loud = [one for one in LOUD if one in codes]
    signals = {ExitCode.INTERRUPTED, ExitCode.TERMINATED} & set(codes)
    if ExitCode.UNKNOWN in codes:
        assert found is ExitCode.UNKNOWN
    elif signals:
        assert found in signals
    elif loud:
        assert found is loud[0]
    else:
        assert found in {*codes, ExitCode.DONE}
    assert (found is ExitCode.DONE) is (set(codes) <= {ExitCode.DONE})


@settings(max_examples=15)
@given(st.integers(1, 4), st.integers(0, 8))
def test_so_many_at_a_time_and_each_once(most: int, amount: int) -> None:
    """In the order of the work; an outcome for each."""
    guard, now, peak, begun = Lock(), [0], [0], list[str]()

    def do(job: Job, _run: Run) -> Outcome:
        with guard:
            begun.append(job.account)
            now[0] += 1
            peak[0] = max(peak[0], now[0])
        with guard:
            now[0] -= 1
        return ended(job)

    todo = works(amount)
    found = run(todo, most=most, fits=unbounded, ended=quiet, do=do)
    assert [one.job for one in found] == [one.job for one in todo]
    assert sorted(begun) == [one.job.account for one in todo]
    assert peak[0] <= most


def test_they_run_beside_each_other() -> None:
    """Three wait for each other, which one after the other would never end."""
    meet = Barrier(3, timeout=PATIENCE)

    def do(job: Job, _run: Run) -> Outcome:
        meet.wait()
        return ended(job)

    found = run(works(3), most=3, fits=unbounded, ended=quiet, do=do)
    assert {one.exit_code for one in found} == {ExitCode.DONE}


def test_a_bug_in_one_stops_no_other() -> None:
    """It has an exit code, and the others have theirs."""

    def do(job: Job, _run: Run) -> Outcome:
        if job.account == "a001":
            raise KeyError("x")
        return ended(job)

    heard = list[Outcome]()
    found = run(works(3), most=1, fits=unbounded, ended=heard.append, do=do)
    assert [one.exit_code for one in found] == [0, 1, 0]
    assert "KeyError('x')" in found[1].reason
    assert heard == list(found)


def test_what_does_not_fit_is_named() -> None:
    """The first that does not fit ends it, so that no later send comes before an earlier one."""
    todo = [work("a", 40), work("b", 40), work("c", 40), work("d", 1)]
    spent = list[int]()

    def within(next_one: Work, running: Sequence[Work]) -> bool:
        return fits(next_one, running, spent=sum(spent), budget=100)

    def tally(_: Outcome) -> None:
        spent.append(40)

    found = run(todo, most=4, fits=within, ended=tally, do=lambda job, _: ended(job))  # type: ignore[arg-type]  # a list is an iterable
    assert [one.exit_code for one in found] == [0, 0, 5, 5]
    assert "budget" in found[2].reason


def test_none_takes_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended by itself, and the others go on."""
    hangs = "import sys, time; 'a000' in sys.argv[-1] and time.sleep(600)"
    monkeypatch.setattr(perform, "PROGRAM", (sys.executable, "-c", hangs))
    overdue = dict[str, float | None]()

    def do(job: Job, children: Run) -> Outcome:
        overdue[job.account] = children([job.account]).overdue
        return ended(job)

    run(works(2), most=1, fits=unbounded, ended=quiet, limit=1.5, do=do)
    assert overdue == {"a000": 1.5, "a001": None}


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
)
def test_a_signal_is_handed_on_once_and_waited_for(
    number: signal.Signals, code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs hears it and ends in its own time; nothing more is begun."""
    hears = (
        "import signal, sys, time\n"
        "heard = []\n"
        f"signal.signal({int(number)}, lambda *_: heard.append(1))\n"
        "open(sys.argv[1], 'w').close()\n"
        "while not heard: time.sleep(0.01)\n"
        "sys.exit(100 + len(heard))\n"
    )
    monkeypatch.setattr(perform, "PROGRAM", (sys.executable, "-c", hears))
    over, codes = Event(), list[int]()

    def do(job: Job, children: Run) -> Outcome:
        if job.account == "a001":
            wait_for(signal_file)
            os.kill(os.getpid(), number)
            over.wait(PATIENCE)
            return ended(job)
        codes.append(children([signal_file]).code)
        over.set()
        return ended(job)

    signal_file = os.path.join(os.environ["HOME"], "ready")  # noqa: PTH118 - a word for a process
    os.makedirs(os.environ["HOME"], exist_ok=True)  # noqa: PTH103 - see above
    found = run(works(4), most=2, fits=unbounded, ended=quiet, do=do)
    assert codes == [101]
    assert [one.exit_code for one in found] == [0, 0, code, code]
    assert "not begun" in found[2].reason


def wait_for(path: str) -> None:
    """Wait until another process has made a file."""
    tries = 0
    while not os.path.exists(path):  # noqa: PTH110 - see above
        assert tries < 3000
        tries += 1
        Event().wait(0.01)
