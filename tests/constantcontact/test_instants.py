"""The vendor's renderings of one instant are one instant."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.instants import instant_text, parse_instant

INSTANTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda instant: instant.replace(microsecond=0))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(INSTANTS, OFFSETS, st.integers(0, 999_999))
def test_all_renderings_of_an_instant_are_equal(
    instant: datetime, zone: timezone, fraction: int
) -> None:
    """Milliseconds or none, Z or offset, with or without colon: the same second."""
    local = instant.astimezone(zone)
    plain = local.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    colon = local.isoformat()[-6:]
    renderings = [
        instant_text(instant),
        f"{plain}{colon}",
        f"{plain}{colon.replace(':', '')}",
        f"{plain}.{fraction:06}{colon}",
        instant_text(instant).replace(".000Z", "Z"),
        instant_text(local),
    ]
    assert {parse_instant(text) for text in renderings} == {instant}


@given(INSTANTS, st.integers(0, 999_999))
def test_what_is_sent_has_one_form(instant: datetime, fraction: int) -> None:
    """The fraction is dropped as the server drops it; the text is always 24 characters."""
    text = instant_text(instant.replace(microsecond=fraction))
    assert len(text) == 24
    assert text.endswith(".000Z")
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2022-05-10T12:53:55.104Z", datetime(2022, 5, 10, 12, 53, 55, tzinfo=UTC)),
        ("2026-09-29T18:40:05Z", datetime(2026, 9, 29, 18, 40, 5, tzinfo=UTC)),
        ("2016-03-03T10:56:29-05:00", datetime(2016, 3, 3, 15, 56, 29, tzinfo=UTC)),
        ("2026-09-29T14:37:13.521+0000", datetime(2026, 9, 29, 14, 37, 13, tzinfo=UTC)),
        ("2022-05-17", datetime(2022, 5, 17, tzinfo=UTC)),
    ],
)
def test_recorded_renderings_are_read(text: str, instant: datetime) -> None:
    """One of each kind that the documentation or a recording shows."""
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "now",
        "2026-10-06T09:00:00",
        "2026-10-06 09:00:00Z",
        "2026-10-06T09:00Z",
        "2026-13-06T09:00:00Z",
        "2026-02-30T09:00:00Z",
        "2026-02-30",
        "2026-10-06T24:00:00Z",
        "2026-10-06T09:00:60Z",
        "2026-10-06T09:00:00+99:00",
        "2026-10-06T09:00:00Z\n",
        "2026-10-06T09:00:00z",
        "20261006T090000Z",
        "2026-W41-2",
        "٢٠٢٦-10-06T09:00:00Z",
        "0001-01-01T00:00:00+10:00",
    ],
)
def test_anything_else_is_no_instant(text: str) -> None:
    """Least of all a time without a zone."""
    assert parse_instant(text) is None


def test_a_time_without_a_zone_is_never_written() -> None:
    """It would be some hours off, silently."""
    with pytest.raises(ValueError, match="without a zone"):
        instant_text(datetime(2026, 10, 6, 9))  # noqa: DTZ001 - the very mistake
