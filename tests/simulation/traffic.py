"""One write on its way: the fence, a freeze at the door, the network, the vendor."""

from datetime import datetime, timedelta

from ccops.applying.effects import Write
from ccops.errors import NoReply
from ccops.model import StepKind
from ccops.ports import Reply, WriteState
from tests.simulation.campaign import ACTIVITY, HOUR, LIMITS
from tests.simulation.guards import LEASE, Guard
from tests.simulation.luck import Died
from tests.simulation.network import (
    KEPT_ALIVE,
    PATIENCE,
    REFUSALS,
    Fate,
    answer_after,
    no_reply,
    pretended,
)
from tests.simulation.records import Flight, Happened, Run
from tests.simulation.vendor import SECOND, Verb, reply_to
from tests.simulation.world import Lane, World

_UNFELT = frozenset({*REFUSALS, Fate.NOT_SENT, Fate.LOST_BEFORE, Fate.IGNORED})
"""Fates of a request that never comes to anything."""


def travel(world: World, run: Run, effect: Write) -> Lane[Reply | NoReply]:
    """Check the fence, then let the request leave; it may be frozen in between."""
    if Guard.FENCE not in world.off and world.now - run.answered_at > LEASE:
        world.record(run, effect, Fate.FENCED)
        return no_reply(maybe_sent=False)
    flight = Flight(
        number=len(world.flights),
        run=run.number,
        step=effect.step,
        seen_at=run.seen_at,
        checked_at=world.now,
        halt=world.shelf.marks.get(ACTIVITY),
        takes_back=world.journal[-1].state is WriteState.COMPENSATING,
    )
    frozen = world.luck.at_the_door()
    if frozen:
        yield world.frozen(run, frozen)
        if frozen > KEPT_ALIVE and Guard.FENCE not in world.off:
            world.record(run, effect, Fate.CUT_OFF)
            return no_reply(maybe_sent=True)
    world.flights.append(flight)
    run.flights.append(flight)
    fate = world.luck.fate(effect)
    answer = yield from _travel(world, run, effect, flight, fate)
    if isinstance(answer, Reply):
        run.answered_at = world.now
    return answer


def _travel(
    world: World, run: Run, effect: Write, flight: Flight, fate: Fate
) -> Lane[Reply | NoReply]:
    """How a request fares that has left."""
    left_at = world.now
    if fate not in _UNFELT:
        _departs(world, flight)
    yield world.now + world.luck.delay(effect)
    answer = _fare(world, effect, flight, fate)
    line = Happened(run=run.number, at=left_at, effect=effect, fate=fate, took=flight.took)
    world.happened.append(line)
    if fate is Fate.SEVERED:
        raise Died
    if isinstance(answer, NoReply) and answer.maybe_sent:
        yield world.now + PATIENCE
    return answer


def _fare(world: World, effect: Write, flight: Flight, fate: Fate) -> Reply | NoReply:
    if fate in REFUSALS:
        return reply_to(REFUSALS[fate])
    match fate:
        case Fate.NOT_SENT:
            return no_reply(maybe_sent=False)
        case Fate.LOST_BEFORE:
            return no_reply(maybe_sent=True)
        case Fate.IGNORED:
            return pretended(effect.step)
        case Fate.LATE | Fate.SEVERED:
            given_up = world.now + (PATIENCE if fate is Fate.LATE else timedelta(0))
            _arrives_late(world, flight, given_up + world.luck.lateness())
            return no_reply(maybe_sent=True)
        case _:
            odd = fate is Fate.ODD_DATE and flight.step.kind is StepKind.SCHEDULE
            return answer_after(fate, _lands(world, flight, odd=odd))


def _arrives_late(world: World, flight: Flight, at: datetime) -> None:
    """Within the settle time of when its process noticed, or died.

    Where a lock can be lost, nobody may be there to notice: then of its check, or never.
    """
    flight.took = True
    latest = flight.checked_at + LIMITS.settle - SECOND
    if world.luck.lock_lasts() is not None and at > latest:
        at = latest
    if at <= world.now:
        world.under_way.remove(flight)
        flight.took = False
        return
    world.vendor.later(at, lambda: _lands(world, flight))


def _departs(world: World, flight: Flight) -> None:
    """Nothing leaves while anything else may take effect, but a run's DELETE of its own schedule.

    That may be repeated while an earlier one is under way: each can only take away the same.
    """
    for other in world.under_way:
        if flight.takes_back and other.takes_back and flight.run == other.run:
            continue
        world.faults.append(f"request {flight.number} leaves while {other.number} is under way")
    world.under_way.append(flight)


def _lands(world: World, flight: Flight, *, odd: bool = False) -> Verb:
    world.under_way.remove(flight)
    flight.landed_at = world.now
    if odd:
        verb = world.vendor.misdate(flight.step, HOUR, flight.number)
    else:
        verb = world.vendor.take(flight.step, flight.number)
    flight.took = verb.took
    return verb
