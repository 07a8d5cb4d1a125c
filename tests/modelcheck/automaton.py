"""The real protocol as an automaton: its states are found by running it, and numbered.

A generator cannot be copied. So a state of a run is kept as the answers that led to it since the
last *cut*, and is reached by giving them again: what the generator does is a function of them. A
cut is the beginning of a round of `converge`. Nothing but `Progress` is known there, so that a
copy of it is the whole state.

Two states are one if their keys are equal (`keys.py`). `test_modelcheck_soundness.py` shows that
merging loses nothing: without it, and without cuts, the same endings are found.
"""

import copy
from dataclasses import dataclass, fields, replace
from datetime import datetime

from ccops.applying import protocol
from ccops.applying.effects import Answer, AskTime, Effect, Flow, Get, Record
from ccops.applying.progress import NEVER, Progress, Task, begin, doubtful
from ccops.applying.report import Ending, Result
from ccops.ports import WriteState
from tests.modelcheck.keys import Key, frames_key, names, progress_key, task_key

_AT_A_CUT = ["converge", "observe", "sleep_until"]


def applied(progress: Progress) -> Flow[Result]:
    """One activity's way through an apply: the order of `ccops.applying.apply`."""
    change, left_open = progress.task.change, progress.pending is not None
    if left_open:
        ended = yield from protocol.recover(progress)
        if ended is not None:
            return ended
    if change.verdict.writes or doubtful(progress):
        ended = yield from protocol.check(progress)
        if ended is not None:
            return ended
    if change.verdict.writes:
        return (yield from protocol.converge(progress))
    ending = Ending.NEEDS_PERSON if change.verdict.needs_person else Ending.NOTHING
    return Result(change=change, ending=ending)


@dataclass(slots=True, kw_only=True)
class Standing:
    """A generator and what it remembers, before the answer to its last effect."""

    flow: Flow[Result]
    progress: Progress


@dataclass(slots=True, kw_only=True)
class Point:
    """One state of one run: before an effect, or at its end.

    `base` is the memory at the last cut (None: the run's beginning), `answers` were given since,
    `rounds` counts the cuts, `number` tells one task from another. `standing` is a generator that
    waits here, until it is used.
    """

    task: Task
    number: int
    base: Progress | None = None
    answers: tuple[Answer, ...] = ()
    rounds: int = 0
    effect: Effect | None = None
    ended: Result | None = None
    standing: Standing | None = None


class Automaton:
    """All states of all runs of one case, as far as they were asked for.

    `merging` off: no two states are one, and there are no cuts. `pausing` on: a run can also
    stand still before each look at the clock. Both only for the proof of soundness.
    """

    def __init__(self, *, merging: bool = True, pausing: bool = False) -> None:
        self.points: list[Point] = []
        self._steps: dict[tuple[int, object, datetime], int] = {}
        self._numbers: dict[Key, int] = {}
        self._tasks: dict[Key, int] = {}
        self._merging = merging
        self._pausing = pausing

    def start(self, task: Task, now: datetime) -> int:
        """The state in which a run begins."""
        progress = begin(task)
        standing = Standing(flow=applied(progress), progress=progress)
        number = self._tasks.setdefault(task_key(task), len(self._tasks))
        return self._run_on(Point(task=task, number=number), standing, None, None, now)

    def step(self, number: int, token: object, given: Answer, now: datetime) -> int:
        """The state after an effect was answered at `now`; equal tokens stand for equal answers."""
        key = (number, token, now)
        found = self._steps.get(key)
        if found is None:
            before = self.points[number]
            standing = _taken(before)
            after = replace(before, answers=(*before.answers, given), standing=None)
            found = self._steps[key] = self._run_on(after, standing, before.effect, given, now)
        return found

    def _run_on(
        self, point: Point, at: Standing, previous: Effect | None, given: Answer, now: datetime
    ) -> int:
        """Go on until an effect that the world has to answer, or to the end."""
        while True:
            try:
                effect = at.flow.send(given)
            except StopIteration as stop:
                point.effect, point.ended = None, stop.value
                return self._number(point, at, now)
            if not isinstance(effect, AskTime) or self._pausing or _telling(previous):
                point.effect = effect
                return self._number(point, at, now)
            previous, given = effect, now
            point.answers = (*point.answers, now)

    def _number(self, point: Point, at: Standing, now: datetime) -> int:
        if not self._merging:
            self.points.append(point)
            return len(self.points) - 1
        cut = point.ended is None and names(at.flow)[-3:] == _AT_A_CUT
        if cut:
            _cut(point, at.progress)
        key = self._key(point, at, now, cut=cut)
        number = self._numbers.setdefault(key, len(self.points))
        if number == len(self.points):
            point.standing = None if cut or point.ended is not None else at
            self.points.append(point)
        return number

    def _key(self, point: Point, at: Standing, now: datetime, *, cut: bool) -> Key:
        if point.ended is not None:
            return (point.number, point.ended.ending, point.ended.exit_code)
        frames = () if cut else frames_key(at.flow, now)
        return (point.number, point.rounds, progress_key(at.progress, now), frames)


def _telling(previous: Effect | None) -> bool:
    """Whether standing still before the clock is read next is what a guard is about.

    Elsewhere it makes a run wait longer at most, which it may do before its next effect as well.
    """
    if isinstance(previous, Record):
        return previous.entry.state is WriteState.INTENT
    return isinstance(previous, Get)


def _cut(point: Point, progress: Progress) -> None:
    """Keep what is remembered at the beginning of a round, instead of how it came about.

    What `observe`, which comes next, writes before anything reads it, is forgotten.
    """
    point.rounds += 1
    if point.rounds >= protocol.ROUNDS:
        raise RuntimeError("the bounds are so large that a run reaches the limit of rounds")
    progress.live, progress.asked_at, progress.read_at = None, NEVER, NEVER
    point.base, point.answers = progress, ()


def _taken(point: Point) -> Standing:
    """The generator that waits at a point; made anew, by giving it the same answers, if used."""
    if point.standing is not None:
        standing, point.standing = point.standing, None
        return standing
    if point.base is None:
        progress = begin(point.task)
        flow = applied(progress)
    else:
        progress = _copied(point.base)
        flow = protocol.converge(progress)
    for answer in (None, *point.answers):
        flow.send(answer)
    return Standing(flow=flow, progress=progress)


def _copied(progress: Progress) -> Progress:
    """The same memory, of which nothing is shared that can change."""
    copied = copy.copy(progress)
    for field in fields(Progress):
        value = getattr(progress, field.name)
        if isinstance(value, list | dict | set):
            setattr(copied, field.name, copy.copy(value))
    return copied
