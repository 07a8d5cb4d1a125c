"""What is beside an activity: resends and tests that are set up there, and counts of contacts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ccops.constantcontact.instants import parse_instant
from ccops.constantcontact.strict import (
    amount,
    array,
    fault,
    member,
    optional_text,
    record,
    text,
)
from ccops.model import JsonObject

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_LONGEST = 366 * _DAY


class AttachedKind(StrEnum):
    """What Constant Contact can send beside an activity, set up there."""

    NON_OPENERS = "non-openers"
    AB_TEST = "a/b test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A resend to non-openers, or an A/B test: set up in Constant Contact, never written by ccops.

    `subject` is its own. `at` is when a resend is to happen, or did (UTC); None: not told, or a test.
    `delay` is how long after the activity's send a resend goes out, or the winner of a test to all
    the others; both follow the send when that is moved (inferred). None: not told.
    """

    kind: AttachedKind
    subject: str
    at: datetime | None = None
    delay: timedelta | None = None


def resends(value: object) -> tuple[Attached, ...]:
    """Read an activity's resends to non-openers: one or none (spec)."""
    at = "non_opener_resends"
    return tuple(_resend(one, f"{at}[{place}]") for place, one in enumerate(array(value, at)))


def _resend(value: object, at: str) -> Attached:
    """Read one. Of two delays the minutes are ignored; the date is told once it is known (spec)."""
    entry = record(value, at)
    days, minutes = (
        None if entry.get(key) is None else amount(entry, key, at)
        for key in ("delay_days", "delay_minutes")
    )
    date = optional_text(entry, "resend_date", at)
    instant = None if date is None else parse_instant(date)
    if date is not None and instant is None:
        raise fault("CC511", f"the answer's {at}.resend_date is no instant")
    if days is None:
        delay = None if minutes is None else _span(minutes, _MINUTE, at)
    else:
        delay = _span(days, _DAY, at)
    return Attached(
        kind=AttachedKind.NON_OPENERS,
        subject=text(entry, "resend_subject", at),
        at=instant,
        delay=delay,
    )


def abtest(value: object) -> Attached:
    """Read an activity's A/B test of two subjects, and after how many hours the winner goes out.

    Both are required (spec).
    """
    entry = record(value, "abtest")
    hours = amount(entry, "winner_wait_duration", "abtest")
    return Attached(
        kind=AttachedKind.AB_TEST,
        subject=text(entry, "alternative_subject", "abtest"),
        delay=_span(hours, _HOUR, "abtest"),
    )


def _span(number: int, unit: timedelta, at: str) -> timedelta:
    """Measure a delay; ten days are the longest (spec), and nothing is reckoned with a wild one."""
    if number > _LONGEST // unit:
        raise fault("CC511", f"the answer's {at} has a delay of more than a year")
    return number * unit


def contacts_count(value: object) -> int:
    """Read how many contacts a query matches; the rows beside it are never looked at."""
    return amount(record(value, "page"), "contacts_count", "page")


def contacts_on(page: JsonObject) -> int:
    """Count the rows of a page of contacts; what is in them is never looked at."""
    return len(array(member(page, "contacts", "page"), "contacts"))
