"""Plain words for what the vendor says in numbers and the plan says in instants."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ccops.manifest.clock import wall_time
from ccops.model import Now, SendRecord, When

_REASONS = {
    0: "it was sent without a problem",
    1: "a general problem, after which it may be scheduled again",
    2: "Constant Contact must review the account first",
    3: "the account cannot send: billing, or an expired trial",
    4: "it has more contacts than the account may mail",
    5: "it is held in staging for a review by Constant Contact",
    6: "only some of the contacts received it",
    7: "it has invalid images",
    8: "it has a link longer than 1,005 characters",
    9: "the sender's address could not be authenticated",
    10: "the sender's address could not be authenticated",
    11: "it holds a survey that has no invitations",
    12: "no contact was eligible to receive it",
}


def reason_in_words(reason: int) -> str:
    """Say what a send history's reason code means.

    Codes 0 to 12 are published (spec); 12 comes with a COMPLETED send of count 0 (spec). Any
    other number may appear some day, and is then shown as it is (inferred).
    """
    return _REASONS.get(reason, f"for a reason that is not published (code {reason})")


def instant_in_words(instant: datetime, *, zone: str) -> str:
    """Write an instant as it can stand in a manifest of this zone, and mean nothing else.

    `Tue 2026-10-06 09:00 America/New_York`; where the clock there shows that time twice, with its
    offset: `2026-11-01T01:30:00-04:00`. Where no such zone is known here, in UTC, which is true.
    """
    try:
        text, alone = wall_time(instant, zone)
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return f"{wall_time(instant, 'UTC')[0]} UTC"
    if alone:
        return f"{text} {zone}"
    return instant.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def when_in_words(when: When, *, zone: str) -> str:
    """Write a send time as a manifest of this zone would: an instant, or `now`."""
    return "now" if isinstance(when, Now) else instant_in_words(when, zone=zone)


def span_in_words(span: timedelta) -> str:
    """Write a length of time without rounding: `15 minutes`, `90 seconds`, `19 h 30 min`, `2 hours`.

    One unit is written out, several are not; days are no unit, since not all have 24 hours.
    """
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if not hours and seconds:
        seconds, minutes = seconds + 60 * minutes, 0
    amounts = ((hours, "hour", "h"), (minutes, "minute", "min"), (seconds, "second", "s"))
    parts = [one for one in amounts if one[0]] or [amounts[-1]]
    if len(parts) > 1:
        return " ".join(f"{amount:,} {unit}" for amount, _, unit in parts)
    ((amount, noun, _),) = parts
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def contacts_in_words(count: int) -> str:
    """Write a number of contacts; nobody is said aloud, since it looks like success."""
    return {0: "nobody", 1: "1 contact"}.get(count, f"{count:,} contacts")


def send_in_words(record: SendRecord, *, zone: str) -> str:
    """Tell of one completed send: when it ran and whom it reached."""
    ran_at = instant_in_words(record.ran_at, zone=zone)
    told = f"sent on {ran_at} to {contacts_in_words(record.count)}"
    return f"{told}: {reason_in_words(record.reason)}" if record.reason else told
