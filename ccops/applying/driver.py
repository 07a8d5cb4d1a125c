"""Play the world for the protocol: real requests, a real journal, a real clock.

Activities are independent, so their sequences overlap: while one waits for a settle time or for
an answer, the others go on. Each is strictly serial in itself.

Everything is decided, recorded and told in the one thread that calls `play`. Only requests are
made elsewhere: by hands, each of which has a connection of its own. An activity keeps its hand
until it sleeps or ends, so that a write leaves on the connection of the reading before it. With
one hand nothing runs beside anything.

Whoever has slept long enough goes before whoever has not begun: else a campaign whose schedule was
deleted would get the new one only after all the others have lost theirs.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import inf
from typing import assert_never

from ccops.applying.effects import (
    Answer,
    AskTime,
    Flow,
    Get,
    Record,
    SleepUntil,
    Write,
)
from ccops.applying.hands import Bare, Errand, Hand, Look, Made, ask, look
from ccops.applying.progress import NEVER, Progress
from ccops.applying.report import Result
from ccops.crew import Crew, Job, threads
from ccops.errors import ExitCode
from ccops.model import CampaignRow
from ccops.ports import Send, Store

PATIENCE = 60.0
"""Seconds that a run which is cut short waits for writes that have left: more than any takes."""


@dataclass(slots=True, kw_only=True)
class World:
    """All that a run can touch.

    `clock` is the server's, UTC; `monotonic` and `sleep` count seconds; `tell` hears what
    happens, for people; `stopped` tells the exit code of a signal that asked the run to end: then
    nothing new is begun, and what was begun is finished. `reads` counts readings of activities.
    `hands` make the requests, all of them one at a time; without any, `send` does. `employ`
    returns who puts that many hands to work.
    """

    send: Send
    store: Store
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    tell: Callable[[str], None]
    stopped: Callable[[], ExitCode | None] = lambda: None
    hands: Sequence[Hand] = ()
    employ: Callable[[int], AbstractContextManager[Crew[Made]]] = threads
    rows: dict[str, CampaignRow] = field(default_factory=dict)
    reads: int = 0


Protocol = Callable[[Progress], Flow[Result | None]]


@dataclass(order=True, slots=True)
class _Turn:
    """One flow, and the monotonic second at which it goes on. Ties keep the plan's order.

    `errand` is with whom it makes its requests, while it is awake.
    """

    wake: float
    order: int
    progress: Progress = field(compare=False)
    flow: Flow[Result | None] = field(compare=False)
    errand: Errand | None = field(compare=False, default=None)

    @property
    def begun(self) -> bool:
        """Whether the activity was written to, or may have been."""
        return self.progress.pending is not None or bool(self.progress.writes)


class Halted(Exception):
    """The run cannot go on: the store failed, a person interrupted, or ccops has a bug.

    `results` are those so far.
    """

    def __init__(self, cause: BaseException, results: dict[int, Result | None]) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.results = results


def play(
    protocol: Protocol, progresses: Sequence[Progress], world: World
) -> dict[int, Result | None]:
    """Run one flow per activity, overlapping their waits; results by position.

    Raises:
        Halted: with the results there are, for whatever ends the run before its end. Then no
            request leaves any more, and a write that had left was waited for.
    """
    fresh = deque(
        _Turn(wake=0.0, order=order, progress=one, flow=protocol(one))
        for order, one in enumerate(progresses)
    )
    hands = world.hands or (Bare(send=world.send),)
    with world.employ(len(hands)) as crew:
        stage = _Stage(world=world, hands=hands, crew=crew, fresh=fresh)
        try:
            while stage.fresh or stage.asleep or stage.busy:
                stage.go_on()
        except (Exception, KeyboardInterrupt) as cause:
            stage.end()
            raise Halted(cause, stage.results) from cause
    return stage.results


@dataclass(slots=True, kw_only=True, eq=False)
class _Stage:
    """Who waits to begin, who for an answer, who is asleep, and which hands are idle (both heaps).

    `writing` are the hands that are busy with a write.
    """

    world: World
    hands: Sequence[Hand]
    crew: Crew[Made]
    fresh: deque[_Turn]
    asleep: list[_Turn] = field(default_factory=list)
    busy: dict[int, _Turn] = field(default_factory=dict)
    writing: set[int] = field(default_factory=set)
    idle: list[int] = field(init=False)
    results: dict[int, Result | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.idle = list(range(len(self.hands)))

    def go_on(self) -> None:
        """Wake whoever is next, if it is time and a hand is idle; else hear the next answer."""
        if not (self.idle and (self.fresh or self.asleep)):
            self._hear(None)
            return
        wait = self.asleep[0].wake - self.world.monotonic() if self.asleep else inf
        begins = bool(self.fresh) and wait > 0
        if self.busy and not begins and wait > 0:
            self._hear(wait)
            return
        turn = self.fresh.popleft() if begins else heapq.heappop(self.asleep)
        if _dropped(turn, self.world):
            return
        if not self.busy:
            self.world.sleep(0.0 if begins else max(0.0, wait))
            if _dropped(turn, self.world):
                return
        self._wake(turn)

    def _wake(self, turn: _Turn) -> None:
        number, clock = heapq.heappop(self.idle), self.world.monotonic
        hand = self.hands[number]
        turn.errand = Errand(number=number, hand=hand, clock=clock, resumes=turn.begun)
        self._advance(turn, turn.errand, None)

    def _hear(self, seconds: float | None) -> None:
        """Wait for an answer, no longer than this, and let its flow go on."""
        finished = self.crew.finished(seconds)
        if finished is None:
            return
        number, outcome = finished
        turn = self._back(number)
        answer = _taken(outcome(), turn, self.world)
        if turn.errand is not None:
            self._advance(turn, turn.errand, answer)

    def _advance(self, turn: _Turn, errand: Errand, answer: Answer) -> None:
        """Run one flow until it asks for a request, sleeps or ends."""
        while True:
            try:
                effect = turn.flow.send(answer)
            except StopIteration as stop:
                self.results[turn.order] = stop.value
                break
            if isinstance(effect, Get | Write):
                job = _job(effect, turn.progress, errand, self.world)
                # Only from here on may something leave that an end has to wait for.
                self.busy[errand.number] = turn
                if isinstance(effect, Write):
                    self.writing.add(errand.number)
                self.crew.start(errand.number, job)
                return
            if isinstance(effect, SleepUntil) and _sleeps(effect, turn, self.world):
                heapq.heappush(self.asleep, turn)
                break
            answer = _at_once(effect, self.world)
        turn.errand = None
        heapq.heappush(self.idle, errand.number)

    def end(self) -> None:
        """Let nothing leave any more, and wait for what may have left and may change something.

        Whoever interrupts that, too, waits no longer.
        """
        for hand in self.hands:
            hand.close()
        until = self.world.monotonic() + PATIENCE
        with suppress(KeyboardInterrupt):
            while self.writing:
                finished = self.crew.finished(max(0.0, until - self.world.monotonic()))
                if finished is None:
                    return
                self._back(finished[0])

    def _back(self, number: int) -> _Turn:
        """Have a hand back from what it was busy with."""
        self.writing.discard(number)
        return self.busy.pop(number)


def _dropped(turn: _Turn, world: World) -> bool:
    """Whether a stop was asked for and this activity has not begun."""
    return world.stopped() is not None and not turn.begun


def _sleeps(effect: SleepUntil, turn: _Turn, world: World) -> bool:
    """Whether there is something to wait for; then the turn knows until when."""
    wait = (effect.instant - world.clock()).total_seconds()
    if wait <= 0:
        return False
    if wait >= 1:
        name = turn.progress.task.change.campaign
        world.tell(f"{name}: waiting {wait:.0f} s {effect.reason}")
    turn.wake = world.monotonic() + wait
    return True


def _at_once(effect: Record | AskTime | SleepUntil, world: World) -> Answer:
    match effect:
        case Record(entry=entry):
            world.store.append(entry)
            return None
        case AskTime():
            return world.clock()
        case SleepUntil():
            return None
        case _:
            assert_never(effect)


def _job(effect: Get | Write, progress: Progress, errand: Errand, world: World) -> Job[Made]:
    """Return what a hand is to do; it touches nothing but its own connection."""
    change = progress.task.change
    match effect:
        case Get():
            row = world.rows.get(change.target.activity_id)
            return partial(look, errand, change, row)
        case Write(step=step):
            world.tell(f"{change.campaign}: {step.method} {step.path}")
            return partial(ask, errand, step)
        case _:
            assert_never(effect)


def _taken(made: Made, turn: _Turn, world: World) -> Answer:
    """Take note of what a hand brought."""
    if not isinstance(made, Look):
        return made
    if made.row is not None:
        world.rows[turn.progress.task.change.target.activity_id] = made.row
        world.reads += 1
    # Only now is known when the reading began: it had to wait for its turn.
    if turn.progress.asked_at > NEVER:
        turn.progress.asked_at += timedelta(seconds=made.waited)
    return made.reading
