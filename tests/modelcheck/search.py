"""Breadth first through all that may happen, until a law is broken or nothing is left."""

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from unittest.mock import patch

from tests.modelcheck.automaton import Automaton
from tests.modelcheck.case import Case, Law
from tests.modelcheck.interleaving import World
from tests.modelcheck.judging import Ending, Judge, Verdict
from tests.modelcheck.state import Move, State

TOO_MANY = 3_000_000


class BoundsTooLarge(Exception):
    """The search was given up; it found nothing so far, which proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found.

    `broken` is the first law found broken, `trace` the shortest way there; `states` counts those
    visited. `residual` counts the moves that only the known residual risk explains, `residue` is
    the shortest way to one. `endings` are the states in which nothing more happens.
    """

    case: Case
    broken: Law | None = None
    trace: tuple[str, ...] = ()
    states: int = 0
    residual: int = 0
    residue: tuple[str, ...] = ()
    endings: frozenset[Ending] = frozenset()

    @property
    def vacuous(self) -> bool:
        """Whether some commit never came to the end that it has undisturbed."""
        reached = {at for one in self.endings if one.quiet for at in one.declared}
        return len(reached) < len(self.case.commits)

    @property
    def as_expected(self) -> bool:
        """Whether the law was broken that had to be, and else none, with the right mails sent."""
        if self.case.expected is not None:
            return self.broken is self.case.expected
        kept = self.broken is None and not self.vacuous
        return kept and (self.residual > 0 or not self.case.residual)


Parents = dict[State, tuple[State, str] | None]


def search(case: Case, automaton: Automaton | None = None) -> Found:
    """Visit every state of a case, with its guards switched off while it lasts."""
    with switched(case):
        return _searched(case, World(case, automaton))


@contextmanager
def switched(case: Case) -> Iterator[None]:
    """The guards that the case leaves out are off; only here, and never in ccops itself."""
    with ExitStack() as stack:
        for one in case.off:
            stack.enter_context(patch.object(one.module, one.name, one.value))
        yield


def _searched(case: Case, world: World) -> Found:
    judge = Judge(case, tuple(undisturbed(case, at) for at in range(len(case.commits))))
    parents: Parents = {world.start(): None}
    waiting = deque(parents)
    found = Found(case=case)
    endings: set[Ending] = set()
    while waiting:
        state = waiting.popleft()
        ending = judge.ending(state)
        endings |= {ending} if ending else set()
        for move in world.moves(state):
            verdict = judge.verdict(state, move)
            if verdict is not None and verdict.law in case.watched:
                found = _broken(found, verdict, (*_way(parents, state), move.label))
            if found.broken is not None:
                return replace(found, states=len(parents))
            if move.state not in parents:
                parents[move.state] = (state, move.label)
                waiting.append(move.state)
        if len(parents) > TOO_MANY:
            raise BoundsTooLarge(f"more than {TOO_MANY} states")
    return replace(found, states=len(parents), endings=frozenset(endings))


def _broken(found: Found, verdict: Verdict, trace: tuple[str, ...]) -> Found:
    if not verdict.residual:
        return replace(found, broken=verdict.law, trace=trace)
    return replace(found, residual=found.residual + 1, residue=found.residue or trace)


def _way(parents: Parents, state: State) -> list[str]:
    way: list[str] = []
    before = parents[state]
    while before is not None:
        state, label = before
        way.append(label)
        before = parents[state]
    return way[::-1]


def undisturbed(case: Case, at: int) -> State:
    """The end of one commit's one run, when nothing else happens at all."""
    alone = replace(
        case,
        commits=(case.commits[at],),
        bounds=replace(case.bounds, faults=0, freezes=0, edits=0, runs=1),
        lagging=False,
    )
    world = World(alone)
    state = world.start()
    move: Move | None = Move("", state)
    while move is not None:
        state = move.state
        move = next(world.moves(state), None)
    return state
