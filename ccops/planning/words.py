"""Plain words for what the vendor says in numbers and the plan says in instants."""

from datetime import UTC, datetime, timedelta

from ccops.model import Now, SendRecord, When

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

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


def instant_in_words(instant: datetime) -> str:
    """Write an instant as a manifest would, in UTC: Tue 2026-10-06 13:00 UTC."""
    utc = instant.astimezone(UTC)
    clock = f"{utc:%H:%M:%S}" if utc.second else f"{utc:%H:%M}"
    return f"{_DAYS[utc.weekday()]} {utc.date().isoformat()} {clock} UTC"


def when_in_words(when: When) -> str:
    """Write a send time: an instant in UTC, or `now`."""
    return "now" if isinstance(when, Now) else instant_in_words(when)


def span_in_words(span: timedelta) -> str:
    """Write a length of time in whole minutes, or in seconds where those would mislead."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    if seconds or not minutes:
        seconds += 60 * minutes
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def contacts_in_words(count: int) -> str:
    """Write a number of contacts; nobody is said aloud, since it looks like success."""
    return {0: "nobody", 1: "1 contact"}.get(count, f"{count:,} contacts")


def send_in_words(record: SendRecord) -> str:
    """Tell of one completed send: when it ran and whom it reached."""
    told = f"sent on {instant_in_words(record.ran_at)} to {contacts_in_words(record.count)}"
    return f"{told}: {reason_in_words(record.reason)}" if record.reason else told
