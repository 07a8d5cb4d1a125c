"""Taking a schedule back as its send comes near: asked for again at once, and settled at the end.

Frozen between the POST and the reading that shows the edit, the run has only so much time left.
"""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.applying.compensation import ANOTHER, ROUNDS, SHARE, TRIES
from ccops.applying.effects import Get, Record
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode
from ccops.model import Status, StepKind
from ccops.ports import WriteState
from tests.simulation.alone import Alone, kinds
from tests.simulation.campaign import DRAFT, HOUR, LIMITS, MINUTE, target
from tests.simulation.luck import (
    Happening,
    Script,
    changes_recipients,
    changes_subject,
    schedules,
    schedules_likewise,
)
from tests.simulation.network import Fate
from tests.simulation.records import Happened
from tests.simulation.vendor import SECOND, START, Vendor
from tests.simulation.world import World

WHEN = START + 3 * HOUR
DELETE, POST = StepKind.UNSCHEDULE, StepKind.SCHEDULE
UNCLEAR = (
    Fate.LOST_BEFORE,
    Fate.LOST_AFTER,
    Fate.LATE,
    Fate.CRASH_BEFORE,
    Fate.CRASH_AFTER,
    Fate.PAGE_AFTER,
    Fate.LOGIN_BEFORE,
    Fate.LOGIN_AFTER,
)
"""What proves nothing; some of these are noticed after half a minute."""


def until(instant: datetime) -> Happening:
    """The process is frozen until a moment."""
    return lambda world: instant - world.now


def late(left: timedelta, fates: tuple[Fate, ...] = (), **more: Happening) -> Alone:
    """A world in which the edit is seen `left` before the send; `fates` are those of the DELETEs."""
    luck = Script(
        before={"write 0": changes_recipients, "get 2": until(WHEN - left)} | dict(more),
        fates=dict(enumerate(fates, start=1)),
        late=LIMITS.settle - SECOND,
    )
    return Alone(vendor=Vendor(live=DRAFT), luck=luck)


def applied(world: Alone) -> Result:
    """Plan and apply in one go; then let two days pass."""
    ended = world.apply(world.plan(target(WHEN)))
    assert ended is not None
    return ended


def deletes(world: Alone) -> list[Happened]:
    """The DELETEs that left, or were to."""
    return [one for one in world.writes if one.step and one.step.kind is DELETE]


def closed(world: Alone) -> Happened:
    """The line that closes the record."""
    (line,) = [
        one
        for one in world.happened
        if isinstance(one.effect, Record) and not one.effect.entry.state.open
    ]
    return line


@given(
    fates=st.lists(st.sampled_from(UNCLEAR), max_size=4).map(tuple),
    spare=st.integers(min_value=0, max_value=900).map(lambda seconds: seconds * SECOND),
)
@settings(max_examples=60, deadline=None)
def test_what_is_unclear_is_asked_for_again_in_time(
    fates: tuple[Fate, ...], spare: timedelta
) -> None:
    """With a minute for each DELETE nothing goes out, whatever becomes of the first ones."""
    world = late(MINUTE * (1 + len(fates)) + spare, fates)
    ended = applied(world)
    world.later(48 * HOUR)
    assert (ended.ending, ended.exit_code) == (Ending.STOPPED, ExitCode.PARTIAL)
    assert "ccops unscheduled it again, so it will not be sent" in ended.detail
    assert (world.vendor.mails, world.vendor.live.status) == ([], Status.DRAFT)
    assert (world.faults, world.open_writes()) == ([], [])


@given(
    fates=st.lists(st.sampled_from(UNCLEAR), min_size=1, max_size=4).map(tuple),
    left=st.integers(min_value=10, max_value=1_200).map(lambda seconds: seconds * SECOND),
)
@settings(max_examples=60, deadline=None)
def test_no_take_back_is_closed_before_the_last_unclear_one_has_settled(
    fates: tuple[Fate, ...], left: timedelta
) -> None:
    """A late one must find nothing that another run could have made meanwhile."""
    world = late(left, fates)
    applied(world)
    unclear = [one.at for one in deletes(world) if one.fate in UNCLEAR]
    assert unclear
    assert closed(world).at >= unclear[-1] + LIMITS.settle
    assert world.under_way == []


@given(
    fates=st.lists(st.sampled_from([Fate.FINE, *UNCLEAR]), max_size=20).map(tuple),
    left=st.integers(min_value=10, max_value=1_200).map(lambda seconds: seconds * SECOND),
)
@settings(max_examples=60, deadline=None)
def test_each_repeat_has_a_line_and_a_reading_of_its_own(
    fates: tuple[Fate, ...], left: timedelta
) -> None:
    """Between two DELETEs stand a complete reading that shows the schedule, and a new line."""
    world = late(left, fates)
    applied(world)
    effects = [one.effect for one in world.happened if one.effect is not None]
    at = [n for n, one in enumerate(effects) if one in [line.effect for line in deletes(world)]]
    for one in at:
        record, reading = effects[one - 1], effects[one - 2]
        assert isinstance(record, Record)
        assert record.entry.state is WriteState.COMPENSATING
        assert isinstance(reading, Get)


def test_an_unclear_answer_far_from_the_send_is_settled_first() -> None:
    """There is time: five requests at most, each after the settle time of the one before."""
    world = late(HOUR, (Fate.CRASH_BEFORE,) * ROUNDS)
    assert applied(world).ending is Ending.UNKNOWN
    times = [one.at for one in deletes(world)]
    assert len(times) == TRIES
    assert all(later - sooner >= LIMITS.settle for sooner, later in pairwise(times))


def test_near_the_send_it_is_asked_for_again_until_the_send() -> None:
    """More often, and sooner each time, as long as it can help; no count ends that before."""
    left = 8 * MINUTE
    world = late(left, (Fate.CRASH_BEFORE,) * 40)
    ended = applied(world)
    times = [one.at for one in deletes(world)]
    assert TRIES < len(times) <= ROUNDS
    for sooner, later in pairwise(times):
        patience = max(LIMITS.read_lag, (WHEN - sooner) / SHARE)
        assert later - sooner <= patience + 2 * SECOND
    assert WHEN - times[-1] <= 2 * LIMITS.read_lag
    assert "it was sent before ccops could unschedule it" in ended.detail


def test_a_freeze_that_ends_just_before_the_send_leaves_time_for_another_try() -> None:
    """Frozen after the fence's check, until 54 seconds before the send: unclear, asked again."""
    world = late(2 * HOUR)
    assert isinstance(world.luck, Script)
    world.luck.doors = {1: 2 * HOUR - 54 * SECOND}
    ended = applied(world)
    world.later(48 * HOUR)
    assert [one.fate for one in deletes(world)] == [Fate.CUT_OFF, Fate.FINE]
    assert (world.vendor.mails, ended.exit_code) == ([], ExitCode.PARTIAL)


def test_a_repeat_may_meet_the_one_before_it() -> None:
    """It is still under way when the next one leaves, and finds nothing left to take away."""
    world = late(3 * MINUTE, (Fate.LATE,))
    ended = applied(world)
    first, second = world.flights[1:]
    assert first.landed_at
    assert second.landed_at
    assert first.landed_at > second.landed_at
    assert (first.took, second.took, world.faults) == (False, True, [])
    assert ended.exit_code is ExitCode.PARTIAL


@pytest.mark.parametrize("left", [MINUTE, HOUR], ids=["near", "far"])
def test_a_schedule_that_somebody_made_meanwhile_is_left_alone(left: timedelta) -> None:
    """The DELETE took effect, unseen; then a person scheduled it for another time."""
    world = late(left, (Fate.CRASH_AFTER,), **{"get 3": schedules})
    ended = applied(world)
    assert ended.ending is Ending.UNKNOWN
    assert ended.detail.startswith(ANOTHER)
    assert kinds(world) == [POST, DELETE]
    assert (world.vendor.live.status, len(world.open_writes())) == (Status.SCHEDULED, 1)


def test_a_schedule_for_the_very_same_time_is_taken_back_again() -> None:
    """Nobody can tell it from ours, and it is still not what was approved: it may not go out."""
    world = late(MINUTE, (Fate.CRASH_AFTER,), **{"get 3": schedules_likewise})
    assert applied(world).exit_code is ExitCode.PARTIAL
    assert (kinds(world), world.vendor.live.status) == ([POST, DELETE, DELETE], Status.DRAFT)


def test_what_the_vendor_booked_for_another_time_is_ours_too() -> None:
    """It answered with another date and booked that: taken back, and again if that is unclear."""
    luck = Script(fates={0: Fate.ODD_DATE, 1: Fate.CRASH_BEFORE})
    world = Alone(vendor=Vendor(live=DRAFT), luck=luck)
    assert applied(world).exit_code is ExitCode.PARTIAL
    assert (kinds(world), world.vendor.live.status) == ([POST, DELETE, DELETE], Status.DRAFT)


@pytest.mark.parametrize("edit", [changes_recipients, changes_subject])
@pytest.mark.parametrize("left", [4 * SECOND, 8 * SECOND], ids=str)
def test_with_seconds_left_one_request_is_made(edit: Happening, left: timedelta) -> None:
    """And it wins, if Constant Contact answers: nothing is waited for before it."""
    world = late(left, **{"write 0": edit})
    assert applied(world).exit_code is ExitCode.PARTIAL
    world.later(48 * HOUR)
    assert (kinds(world), world.vendor.mails) == ([POST, DELETE], [])


def test_a_schedule_that_first_showed_as_no_time_at_all_is_still_ours() -> None:
    """A contradiction, taken for a schedule of another time; then it shows at the time asked for."""

    def torn(world: World) -> None:
        world.vendor.edit(schedules=())

    def whole(world: World) -> None:
        world.vendor.edit(schedules=(WHEN,))

    luck = Script(before={"get 2": torn, "get 3": whole}, fates={1: Fate.CRASH_BEFORE})
    world = Alone(vendor=Vendor(live=DRAFT), luck=luck)
    assert applied(world).exit_code is ExitCode.PARTIAL
    assert (kinds(world), world.vendor.live.status) == ([POST, DELETE, DELETE], Status.DRAFT)


def test_a_schedule_that_shows_no_time_any_more_is_nobody_elses() -> None:
    """Scheduled, for no time: it may go out at any moment, so that nothing is waited for."""

    def torn(world: World) -> None:
        world.vendor.edit(schedules=())

    luck = Script(
        before={"write 0": changes_recipients, "get 3": torn},
        fates={1: Fate.CRASH_BEFORE, 2: Fate.CRASH_BEFORE},
    )
    world = Alone(vendor=Vendor(live=DRAFT), luck=luck)
    assert applied(world).exit_code is ExitCode.PARTIAL
    assert kinds(world) == [POST, DELETE, DELETE, DELETE]
    second, third = (one.at for one in deletes(world)[1:])
    assert third - second < LIMITS.settle
