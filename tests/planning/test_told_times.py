"""Times that a plan tells are the manifest's own: whoever writes them there means just those."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccops.manifest.clock import Zone, read_time
from ccops.model import Live, SendTime, Status, When
from ccops.planning.assemble import Observation
from ccops.planning.plan import Change, Verdict
from ccops.planning.verdict import decide
from tests.planning.samples import (
    DAY,
    LISTS,
    LIVE,
    NOW_IS,
    PLACE,
    completed,
    desired,
    facts,
    scheduled,
    target,
)
from tests.planning.strategies import planned

ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
MINUTE = timedelta(minutes=1)
THEN, SOON = NOW_IS - 30 * DAY, NOW_IS + DAY


def declared(*sends: tuple[When, str], zone: str, live: Live = LIVE) -> Change:
    """The change of a manifest whose sends are written for zones of their own."""
    times = tuple(SendTime(when=when, zone=own, place=PLACE) for when, own in sends)
    wanted = replace(desired(), sends=times, zone=zone)
    (change,) = planned([Observation(desired=wanted, live=live, recipients=LISTS)]).changes
    return change


@settings(max_examples=80)
@given(st.timedeltas(timedelta(0), 730 * DAY).map(NOW_IS.__add__), st.sampled_from(ZONES))
@example(datetime(2026, 11, 1, 5, 20, 30, tzinfo=UTC), "America/New_York")
@example(datetime(2026, 11, 1, 6, 20, 30, tzinfo=UTC), "America/New_York")
def test_the_earliest_time_that_works_works(now: datetime, zone: str) -> None:
    """Pasted into the manifest it is on time, and a minute earlier would not be."""
    case = replace(facts(target(now + MINUTE), LIVE, now=now), zone=zone)
    told = re.search(r"earliest that works is (.+)", decide(case).reason)
    assert told
    when = read_time(told[1], PLACE, Zone(name=zone, place=PLACE)).when
    assert isinstance(when, datetime)
    assert (when.second, when.microsecond) == (0, 0)
    assert decide(replace(case, target=target(when))).verdict is Verdict.SCHEDULE
    assert decide(replace(case, target=target(when - MINUTE))).verdict is Verdict.TOO_LATE


@pytest.mark.parametrize(
    ("sends", "live", "told"),
    [
        ([(NOW_IS + MINUTE, "America/Chicago")], LIVE, "Tue 2026-10-06 07:15 America/Chicago"),
        ([(NOW_IS + MINUTE, "Asia/Tokyo")], LIVE, "Tue 2026-10-06 21:15 Asia/Tokyo"),
        (
            [(THEN, "Asia/Tokyo"), (NOW_IS - MINUTE, "Europe/Berlin")],
            replace(LIVE, status=Status.DONE, history=(completed(THEN),)),
            "Tue 2026-10-06 13:59 Europe/Berlin",
        ),
        (
            [(THEN, "Asia/Tokyo")],
            replace(LIVE, status=Status.DONE, history=(completed(THEN),)),
            "Sun 2026-09-06 07:00 America/Chicago",
        ),
        (
            [(SOON, "Asia/Tokyo")],
            scheduled(NOW_IS + MINUTE),
            "Tue 2026-10-06 21:01 Asia/Tokyo",
        ),
    ],
)
def test_a_plan_tells_times_in_the_next_sends_zone(
    sends: list[tuple[When, str]], live: Live, told: str
) -> None:
    """In the zone that its author wrote; in the manifest's, where no send is left."""
    assert told in declared(*sends, zone="America/Chicago", live=live).reason
