"""The checker takes an activity through the stages of a run just as an apply does."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from unittest.mock import patch

import pytest

from ccops.applying import protocol
from ccops.applying.apply import apply_plan
from ccops.applying.driver import World
from ccops.applying.effects import Flow
from ccops.applying.progress import Progress, Task, begin
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode
from ccops.planning.plan import Change, Plan, Verdict
from ccops.ports import Call, JournalEntry, Reply, WriteState
from tests.applying.virtual_api import MemoryStore
from tests.modelcheck.account import BOARD, DONORS, START, instant, plan_of, target_of
from tests.modelcheck.automaton import applied
from tests.modelcheck.case import limits
from tests.modelcheck.vendor import Seen, Word

STAGES = ("recover", "check", "converge")
LIMITS = limits(lead=2)
PLANS = {
    "writes": ((BOARD, ()), Verdict.UPDATE),
    "in-sync": ((DONORS, ()), Verdict.IN_SYNC),
    "needs-person": ((DONORS, (1,)), Verdict.TOO_LATE),
}
ENDS = {
    "stale": (Ending.STOPPED, ExitCode.STALE),
    "person": (Ending.NEEDS_PERSON, ExitCode.BLOCKED),
    "done": (Ending.DONE, None),
}


def planned(name: str) -> Plan:
    (audience, sends), verdict = PLANS[name]
    plan = plan_of(
        target_of(audience, sends),
        Seen(Word.DRAFT, DONORS, None, ()),
        now=instant(0),
        limits=LIMITS,
        newest={},
        permissions=(),
    )
    assert plan.changes[0].verdict is verdict
    return plan


def left_open(change: Change) -> JournalEntry:
    """The intent of a run that died."""
    return JournalEntry(
        write_id="run-0",
        run="run-0",
        plan="another",
        activity_id=change.target.activity_id,
        campaign=change.campaign,
        step=planned("writes").changes[0].steps[0],
        when=None,
        recipients=change.target.recipients,
        state=WriteState.INTENT,
        fingerprint="",
        at=START,
    )


def stage(
    name: str, seen: list[str], ends: str, ending: str
) -> Callable[[Progress], Flow[Result | None]]:
    """A stage that only says that it was reached, and ends the activity there or not."""

    def flow(progress: Progress) -> Flow[Result | None]:
        seen.append(name)
        yield from ()
        if name != ends and name != STAGES[-1]:
            return None
        how, code = ENDS[ending]
        return Result(change=progress.task.change, ending=how, exit_code=code)

    return flow


@contextmanager
def stages(seen: list[str], ends: str, ending: str) -> Iterator[None]:
    """Put something in the place of the protocol that tells how it was called."""
    with ExitStack() as stack:
        for name in STAGES:
            stack.enter_context(patch.object(protocol, name, stage(name, seen, ends, ending)))
        yield


def refuse(_: Call) -> Reply:
    raise AssertionError("nothing is sent here")


def by_an_apply(plan: Plan, lines: list[JournalEntry]) -> Result:
    world = World(
        send=refuse,
        store=MemoryStore(lines=lines),
        clock=lambda: START,
        monotonic=lambda: 0.0,
        sleep=lambda _: None,
        tell=lambda _: None,
    )
    (result,) = apply_plan(plan, checksum="sum", run="run", limits=LIMITS, world=world).results
    return result


def by_the_checker(plan: Plan, lines: list[JournalEntry]) -> Result:
    task = Task(
        change=plan.changes[0],
        run="run",
        plan="sum",
        made_at=plan.created_at,
        limits=LIMITS,
        journal=tuple(lines),
    )
    flow = applied(begin(task))
    with pytest.raises(StopIteration) as stop:
        next(flow)
    result = stop.value.value
    assert isinstance(result, Result)
    return result


@pytest.mark.parametrize("ending", ENDS)
@pytest.mark.parametrize("ends", [*STAGES, "nowhere"])
@pytest.mark.parametrize("pending", [False, True], ids=["closed", "left-open"])
@pytest.mark.parametrize("name", PLANS)
def test_the_stages_follow_each_other_as_in_an_apply(
    name: str, pending: bool, ends: str, ending: str
) -> None:
    """Whatever is planned and was left open, and wherever it ends: the same stages, the same end."""
    plan = planned(name)
    lines = [left_open(plan.changes[0])] if pending else []
    real: list[str] = []
    modelled: list[str] = []
    with stages(real, ends, ending):
        expected = by_an_apply(plan, lines)
    with stages(modelled, ends, ending):
        found = by_the_checker(plan, lines)
    assert modelled == real
    assert found.ending is expected.ending
    assert replace(found, detail="") == replace(expected, detail="")
