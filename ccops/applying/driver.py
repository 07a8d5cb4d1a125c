"""Play the world for the protocol: real requests, a real journal, a real clock.

Activities are independent, so their sequences overlap: while one waits for a settle time, the
others go on. Each is strictly serial in itself, and requests are made one at a time.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ccops.applying.effects import (
    Answer,
    AskTime,
    Effect,
    Flow,
    Get,
    Read,
    Reading,
    Record,
    SleepUntil,
    Unread,
    Write,
)
from ccops.applying.progress import Progress
from ccops.applying.report import Result
from ccops.constantcontact import reader, wire
from ccops.errors import CcopsError, ExitCode, NoReply
from ccops.model import CampaignRow, Status
from ccops.planning.verdict import wants_history
from ccops.ports import Reply, Send, Store


@dataclass(slots=True, kw_only=True)
class World:
    """All that a run can touch.

    `clock` is the server's, UTC; `monotonic` and `sleep` count seconds; `tell` hears what
    happens, for people; `stopped` tells the exit code of a signal that asked the run to end: then
    nothing new is begun, and what was begun is finished. `reads` counts readings of activities.
    """

    send: Send
    store: Store
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    tell: Callable[[str], None]
    stopped: Callable[[], ExitCode | None] = lambda: None
    rows: dict[str, CampaignRow] = field(default_factory=dict)
    reads: int = 0


Protocol = Callable[[Progress], Flow[Result | None]]


@dataclass(order=True, slots=True)
class _Turn:
    """One flow, and the monotonic second at which it goes on. Ties keep the plan's order."""

    wake: float
    order: int
    progress: Progress = field(compare=False)
    flow: Flow[Result | None] = field(compare=False)


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
        Halted: with the results there are, for whatever ends the run before its end.
    """
    turns = [
        _Turn(wake=0.0, order=order, progress=one, flow=protocol(one))
        for order, one in enumerate(progresses)
    ]
    results: dict[int, Result | None] = {}
    try:
        while turns:
            turn = heapq.heappop(turns)
            if _dropped(turn, world):
                continue
            world.sleep(max(0.0, turn.wake - world.monotonic()))
            if _dropped(turn, world):
                continue
            if _advance(turn, world, results):
                heapq.heappush(turns, turn)
    except (Exception, KeyboardInterrupt) as cause:
        raise Halted(cause, results) from cause
    return results


def _dropped(turn: _Turn, world: World) -> bool:
    """Whether a stop was asked for and this activity has not begun."""
    begun = turn.progress.pending is not None or bool(turn.progress.writes)
    return world.stopped() is not None and not begun


def _advance(turn: _Turn, world: World, results: dict[int, Result | None]) -> bool:
    """Run one flow until it sleeps (True) or ends (False)."""
    answer: Answer = None
    while True:
        try:
            effect = turn.flow.send(answer)
        except StopIteration as stop:
            results[turn.order] = stop.value
            return False
        if isinstance(effect, SleepUntil):
            wait = (effect.instant - world.clock()).total_seconds()
            if wait > 0:
                _announce(turn.progress, effect, wait, world)
                turn.wake = world.monotonic() + wait
                return True
            answer = None
        else:
            answer = _perform(effect, turn.progress, world)


def _announce(progress: Progress, effect: SleepUntil, wait: float, world: World) -> None:
    if wait >= 1:
        name = progress.task.change.campaign
        world.tell(f"{name}: waiting {wait:.0f} s {effect.reason}")


def _perform(effect: Effect, progress: Progress, world: World) -> Answer:
    match effect:
        case Get():
            return _read(progress, world)
        case Write(step=step):
            world.tell(f"{progress.task.change.campaign}: {step.method} {step.path}")
            return _write(effect, world)
        case Record(entry=entry):
            world.store.append(entry)
            return None
        case AskTime():
            return world.clock()
        case SleepUntil():  # pragma: no cover - `_advance` keeps these to itself
            return None


def _write(effect: Write, world: World) -> Reply | NoReply:
    try:
        return world.send(wire.step_call(effect.step))
    except NoReply as error:
        return error


def _read(progress: Progress, world: World) -> Reading:
    target = progress.task.change.target
    try:
        row = world.rows.get(target.activity_id) or _row(progress, world)
        if row is None:
            return Read(live=None)
        world.rows[target.activity_id] = row
        world.reads += 1
        live = reader.read_live(
            world.send, row, wants_history=lambda live: wants_history(target, live)
        )
    except CcopsError as error:
        return Unread(error=error)
    return Read(live=live)


def _row(progress: Progress, world: World) -> CampaignRow | None:
    """Read the campaign itself once a run: its name is not part of the activity."""
    change = progress.task.change
    if not change.campaign_id:
        return CampaignRow(
            campaign_id="",
            name=change.campaign,
            status=change.before.status if change.before else Status.UNKNOWN,
            activity_id=change.target.activity_id,
        )
    row = reader.read_campaign(world.send, change.campaign_id)
    return replace(row, activity_id=change.target.activity_id) if row else None
