"""Spans of wall time, as guards are written: hours of each day, and dates of one year.

Wall time has no zone here: whoever asks has put the instant into the zone of its send. Every
window begins with its first minute and ends before its last: 20:00-08:00 holds 20:00 and not
08:00. Where a clock is set back, both passages of an hour are in a window that holds it.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from ccops.errors import Diagnostic, InvalidInput, Place

_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_HOURS = re.compile(rf"{_CLOCK} ?[-–] ?{_CLOCK}")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = rf"({_DAY})(?: ({_CLOCK}))?"
_DATES = re.compile(rf"{_MOMENT}(?: ?\.\. ?{_MOMENT})?")
_FIRST, _FIRST_TIME, _LAST, _LAST_TIME = 1, 2, 5, 6
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A window of each day. `end` before `start` runs over midnight; they are never equal."""

    start: time
    end: time

    def holds(self, wall: time) -> bool:
        """Whether a wall time is in the window."""
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackout:
    """A window that comes once: from `start` until before `end`, naive wall times, and why."""

    start: datetime
    end: datetime
    why: str
    place: Place = field(compare=False)

    def holds(self, wall: datetime) -> bool:
        """Whether a naive wall time is in the window."""
        return self.start <= wall < self.end


def read_hours(text: str, place: Place) -> Hours:
    """Read `20:00-08:00`. Raises InvalidInput CC130."""
    match = _HOURS.fullmatch(text)
    if match is None or match.group(1, 2) == match.group(3, 4):
        raise refusal("not a window of hours", place, "write two different times: 20:00-08:00")
    first, second, third, fourth = map(int, match.groups())
    return Hours(start=time(first, second), end=time(third, fourth))


def read_blackout(text: str, why: str, place: Place) -> Blackout:
    """Read `2026-11-03`, `2026-12-24..2026-12-26` or `2026-11-03 18:00..2026-11-04 06:00`.

    A date means the whole day, as the last one too; a time at the end is outside. Raises
    InvalidInput CC130.
    """
    match = _DATES.fullmatch(text)
    try:
        bounds = _bounds(match) if match else None
    except (ValueError, OverflowError):
        bounds = None
    if bounds is None or bounds[0] >= bounds[1]:
        help_ = "write one date, or the first and the last: 2026-12-24..2026-12-26"
        raise refusal("not a span of dates", place, help_)
    return Blackout(start=bounds[0], end=bounds[1], why=why, place=place)


def read_date(text: str) -> date | None:
    """Read `2026-11-27`; None: it is none."""
    try:
        return date.fromisoformat(text) if re.fullmatch(_DAY, text) else None
    except ValueError:
        return None


def refusal(message: str, place: Place, help_: str) -> InvalidInput:
    """Make the error for a guard's value that is not one (CC130)."""
    return InvalidInput(Diagnostic(code="CC130", message=message, place=place, help=help_))


def _bounds(match: re.Match[str]) -> tuple[datetime, datetime]:
    start = _moment(match[_FIRST], match[_FIRST_TIME])
    if match[_LAST] is None:
        # One time alone is a point, which no send is in: the span is empty, and refused.
        return start, start if match[_FIRST_TIME] else start + _ONE_DAY
    end = _moment(match[_LAST], match[_LAST_TIME])
    return start, end if match[_LAST_TIME] else end + _ONE_DAY


def _moment(day: str, clock: str | None) -> datetime:
    return datetime.fromisoformat(f"{day} {clock or '00:00'}")
