"""Instants for people: the absolute time first, with its zone and UTC; the relative one second.

English and the 24-hour clock always, whatever the locale. All instants are aware datetimes.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = timedelta(days=1)


def moment(when: datetime, *, zone: str, now: datetime) -> str:
    """For example `Fri 27 Nov 2026, 08:00 EST (13:00 UTC), in 3 days`."""
    return f"{absolute(when, zone=zone)}, {relative(when, zone=zone, now=now)}"


def absolute(when: datetime, *, zone: str) -> str:
    """For example `Fri 27 Nov 2026, 08:00 EST (13:00 UTC)`; the UTC date too where it differs."""
    here = _local(when, zone)
    if here.utcoffset() == timedelta(0) and _zone_name(here) == "UTC":
        return local(when, zone=zone)
    return f"{local(when, zone=zone)} ({utc(when, zone=zone)})"


def local(when: datetime, *, zone: str) -> str:
    """For example `Fri 27 Nov 2026, 08:00 EST`."""
    here = _local(when, zone)
    return f"{_date(here)} {here.year}, {_clock(here)} {_zone_name(here)}"


def utc(when: datetime, *, zone: str) -> str:
    """For example `13:00 UTC`, or `Sat 28 Nov, 01:00 UTC` where the date differs from `zone`'s."""
    there, here = when.astimezone(UTC), _local(when, zone)
    date = "" if there.date() == here.date() else f"{_date(there)}, "
    return f"{date}{_clock(there)} UTC"


def short(when: datetime, *, zone: str) -> str:
    """For example `Fri 27 Nov, 08:00 EST`: for tables whose year goes without saying."""
    here = _local(when, zone)
    return f"{_date(here)}, {_clock(here)} {_zone_name(here)}"


def wall_clock(when: datetime, *, zone: str) -> str:
    """For example `2026-11-27 08:00`: what the clock shows there, for programs that draw it."""
    here = _local(when, zone)
    return f"{here.year:04}-{here:%m-%d %H:%M}"


def relative(when: datetime, *, zone: str, now: datetime) -> str:
    """For example `in 3 days`, `in 5 h 10 min`, `2 h ago`.

    Days are the calendar's, in `zone`: from a Tuesday to Friday it is 3 days at any hour.
    """
    if when == now:
        return "now"
    amount = distance(when, now, zone=zone)
    if amount == "1 day":
        return "tomorrow" if when > now else "yesterday"
    return f"in {amount}" if when > now else f"{amount} ago"


def distance(one: datetime, other: datetime, *, zone: str) -> str:
    """How far two instants lie apart: `3 days`, or below 24 hours `5 h 10 min`."""
    apart = abs(one - other)
    days = abs((_local(one, zone).date() - _local(other, zone).date()).days)
    # On the day when clocks go back, more than 24 hours fit into one date.
    if apart < _DAY or not days:
        return duration(apart)
    return "1 day" if days == 1 else f"{days:,} days"


def duration(span: timedelta) -> str:
    """For example `5 h 10 min`, `14 s`; minutes are whole, and seconds only stand alone."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if not hours and not minutes:
        return f"{seconds} s"
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")
    return " ".join(part for part in parts if part)


def _local(when: datetime, zone: str) -> datetime:
    # A stranger's zone name, or a date at the end of time, must not stop a report: UTC is true.
    try:
        return when.astimezone(_zone(zone))
    except OverflowError:
        return when.astimezone(UTC)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _zone_name(here: datetime) -> str:
    name = here.tzname() or "UTC"
    bare = re.fullmatch(r"([+-])(\d\d):?(\d\d)?", name)
    if bare is None:
        return name
    sign = "−" if bare[1] == "-" else "+"
    return f"UTC{sign}{bare[2]}:{bare[3] or '00'}"


def _date(here: datetime) -> str:
    return f"{_DAYS[here.weekday()]} {here.day} {_MONTHS[here.month - 1]}"


def _clock(here: datetime) -> str:
    return f"{here:%H:%M:%S}" if here.second else f"{here:%H:%M}"
