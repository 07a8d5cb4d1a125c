"""`--since`: from when on a look back reaches."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ccops.errors import Diagnostic, InvalidInput

_SPAN = re.compile(r"([1-9][0-9]{0,3})([dh])", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def start_of(text: str, *, now: datetime, zone: str) -> datetime:
    """Return the instant that `7d`, `48h`, `2027-03-01` or `2027-03-01T09:00:00Z` means, in UTC.

    A span ends now; a date begins at midnight in `zone` (UTC, where that is no zone's name).

    Raises:
        InvalidInput: CC298, it is none of these.
    """
    span = _SPAN.fullmatch(text)
    if span is not None:
        amount = int(span[1])
        return now - (timedelta(days=amount) if span[2] == "d" else timedelta(hours=amount))
    try:
        if _DATE.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=_zone(zone)).astimezone(UTC)
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_time(text) from None
    raise _no_time(text)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _no_time(text: str) -> InvalidInput:
    message = f"--since {text!r} is no time to look back to"
    remedy = "write a span like 7d or 48h, a date like 2027-03-01, or an instant like 2027-03-01T09:00:00Z"
    return InvalidInput(Diagnostic(code="CC298", message=message, help=remedy))
