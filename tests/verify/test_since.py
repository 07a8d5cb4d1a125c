"""`--since` means one instant, or is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import InvalidInput
from ccops.planning.since import start_of

NOW = datetime(2027, 3, 15, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7d", "2027-03-08T14:30:00+00:00"),
        ("48h", "2027-03-13T14:30:00+00:00"),
        ("9999d", "1999-10-29T14:30:00+00:00"),
        ("2027-03-01", "2027-03-01T05:00:00+00:00"),
        ("2027-03-20", "2027-03-20T04:00:00+00:00"),
        ("2027-03-01T09:00:00Z", "2027-03-01T09:00:00+00:00"),
        ("2027-03-01T09:00-05:00", "2027-03-01T14:00:00+00:00"),
    ],
)
def test_what_it_means(text: str, expected: str) -> None:
    """A span ends now; a date begins at the workspace's midnight; an instant is itself."""
    assert start_of(text, now=NOW, zone="America/New_York").isoformat() == expected


def test_a_zone_that_is_none_counts_as_utc() -> None:
    """The account's zone is a stranger's text, and only shifts a midnight."""
    for zone in ("", "Nowhere/Land", "../x"):
        assert start_of("2027-03-01", now=NOW, zone=zone).isoformat() == "2027-03-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "d",
        "0d",
        "-7d",
        "7 d",
        "7d\n",
        "99999d",
        "7w",
        "yesterday",
        "2027-02-30",
        "2027-3-1",
        "2027-03-01T09:00:00",
        "2027-03-01T25:00:00Z",
        "2027-03-01 09:00",
        "0001-01-01T00:00+14:00",
        "٧d",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """With the three forms that it can have."""
    with pytest.raises(InvalidInput, match="CC298") as caught:
        start_of(text, now=NOW, zone="America/New_York")
    assert "7d" in caught.value.diagnostics[0].help


@given(st.text(alphabet="0123456789dhTZ:-+ ", max_size=25))
def test_it_is_an_instant_or_a_refusal(text: str) -> None:
    """Nothing else can come of any text."""
    try:
        found = start_of(text, now=NOW, zone="UTC")
    except InvalidInput:
        return
    assert found.tzinfo is UTC
