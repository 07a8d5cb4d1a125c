"""A child process that says too much, ends too late, or leaves its streams to another one."""

import sys

import pytest

from ccops.errors import ExitCode
from ccops.fleet import child, perform
from ccops.fleet.child import LONGEST, finished, start
from ccops.fleet.jobs import Action, Job
from ccops.fleet.outcomes import Ended

JOB = Job(workspace="/no/such", action=Action.DRIFT, account="a1", origin="http://127.0.0.1:9")
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"  # fmt: skip


def ends(program: str, limit: float = LONGEST) -> Ended:
    return finished(start([sys.executable, "-c", program], apart=True), limit)


def test_more_than_a_result_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read to its end all the same, from both streams, or the child would wait for ever."""
    monkeypatch.setattr(child, "MOST", 1_000_000)
    flood = "import sys\nfor to in (sys.stderr, sys.stdout):\n for _ in range(300): to.write('x' * 10_000)"
    found = ends(flood)
    assert (found.code, len(found.out), len(found.err)) == (0, 1_000_000, 1_000_000)


def test_a_child_that_closes_its_streams_is_waited_for() -> None:
    """Its end is the process's, not theirs."""
    assert ends("import os, time; os.close(1); os.close(2); time.sleep(0.1); os._exit(7)").code == 7


def test_whoever_else_holds_its_streams_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the child left running may last as long as it likes."""
    monkeypatch.setattr(child, "_AFTERWARDS", 0.1)
    leaves = (
        "import os, subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)'])\n"
        "os._exit(5)"
    )
    assert ends(leaves).code == 5


@pytest.mark.parametrize(
    ("program", "code"), [("import time; time.sleep(600)", -15), (STUBBORN, -9)]
)
def test_what_takes_too_long_is_ended(
    program: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked first, and killed when it does not listen."""
    monkeypatch.setattr(child, "GRACE", 0.5)
    found = ends(program, 0.5)
    assert (found.code, found.overdue) == (code, 0.5)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (143, ExitCode.UNEXPECTED),
        (-15, ExitCode.UNEXPECTED),
        (-9, ExitCode.UNEXPECTED),
        (10, ExitCode.UNKNOWN),
    ],
)
def test_nobody_takes_it_for_an_end_that_was_asked_for(code: int, expected: ExitCode) -> None:
    """Else a worker would put it back into the queue, where it would hang again."""
    late = Ended(code=code, out="", err="", overdue=5400.0)
    assert perform.perform(JOB, run=lambda _: late).exit_code is expected


def test_how_long_it_took_is_said() -> None:
    """In the words of whoever set the limit."""
    late = Ended(code=143, out="", err="", overdue=5400.0)
    found = perform.perform(JOB, run=lambda _: late)
    assert found.reason == "it was ended after 1 h 30 min"
