"""The server's clock: its last `Date`, carried forward by monotonic time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ccops.constantcontact.strict import fault
from ccops.ports import Call, Reply

_SUCCESS = range(200, 300)


class ServerClock:
    """What the server's clock shows, as far as its replies tell.

    Every comparison of times uses it, never this machine's clock. A `Date` is taken to be as
    old as its request, so `now` is rather late than early (by the time the reply took): a lead
    is never overestimated. Beyond that its error is the second in which `Date` is rounded.
    """

    __slots__ = ("_elapsed", "_heard")

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._elapsed = monotonic
        self._heard: tuple[datetime, float] | None = None

    def hear(self, call: Call, reply: Reply, started: float) -> None:
        """Take note of a reply to a request that began at `started` (monotonic seconds).

        A reply without a readable `Date` is passed over, for it may come from a proxy; only a
        successful GET without one ends the trust in earlier ones. So is one to a request that
        began before the one heard last: its answer took longer, and would put the clock ahead by
        as much, for every campaign that is worked on at once.
        """
        date, heard = parse_http_date(reply.headers.get("date", "")), self._heard
        if date is not None:
            if heard is None or heard[1] <= started:
                self._heard = (date, started)
        elif call.method == "GET" and reply.status in _SUCCESS:
            self._heard = None

    def now(self) -> datetime:
        """Return the server's time, UTC.

        Raises:
            VendorFault: CC517, the last answer told none, or none came yet.
        """
        heard = self._heard  # looked at once: another thread may hear a reply meanwhile
        if heard is None:
            raise fault("CC517", "the server does not tell its time (no readable Date header)")
        date, since = heard
        return date + timedelta(seconds=self._elapsed() - since)

    def skew(self, local: datetime) -> timedelta:
        """Return how far this machine's clock, showing `local`, is ahead of the server's.

        Raises:
            VendorFault: CC517, as `now`.
        """
        return local - self.now()


def parse_http_date(text: str) -> datetime | None:
    """Read a `Date` header as a UTC instant. None: it is none (RFC 9110 wants GMT)."""
    try:
        instant = parsedate_to_datetime(text)
        return None if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
