"""The search loses nothing: neither by merging states, nor by what it leaves out of their keys."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.applying.effects import Record, SleepUntil
from ccops.applying.progress import Task, begin
from ccops.model import StepKind
from ccops.planning.case import newest_lines
from ccops.planning.plan import Plan
from ccops.ports import JournalEntry, WriteState
from tests.modelcheck import automaton
from tests.modelcheck.account import BOARD, DONORS, START, instant, plan_of, target_of
from tests.modelcheck.automaton import Automaton
from tests.modelcheck.case import Bounds, Case, Commit, limits
from tests.modelcheck.cases import DRAFT, EDITED, one, scheduled
from tests.modelcheck.interleaving import World
from tests.modelcheck.journal import telling
from tests.modelcheck.search import search, switched
from tests.modelcheck.state import NONE, Process, State

BRIEF = replace(
    one("brief", "PUT, POST", DRAFT, Commit(audience=BOARD, sends=(4,)), Bounds(horizon=4)),
    limits=limits(lead=1),
    together=True,
)
MOVED = replace(BRIEF, start=scheduled(4), commits=(Commit(audience=DONORS, sends=(6,)),))
SMALL = replace(
    EDITED,
    commits=(Commit(audience=DONORS, sends=(4,)),),
    bounds=Bounds(horizon=5, faults=0, freezes=0, runs=1, edits=1),
    limits=limits(lead=2),
)
TINY = {
    "frozen": replace(BRIEF, bounds=Bounds(horizon=4, faults=0, freezes=1, runs=1)),
    "unlucky": replace(MOVED, bounds=Bounds(horizon=6, faults=3, freezes=0, runs=1)),
    "killed": replace(MOVED, bounds=Bounds(horizon=6, faults=1, freezes=0, runs=2)),
    "edited": replace(SMALL, bounds=replace(SMALL.bounds, faults=1)),
}


def sights(case: Case, automaton: Automaton) -> set[object]:
    """All that can be seen from outside, in every state of a case."""
    with switched(case):
        world = World(case, automaton)
        seen, waiting = {world.start()}, deque([world.start()])
        while waiting:
            found = {move.state for move in world.moves(waiting.popleft())} - seen
            seen |= found
            waiting.extend(found)
        return {_sight(world, state) for state in seen}


def _sight(world: World, state: State) -> object:
    lines = world.runs.journals.lines[state.journal]
    return (
        state._replace(processes=(), journal=0),
        tuple(_at_work(world, state.clock, one) for one in state.processes),
        tuple((line.write_id, line.step.kind, line.state) for line in lines),
    )


def _at_work(world: World, clock: int, process: Process) -> object:
    """One process from outside: its plan, and what it is about to do."""
    plan = None if process.plan == NONE else world.runs.plans.checksum(process.plan)
    effect = world.runs.effect(process)
    match effect:
        case Record(entry=entry):
            about: object = (entry.write_id, entry.step, entry.state)
        case SleepUntil(instant=until):
            about = max(until, instant(clock))
        case _:
            about = effect
    return (process._replace(plan=NONE, point=NONE), plan, type(effect), about)


@pytest.mark.parametrize("name", TINY)
def test_merging_states_loses_nothing(name: str) -> None:
    """Without merging and without cuts, exactly the same is seen from outside."""
    merged, apart = Automaton(), Automaton(merging=False)
    assert sights(TINY[name], merged) == sights(TINY[name], apart)
    assert len(merged.points) < len(apart.points)


def test_a_key_that_left_out_a_memory_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """States that are not the same, merged all the same, show."""
    apart = sights(TINY["killed"], Automaton(merging=False))
    monkeypatch.setattr(automaton, "progress_key", lambda *_: ())
    assert sights(TINY["killed"], Automaton()) != apart


PAUSED = {"schedule": BRIEF, "reschedule": MOVED, "edited": SMALL}


@pytest.mark.parametrize("name", PAUSED)
@pytest.mark.parametrize("frozen", [0, 1])
def test_standing_still_before_every_look_at_the_clock_changes_nothing(
    name: str, frozen: int
) -> None:
    """Where the search lets no run stand still, a run that does comes to no other end."""
    case = PAUSED[name]
    still = replace(case, bounds=replace(case.bounds, freezes=frozen, runs=1))
    usual, finer = search(still), search(still, Automaton(pausing=True))
    assert finer.states > usual.states
    assert (finer.broken, finer.endings) == (usual.broken, usual.endings)


# --- the journal ---------------------------------------------------------------------------------


@st.composite
def journals(draw: st.DrawFn) -> list[JournalEntry]:
    """Lines as a store admits them: one write open at a time."""
    lines: list[JournalEntry] = []
    for number in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(StepKind))
        made = _line(f"write-{number}", kind, draw(st.sampled_from(["plan-a", "plan-b"])))
        lines.append(made)
        closed = [state for state in WriteState if not state.open]
        between = draw(st.lists(st.sampled_from([WriteState.ACKED, WriteState.COMPENSATING])))
        lines += [replace(made, state=state) for state in (*between, draw(st.sampled_from(closed)))]
    return lines[: draw(st.integers(0, len(lines)))]


def _line(write: str, kind: StepKind, plan: str) -> JournalEntry:
    step = _plan(BOARD).changes[0].steps[0]
    return JournalEntry(
        write_id=write,
        run="run",
        plan=plan,
        activity_id=_plan(BOARD).changes[0].target.activity_id,
        campaign="Fall Appeal",
        step=replace(step, kind=kind),
        when=None,
        recipients=None,
        state=WriteState.INTENT,
        fingerprint="",
        at=START,
    )


@given(lines=journals())
@settings(max_examples=200)
def test_lines_that_are_left_out_tell_a_run_nothing(lines: list[JournalEntry]) -> None:
    """What a run and a plan make of a shortened journal is what they make of the whole."""
    short = telling(lines)
    whole, less = begin(_task(lines)), begin(_task(short))
    assert (whole.pending, whole.settled) == (less.pending, less.settled)
    assert (whole.quiet_until, whole.resumable) == (less.quiet_until, less.resumable)
    assert newest_lines(lines) == newest_lines(short)


def _task(lines: Sequence[JournalEntry]) -> Task:
    return Task(
        change=_plan(BOARD).changes[0],
        run="run",
        plan="plan-a",
        made_at=START,
        limits=limits(lead=2),
        journal=tuple(lines),
    )


def _plan(audience: int, sends: tuple[int, ...] = ()) -> Plan:
    return plan_of(
        target_of(audience, sends),
        DRAFT,
        now=instant(0),
        limits=limits(lead=2),
        newest={},
        permissions=(),
    )
