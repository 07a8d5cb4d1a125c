"""The virtual clock, and the renderings of an instant that the vendor uses."""

import re
import time
from datetime import UTC, datetime, timedelta

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)")
_YEARS = range(1970, 9000)


def wall_clock() -> datetime:
    """Return the real time as a UTC instant."""
    return datetime.fromtimestamp(time.time(), UTC)


class Clock:
    """A clock that can stand still, tick and be moved forward; never backward.

    Frozen it shows one instant until moved. Ticking it runs with real time at a fixed distance.
    """

    __slots__ = ("_offset", "_still")

    def __init__(self, now: datetime | None = None, *, frozen: bool = False) -> None:
        start = wall_clock() if now is None else now.astimezone(UTC)
        self._offset = timedelta(0) if now is None else start - wall_clock()
        self._still: datetime | None = start if frozen else None

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._still is not None

    def now(self) -> datetime:
        """Return the virtual instant, in UTC."""
        return self._still if self._still is not None else wall_clock() + self._offset

    def move_to(self, instant: datetime) -> None:
        """Show this instant from now on.

        Raises:
            ValueError: the instant lies in the virtual past; a send cannot be unsent.
        """
        if instant < self.now():
            raise ValueError(f"the clock cannot go back from {iso(self.now())} to {iso(instant)}")
        if self._still is not None:
            self._still = instant.astimezone(UTC)
        else:
            self._offset = instant - wall_clock()

    @property
    def distance(self) -> float:
        """Seconds by which a ticking clock is ahead of real time."""
        return self._offset.total_seconds()

    def tick_at(self, distance: float) -> None:
        """Tick at this distance from real time, as a clock does that ran on while nobody looked."""
        self._still = None
        self._offset = timedelta(seconds=distance)

    def freeze(self, *, frozen: bool) -> None:
        """Stop the clock where it is, or let it tick on from there."""
        now = self.now()
        self._offset = now - wall_clock()
        self._still = now if frozen else None


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant that carries `Z` or an offset.

    Naive times and bare dates are refused: which zone the vendor reads them in is unpublished, and
    the sandbox takes the careful side (inferred).

    Raises:
        ValueError: the text is no instant.
    """
    if _INSTANT.fullmatch(text) is None:
        raise ValueError(f"not an instant with a zone: {text!r}")
    instant = datetime.fromisoformat(text)
    if not _YEARS.start <= instant.year < _YEARS.stop:
        raise ValueError(f"out of reach: {text!r}")
    return instant.astimezone(UTC)


def iso(instant: datetime) -> str:
    """Render an instant losslessly, for the sandbox's own answers and its state file."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def with_zero_millis(instant: datetime) -> str:
    """Render as campaigns and schedules are read back: `.000Z`, the fraction dropped (recorded)."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.000Z"


def with_millis(instant: datetime) -> str:
    """Render as POST /emails answers: with real milliseconds (recorded)."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def without_fraction(instant: datetime) -> str:
    """Render as lists and segments do: no fraction at all (recorded)."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}Z"


def with_offset(instant: datetime) -> str:
    """Render as account/emails `confirm_time`: an offset without a colon (recorded)."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}+0000"
