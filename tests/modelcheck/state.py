"""A state of the whole world, and what may happen to it.

Tuples rather than dataclasses: millions of these are hashed.
"""

from typing import NamedTuple

from tests.modelcheck.case import Case, Lock
from tests.modelcheck.vendor import Request, Vendor

NONE = -1


class Process(NamedTuple):
    """One commit's runs: at rest, with a plan, or before an effect.

    `plan` and `point` are numbers; `number` counts the plans made, by whomever. `fresh`: it has
    read in this tick; `saw` is how many edits that showed. `unfinished`: its last run was
    killed, or ended without knowing; another one is due.
    """

    runs: int
    plan: int = NONE
    number: int = NONE
    point: int = NONE
    fresh: bool = False
    saw: int = 0
    unfinished: bool = False


class Standing(NamedTuple):
    """The newest decision that a run finished in silence."""

    number: int
    commit: int


class Underway(NamedTuple):
    """A request that its sender has given up. It arrives when `deadline` begins, before, or never."""

    request: Request
    deadline: int


class State(NamedTuple):
    """The whole world.

    `holder` has the lock, `generation` is the number of the newest plan that was applied, `made`
    counts the plans. `faults`, `edits` and `freezes` may still come; `frozen`: a freeze goes on,
    the last thing that happened was a tick. `verified` counts the edits that the last finished run
    had seen. `stalled`: some process lay still while a schedule stood that was made blindly.
    """

    clock: int
    vendor: Vendor
    processes: tuple[Process, ...]
    faults: int
    edits: int
    freezes: int
    frozen: bool = False
    bag: tuple[Underway, ...] = ()
    holder: int = NONE
    journal: int = 0
    generation: int = NONE
    made: int = 0
    standing: Standing | None = None
    verified: int = 0
    stalled: bool = False


class Move(NamedTuple):
    """One thing that happens. `wrote`: a request left that no other one under way may meet."""

    label: str
    state: State
    wrote: bool = False


def start(case: Case) -> State:
    """Nothing has happened yet."""
    shown = (case.start,) if case.lagging else ()
    return State(
        clock=0,
        vendor=Vendor(seen=case.start, shown=shown),
        processes=tuple(Process(runs=case.bounds.runs) for _ in case.commits),
        faults=case.bounds.faults,
        edits=case.bounds.edits,
        freezes=case.bounds.freezes,
    )


def gathering(case: Case, state: State) -> bool:
    """Whether some commit still has to make its plan before anything else happens."""
    return case.together and state.made < len(case.commits)


def may_begin(case: Case, state: State) -> bool:
    """Whether a run may begin: the lock is free, or there is none."""
    free = state.holder == NONE or case.lock is Lock.NONE
    return free and not gathering(case, state)


def changed(state: State, at: int, process: Process) -> State:
    """The state with one process changed."""
    before = state.processes
    return state._replace(processes=(*before[:at], process, *before[at + 1 :]))


def rested(case: Case, state: State, at: int, *, unfinished: bool = False) -> State:
    """One process between two runs, without the lock; a saved plan is there for the next one."""
    process = state.processes[at]
    kept = process._replace(point=NONE, fresh=False, unfinished=unfinished)
    after = changed(
        state, at, kept if case.saved else Process(runs=process.runs, unfinished=unfinished)
    )
    return after._replace(holder=NONE) if state.holder == at else after
