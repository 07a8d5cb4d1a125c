"""How long to wait before a GET is tried again: exponential, with full jitter."""

import re
from collections.abc import Callable

from ccops.constantcontact.envelopes import vendor_error
from ccops.constantcontact.refusals import OK, is_crash, is_throttled
from ccops.constantcontact.serverclock import parse_http_date
from ccops.ports import Reply

FIRST = 1.0
"""Seconds: the most that the first retry waits by itself; it doubles with each try."""

MOST = 20.0
"""Seconds: the most that any retry waits by itself."""

THROTTLED = 1.0
"""Seconds: what a `throttled` waits at least, since the limit counts per second (docs)."""

LONGEST = 60.0
"""Seconds: the longest Retry-After that is waited for; beyond, it is for the user to wait."""

Uniform = Callable[[float, float], float]
"""Draw a number between two bounds; `random.uniform` outside tests."""

_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def jitter(tries: int, uniform: Uniform) -> float:
    """Draw the wait, in seconds, after the try of this number (from 1)."""
    return uniform(0.0, min(MOST, FIRST * 2 ** (tries - 1)))


def wait_after(reply: Reply, tries: int, uniform: Uniform) -> float | None:
    """Return how long to wait, in seconds, before trying again after this reply.

    None: do not; it is a refusal that will not change, or one that asks for more than a minute.
    A 200 comes here when its body could not be read.
    """
    if not (reply.status == OK or is_crash(reply) or is_throttled(vendor_error(reply))):
        return None
    least = THROTTLED if is_throttled(vendor_error(reply)) else 0.0
    asked = retry_after(reply) or 0.0
    return None if asked > LONGEST else max(asked, least + jitter(tries, uniform))


def retry_after(reply: Reply) -> float | None:
    """Read a Retry-After, in seconds: a count, or a date relative to the reply's own `Date`.

    The API documents none (docs); a proxy may send one. None: absent, past or no such thing.
    """
    text = reply.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until, at = parse_http_date(text), parse_http_date(reply.headers.get("date", ""))
    if until is None or at is None:
        return None
    return max(0.0, (until - at).total_seconds())
