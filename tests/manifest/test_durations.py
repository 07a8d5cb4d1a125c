"""Durations in words mean what they say."""

import re
from datetime import timedelta

import pytest

from ccops.manifest.durations import read_duration

MEANT = {
    "300 ms": timedelta(milliseconds=300),
    "300ms": timedelta(milliseconds=300),
    "1 second": timedelta(seconds=1),
    "90 minutes": timedelta(hours=1, minutes=30),
    "4 hours": timedelta(hours=4),
    "0 seconds": timedelta(0),
}
MEANT_NOT = (
    "",
    "4",
    "hours",
    "1.5 hours",
    "-1 hours",
    "4  hours",
    "4 mss",
    "4 days",
    "4 Hours",
    "٤ hours",
)


@pytest.mark.parametrize(("text", "meant"), MEANT.items())
def test_a_number_and_its_unit_are_a_duration(text: str, meant: timedelta) -> None:
    assert read_duration(text) == meant


@pytest.mark.parametrize("text", MEANT_NOT)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read_duration(text)
