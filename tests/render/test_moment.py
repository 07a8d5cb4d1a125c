"""Times are told absolutely first, with zone and UTC, and the same everywhere."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.render.moment import absolute, distance, duration, local, moment, relative, short, utc

NEW_YORK = "America/New_York"
NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
instants = st.datetimes(timezones=st.just(UTC))
zones = st.sampled_from(
    (NEW_YORK, "UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "America/Sao_Paulo", "no/zone", "..")
)


@given(instants, instants, zones)
def test_every_instant_can_be_told(when: datetime, now: datetime, zone: str) -> None:
    """The end of time and a stranger's zone included, always with the UTC time in it."""
    told = moment(when, zone=zone, now=now)
    assert f"{when:%H:%M}" in told
    assert "UTC" in told


@given(instants, st.integers(1, 10**9), zones)
def test_past_and_future_are_told_apart(now: datetime, seconds: int, zone: str) -> None:
    """A later instant is never said to be ago, nor an earlier one to come."""
    try:
        later = now + timedelta(seconds=seconds)
    except OverflowError:
        return
    assert relative(later, zone=zone, now=now).startswith(("in ", "tomorrow"))
    assert relative(now, zone=zone, now=later).endswith((" ago", "yesterday"))


@pytest.mark.parametrize(
    ("when", "zone", "told"),
    [
        ("2026-11-27T13:00:00", NEW_YORK, "Fri 27 Nov 2026, 08:00 EST (13:00 UTC)"),
        ("2026-07-04T13:00:30", NEW_YORK, "Sat 4 Jul 2026, 09:00:30 EDT (13:00:30 UTC)"),
        ("2026-11-28T01:00:00", NEW_YORK, "Fri 27 Nov 2026, 20:00 EST (Sat 28 Nov, 01:00 UTC)"),
        (
            "2026-11-27T13:00:00",
            "America/Sao_Paulo",
            "Fri 27 Nov 2026, 10:00 UTC−03:00 (13:00 UTC)",
        ),
        ("2026-11-27T13:00:00", "Asia/Kathmandu", "Fri 27 Nov 2026, 18:45 UTC+05:45 (13:00 UTC)"),
        ("2026-11-27T13:00:00", "UTC", "Fri 27 Nov 2026, 13:00 UTC"),
        ("2026-11-27T13:00:00", "Europe/London", "Fri 27 Nov 2026, 13:00 GMT (13:00 UTC)"),
        ("2026-11-27T13:00:00", "Mars/Olympus", "Fri 27 Nov 2026, 13:00 UTC"),
        ("9999-12-31T23:00:00", "Pacific/Kiritimati", "Fri 31 Dec 9999, 23:00 UTC"),
    ],
)
def test_absolute(when: str, zone: str, told: str) -> None:
    """Weekday, date, 24-hour clock, zone, and UTC with its date where that differs."""
    assert absolute(datetime.fromisoformat(when).replace(tzinfo=UTC), zone=zone) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "now"),
        (20, "in 20 s"),
        (-20, "20 s ago"),
        (600, "in 10 min"),
        (3_600, "in 1 h"),
        (18_600, "in 5 h 10 min"),
        (-7_200, "2 h ago"),
        (86_399, "in 23 h 59 min"),
        (86_400, "tomorrow"),
        (-86_400, "yesterday"),
        (3 * 86_400 - 3_900, "in 3 days"),
        (-3 * 86_400, "3 days ago"),
        (2_000 * 86_400, "in 2,000 days"),
    ],
)
def test_relative(seconds: int, told: str) -> None:
    """Calendar days in the zone; below 24 hours, hours and minutes."""
    assert relative(NOW + timedelta(seconds=seconds), zone=NEW_YORK, now=NOW) == told


def test_a_day_of_25_hours_is_no_zero_days() -> None:
    """When clocks go back, 24.5 hours can lie within one date."""
    midnight = datetime(2026, 11, 1, 4, tzinfo=UTC)
    late = midnight + timedelta(hours=24, minutes=30)
    assert distance(midnight, late, zone=NEW_YORK) == "24 h 30 min"


def test_parts_of_a_moment() -> None:
    """For tables and headings, the parts one by one."""
    when = datetime(2026, 11, 27, 13, tzinfo=UTC)
    assert moment(when, zone=NEW_YORK, now=NOW).endswith("(13:00 UTC), in 3 days")
    assert local(when, zone=NEW_YORK) == "Fri 27 Nov 2026, 08:00 EST"
    assert short(when, zone=NEW_YORK) == "Fri 27 Nov, 08:00 EST"
    assert utc(when, zone=NEW_YORK) == "13:00 UTC"
    assert duration(timedelta(seconds=14)) == "14 s"
    assert duration(timedelta(hours=2)) == "2 h"
