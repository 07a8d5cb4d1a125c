"""Durations in words, as `ccops.yaml` and options spell them: `300 ms`, `90 minutes`, `4 hours`."""

import re
from datetime import timedelta

DURATION = re.compile(r"([0-9]{1,6}) ?(ms|seconds?|minutes?|hours?)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
}


def read_duration(text: str) -> timedelta:
    """Give what a number with its unit means. Raises ValueError if it is not written like that."""
    found = DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    number, unit = found.groups()
    return int(number) * (_UNITS.get(unit) or _UNITS[unit.removesuffix("s")])
