"""The guards of `ccops.yaml`: `guards:` to `Rules`. What a guard means is in `ccops.planning`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from ccops.errors import Diagnostic, InvalidInput, Severity
from ccops.manifest.names import read_name, read_text, text_of
from ccops.manifest.nodes import Node, Sequence, entries_of, items_of, value_of
from ccops.manifest.window import (
    Blackout,
    Hours,
    read_blackout,
    read_date,
    read_hours,
    refusal,
)

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PLACE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")
_PERCENT = re.compile(r"([0-9]{1,5}) ?%")
_HOURS = re.compile(r"([0-9]{1,5}) ?(minute|hour)s?")
OVERLAPS, SEGMENTS = 10, 0

Read = TypeVar("Read")


class Guard(StrEnum):
    """The id of each guard; `send-now` is a permission of its own, and no rule to configure."""

    QUIET_HOURS = "quiet-hours"
    QUIET_DAYS = "quiet-days"
    HOLIDAYS = "holidays"
    BLACKOUTS = "blackouts"
    MAX_CONTACTS = "max-contacts"
    NO_CONTACTS = "no-contacts"
    MAX_GROWTH = "max-growth"
    MIN_GAP = "min-gap-same-recipients"
    FORBIDDEN_LISTS = "forbidden-lists"
    EXPECT = "expect"
    SENDER_CONFIRMED = "sender-confirmed"
    SEND_PRIVILEGE = "send-privilege"
    MAX_SENDS = "max-sends-per-day"

    @property
    def waivable(self) -> bool:
        """Whether a person may override it for one campaign, with a reason."""
        return self not in {Guard.EXPECT, Guard.SENDER_CONFIRMED, Guard.SEND_PRIVILEGE}


WAIVABLE: tuple[Guard, ...] = tuple(one for one in Guard if one.waivable)
_DEFAULT_WARNINGS = frozenset({Guard.SEND_PRIVILEGE})
"""`apply` refuses a login that may not send anyway; the one that plans may be another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A country, or a part of one, whose public holidays are meant: ISO 3166 codes."""

    country: str
    subdivision: str | None = None

    def __str__(self) -> str:
        return "-".join(filter(None, (self.country, self.subdivision)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What `guards:` configures; a guard that is not named keeps its default, mostly: silence.

    `quiet_days` count from Monday, 0. `max_growth` is in percent. `counted`: an audience that was
    not counted is as bad as an empty one. `overlaps` and `segments` are budgets: how many requests
    one plan may spend on them. `severities` holds what is written.
    """

    quiet_hours: tuple[Hours, ...] = ()
    quiet_days: frozenset[int] = frozenset()
    regions: tuple[Region, ...] = ()
    dates: frozenset[date] = frozenset()
    blackouts: tuple[Blackout, ...] = ()
    max_contacts: int | None = None
    counted: bool = False
    max_growth: int | None = None
    min_gap: timedelta | None = None
    forbidden_lists: tuple[str, ...] = ()
    max_sends: int | None = None
    overlaps: int = OVERLAPS
    segments: int = SEGMENTS
    severities: Mapping[Guard, Severity] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def crowding(self) -> bool:
        """Whether a guard looks at other sends than those of the plan."""
        return self.min_gap is not None or self.max_sends is not None

    @property
    def by_facts(self) -> bool:
        """Whether a guard is written that goes by counts or by other sends."""
        counting = (self.max_contacts, self.max_growth)
        return self.crowding or self.counted or any(one is not None for one in counting)

    def severity(self, guard: Guard) -> Severity:
        """How heavy a finding of this guard is: as written, else an error but for a few."""
        default = Severity.WARNING if guard in _DEFAULT_WARNINGS else Severity.ERROR
        return self.severities.get(guard, default)


def read_rules(node: Node | None, errors: list[Diagnostic]) -> Rules:
    """Read a `guards:` whose shape the schema found right; each mistake is added to `errors`."""

    def read(name: str, parse: Callable[[Node], Read], default: Read) -> Read:
        found = value_of(node, name) if node is not None else None
        try:
            return default if found is None else parse(found)
        except InvalidInput as refused:
            errors.extend(refused.diagnostics)
            return default

    nothing: tuple[tuple[Region, ...], frozenset[date]] = ((), frozenset())
    regions, dates = read("holidays", _holidays, nothing)
    return Rules(
        quiet_hours=read("quiet-hours", _hours, ()),
        quiet_days=read("quiet-days", _days, frozenset()),
        regions=regions,
        dates=dates,
        blackouts=read("blackouts", _blackouts, ()),
        max_contacts=read("max-contacts", _number, None),
        counted=read("no-contacts", _counted, default=False),
        max_growth=read("max-growth", _percent, None),
        min_gap=read("min-gap-same-recipients", _gap, None),
        forbidden_lists=read("forbidden-lists", _patterns, ()),
        max_sends=read("max-sends-per-day", _number, None),
        overlaps=read("counting", _budget("overlaps", OVERLAPS), OVERLAPS),
        segments=read("counting", _budget("segments", SEGMENTS), SEGMENTS),
        severities=read("severity", _severities, MappingProxyType({})),
    )


def read_each(node: Node, parse: Callable[[Node], Read]) -> tuple[Read, ...]:
    """Read every entry of a list, or what stands in its place; refuse all that are wrong at once."""
    found, errors = [], list[Diagnostic]()
    for one in items_of(node):
        try:
            found.append(parse(one))
        except InvalidInput as refused:
            errors += refused.diagnostics
    if errors:
        raise InvalidInput(*errors)
    return tuple(found)


def _hours(node: Node) -> tuple[Hours, ...]:
    return read_each(node, lambda one: read_hours(text_of(one), one.place))


def _days(node: Node) -> frozenset[int]:
    return frozenset(read_each(node, _day))


def _day(node: Node) -> int:
    word = text_of(node)
    if word not in DAYS:
        raise refusal("not a day of the week", node.place, f"the days are {', '.join(DAYS)}")
    return DAYS.index(word)


def _holidays(node: Node) -> tuple[tuple[Region, ...], frozenset[date]]:
    """Read countries, parts of countries and dates of one's own."""
    found = read_each(node, _holiday)
    regions = tuple(one for one in found if isinstance(one, Region))
    return regions, frozenset(one for one in found if isinstance(one, date))


def _holiday(node: Node) -> Region | date:
    text = text_of(node)
    if day := read_date(text):
        return day
    if match := _PLACE.fullmatch(text):
        return Region(country=match[1], subdivision=match[2])
    help_ = "write US, US-NY, or a date of your own: 2026-11-27"
    raise refusal("neither a country nor a date", node.place, help_)


def _blackouts(node: Node) -> tuple[Blackout, ...]:
    return read_each(node, _blackout)


def _blackout(node: Node) -> Blackout:
    dates, why = value_of(node, "dates"), value_of(node, "why")
    if dates is None or why is None:
        raise TypeError(node)  # the schema has refused it before
    return read_blackout(text_of(dates), read_text(why), dates.place)


def _number(node: Node) -> int:
    return int(text_of(node))


def _counted(node: Node) -> bool:
    if text_of(node) != "counted":
        help_ = "write `counted`: then an audience that was not counted blocks too"
        raise refusal("not a setting of no-contacts", node.place, help_)
    return True


def _percent(node: Node) -> int:
    match = _PERCENT.fullmatch(text_of(node))
    if match is None:
        raise refusal("not a percentage", node.place, "write a whole number: 20%")
    return int(match[1])


def _gap(node: Node) -> timedelta:
    match = _HOURS.fullmatch(text_of(node))
    if match is None or not int(match[1]):
        raise refusal("not a span of hours", node.place, "write `48 hours` or `90 minutes`")
    amount = int(match[1])
    return timedelta(hours=amount) if match[2] == "hour" else timedelta(minutes=amount)


def _patterns(node: Node) -> tuple[str, ...]:
    return read_each(node, read_name)


def _budget(name: str, default: int) -> Callable[[Node], int]:
    def parse(node: Node) -> int:
        found = value_of(node, name)
        return default if found is None else _number(found)

    return parse


def _severities(node: Node) -> Mapping[Guard, Severity]:
    names = (Guard(name) for name in entries_of(node))
    values = Sequence(tuple(value for _, value in entries_of(node).values()), node.place)
    return MappingProxyType(dict(zip(names, read_each(values, _severity), strict=True)))


def _severity(node: Node) -> Severity:
    word = text_of(node)
    if word not in {"error", "warning"}:
        raise refusal("not a severity", node.place, "write `error` or `warning`")
    return Severity(word)
