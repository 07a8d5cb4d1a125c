"""Text to instants: the only place where a local time becomes UTC.

A wall time is accepted only when it means exactly one instant. Python's own parsers are not
asked what a time is: `fromisoformat` takes `2026-W10-7`, `20260308T0230` and dates alone (probe).
"""

import functools
import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.wording import excerpt, nearest
from ccops.model import SendTime

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
_ZONE = r"(?![AaPp][Mm](?: |\Z))[A-Za-z][A-Za-z0-9_+/-]*"
_WALL = re.compile(rf"(?:([A-Za-z]+) )?({_DATE}) ({_TIME})(?: ({_ZONE}))?")
_INSTANT = re.compile(
    rf"({_DATE})T([0-9]{{2}}:[0-9]{{2}})(?:(:[0-9]{{2}})(?:\.[0-9]{{1,9}})?)?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_YEARS = range(2000, 2100)
_DAY = len("2026-10-06")
_MINUTES = 60
_FARTHEST = timedelta(hours=14)

_FORM = "write `YYYY-MM-DD HH:MM`, as in `Tue 2026-10-06 09:00`"
_MISSHAPEN = (
    (r"(?i).*[0-9] ?[ap]\.?m\b.*", "CC110", "a 12-hour time", "write 09:00 or 21:00"),
    (
        rf"(?:[A-Za-z]+ )?{_DATE}(?: {_ZONE})?",
        "CC111",
        "a date without a time",
        "add the time, as in `2026-10-06 09:00`: ccops picks none",
    ),
    (
        rf"{_DATE}T{_TIME}(?:\.[0-9]+)?",
        "CC113",
        "an ISO-8601 time without an offset",
        "end it with Z or an offset, or write a local time with a blank instead of the T",
    ),
    (
        rf"{_DATE}T\S+ {_ZONE}",
        "CC118",
        "an offset and a time zone",
        "write one of them: `2026-10-06T09:00:00-04:00` or `2026-10-06 09:00 America/New_York`",
    ),
    (
        rf".*{_TIME}(?: {_ZONE}){{2,}}",
        "CC118",
        "two time zones",
        "write one of them",
    ),
    (
        rf"(?:[A-Za-z]+ )?{_DATE} {_TIME} ?(?:Z|[+-][0-9:]+)",
        "CC110",
        "an offset after a local time",
        "an instant is written with a T: `2026-10-06T09:00:00-04:00`",
    ),
    (
        rf"(?:[A-Za-z]+ )?{_DATE} [0-9]:[0-9]{{2}}.*",
        "CC110",
        "an hour of one digit",
        "write two digits, as in 09:00",
    ),
    (r"0", "CC110", "0 is no time", "write `now` to send at once"),
    (r"(?i)now|unscheduled", "CC110", "this word is written in small letters", "write it small"),
    (r"[0-9]{1,2}[/.][0-9]{1,2}[/.].*", "CC110", "a date in an ambiguous order", _FORM),
)
_CITIES = {
    **dict.fromkeys(("EST", "EDT", "ET", "EST5EDT"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT", "CT", "CST6CDT"), "America/Chicago"),
    **dict.fromkeys(("MST", "MDT", "MT", "MST7MDT"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT", "PT", "PST8PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("GMT", "BST", "GB"), "Europe/London"),
    **dict.fromkeys(("CET", "CEST", "MET"), "Europe/Berlin"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The time zone of times that name none. `place` is set if the manifest itself names it."""

    name: str
    place: Place | None = None


def read_time(text: str, place: Place, zone: Zone | None) -> SendTime:
    """Give the one instant that a written time means, in whole seconds: fractions are dropped.

    `zone` applies to a time that names none. Raises InvalidInput (CC110 to CC118) for anything
    that is not exactly one instant: a date alone, no zone, an unknown or three-letter zone, a
    wrong weekday, a wall time that a clock change skips or repeats, two zones that contradict.
    """
    if text.startswith("T", _DAY) and (instant := _INSTANT.fullmatch(text)):
        when = _instant(instant, place)
        return SendTime(when=when, zone=zone.name if zone else "UTC", place=place)
    parts = _WALL.fullmatch(text)
    if parts is None:
        raise _misshapen(text, place)
    weekday, day, time, own = parts.groups()
    wall = _moment(day, time, place)
    if weekday:
        _check_weekday(weekday, wall.date(), place)
    name = _zone_of(own, zone, place)
    return SendTime(when=_resolve(wall, find_zone(name, place), place), zone=name, place=place)


def find_zone(name: str, place: Place) -> ZoneInfo:
    """Give an IANA zone. Raises InvalidInput CC112 unless the name is `UTC` or has an area.

    `EST` would be UTC-5 in summer too, one hour late; `Etc/GMT+5` is five hours *behind* UTC.
    Links such as `US/Eastern` are taken: Constant Contact itself uses them (docs).
    """
    zone = _zone_named(name)
    if zone is None:
        suggestion = suggest_zone(name)
        raise InvalidInput(
            Diagnostic(
                code="CC112",
                message=f"`{excerpt(name)}` is not a time zone of the form Area/City",
                place=place,
                help=f"did you mean `{suggestion}`?"
                if suggestion
                else "write one such as `America/New_York`, or `UTC`",
            )
        )
    return zone


@functools.lru_cache(maxsize=1024)
def _zone_named(name: str) -> ZoneInfo | None:
    odd = "/" not in name or name.startswith("Etc/GMT")
    return None if name != "UTC" and (odd or name not in known_zones()) else ZoneInfo(name)


@functools.cache
def known_zones() -> frozenset[str]:
    """Give the names in the zone data that this Python uses."""
    return frozenset(zoneinfo.available_timezones())


@functools.lru_cache(maxsize=1024)
def suggest_zone(name: str) -> str | None:
    """Give the zone that someone who wrote `name` most likely means."""
    if name.upper() in _CITIES:
        return _CITIES[name.upper()]
    return nearest(name, _zones_by_initial().get(_initial(name), ()))


@functools.cache
def _zones_by_initial() -> dict[str, list[str]]:
    """Sort zones by the initial of their city: comparing a word with all 600 takes too long."""
    zones: dict[str, list[str]] = {}
    for name in sorted(known_zones()):
        if "/" in name and not name.startswith("Etc/"):
            zones.setdefault(_initial(name), []).append(name)
    return zones


def _initial(name: str) -> str:
    return name.rpartition("/")[2][:1].casefold()


def wall_time(when: datetime, zone: str) -> tuple[str, bool]:
    """Write an instant as `Www YYYY-MM-DD HH:MM[:SS]` in a zone; say whether it is that alone.

    False: the wall clock shows this time twice, so that only an offset tells which is meant.
    """
    local = when.astimezone(ZoneInfo(zone))
    text = f"{WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}" + (
        f":{local:%S}" if local.second else ""
    )
    return text, local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()


def _instant(parts: re.Match[str], place: Place) -> datetime:
    day, minutes, seconds, sign, hours_off, minutes_off = parts.groups()
    moment = _moment(day, minutes + (seconds or ""), place)
    if sign is None:
        return moment.replace(tzinfo=UTC)
    offset = timedelta(hours=int(hours_off), minutes=int(minutes_off))
    if offset > _FARTHEST or int(minutes_off) >= _MINUTES:
        raise _refusal("CC114", f"no place is {sign}{hours_off}:{minutes_off} from UTC", place)
    ahead = timezone(offset if sign == "+" else -offset)
    return moment.replace(tzinfo=ahead).astimezone(UTC)


def _moment(day: str, time: str, place: Place) -> datetime:
    try:
        moment = datetime.fromisoformat(f"{day}T{time}")
    except ValueError as error:
        raise _refusal("CC114", f"`{day} {time}` does not exist: {error}", place) from None
    if moment.year not in _YEARS:
        raise _refusal("CC114", f"the year {day[:4]} is no year for a mailing", place)
    return moment


def _check_weekday(written: str, day: date, place: Place) -> None:
    right = WEEKDAYS[day.weekday()]
    if written == right:
        return
    if written not in WEEKDAYS:
        message = f"`{written}` is not a weekday"
        raise _refusal("CC115", message, place, f"write one of {', '.join(WEEKDAYS)}; here {right}")
    back = (day.weekday() - WEEKDAYS.index(written)) % 7
    before = day - timedelta(days=back)
    after = before + timedelta(days=7)
    raise _refusal(
        "CC115",
        f"{day} is a {right}, not a {written}",
        place,
        f"write `{right} {day}`, or mean `{written} {before}` or `{written} {after}`",
    )


def _zone_of(own: str | None, zone: Zone | None, place: Place) -> str:
    if own is None:
        if zone is None:
            help_ = "add one here, as in `2026-10-06 09:00 America/New_York`, or `timezone:`"
            raise _refusal("CC113", "a time without a time zone", place, help_)
        return zone.name
    if zone and zone.place and own != zone.name:
        raise InvalidInput(
            Diagnostic(
                code="CC118",
                message=f"two time zones: `{own}` here, `{zone.name}` for the whole manifest",
                place=place,
                help="write one of them",
                also=((zone.place, "the manifest's zone"),),
            )
        )
    return own


def _resolve(wall: datetime, zone: ZoneInfo, place: Place) -> datetime:
    """Find the one instant at which the clock of a zone shows this time.

    Only at a clock change do `fold` 0 and 1 give different offsets. A time that comes back from
    UTC unchanged was repeated; one that does not was skipped, be it for a whole day (Apia 2011).
    """
    again = time(wall.hour, wall.minute, wall.second, fold=1)
    # `combine`, because `replace` takes four times as long (measured).
    first, second = datetime.combine(wall, wall.time(), zone), datetime.combine(wall, again, zone)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    shown = [one.astimezone(UTC).astimezone(zone).replace(tzinfo=None) for one in (first, second)]
    if wall in shown:
        choices = " or ".join(f"`{one.isoformat()}`" for one in (first, second))
        message = f"this local time happens twice: {zone.key} sets its clocks back"
        raise _refusal(
            "CC117", message, place, f"write the one you mean with its offset: {choices}"
        )
    choices = " or ".join(f"`{one:%Y-%m-%d %H:%M}`" for one in sorted(shown))
    message = f"this local time does not exist: {zone.key} sets its clocks forward"
    raise _refusal("CC116", message, place, f"write {choices}")


def _misshapen(text: str, place: Place) -> InvalidInput:
    for pattern, code, message, help_ in _MISSHAPEN:
        if re.fullmatch(pattern, text):
            return _refusal(code, message, place, help_)
    return _refusal("CC110", f"`{excerpt(text)}` is not a time", place, _FORM)


def _refusal(code: str, message: str, place: Place, help_: str = _FORM) -> InvalidInput:
    return InvalidInput(Diagnostic(code=code, message=message, place=place, help=help_))
