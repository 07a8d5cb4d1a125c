"""Two nurseries for real processes, the undisturbed runs, and the table at the end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.processes.ledger import Ledger
from tests.processes.nursery import Nursery, nursery
from tests.processes.places import points
from tests.processes.scenes import Crew, Undisturbed
from tests.processes.sequences import Case, arguments, case_named, ending, staged

EVERY = "--every-point"
AT_ONCE = 2
LEDGER = pytest.StashKey[Ledger]()
PACKED = "processes that were struck"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        EVERY, action="store_true", help="strike at every point of every sequence (make killtest)"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEDGER] = Ledger()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that ran a part of the tests hands its part of the tables over."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[PACKED] = session.config.stash[LEDGER].packed()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take it over."""
    node.config.stash[LEDGER].take(getattr(node, "workeroutput", {}).get(PACKED, ""))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the tables in every run, also when all is well."""
    ledger = config.stash.get(LEDGER, Ledger())
    lines = list(ledger.report())
    if not lines:
        return
    terminalreporter.section("processes: where they were struck × how it ended, applied again")
    for line in lines:
        terminalreporter.write_line(line)
    if not config.getoption(EVERY, default=False):
        terminalreporter.write_line("")
        terminalreporter.write_line(
            "One point for each place: a point beside a reading, a look at the clock or a sleep "
            "leaves what the last write or record before it left."
        )
        terminalreporter.write_line(
            "· was left out to save time; `make killtest` strikes at every point of every sequence."
        )


@pytest.fixture(scope="session")
def crew(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("processes")
    nurseries: SimpleQueue[Nursery] = SimpleQueue()
    with ExitStack() as stack:
        for number in range(AT_ONCE):
            nurseries.put(stack.enter_context(nursery(folder / f"nursery-{number}")))
        every = bool(pytestconfig.getoption(EVERY, default=False))
        yield Crew(nurseries=nurseries, size=AT_ONCE, folder=folder, every=every)


@pytest.fixture(scope="session")
def undisturbed(crew: Crew) -> Callable[[str], Undisturbed]:
    """Run a case of this name with nothing in its way, once for all tests."""

    def run(nursery: Nursery, folder: Path, case: Case) -> Undisturbed:
        with staged(case, folder / "workspace") as stage:
            done = nursery.run(stage, *arguments(case, stage, nursery), log=folder / "log")
            assert (done.code, stage.writes()) == (0, [*case.writes]), done.err
            log = (folder / "log").read_text("utf-8").splitlines()
            return Undisturbed(case=case, points=points(log), end=ending(stage.world))

    return cache(lambda name: crew.lend([case_named(name)], run)[0])


@pytest.fixture(scope="session")
def ledger(pytestconfig: pytest.Config) -> Ledger:
    return pytestconfig.stash[LEDGER]
