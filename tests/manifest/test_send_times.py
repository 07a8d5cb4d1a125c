"""A written time is exactly one instant, or an error that says how to write it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.clock import WEEKDAYS, Zone, find_zone, known_zones, read_time, wall_time

HERE = Place(file="a.yaml", line=4, column=10, width=16)
NEW_YORK = Zone(name="America/New_York")
ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Pacific/Apia",
    "UTC",
)
INSTANTS = st.integers(0, 3_000_000_000).map(
    lambda seconds: datetime(2001, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
)
# Hours at random seldom meet a clock change: half of them are near one.
WALLS = (
    INSTANTS
    | st.sampled_from(
        [
            datetime(2026, month, day, hour, minute, tzinfo=UTC)
            for month, day in (
                (3, 8),
                (3, 29),
                (4, 5),
                (10, 4),
                (10, 25),
                (11, 1),
                (2, 15),
                (3, 22),
            )
            for hour in (1, 2, 3)
            for minute in (0, 15, 45)
        ]
    )
).map(lambda when: when.replace(tzinfo=None))


def refusal(text: str, zone: Zone | None = NEW_YORK) -> Diagnostic:
    with pytest.raises(InvalidInput) as caught:
        read_time(text, HERE, zone)
    (one,) = caught.value.diagnostics
    assert one.place == HERE
    assert one.help
    return one


@given(INSTANTS, st.sampled_from(ZONES))
def test_a_wall_time_that_stands_alone_is_the_instant_it_was_made_of(
    when: datetime, zone: str
) -> None:
    """Writing an instant as wall time and reading it again gives the same instant."""
    text, alone = wall_time(when, zone)
    assume(alone)
    assert read_time(text, HERE, Zone(name=zone)).when == when
    assert read_time(f"{text} {zone}", HERE, None).when == when


@given(INSTANTS, st.sampled_from(ZONES))
def test_an_instant_with_any_offset_is_itself(when: datetime, zone: str) -> None:
    text = when.astimezone(ZoneInfo(zone)).isoformat()
    assert read_time(text, HERE, None).when == when


@given(WALLS, st.sampled_from(ZONES))
def test_a_wall_time_is_read_only_if_one_instant_shows_it(wall: datetime, zone: str) -> None:
    """The count of instants that show it decides: none is a gap, two are a fold."""
    wall = wall.replace(second=0)
    there = ZoneInfo(zone)
    around = (wall.replace(tzinfo=UTC) + timedelta(minutes=15 * n) for n in range(-100, 101))
    shown = [one for one in around if one.astimezone(there).replace(tzinfo=None) == wall]
    text = f"{wall:%Y-%m-%d %H:%M}"
    if len(shown) == 1:
        assert read_time(text, HERE, Zone(name=zone)).when == shown[0]
    else:
        assert refusal(text, Zone(name=zone)).code == ("CC117" if shown else "CC116")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-06 09:00", "2026-10-06T13:00:00+00:00"),
        ("Tue 2026-10-06 09:00", "2026-10-06T13:00:00+00:00"),
        ("2026-10-06 09:00:30", "2026-10-06T13:00:30+00:00"),
        ("Tue 2026-10-06 09:00 America/Chicago", "2026-10-06T14:00:00+00:00"),
        ("2026-07-01 09:00 US/Eastern", "2026-07-01T13:00:00+00:00"),
        ("2026-07-01 09:00 UTC", "2026-07-01T09:00:00+00:00"),
        ("2022-05-10T12:53:55.104Z", "2022-05-10T12:53:55+00:00"),
        ("2026-10-06T13:00Z", "2026-10-06T13:00:00+00:00"),
        ("2026-10-06T09:00:00-04:00", "2026-10-06T13:00:00+00:00"),
        ("2026-10-06T09:00+05:30", "2026-10-06T03:30:00+00:00"),
        ("2028-02-29 00:00", "2028-02-29T05:00:00+00:00"),
        ("2026-11-01T01:30:00-04:00", "2026-11-01T05:30:00+00:00"),
        ("2026-11-01T01:30:00-05:00", "2026-11-01T06:30:00+00:00"),
    ],
)
def test_these_forms_are_read(text: str, expected: str) -> None:
    send = read_time(text, HERE, NEW_YORK)
    assert isinstance(send.when, datetime)
    assert send.when.isoformat() == expected
    assert send.when.tzinfo is UTC
    assert send.place is HERE


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-10-06 09:00", NEW_YORK, "America/New_York"),
        ("2026-10-06 09:00 Europe/Berlin", NEW_YORK, "Europe/Berlin"),
        ("2026-10-06T09:00:00Z", NEW_YORK, "America/New_York"),
        ("2026-10-06T09:00:00Z", None, "UTC"),
    ],
)
def test_a_send_remembers_the_zone_its_author_thinks_in(
    text: str, zone: Zone | None, expected: str
) -> None:
    assert read_time(text, HERE, zone).zone == expected


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("2026-10-06", "CC111", "without a time"),
        ("Tue 2026-10-06", "CC111", "without a time"),
        ("2026-10-06 America/New_York", "CC111", "without a time"),
        ("2026-10-06 9:00 AM", "CC110", "12-hour"),
        ("2026-10-06 09:00pm", "CC110", "12-hour"),
        ("2026-10-06 09:00 AM", "CC110", "12-hour"),
        ("Tue 2026-10-06 09:00 pm America/New_York", "CC110", "12-hour"),
        ("9am", "CC110", "12-hour"),
        ("x" * 1_000_000, "CC110", "xxx…` is not a time"),
        ("2026-10-06 9:00", "CC110", "one digit"),
        ("2026-10-06T09:00", "CC113", "without an offset"),
        ("2026-10-06T09:00:00.5", "CC113", "without an offset"),
        ("2026-10-06T09:00.5Z", "CC110", "not a time"),
        ("2026-10-06 09:00-04:00", "CC110", "offset after"),
        ("2026-10-06 09:00Z", "CC110", "offset after"),
        ("2026-10-06T09:00:00-04:00 America/New_York", "CC118", "offset and a time zone"),
        ("2026-10-06 09:00 America/New_York America/Chicago", "CC118", "two time zones"),
        ("0", "CC110", "no time"),
        ("Now", "CC110", "small letters"),
        ("UNSCHEDULED", "CC110", "small letters"),
        ("10/06/2026 09:00", "CC110", "ambiguous order"),
        ("6.10.2026 09:00", "CC110", "ambiguous order"),
        ("tomorrow", "CC110", "not a time"),
        ("2026-W10-2", "CC110", "not a time"),
        ("20261006T0900Z", "CC110", "not a time"),
        ("2026-10-06  09:00", "CC110", "not a time"),
        ("2026-10-06 09:00\n", "CC110", "not a time"),
        ("٢٠٢٦-10-06 09:00", "CC110", "not a time"),
        ("2026-02-30 09:00", "CC114", "does not exist"),
        ("2026-10-06 24:00", "CC114", "does not exist"),
        ("2026-10-06 09:60", "CC114", "does not exist"),
        ("2026-13-06T09:00:00Z", "CC114", "does not exist"),
        ("0206-10-06 09:00", "CC114", "no year"),
        ("2206-10-06T09:00:00Z", "CC114", "no year"),
        ("2026-10-06T09:00:00+14:30", "CC114", "no place"),
        ("2026-10-06T09:00:00-04:60", "CC114", "no place"),
        ("Tues 2026-10-06 09:00", "CC115", "not a weekday"),
        ("tue 2026-10-06 09:00", "CC115", "not a weekday"),
        ("2026-10-06 09:00 EST", "CC112", "EST"),
        ("2026-10-06 09:00 EST5EDT", "CC112", "EST5EDT"),
        ("2026-10-06 09:00 GMT+5", "CC112", "GMT+5"),
        ("2026-10-06 09:00 Etc/GMT+5", "CC112", "Etc/GMT+5"),
        ("2026-10-06 09:00 right/America/New_York", "CC112", "right/"),
        ("2026-10-06 09:00 america/new_york", "CC112", "america"),
    ],
)
def test_everything_else_is_refused_with_its_reason(text: str, code: str, words: str) -> None:
    one = refusal(text)
    assert one.code == code
    assert words in one.message


def test_a_wrong_weekday_names_the_right_one_and_the_dates_that_may_be_meant() -> None:
    one = refusal("Wed 2026-10-06 09:00")
    assert one.code == "CC115"
    assert one.message == "2026-10-06 is a Tue, not a Wed"
    assert "`Tue 2026-10-06`" in one.help
    assert "`Wed 2026-09-30`" in one.help
    assert "`Wed 2026-10-07`" in one.help


@given(st.dates(min_value=date(2001, 1, 8), max_value=date(2098, 12, 1)))
def test_only_one_weekday_is_right(day: date) -> None:
    accepted = []
    for weekday in WEEKDAYS:
        try:
            read_time(f"{weekday} {day} 12:00 UTC", HERE, None)
        except InvalidInput as refused:
            assert refused.diagnostics[0].code == "CC115"  # noqa: PT017  # six of seven raise
        else:
            accepted.append(weekday)
    assert accepted == [f"{day:%a}"]


def test_a_skipped_time_names_the_times_around_it() -> None:
    one = refusal("2026-03-08 02:30")
    assert one.code == "CC116"
    assert "`2026-03-08 01:30` or `2026-03-08 03:30`" in one.help


def test_a_skipped_half_hour_is_seen_too() -> None:
    one = refusal("2026-10-04 02:15", Zone(name="Australia/Lord_Howe"))
    assert "`2026-10-04 01:45` or `2026-10-04 02:45`" in one.help


def test_a_skipped_day_is_seen_too() -> None:
    """Samoa had no 30 December 2011."""
    assert refusal("2011-12-30 12:00", Zone(name="Pacific/Apia")).code == "CC116"


def test_a_repeated_time_shows_both_instants_in_a_form_that_is_read() -> None:
    one = refusal("Sun 2026-11-01 01:30")
    assert one.code == "CC117"
    offered = one.help.split("`")[1::2]
    instants = [read_time(text, HERE, NEW_YORK).when for text in offered]
    assert instants == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    ]


def test_a_time_without_a_zone_from_anywhere_is_refused() -> None:
    assert refusal("2026-10-06 09:00", None).code == "CC113"


def test_a_zone_that_contradicts_the_manifest_is_refused_at_both_places() -> None:
    own = Place(file="a.yaml", line=2, column=11)
    one = refusal("2026-10-06 09:00 America/Chicago", Zone(name="America/New_York", place=own))
    assert one.code == "CC118"
    assert [place for place, _ in one.also] == [own]


def test_a_zone_that_repeats_the_manifest_s_is_fine() -> None:
    zone = Zone(name="America/Chicago", place=HERE)
    assert read_time("2026-10-06 09:00 America/Chicago", HERE, zone).zone == "America/Chicago"


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("EST", "America/New_York"),
        ("pdt", "America/Los_Angeles"),
        ("America/New York", "America/New_York"),
        ("america/chicago", "America/Chicago"),
        ("Chicago", "America/Chicago"),
        ("Europe/Berlni", "Europe/Berlin"),
        ("Eastern", "US/Eastern"),
    ],
)
def test_an_unknown_zone_suggests_the_one_meant(name: str, suggestion: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        find_zone(name, HERE)
    assert caught.value.diagnostics[0].help == f"did you mean `{suggestion}`?"


@pytest.mark.parametrize("name", ["", "/", "../../etc/passwd", "/etc/localtime", "America", "☃/☃"])
def test_a_zone_is_never_looked_up_as_a_path(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        find_zone(name, HERE)
    assert caught.value.diagnostics[0].code == "CC112"


def test_every_zone_with_an_area_is_accepted_but_the_inverted_ones() -> None:
    accepted = {name for name in known_zones() if "/" in name and not name.startswith("Etc/GMT")}
    assert {find_zone(name, HERE).key for name in accepted} == accepted
    assert len(accepted) > 400
