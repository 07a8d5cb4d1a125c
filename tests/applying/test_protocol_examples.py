"""One example per branch of the protocol: what goes wrong, what is written, what is said."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from ccops.applying import protocol
from ccops.applying.effects import Get, SleepUntil
from ccops.applying.progress import STILL_OPEN
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode, Place
from ccops.model import NOW, Live, Recipients, SendRecord, Status, StepKind, Target
from ccops.planning.plan import Change, Verdict
from ccops.ports import WriteState
from tests.simulation.alone import Alone as World
from tests.simulation.alone import kinds, states
from tests.simulation.campaign import (
    ACTIVITY,
    BOARD,
    DRAFT,
    HOUR,
    LIMITS,
    MINUTE,
    NAME,
    STRANGERS,
    scheduled,
    sent,
    target,
)
from tests.simulation.guards import Guard
from tests.simulation.luck import (
    Died,
    Happening,
    Script,
    changes_recipients,
    changes_subject,
    deletes,
    dies,
    schedules,
    schedules_likewise,
    sends,
    sleeps,
    unschedules,
)
from tests.simulation.network import Fate
from tests.simulation.vendor import SECOND, START, Rules, Vendor

WHEN = START + 3 * HOUR
LATER = WHEN + HOUR
OLD = START - 24 * HOUR
SENT = replace(DRAFT, status=Status.DONE, history=sent(OLD))
ERRORED = SendRecord(ran_at=OLD, completed=False, count=0, reason=1)
FAILED = replace(DRAFT, status=Status.ERROR, history=(ERRORED,))
DELETE, PUT, POST = StepKind.UNSCHEDULE, StepKind.UPDATE, StepKind.SCHEDULE
INTENT, ACKED, VERIFIED = WriteState.INTENT, WriteState.ACKED, WriteState.VERIFIED
RESOLVED, UNKNOWN = WriteState.RESOLVED, WriteState.UNKNOWN
COMPENSATING, COMPENSATED = WriteState.COMPENSATING, WriteState.COMPENSATED
MADE = [INTENT, ACKED, VERIFIED]
STEADY = [DELETE, PUT, POST]
UNSCHEDULED = "It is unscheduled now and will not be sent"


def world_of(live: Live, luck: Script | None = None, rules: Rules | None = None) -> World:
    return World(vendor=Vendor(live=live, rules=rules or Rules()), luck=luck or Script())


def applied(world: World, wanted: Target) -> Result:
    """Plan and apply in one go."""
    ended = world.apply(world.plan(wanted))
    assert ended is not None
    return ended


def update(luck: Script, *, when: datetime = WHEN) -> tuple[World, Result]:
    """The longest sequence: DELETE, PUT, POST."""
    world = world_of(scheduled(DRAFT, when), luck)
    return world, applied(world, target(when, recipients=BOARD))


def died(world: World, change: Change) -> None:
    """Run until the process dies."""
    with pytest.raises(Died):
        world.apply(change)


def told(result: Result) -> tuple[Ending, ExitCode | None]:
    return result.ending, result.exit_code


STOPPED = Ending.STOPPED
DONE = (Ending.DONE, None)
STALE = (STOPPED, ExitCode.STALE)


# --- undisturbed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("live", "wanted", "expected"),
    [
        (DRAFT, target(WHEN), [POST]),
        (DRAFT, target(WHEN, recipients=BOARD), [PUT, POST]),
        (DRAFT, target(recipients=BOARD), [PUT]),
        (scheduled(DRAFT, WHEN), target(LATER), [DELETE, POST]),
        (scheduled(DRAFT, WHEN), target(WHEN, recipients=BOARD), [DELETE, PUT, POST]),
        (scheduled(DRAFT, WHEN), target(), [DELETE]),
        (scheduled(DRAFT, WHEN), target(recipients=BOARD), [DELETE, PUT]),
        (scheduled(SENT, WHEN), target(OLD), [DELETE]),
        (SENT, target(OLD, WHEN), [POST]),
        (SENT, target(OLD, WHEN, recipients=BOARD), [PUT, POST]),
        (FAILED, target(WHEN), [POST]),
        (DRAFT, target(NOW), [POST]),
        (DRAFT, target(NOW, recipients=BOARD), [PUT, POST]),
    ],
)
def test_an_undisturbed_sequence_makes_each_step_once(
    live: Live, wanted: Target, expected: list[StepKind]
) -> None:
    """Each step is intended, accepted and verified, and the change is done."""
    world = world_of(live)
    result = applied(world, wanted)
    assert told(result) == DONE
    assert kinds(world) == expected
    assert states(world) == MADE * len(expected)
    assert result.writes == result.change.steps
    assert result.live is not None


def test_a_send_under_way_is_done() -> None:
    """`now` shows as EXECUTING: it was asked for, and it happens."""
    world = world_of(DRAFT)
    result = applied(world, target(NOW))
    assert result.live is not None
    assert (result.ending, result.live.status) == (Ending.DONE, Status.EXECUTING)


def test_unscheduling_a_retry_is_done_though_the_failed_send_still_needs_a_person() -> None:
    """The plan's one request was made and verified; that an earlier send failed is old news."""
    world = world_of(scheduled(FAILED, WHEN))
    assert told(applied(world, target())) == DONE


def test_a_send_that_failed_although_it_was_to_be_unscheduled_is_told() -> None:
    """The DELETE was lost, the time came, the send failed: perhaps partly out, never done."""
    luck = Script(fates={0: Fate.LOST_BEFORE}, before={"get 2": sleeps(4 * HOUR)})
    world = world_of(scheduled(DRAFT, WHEN), luck, Rules(sends_fail=True))
    assert told(applied(world, target())) == (STOPPED, ExitCode.BLOCKED)


# --- one write that fares badly --------------------------------------------------------------

ONCE, TWICE = 1, 2
THROTTLED, ACCESS = (STOPPED, ExitCode.THROTTLED), (STOPPED, ExitCode.ACCESS)
REFUSED = (STOPPED, ExitCode.UNEXPECTED)
FATES: Mapping[Fate, tuple[tuple[Ending, ExitCode | None], int]] = {
    Fate.FINE: (DONE, ONCE),
    Fate.NOT_SENT: (DONE, TWICE),
    Fate.LOST_BEFORE: (DONE, TWICE),
    Fate.LOST_AFTER: (DONE, ONCE),
    Fate.LATE: (DONE, ONCE),
    Fate.CRASH_BEFORE: (DONE, TWICE),
    Fate.CRASH_AFTER: (DONE, ONCE),
    Fate.PAGE_AFTER: (DONE, ONCE),
    Fate.THROTTLED: (DONE, TWICE),
    Fate.QUOTA: (THROTTLED, ONCE),
    Fate.LOGIN_BEFORE: (DONE, TWICE),
    Fate.LOGIN_AFTER: (DONE, ONCE),
    Fate.FORBIDDEN: (ACCESS, ONCE),
    Fate.REJECTED: (REFUSED, ONCE),
    Fate.ODD_BODY: (DONE, ONCE),
}
NOW_FATES: Mapping[Fate, Ending] = {
    Fate.FINE: Ending.DONE,
    Fate.LOST_BEFORE: Ending.UNKNOWN,
    Fate.LOST_AFTER: Ending.DONE,
    Fate.LATE: Ending.DONE,
    Fate.CRASH_BEFORE: Ending.UNKNOWN,
    Fate.CRASH_AFTER: Ending.DONE,
    Fate.PAGE_AFTER: Ending.DONE,
    Fate.THROTTLED: STOPPED,
    Fate.QUOTA: STOPPED,
    Fate.LOGIN_BEFORE: Ending.UNKNOWN,
    Fate.LOGIN_AFTER: Ending.DONE,
    Fate.FORBIDDEN: STOPPED,
    Fate.REJECTED: STOPPED,
    Fate.ODD_BODY: Ending.DONE,
    Fate.IGNORED: Ending.UNKNOWN,
}


@pytest.mark.parametrize("number", range(3), ids=STEADY)
@pytest.mark.parametrize("fate", FATES)
def test_a_write_that_fares_badly_is_repeated_only_after_proof(fate: Fate, number: int) -> None:
    """What took effect is not repeated; what did not is, after a reading; a refusal stops."""
    world, result = update(Script(fates={number: fate}))
    expected, times = FATES[fate]
    assert told(result) == expected
    made = kinds(world)
    assert made[number : number + times] == [STEADY[number]] * times
    if expected == DONE:
        assert made == [*STEADY[:number], *[STEADY[number]] * times, *STEADY[number + 1 :]]
    else:
        assert made == STEADY[: number + 1]
        assert (UNSCHEDULED in result.detail) is (number > 0)


@pytest.mark.parametrize("number", range(2), ids=STEADY[:2])
def test_an_accepted_write_without_effect_stops(number: int) -> None:
    """A 2xx that no reading shows, not even after the settle time, is said aloud."""
    world, result = update(Script(fates={number: Fate.IGNORED}))
    assert told(result) == (STOPPED, None)
    assert "nothing changed" in result.detail
    assert states(world)[-1] is RESOLVED


def test_an_accepted_post_without_effect_is_unknown() -> None:
    """It may still show up later: no second POST, its record stays open, nothing is promised."""
    world, result = update(Script(fates={2: Fate.IGNORED}))
    assert told(result) == (Ending.UNKNOWN, None)
    assert (kinds(world), states(world)[-1]) == (STEADY, UNKNOWN)
    assert UNSCHEDULED not in result.detail


@pytest.mark.parametrize("fate", NOW_FATES)
def test_now_is_asked_for_once_whatever_comes_of_it(fate: Fate) -> None:
    """Not even a certain refusal is answered by a second one in the same run."""
    world = world_of(DRAFT, Script(fates={0: fate}))
    result = applied(world, target(NOW))
    assert result.ending is NOW_FATES[fate]
    assert kinds(world) == [POST]


def test_a_now_of_which_no_byte_left_is_tried_again() -> None:
    """It was not asked for yet: the fence held it back, or there was no connection."""
    world = world_of(DRAFT, Script(fates={0: Fate.NOT_SENT}))
    assert told(applied(world, target(NOW))) == DONE
    assert [one.took for one in world.writes] == [False, True]


def test_a_now_that_is_unknown_stays_unknown() -> None:
    """No later run asks again, with the same plan or a new one."""
    world = world_of(DRAFT, Script(fates={0: Fate.LOST_BEFORE}))
    change = world.plan(target(NOW))
    for plan in (change, change, world.plan(target(NOW))):
        ended = world.apply(plan)
        assert ended is not None
        assert ended.ending is Ending.UNKNOWN
    assert kinds(world) == [POST]


@pytest.mark.parametrize("fate", [Fate.IGNORED, Fate.LOST_BEFORE])
def test_a_now_beside_somebodys_schedule_is_unknown(fate: Fate) -> None:
    """The schedule that shows is no answer to `now`: it is left alone, and `now` not repeated."""
    world = world_of(DRAFT, Script(fates={0: fate}, before={"get 2": schedules}))
    change = world.plan(target(NOW))
    for _ in range(2):
        ended = world.apply(change)
        assert ended is not None
        assert ended.ending is Ending.UNKNOWN
    assert (kinds(world), world.vendor.live.status) == ([POST], Status.SCHEDULED)


@pytest.mark.parametrize(
    ("fate", "code"),
    [
        (Fate.LOST_BEFORE, ExitCode.UNEXPECTED),
        (Fate.THROTTLED, ExitCode.THROTTLED),
        (Fate.NOT_SENT, ExitCode.UNEXPECTED),
    ],
)
def test_after_three_attempts_it_is_enough(fate: Fate, code: ExitCode) -> None:
    """Each kind of write is tried three times in a run; then the run says what stands."""
    world, result = update(Script(fates=dict.fromkeys(range(1, 9), fate)))
    assert told(result) == (STOPPED, code)
    assert kinds(world) == [DELETE, PUT, PUT, PUT]
    assert UNSCHEDULED in result.detail
    assert len(result.writes) == (1 if fate is Fate.NOT_SENT else 4)


def test_after_a_refusal_nothing_else_is_written() -> None:
    """A rejected PUT ends the run; as stale, when somebody changed the account meanwhile."""
    luck = Script(fates={1: Fate.REJECTED}, before={"get 3": changes_recipients})
    world, result = update(luck)
    assert told(result) == STALE
    assert kinds(world) == [DELETE, PUT]


def test_a_refused_write_whose_aim_is_reached_is_done() -> None:
    """The DELETE is refused because somebody else was quicker, and that is all that was wanted."""
    world = world_of(scheduled(DRAFT, WHEN), Script(before={"write 0": unschedules}))
    assert told(applied(world, target())) == DONE


# --- compensation ----------------------------------------------------------------------------


@pytest.mark.parametrize("edit", [changes_recipients, changes_subject])
@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        (DRAFT, target(WHEN)),
        (SENT, target(OLD, WHEN)),
        (FAILED, target(WHEN)),
    ],
    ids=["first send", "resend", "retry"],
)
def test_a_schedule_with_foreign_people_or_content_is_taken_back(
    edit: Happening, live: Live, wanted: Target
) -> None:
    """An edit in the moment before the POST: ccops deletes the schedule that it made itself."""
    world = world_of(live, Script(before={"write 0": edit}))
    result = applied(world, wanted)
    assert told(result) == (STOPPED, ExitCode.PARTIAL)
    assert "ccops unscheduled it again, so it will not be sent" in result.detail
    assert "it was sent" not in result.detail
    assert (kinds(world), world.vendor.live.status) == ([POST, DELETE], live.status)
    assert states(world) == [INTENT, ACKED, COMPENSATING, COMPENSATED]


def test_a_schedule_for_another_time_is_taken_back() -> None:
    """The vendor accepts, but for another time than asked for."""
    world = world_of(DRAFT, Script(fates={0: Fate.ODD_DATE}))
    result = applied(world, target(WHEN))
    assert told(result) == (STOPPED, ExitCode.PARTIAL)
    assert "another time" in result.detail
    assert kinds(world) == [POST, DELETE]


def test_a_schedule_of_unclear_origin_is_left_alone() -> None:
    """After a POST without an answer, a schedule for another time may be anybody's: unknown."""
    luck = Script(fates={0: Fate.LOST_BEFORE}, before={"get 2": schedules})
    world = world_of(DRAFT, luck)
    assert applied(world, target(WHEN)).ending is Ending.UNKNOWN
    assert (kinds(world), world.vendor.live.status) == ([POST], Status.SCHEDULED)


def test_compensation_may_come_too_late() -> None:
    """The machine slept until after the send: what went out is said, and no more is promised."""
    luck = Script(before={"write 0": changes_recipients, "get 2": sleeps(4 * HOUR)})
    world = world_of(DRAFT, luck)
    result = applied(world, target(WHEN))
    assert told(result) == (STOPPED, ExitCode.PARTIAL)
    assert "it was sent before ccops could unschedule it" in result.detail
    assert "will not be sent" not in result.detail
    assert world.open_writes() == []


@pytest.mark.parametrize("wait", [3 * HOUR - MINUTE, 3 * HOUR - 11 * SECOND], ids=str)
def test_compensation_that_loses_the_race_says_that_it_was_sent(wait: timedelta) -> None:
    """The DELETE arrives when the sending has begun: refused, and reported as sent."""
    luck = Script(
        before={"write 0": changes_recipients, "get 2": sleeps(wait)},
        slow={"write 1": timedelta(seconds=90)},
    )
    world = world_of(DRAFT, luck)
    result = applied(world, target(WHEN))
    assert told(result) == (STOPPED, ExitCode.PARTIAL)
    assert "it was sent before ccops could unschedule it" in result.detail
    assert len(world.vendor.mails) == 1


@pytest.mark.parametrize("edit", [changes_recipients, changes_subject])
def test_a_now_that_went_to_others_is_no_success(edit: Happening) -> None:
    """It cannot be taken back; but it is said, and it is not called done."""
    world = world_of(DRAFT, Script(before={"write 0": edit}))
    result = applied(world, target(NOW))
    assert told(result) == (STOPPED, ExitCode.PARTIAL)
    assert kinds(world) == [POST]


COMPENSATION_FATES = {
    Fate.FINE: 1,
    Fate.NOT_SENT: 2,
    Fate.LOST_BEFORE: 2,
    Fate.LOST_AFTER: 1,
    Fate.LATE: 1,
    Fate.CRASH_BEFORE: 2,
    Fate.THROTTLED: 2,
    Fate.FORBIDDEN: 2,
    Fate.REJECTED: 2,
    Fate.IGNORED: 2,
}


@pytest.mark.parametrize("fate", COMPENSATION_FATES)
def test_compensation_does_not_give_up_at_once(fate: Fate) -> None:
    """Whatever comes of the first DELETE, the schedule is gone in the end."""
    luck = Script(before={"write 0": changes_recipients}, fates={1: fate})
    world = world_of(DRAFT, luck)
    assert told(applied(world, target(WHEN))) == (STOPPED, ExitCode.PARTIAL)
    assert kinds(world) == [POST, *[DELETE] * COMPENSATION_FATES[fate]]
    assert world.vendor.live.status is Status.DRAFT


@pytest.mark.parametrize("fate", [Fate.LOST_BEFORE, Fate.FORBIDDEN, Fate.IGNORED])
def test_compensation_that_fails_five_times_is_unknown(fate: Fate) -> None:
    """A wrong send is still scheduled: a person must look, and the record stays open."""
    luck = Script(before={"write 0": changes_recipients}, fates=dict.fromkeys(range(1, 9), fate))
    world = world_of(DRAFT, luck)
    result = applied(world, target(WHEN))
    assert result.ending is Ending.UNKNOWN
    assert "could not be unscheduled again" in result.detail
    assert kinds(world) == [POST, *[DELETE] * 5]
    assert (states(world)[-1], len(world.open_writes())) == (UNKNOWN, 1)


def test_compensation_that_never_leaves_ends_too() -> None:
    """Held back or without a connection each time: no request, but sixteen tries are enough."""
    luck = Script(
        before={"write 0": changes_recipients},
        fates=dict.fromkeys(range(1, 40), Fate.NOT_SENT),
    )
    world = world_of(DRAFT, luck)
    result = applied(world, target(WHEN))
    assert (result.ending, "could not be unscheduled again" in result.detail) == (
        Ending.UNKNOWN,
        True,
    )
    assert kinds(world) == [POST, *[DELETE] * 16]


def test_compensation_goes_on_when_readings_fail() -> None:
    """A failed reading proves nothing, and justifies nothing: it is read again, a little later."""
    luck = Script(before={"write 0": changes_recipients}, unread=frozenset({3, 4}))
    world = world_of(DRAFT, luck)
    assert told(applied(world, target(WHEN))) == (STOPPED, ExitCode.PARTIAL)
    assert kinds(world) == [POST, DELETE]
    looks = [one.at for one in world.happened if isinstance(one.effect, Get)][3:]
    assert all(later - sooner >= LIMITS.read_lag for sooner, later in pairwise(looks))


def test_no_reading_at_all_ends_the_compensation_too() -> None:
    """Whether the DELETE took effect, nobody could tell: unknown, and the record stays open."""
    luck = Script(before={"write 0": changes_recipients}, unread=frozenset(range(3, 40)))
    world = world_of(DRAFT, luck)
    assert applied(world, target(WHEN)).ending is Ending.UNKNOWN
    assert (kinds(world), len(world.open_writes())) == ([POST, DELETE], 1)


@pytest.mark.parametrize("edit", [changes_recipients, changes_subject])
@pytest.mark.parametrize("moment", ["write 1", "get 3", "record 3"])
def test_a_run_that_dies_while_it_takes_back_is_taken_up(edit: Happening, moment: str) -> None:
    """The same plan goes on taking back, and does not start over."""
    world = world_of(DRAFT, Script(before={"write 0": edit, moment: dies}))
    change = world.plan(target(WHEN))
    died(world, change)
    ended = world.apply(change)
    assert ended is not None
    assert ended.ending is STOPPED
    assert (world.vendor.live.status, world.open_writes()) == (Status.DRAFT, [])


@pytest.mark.parametrize("edit", [changes_recipients, changes_subject])
def test_what_was_judged_foreign_stays_so_though_a_new_plan_has_seen_it(edit: Happening) -> None:
    """The run died before its DELETE: the next one deletes, even if its plan is content."""
    world = world_of(DRAFT, Script(before={"write 0": edit, "write 1": dies}))
    died(world, world.plan(target(WHEN)))
    ended = world.apply(world.plan(target(WHEN)))
    assert ended is not None
    assert told(ended) == (STOPPED, ExitCode.PARTIAL)
    assert (world.vendor.live.status, world.open_writes()) == (Status.DRAFT, [])


# --- stale plans -----------------------------------------------------------------------------

OTHER_VALUES: dict[str, object] = {
    "name": "Spring Appeal",
    "role": "permalink",
    "status": Status.EXECUTING,
    "ab_test": True,
    "format_type": 4,
    "recipients": STRANGERS,
    "subject": "Something else",
    "from_name": "Someone else",
    "from_email": "else@example.org",
    "reply_to": "else@example.org",
    "preheader": "Something else",
    "schedules": (WHEN + 2 * HOUR,),
    "history": sent(OLD, OLD + HOUR),
}
IDENTITY = {"campaign_id", "activity_id"}


def test_every_live_field_is_tried() -> None:
    """A field that is new in `Live` is compared, or is part of an identity."""
    assert set(OTHER_VALUES) | IDENTITY == {one.name for one in fields(Live)}


@pytest.mark.parametrize("name", OTHER_VALUES)
@pytest.mark.parametrize(
    "wanted", [target(WHEN, recipients=BOARD), target(LATER)], ids=["update", "reschedule"]
)
def test_a_plan_is_stale_when_any_field_changed(wanted: Target, name: str) -> None:
    """Nothing is written, and the message names what changed."""
    world = world_of(scheduled(replace(DRAFT, history=sent(OLD)), WHEN))
    wanted = replace(wanted, sends=(OLD, *wanted.sends))
    change = world.plan(wanted)
    assert change.verdict.writes
    world.vendor.edit(**{name: OTHER_VALUES[name]})
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == STALE
    assert name.replace("_", " ") in ended.detail
    assert kinds(world) == []


@pytest.mark.parametrize(
    ("live", "wanted", "edit"),
    [
        (DRAFT, target(WHEN), schedules),
        (DRAFT, target(WHEN), deletes),
        (scheduled(DRAFT, WHEN), target(LATER), unschedules),
        (scheduled(DRAFT, WHEN), target(), sends),
        (DRAFT, target(recipients=BOARD), sends),
    ],
)
def test_a_plan_is_stale_when_somebody_worked_on_the_campaign(
    live: Live, wanted: Target, edit: Happening
) -> None:
    """Somebody scheduled, unscheduled, sent or deleted it since."""
    world = world_of(live)
    change = world.plan(wanted)
    unschedules(world)
    edit(world)
    world.later(5 * MINUTE)
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == STALE
    assert kinds(world) == []


def test_an_undeclared_send_that_was_to_be_stopped_and_went_out_is_told() -> None:
    """All declared sends have happened; the one to be unscheduled happened too: not "nothing"."""
    soon = START + 20 * MINUTE
    world = world_of(scheduled(SENT, soon))
    change = world.plan(target(OLD))
    assert change.verdict is Verdict.UNSCHEDULE
    world.later(HOUR)
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == STALE


def test_a_campaign_that_is_gone_is_told() -> None:
    """Deleted between plan and apply."""
    world = world_of(DRAFT)
    change = world.plan(target(WHEN))
    deletes(world)
    ended = world.apply(change)
    assert ended is not None
    assert "the activity is gone" in ended.detail


@pytest.mark.parametrize(
    ("live", "wanted", "now"),
    [
        (DRAFT, target(WHEN), scheduled(DRAFT, WHEN)),
        (DRAFT, target(recipients=BOARD), replace(DRAFT, recipients=BOARD)),
        (scheduled(DRAFT, WHEN), target(), DRAFT),
        (DRAFT, target(NOW), replace(DRAFT, status=Status.DONE, history=sent(START))),
        (SENT, target(OLD, WHEN), replace(SENT, history=sent(OLD, WHEN))),
    ],
)
def test_what_somebody_else_did_already_need_not_be_done(
    live: Live, wanted: Target, now: Live
) -> None:
    """The desired state is no stale plan."""
    world = world_of(live)
    change = world.plan(wanted)
    world.vendor.edit(status=now.status, schedules=now.schedules, recipients=now.recipients)
    world.vendor.edit(history=now.history)
    ended = world.apply(change)
    assert ended is not None
    assert (ended.ending, kinds(world)) == (Ending.NOTHING, [])


def test_the_same_schedule_with_other_content_is_stale() -> None:
    """The plan showed, and the guards judged, another subject than the one that would go out."""
    world = world_of(DRAFT)
    change = world.plan(target(WHEN))
    world.vendor.edit(status=Status.SCHEDULED, schedules=(WHEN,), subject="Something else")
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == STALE


def test_a_plan_whose_time_has_run_out_needs_a_person() -> None:
    """Nothing changed but the clock."""
    world = world_of(DRAFT)
    change = world.plan(target(START + 20 * MINUTE))
    world.later(10 * MINUTE)
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == (Ending.NEEDS_PERSON, ExitCode.BLOCKED)
    assert kinds(world) == []


def torn(world: World) -> None:
    """Status and schedules disagree, as they may for a moment."""
    world.vendor.edit(status=Status.SCHEDULED)


def mended(world: World) -> None:
    """They agree again."""
    world.vendor.edit(status=Status.DRAFT)


@pytest.mark.parametrize(
    ("before", "expected"),
    [({"get 0": torn, "get 1": mended}, DONE), ({"get 0": torn}, STALE)],
)
def test_a_contradiction_is_believed_when_it_stays(
    before: Mapping[str, Happening], expected: object
) -> None:
    """SCHEDULED without a schedule is read once more."""
    world = world_of(DRAFT, Script(before=before))
    assert told(applied(world, target(WHEN))) == expected


def test_a_contradiction_that_cannot_be_read_again_is_believed() -> None:
    """The second reading fails: the first one counts, and it needs a person."""
    world = world_of(replace(DRAFT, status=Status.SCHEDULED), Script(unread=frozenset({1})))
    change = replace(world.plan(target(WHEN)), verdict=Verdict.SCHEDULE)
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == (Ending.NEEDS_PERSON, ExitCode.BLOCKED)


# --- edits while the run is under way --------------------------------------------------------


def test_an_edit_of_the_content_on_the_way_stops_the_run() -> None:
    """After the DELETE the subject is another: nothing more is written, loudly."""
    world, result = update(Script(before={"get 2": changes_subject}))
    assert told(result) == STALE
    assert "subject" in result.detail
    assert UNSCHEDULED in result.detail
    assert kinds(world) == [DELETE]


def test_an_edit_that_needs_an_unplanned_write_stops_the_run() -> None:
    """The plan shows one POST; the recipients are changed: no PUT is invented."""
    world = world_of(DRAFT, Script(before={"get 1": changes_recipients}))
    assert told(applied(world, target(WHEN))) == STALE
    assert kinds(world) == []


def test_the_same_schedule_with_other_content_by_hand_is_not_done() -> None:
    """The POST is refused because somebody was quicker, for the same time but another subject."""

    def quicker(world: World) -> None:
        changes_subject(world)
        schedules_likewise(world)

    world = world_of(DRAFT, Script(before={"write 0": quicker}))
    assert told(applied(world, target(WHEN))) == STALE
    assert kinds(world) == [POST]


@pytest.mark.parametrize(
    ("number", "made"),
    [
        (1, []),
        (2, [DELETE]),
        (3, [DELETE, PUT]),
    ],
)
def test_a_send_by_hand_is_never_called_ours(number: int, made: list[StepKind]) -> None:
    """Somebody presses "send now" before the POST: told, whatever was verified before."""

    def unscheduled_and_sent(world: World) -> None:
        unschedules(world)
        sends(world)

    world, result = update(Script(before={f"get {number}": unscheduled_and_sent}))
    assert result.ending is STOPPED
    assert UNSCHEDULED not in result.detail
    assert kinds(world) == made


def test_a_send_by_hand_after_the_post_is_never_called_ours() -> None:
    """It goes out three hours early: that is not what the plan wanted."""

    def unscheduled_and_sent(world: World) -> None:
        unschedules(world)
        sends(world)

    world = world_of(DRAFT, Script(before={"get 2": unscheduled_and_sent}))
    result = applied(world, target(WHEN))
    assert result.ending in {STOPPED, Ending.UNKNOWN}
    assert UNSCHEDULED not in result.detail


@pytest.mark.parametrize("wanted", [target(), target(recipients=BOARD)])
def test_a_send_by_hand_after_unscheduling_is_told(wanted: Target) -> None:
    """The manifest says unscheduled, and it is being sent: never done."""
    number = len(world_of(scheduled(DRAFT, WHEN)).plan(wanted).steps)
    luck = Script(before={f"get {number + 1}": sends})
    world = world_of(scheduled(DRAFT, WHEN), luck)
    assert applied(world, wanted).ending is STOPPED


def test_a_send_by_hand_that_is_over_when_it_is_read_is_told() -> None:
    """DONE where a draft was expected: it did not just lose its schedule."""

    def sent_and_over(world: World) -> None:
        sends(world)
        world.later(MINUTE)

    world = world_of(scheduled(DRAFT, WHEN), Script(before={"get 2": sent_and_over}))
    assert applied(world, target()).ending is STOPPED


def test_a_schedule_that_fires_before_the_delete_is_told() -> None:
    """The run slept until the old time: it was sent, and nothing else is claimed.

    Without the fence, which holds such a request back.
    """
    luck = Script(before={"write 0": sleeps(4 * HOUR)})
    world = world_of(scheduled(DRAFT, WHEN), luck)
    world.off = frozenset({Guard.FENCE})
    result = applied(world, target(LATER + 2 * HOUR))
    assert result.ending is STOPPED
    assert UNSCHEDULED not in result.detail
    assert kinds(world) == [DELETE]


def test_a_request_that_the_fence_held_back_was_not_made() -> None:
    """The run slept between its check and its request: none leaves, and none is claimed."""
    luck = Script(before={"write 0": sleeps(4 * HOUR)})
    world = world_of(scheduled(DRAFT, WHEN), luck)
    result = applied(world, target(LATER + 2 * HOUR))
    assert told(result) == (Ending.NEEDS_PERSON, ExitCode.BLOCKED)
    assert [one.fate for one in world.writes] == [Fate.FENCED]
    assert (result.writes, world.open_writes()) == ((), [])


@pytest.mark.parametrize(("span", "fate"), [(50, Fate.FINE), (120, Fate.CUT_OFF)])
def test_a_freeze_after_the_fence_is_settled_like_any_doubt(span: int, fate: Fate) -> None:
    """It arrives late, or never, and the run cannot know: it looks, and ends well."""
    world = world_of(DRAFT, Script(doors={0: span * SECOND}))
    assert told(applied(world, target(WHEN))) == DONE
    assert world.writes[0].fate is fate
    assert sum(one.took for one in world.writes) == 1


def test_a_schedule_after_the_planned_send_is_not_the_plans() -> None:
    """The machine slept over the send; a schedule made since is none that the plan showed."""
    luck = Script(before={"record 0": sleeps(4 * HOUR), "get 2": schedules})
    world, result = update(luck)
    assert told(result) == STALE
    assert (kinds(world), world.vendor.live.status) == ([], Status.SCHEDULED)


def test_somebody_who_unschedules_after_the_post_is_not_overruled() -> None:
    """Accepted and gone again: unknown in this run, and the next one asks a person."""
    world = world_of(DRAFT, Script(before={"get 2": unschedules}))
    change = world.plan(target(WHEN))
    assert applied(world, target(WHEN)).ending is Ending.UNKNOWN
    ended = world.apply(change)
    assert ended is not None
    assert (ended.ending, kinds(world)) == (Ending.NEEDS_PERSON, [POST])
    assert world.plan(target(WHEN)).verdict is Verdict.UNSCHEDULED_ELSEWHERE


def test_a_campaign_deleted_after_the_post_is_unknown() -> None:
    """Nothing is there to show what became of the POST."""
    world = world_of(DRAFT)
    gone = replace(DRAFT, status=Status.DRAFT)

    def vanishes(world: World) -> None:
        world.vendor.edit(status=gone.status, schedules=())
        deletes(world)

    world.luck = Script(before={"get 2": vanishes})
    assert applied(world, target(WHEN)).ending is Ending.UNKNOWN


# --- unscheduled elsewhere -------------------------------------------------------------------


def unscheduled_elsewhere() -> World:
    """Ccops scheduled it, verified; somebody took the schedule away."""
    world = world_of(DRAFT)
    applied(world, target(WHEN))
    world.later(MINUTE)
    unschedules(world)
    return world


def test_what_a_person_unscheduled_is_not_scheduled_again() -> None:
    """Neither by a new plan nor by the old one."""
    world = unscheduled_elsewhere()
    plan = world.plan(target(WHEN))
    assert plan.verdict is Verdict.UNSCHEDULED_ELSEWHERE
    ended = world.apply(replace(plan, verdict=Verdict.SCHEDULE))
    assert ended is not None
    assert told(ended) == (Ending.NEEDS_PERSON, ExitCode.BLOCKED)


def test_with_its_permission_it_is_scheduled_again() -> None:
    """`--allow reschedule=…` is for exactly this."""
    world = unscheduled_elsewhere()
    plan = world.plan(target(WHEN), restored=True)
    ended = world.apply(plan, restored=True)
    assert ended is not None
    assert told(ended) == DONE


def test_a_failed_attempt_uses_no_permission_up() -> None:
    """Permitted once and refused by the vendor; without the permission it stays forbidden."""
    world = unscheduled_elsewhere()
    world.luck = Script(fates={0: Fate.REJECTED})
    world.apply(world.plan(target(WHEN), restored=True), restored=True)
    assert world.plan(target(WHEN)).verdict is Verdict.UNSCHEDULED_ELSEWHERE


# --- time ------------------------------------------------------------------------------------


TIGHT = START + LIMITS.lead + 2 * LIMITS.head_start + MINUTE


def test_too_late_in_the_middle_is_loud() -> None:
    """Three unclear answers to the PUT ate the head start: it is unscheduled, and that is said."""
    luck = Script(fates=dict.fromkeys((1, 2, 3), Fate.LOST_BEFORE))
    world, result = update(luck, when=TIGHT)
    assert told(result) == (STOPPED, ExitCode.BLOCKED)
    assert "too near" in result.detail
    assert UNSCHEDULED in result.detail
    assert (kinds(world), world.vendor.live.status) == ([DELETE, PUT, PUT, PUT], Status.DRAFT)


def test_too_late_before_anything_took_effect_leaves_the_schedule() -> None:
    """Three unclear answers to the DELETE: it goes out as it was, and nothing else is claimed."""
    luck = Script(fates=dict.fromkeys((0, 1, 2), Fate.LOST_BEFORE))
    world, result = update(luck, when=TIGHT)
    assert told(result) == (STOPPED, ExitCode.BLOCKED)
    assert UNSCHEDULED not in result.detail
    assert (kinds(world), world.vendor.live.status) == ([DELETE] * 3, Status.SCHEDULED)


def test_one_unclear_answer_for_each_write_does_not_strand_a_sequence() -> None:
    """That is what the head start is for."""
    when = START + LIMITS.lead + 2 * LIMITS.head_start + 10 * SECOND
    luck = Script(fates={0: Fate.LOST_AFTER, 1: Fate.LOST_AFTER})
    world, result = update(luck, when=when)
    assert told(result) == DONE
    assert kinds(world) == STEADY


def test_an_intent_that_took_too_long_is_not_sent() -> None:
    """The journal was slow: the reading is old, so the write is decided anew."""
    world = world_of(DRAFT, Script(slow={"record 0": timedelta(seconds=6)}))
    assert told(applied(world, target(WHEN))) == DONE
    assert states(world) == [INTENT, RESOLVED, *MADE]
    assert len({line.write_id for line in world.journal}) == 2


def test_a_journal_that_is_always_slow_sends_nothing() -> None:
    """The run ends, says so, and leaves nothing open."""
    slow = {f"record {number}": timedelta(seconds=6) for number in range(64)}
    world = world_of(DRAFT, Script(slow=slow))
    result = applied(world, target(WHEN))
    assert (result.ending, kinds(world), world.open_writes()) == (STOPPED, [], [])
    assert "no end after 16 readings" in result.detail


def test_a_write_in_the_last_round_is_not_forgotten() -> None:
    """Nobody read back what became of it: unknown, not "stopped"."""
    slow = {f"record {number}": timedelta(seconds=6) for number in range(0, 30, 2)}
    world = world_of(DRAFT, Script(slow=slow))
    result = applied(world, target(WHEN))
    assert kinds(world) == [POST]
    assert result.ending is Ending.UNKNOWN
    assert len(world.open_writes()) == 1


def test_no_reading_comes_sooner_than_the_read_lag_after_a_write() -> None:
    """In the run that wrote, and in the next one, which knows it from the journal."""
    world = world_of(DRAFT)
    change = world.plan(target(WHEN))
    world.apply(change)
    world.apply(change)
    last: datetime | None = None
    for line in world.happened:
        if line.step is not None:
            last = line.at
        if isinstance(line.effect, Get) and last is not None:
            assert line.at - last >= LIMITS.read_lag


def test_the_settle_time_counts_from_when_the_trouble_was_noticed() -> None:
    """Not from the intent: the process may have been frozen in between."""
    world = world_of(DRAFT, Script(fates={0: Fate.LOST_AFTER}))
    applied(world, target(WHEN))
    noticed = world.writes[0].at + timedelta(seconds=30)
    sleeps_until = [
        line.effect.instant for line in world.happened if isinstance(line.effect, SleepUntil)
    ]
    assert max(sleeps_until) >= noticed + LIMITS.settle + LIMITS.read_lag


# --- readings that fail ----------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1])
def test_an_unreadable_account_is_not_written_to(number: int) -> None:
    """At the check or later: the reading's own exit code, and nothing open."""
    world = world_of(DRAFT, Script(unread=frozenset({number})))
    assert told(applied(world, target(WHEN))) == (STOPPED, ExitCode.UNEXPECTED)
    assert kinds(world) == []


@pytest.mark.parametrize("number", [2, 3, 4])
def test_an_unreadable_account_with_an_open_write_is_unknown(number: int) -> None:
    """After each write of the sequence; what follows is not promised."""
    world, result = update(Script(unread=frozenset({number})))
    assert result.ending is Ending.UNKNOWN
    assert UNSCHEDULED not in result.detail
    assert len(world.open_writes()) == 1


@pytest.mark.parametrize("number", [2, 3, 4])
def test_what_an_unread_write_left_behind_is_not_told(number: int) -> None:
    """The state before it is shown to nobody: now it is unknown, and the way out is said."""
    _, result = update(Script(unread=frozenset({number})))
    assert result.live is None
    assert STILL_OPEN in result.detail


def test_what_a_refused_write_left_behind_is_known() -> None:
    """Nothing: the reading before it still tells how things are."""
    world = world_of(DRAFT, Script(fates={0: Fate.FORBIDDEN}))
    result = applied(world, target(WHEN))
    assert told(result) == (STOPPED, ExitCode.ACCESS)
    assert result.live == DRAFT


def test_a_known_outcome_tells_of_no_open_write() -> None:
    """The way out is for what is open."""
    luck = Script(before={"write 0": changes_recipients})
    assert STILL_OPEN not in applied(world_of(DRAFT, luck), target(WHEN)).detail


def test_an_unreadable_account_after_a_refusal_says_what_is_known() -> None:
    """The DELETE is verified, the PUT refused: unscheduled, and that is said."""
    luck = Script(fates={1: Fate.THROTTLED}, unread=frozenset({3}))
    world, result = update(luck)
    assert told(result) == (STOPPED, ExitCode.UNEXPECTED)
    assert UNSCHEDULED in result.detail
    assert world.open_writes() == []


@pytest.mark.parametrize("fate", [Fate.IGNORED])
def test_an_unreadable_account_while_waiting_for_an_accepted_write_is_unknown(fate: Fate) -> None:
    """The second look fails."""
    world = world_of(DRAFT, Script(fates={0: fate}, unread=frozenset({3})))
    assert applied(world, target(WHEN)).ending is Ending.UNKNOWN
    assert len(world.open_writes()) == 1


def test_an_unreadable_account_leaves_an_earlier_write_open() -> None:
    """The run that should recover cannot read: the record stays as it is."""
    world = world_of(DRAFT, Script(before={"get 2": dies}, unread=frozenset({3})))
    change = world.plan(target(WHEN))
    died(world, change)
    ended = world.apply(change)
    assert ended is not None
    assert ended.ending is Ending.UNKNOWN
    assert len(world.open_writes()) == 1


# --- what an earlier run left open -----------------------------------------------------------


def test_nothing_open_is_nothing_to_recover() -> None:
    """And it costs no effect."""
    world = world_of(DRAFT)
    progress = world.progress(world.plan(target(WHEN)))
    assert world.play(protocol.recover(progress), progress.task.change.target) is None
    assert world.happened == []


def left_open(moment: str, edit: Happening | None = None) -> tuple[World, Change]:
    """An update whose process died; then perhaps somebody was at work."""
    world = world_of(scheduled(DRAFT, WHEN), Script(before={moment: dies}))
    change = world.plan(target(WHEN, recipients=BOARD))
    died(world, change)
    world.later(MINUTE)
    if edit:
        edit(world)
    return world, change


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("write 0", RESOLVED),
        ("get 2", VERIFIED),
        ("write 1", RESOLVED),
        ("get 3", VERIFIED),
        ("write 2", RESOLVED),
        ("get 4", VERIFIED),
    ],
)
def test_what_was_left_open_is_closed_by_what_a_reading_shows(
    moment: str, state: WriteState
) -> None:
    """Before and after each write of the sequence."""
    world, change = left_open(moment)
    progress = world.progress(change)
    assert world.play(protocol.recover(progress), change.target) is None
    assert states(world)[-1] is state


@pytest.mark.parametrize("moment", ["write 0", "get 2", "write 1", "get 3"])
def test_a_plan_is_not_resumed_over_somebody_elses_work(moment: str) -> None:
    """Died on the way, then the recipients were changed by hand: stale, nothing written."""
    world, change = left_open(moment, changes_recipients)
    made = kinds(world)
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == STALE
    assert kinds(world) == made


def test_another_plans_unfinished_write_makes_no_plan_fit() -> None:
    """Plan A is saved; plan B dies on the way; A no longer shows what is there."""
    world = world_of(DRAFT, Script(before={"get 2": dies}))
    saved = world.plan(target(WHEN, recipients=BOARD))
    other = world.plan(target(recipients=STRANGERS))
    died(world, other)
    ended = world.apply(saved)
    assert ended is not None
    assert told(ended) == STALE
    assert kinds(world) == [PUT]


def test_a_foreign_schedule_left_open_is_taken_back_by_the_next_run() -> None:
    """The POST of the dead run met other recipients."""
    world = world_of(DRAFT, Script(before={"write 0": changes_recipients, "get 2": dies}))
    change = world.plan(target(WHEN))
    died(world, change)
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == (STOPPED, ExitCode.PARTIAL)
    assert world.vendor.live.status is Status.DRAFT


@pytest.mark.parametrize("same", [True, False], ids=["the same plan", "a new plan"])
@pytest.mark.parametrize("moment", ["get 2", "write 1"])
def test_a_foreign_send_of_a_dead_run_is_told(moment: str, same: bool) -> None:
    """It died before it could take its schedule back, and the next run came after the send."""
    world = world_of(DRAFT, Script(before={"write 0": changes_recipients, moment: dies}))
    change = world.plan(target(WHEN))
    died(world, change)
    world.later(24 * HOUR)
    ended = world.apply(change if same else world.plan(target(WHEN)))
    assert ended is not None
    assert told(ended) == (STOPPED, ExitCode.PARTIAL)
    assert "it was sent before ccops could unschedule it" in ended.detail
    assert world.open_writes() == []


@pytest.mark.parametrize("same", [True, False], ids=["the same plan", "a new plan"])
def test_another_schedule_than_the_one_left_open_is_unknown(same: bool) -> None:
    """Whose it is nobody can tell: it is left alone."""
    world, change = left_open("write 2", schedules)
    ended = world.apply(change if same else world.plan(change.target))
    assert ended is not None
    assert ended.ending is Ending.UNKNOWN
    assert (world.vendor.live.status, kinds(world)) == (Status.SCHEDULED, [DELETE, PUT])


def test_a_send_left_open_that_happened_since_is_verified() -> None:
    """The next run comes a day later: sent at its time, nothing to do."""
    world = world_of(DRAFT, Script(before={"get 2": dies}))
    change = world.plan(target(WHEN))
    died(world, change)
    world.later(24 * HOUR)
    ended = world.apply(change)
    assert ended is not None
    assert (ended.ending, states(world)[-1]) == (Ending.NOTHING, VERIFIED)


def test_a_send_left_open_that_failed_since_is_verified_and_told() -> None:
    """The vendor tried at the right time and could not: the POST did take effect."""
    world = world_of(DRAFT, Script(before={"get 2": dies}), Rules(sends_fail=True))
    change = world.plan(target(WHEN))
    died(world, change)
    world.later(24 * HOUR)
    ended = world.apply(change)
    assert ended is not None
    assert (ended.ending, states(world)[-1]) == (STOPPED, VERIFIED)


def test_a_resend_left_open_that_never_arrived_is_not_taken_for_the_first_send() -> None:
    """No manifest is about it any more, and it was sent once before: nothing is verified."""
    world = world_of(SENT, Script(before={"write 0": dies}))
    change = world.plan(target(OLD, WHEN))
    died(world, change)
    entry = world.journal[-1]
    assert isinstance(entry.when, datetime)
    orphan = Change(
        campaign=NAME,
        verdict=Verdict.BLOCKED,
        row=0,
        place=Place(file="journal", line=1, column=1),
        target=Target(
            campaign=NAME,
            activity_id=ACTIVITY,
            sends=(entry.when,),
            recipients=entry.recipients or Recipients(),
        ),
        zone="UTC",
    )
    progress = world.progress(orphan)
    assert world.play(protocol.recover(progress), orphan.target) is None
    assert states(world)[-1] is RESOLVED


def test_a_schedule_left_open_is_verified_without_a_plan() -> None:
    """A stand-in for a change knows no content; recipients and time are enough."""
    world = world_of(DRAFT, Script(before={"get 2": dies}))
    change = world.plan(target(WHEN))
    died(world, change)
    orphan = replace(change, verdict=Verdict.BLOCKED, before=None, steps=())
    progress = world.progress(orphan)
    assert world.play(protocol.recover(progress), orphan.target) is None
    assert states(world)[-1] is VERIFIED


def test_a_change_that_was_not_there_before_is_stale() -> None:
    """A plan that read nothing cannot fit."""
    world = world_of(DRAFT)
    change = replace(world.plan(target(WHEN)), before=None)
    ended = world.apply(change)
    assert ended is not None
    assert told(ended) == STALE
    assert "it was not there before" in ended.detail


def test_a_plan_without_a_reading_writes_nothing() -> None:
    """Even if it came as far as the writing: the content it was made for is unknown."""
    world = world_of(DRAFT)
    change = replace(world.plan(target(WHEN)), before=None)
    progress = world.progress(change)
    ended = world.play(protocol.converge(progress), change.target)
    assert ended is not None
    assert (told(ended), kinds(world)) == (STALE, [])


def test_a_now_with_resends_after_it_is_done_when_it_is_sent() -> None:
    """The resends are for later plans: neither made by this one, nor missed by it."""
    for luck in (Script(), Script(before={"get 2": sleeps(MINUTE)})):
        world = world_of(DRAFT, luck)
        assert told(applied(world, target(NOW, WHEN))) == DONE
        assert kinds(world) == [POST]


def test_a_plan_that_writes_nothing_is_stale_when_there_is_something_to_write() -> None:
    """What was recovered is compared, too: the plan does not show what would be made."""
    world = world_of(DRAFT)
    change = replace(world.plan(target(WHEN)), verdict=Verdict.BLOCKED)
    progress = world.progress(change)
    ended = world.play(protocol.check(progress), change.target)
    assert ended is not None
    assert told(ended) == STALE
    assert kinds(world) == []


def test_a_planned_delete_is_made_once() -> None:
    """Verified, then somebody schedules it anew: that schedule stands in no plan, and stays."""
    world = world_of(scheduled(DRAFT, WHEN), Script(before={"get 3": schedules}))
    assert told(applied(world, target(WHEN, recipients=BOARD)))[0] is STOPPED
    assert kinds(world) == [DELETE, PUT]
    assert world.vendor.live.status is Status.SCHEDULED


def test_a_reading_that_took_too_long_justifies_no_write() -> None:
    """Its first part is outdated when the last arrives; it is read again before anything leaves."""
    slow = iter([True])

    def dawdles(world: World) -> None:
        if next(slow, False):
            world.later(MINUTE)

    world = world_of(DRAFT, Script(before={"get 1": dawdles}))
    assert told(applied(world, target(WHEN))) == DONE
    assert kinds(world) == [POST]
    assert [one.detail for one in world.journal if one.state is RESOLVED] == [
        "not sent: the reading had grown old"
    ]
