"""The hour of a send is the one on the wall, on the days when walls disagree with arithmetic.

The wall's time is worked out here by hand, from the rules of each place and no zone data.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccops.manifest.rules import Guard, Rules
from ccops.manifest.window import Blackout, Hours
from ccops.model import NOW
from tests.guards.guard_examples import REASON, Situation, judge, rules_of
from tests.guards.test_guard_laws import WHERE, hours
from tests.planning.samples import NAME, NOW_IS

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
AUTUMN, SPRING = datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2027, 3, 14, 7, tzinfo=UTC)
"""First Sunday of November and second of March, at 02:00 of the clock that ends."""
NEW_YEAR = datetime(2027, 1, 1, 5, tzinfo=UTC)
TURNS = (AUTUMN, NEW_YEAR, SPRING)
ahead = st.tuples(st.sampled_from(TURNS), st.integers(-1_500, 1_500)).map(
    lambda pair: pair[0] + pair[1] * MINUTE
)


def wall(instant: datetime) -> datetime:
    """What a clock in New York shows, from October 2026 to April 2027."""
    behind = 5 if AUTUMN <= instant < SPRING else 4
    return (instant - behind * HOUR).replace(tzinfo=None)


def stopped(rules: Rules, at: datetime, guard: Guard) -> bool:
    """Whether a guard stops a send at that instant."""
    plan = judge(rules, Situation(words="", at=at))
    return any((one.guard, one.campaign) == (guard, NAME) and one.blocking for one in plan.findings)


def minute_of(face: str) -> int:
    return int(face[:2]) * 60 + int(face[3:5])


MIDNIGHTS = (NEW_YEAR - MINUTE, NEW_YEAR, AUTUMN - 3 * HOUR, AUTUMN + HOUR - MINUTE, SPRING)


@given(hours, ahead)
@example(Hours(start=time(1), end=time(2)), AUTUMN - MINUTE)
@example(Hours(start=time(1), end=time(2)), AUTUMN + MINUTE)
@example(Hours(start=time(3), end=time(2)), SPRING)
@settings(max_examples=60)
def test_quiet_hours_hold_on_the_wall(window: Hours, at: datetime) -> None:
    """When clocks are set back, in both passages of the hour, and over midnight and New Year."""
    start, end = minute_of(f"{window.start}"), minute_of(f"{window.end}")
    now = wall(at).hour * 60 + wall(at).minute
    inside = (now - start) % 1_440 < (end - start) % 1_440
    assert stopped(Rules(quiet_hours=(window,)), at, Guard.QUIET_HOURS) == inside


def each_midnight(law: Callable[[datetime], None]) -> Callable[[], None]:
    """Hold a law at any time around the turns, and each time on both sides of midnight."""
    for one in MIDNIGHTS:
        law = example(one)(law)
    return given(ahead)(settings(max_examples=30)(law))


@each_midnight
def test_quiet_days_begin_at_midnight_on_the_wall(at: datetime) -> None:
    """Not at midnight UTC, nor 24 hours after the midnight before."""
    today = wall(at).weekday()
    others = frozenset(range(7)) - {today}
    assert stopped(Rules(quiet_days=frozenset({today})), at, Guard.QUIET_DAYS)
    assert not stopped(Rules(quiet_days=others), at, Guard.QUIET_DAYS)


@each_midnight
def test_a_blackout_holds_from_its_first_minute_to_its_last(at: datetime) -> None:
    """Over the end of a year and changes of the clocks; the end itself is outside."""
    now, day = wall(at), timedelta(days=1)

    def inside(start: datetime, end: datetime) -> bool:
        span = Blackout(start=start, end=end, why="moving", place=WHERE)
        return stopped(Rules(blackouts=(span,)), at, Guard.BLACKOUTS)

    assert inside(now, now + MINUTE)
    assert inside(now - day, now + MINUTE)
    assert not inside(now - day, now)
    assert not inside(now + MINUTE, now + day)


@each_midnight
def test_a_holiday_is_a_day_on_the_wall(at: datetime) -> None:
    """New Year's Day begins when New York says so, five hours after UTC does."""
    today, day = wall(at).date(), timedelta(days=1)
    assert stopped(Rules(dates=frozenset({today})), at, Guard.HOLIDAYS)
    assert not stopped(Rules(dates=frozenset({today - day, today + day})), at, Guard.HOLIDAYS)


@pytest.mark.parametrize(
    ("rules", "guard", "now", "stops"),
    [
        ("quiet-hours: 20:00-08:00", Guard.QUIET_HOURS, "18:59:59", False),
        ("quiet-hours: 20:00-08:00", Guard.QUIET_HOURS, "19:00:00", True),
        ("quiet-hours: 20:00-08:00", Guard.QUIET_HOURS, "19:30:20", True),
        ("quiet-hours: 20:00-08:00", Guard.QUIET_HOURS, "20:00:00", True),
        ("quiet-days: [Wed]", Guard.QUIET_DAYS, "22:59:00", False),
        ("quiet-days: [Wed]", Guard.QUIET_DAYS, "23:00:00", True),
        ("holidays: 2026-10-07", Guard.HOLIDAYS, "23:30:00", True),
        ("holidays: 2026-10-07", Guard.HOLIDAYS, "12:00:00", False),
        (
            "blackouts: [{dates: '2026-10-06 20:00..2026-10-07', why: x}]",
            Guard.BLACKOUTS,
            "19:15:00",
            True,
        ),
        (
            "blackouts: [{dates: '2026-10-06 20:00..2026-10-07', why: x}]",
            Guard.BLACKOUTS,
            "18:15:00",
            False,
        ),
    ],
)
def test_a_send_now_is_judged_for_as_long_as_it_can_be_applied(
    rules: str, guard: Guard, now: str, stops: bool
) -> None:
    """Its plan lives for an hour: made in the evening, it must not send in the night."""
    at = datetime.fromisoformat(f"2026-10-06 {now}+00:00") + 4 * HOUR
    plan = judge(rules_of(rules), Situation(words="", at=NOW), now=at)
    found = [one for one in plan.findings if one.guard == guard]
    assert [one.blocking for one in found] == [True] * stops
    at_once = now == "20:00:00"
    assert ["if it is applied then" in one.diagnostic.message for one in found] == [
        not at_once
    ] * stops


def test_a_send_now_in_the_night_can_be_overridden() -> None:
    """As any other, and with its reason first."""
    evening = datetime(2026, 10, 6, 23, 30, tzinfo=UTC)
    plan = judge(
        rules_of("quiet-hours: 20:00-08:00"),
        Situation(words="", at=NOW),
        now=evening,
        overrides=("quiet-hours",),
        allow=("send-now",),
    )
    assert not plan.blocked
    assert next((one.rule, one.reason) for one in plan.permissions) == ("quiet-hours", REASON)


def test_the_zone_is_the_sends_own() -> None:
    """Nine in Los Angeles is noon in New York, and quiet there is not quiet here."""
    at = NOW_IS.replace(hour=16) + timedelta(days=1)
    rules = rules_of("quiet-hours: 11:00-13:00")
    assert stopped(rules, at, Guard.QUIET_HOURS)
    plan = judge(rules, Situation(words="", at=at), zone="America/Los_Angeles")
    assert plan.findings == ()
