"""A plan as an agenda: every send in its place, and none called what the plan does not know."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.model import NOW, SendRecord, Status
from ccops.planning.agenda import Agenda, agenda, day_of
from ccops.planning.agenda_entries import AgendaEntry, AgendaState, Standing, entries
from ccops.planning.plan import Change, Plan, Verdict, Waiting
from tests.calendar_page.calendar_plans import named, ran
from tests.render.plan_strategies import plans
from tests.render.render_builders import NOON, at, change, live, plan

LATER = NOON + timedelta(days=3)
HELD = live(Status.SCHEDULED, when=LATER)
PASSING = {AgendaState.SCHEDULED, AgendaState.PLANNED, AgendaState.WAITING, AgendaState.WITHDRAWN}
State = AgendaState


def every(found: Agenda) -> list[AgendaEntry]:
    """All that an agenda shows, undated ones too."""
    days = [one for day in (*found.coming, *found.sent) for one in day.entries]
    return [*days, *found.immediate, *found.overdue, *found.drafts, *found.later]


@settings(max_examples=60)
@given(plans, st.integers(-40, 40), st.integers(1, 60))
def test_no_send_is_lost_or_told_twice(made: Plan, start: int, days: int) -> None:
    """What has no place in an agenda has no time, and needs a person; or lies before it."""
    first = day_of(NOON, made.zone) + timedelta(days=start)
    found = agenda(made, now=NOON, first=first, days=days)
    told = Counter(map(id, every(found)))
    assert set(told.values()) <= {1}
    sends = [one for change in made.changes for one in entries(change, now=NOON)]
    shown = Counter((one.change.campaign, one.state, one.when) for one in every(found))
    for one in sends:
        if (one.change.campaign, one.state, one.when) in shown:
            continue
        if one.when is None:
            assert one.state in {State.NEEDS_PERSON, State.SENT}
        else:
            assert day_of(one.when, made.zone) < first
    assert len(found.people) == sum(one.verdict.needs_person for one in made.changes)


@settings(max_examples=60)
@given(plans, st.integers(1, 60))
def test_days_ascend_and_hold_their_own(made: Plan, days: int) -> None:
    """Each day stands once, in order, with the sends of that day in the plan's zone."""
    found = agenda(made, now=NOON, days=days)
    for shown in (found.coming, found.sent):
        assert list(shown) == sorted(shown, key=lambda day: day.date)
        assert len({day.date for day in shown}) == len(shown)
        for day in shown:
            assert found.first <= day.date <= found.last
            times = [one.when for one in day.entries if one.when]
            assert times == sorted(times)
            assert {day_of(one, made.zone) for one in times} == {day.date}


@settings(max_examples=60)
@given(plans)
def test_nothing_that_has_passed_is_called_to_come(made: Plan) -> None:
    """Neither scheduled nor planned nor waiting; and what was sent, was read so."""
    for one in every(agenda(made, now=NOON)):
        if one.when is not None and one.when <= NOON:
            assert one.state not in PASSING
        if one.state is State.SENT:
            assert one.record or one.change.verdict is Verdict.SENT


def declared(verdict: Verdict, *, held: bool = False, send: bool = False) -> Change:
    """A campaign that declares one send, in three days."""
    before = HELD if held else live()
    one = change("Any", verdict, before=before, send=LATER if send else None)
    return named(one, "a1", LATER)


CASES = [
    (declared(Verdict.IN_SYNC, held=True, send=True), State.SCHEDULED, LATER, Standing.CERTAIN),
    (declared(Verdict.SCHEDULE, send=True), State.PLANNED, LATER, Standing.OPEN),
    (declared(Verdict.RESCHEDULE, held=True, send=True), State.PLANNED, LATER, Standing.OPEN),
    (declared(Verdict.UPDATE, held=True, send=True), State.PLANNED, LATER, Standing.OPEN),
    (declared(Verdict.RESEND, send=True), State.PLANNED, LATER, Standing.OPEN),
    (declared(Verdict.SEND_NOW), State.AT_ONCE, None, Standing.OPEN),
    (declared(Verdict.UPDATE), State.DRAFT, None, Standing.OPEN),
    (declared(Verdict.IN_SYNC), State.DRAFT, None, Standing.OPEN),
    (declared(Verdict.UNSCHEDULE, held=True), State.WITHDRAWN, LATER, Standing.OPEN),
    (declared(Verdict.UNSCHEDULE), State.DRAFT, None, Standing.OPEN),
    (declared(Verdict.SENDING), State.SENDING, None, Standing.CERTAIN),
    (declared(Verdict.FROZEN, held=True), State.NEEDS_PERSON, LATER, Standing.CERTAIN),
    (declared(Verdict.BLOCKED), State.NEEDS_PERSON, LATER, Standing.OPEN),
    (declared(Verdict.TOO_LATE), State.NEEDS_PERSON, LATER, Standing.OPEN),
    (declared(Verdict.HALTED), State.NEEDS_PERSON, LATER, Standing.OFF),
    (declared(Verdict.HALTED, held=True), State.NEEDS_PERSON, LATER, Standing.CERTAIN),
    (declared(Verdict.MISSED), State.NEEDS_PERSON, LATER, Standing.OFF),
    (declared(Verdict.UNSCHEDULED_ELSEWHERE), State.NEEDS_PERSON, LATER, Standing.OFF),
    (named(declared(Verdict.FAILED), "a1"), State.NEEDS_PERSON, None, Standing.OPEN),
    (named(declared(Verdict.BLOCKED), "a1", NOW), State.NEEDS_PERSON, None, Standing.OPEN),
    (replace(declared(Verdict.BLOCKED), before=None), State.NEEDS_PERSON, LATER, Standing.OPEN),
    (named(change("Any", Verdict.SENT), "a1", LATER), State.SENT, LATER, Standing.CERTAIN),
    (named(change("Any", Verdict.SENT), "a1", NOW), State.SENT, None, Standing.CERTAIN),
]


@pytest.mark.parametrize(("one", "state", "when", "standing"), CASES)
def test_the_next_send_of_a_verdict(
    one: Change, state: AgendaState, when: datetime | None, standing: Standing
) -> None:
    """What is said of it, when it is, and how sure that is."""
    (found,) = entries(one, now=NOON)
    assert (found.state, found.when, found.standing) == (state, when, standing)


def test_a_send_is_the_same_from_its_first_plan_to_its_last() -> None:
    """Waiting, planned, scheduled, going on, sent: the slot stays."""
    sends = (at(24, 13), LATER)
    first = ran(sends[0], 12)
    record = SendRecord(ran_at=LATER, completed=True, count=3)
    both = replace(first, history=(*(first.history or ()), record))
    wait = Waiting(when=LATER, opens=sends[0], closes=LATER - timedelta(minutes=18))
    onward = timedelta(days=4)
    stages = [
        (change("Any", Verdict.SENDING, waiting=(wait,)), NOON, State.WAITING),
        (change("Any", Verdict.RESEND, before=first, send=LATER), NOON, State.PLANNED),
        (
            change("Any", Verdict.IN_SYNC, before=replace(HELD, history=first.history), send=LATER),
            NOON,
            State.SCHEDULED,
        ),
        (change("Any", Verdict.SENDING), NOON + onward, State.SENDING),
        (change("Any", Verdict.SENT, before=both), NOON + onward, State.SENT),
    ]
    for one, now, state in stages:
        told = list(entries(named(one, "a1", *sends), now=now))
        assert [entry.slot for entry in told if entry.when == LATER] == [1], state
        assert [entry.state for entry in told if entry.when == LATER] == [state]


def test_a_failed_try_is_no_send() -> None:
    """Only what was completed counts; the next try has the slot of the one that failed."""
    failed = SendRecord(ran_at=at(24, 13), completed=False, count=0, reason=9)
    tried = replace(live(Status.ERROR), history=(failed,))
    (found,) = entries(
        named(change("Any", Verdict.SCHEDULE, before=tried, send=LATER), "a1", LATER), now=NOON
    )
    assert (found.slot, found.state) == (0, State.PLANNED)


def test_what_stands_behind_a_stuck_send() -> None:
    """Later sends of it are told too, and can be sure of nothing; `held` is the first one's."""
    stuck = replace(declared(Verdict.FROZEN, held=True), target=declared(Verdict.FROZEN).target)
    stuck = named(stuck, "a1", at(24, 15), at(1, 15, month=12))
    first, second = entries(stuck, now=NOON)
    assert (first.when, first.goes_out, first.behind) == (LATER, True, False)
    assert (second.when, second.goes_out, second.behind) == (at(1, 15, month=12), False, True)
    assert second.standing is Standing.OPEN


def test_a_waiting_send_beyond_the_declared_ones_has_a_slot() -> None:
    """A plan that was read from a file is told whatever it holds."""
    wait = Waiting(when=LATER, opens=NOON, closes=NOON)
    one = change("Any", Verdict.IN_SYNC, before=HELD, send=LATER, waiting=(wait,))
    assert [entry.slot for entry in entries(one, now=NOON)] == [0, 1]


def test_what_is_overdue_is_told_among_the_people_alone() -> None:
    """A time that has passed is not to come; unless it goes out all the same."""
    missed = named(change("Any", Verdict.MISSED, before=live()), "a1", at(24, 12))
    late = live(Status.SCHEDULED, when=at(24, 12))
    going = named(change("Other", Verdict.HALTED, before=late), "a2", at(24, 12))
    found = agenda(plan((missed, going)), now=NOON)
    assert [one.change.campaign for one in found.overdue] == ["Any"]
    assert [one.change.campaign for day in found.coming for one in day.entries] == ["Other"]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("America/New_York", date(2026, 11, 23)),
        ("UTC", date(2026, 11, 24)),
        ("no/zone", date(2026, 11, 24)),
        ("../etc", date(2026, 11, 24)),
        ("", date(2026, 11, 24)),
    ],
)
def test_the_day_of_an_instant(zone: str, expected: date) -> None:
    """The calendar's, in the zone; a name that is none counts as UTC."""
    assert day_of(datetime(2026, 11, 24, 2, tzinfo=UTC), zone) == expected


def test_the_ends_of_time_are_days_too() -> None:
    """Neither a far date nor many days stop an agenda."""
    end = datetime.max.replace(tzinfo=UTC)
    assert day_of(end, "Asia/Tokyo") == date.max
    assert agenda(plan(()), now=NOON, first=date.max, days=3_640).last == date.max
    assert agenda(plan(()), now=NOON, first=date.min).sent == ()
