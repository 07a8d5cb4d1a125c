"""The limits of one API key, kept strictly: a window that slides, and a count for each day."""

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum


class Admission(StrEnum):
    """What becomes of a request."""

    IN = "in"
    THROTTLED = "throttled"
    QUOTA = "quota"


@dataclass(slots=True, kw_only=True)
class Gate:
    """Admits at most `rate` requests within any `window` seconds, `per_day` on any day.

    A request that is refused counts in the window like any other: `worst` is the most that came
    within one, `count` and `days` are all that came.
    """

    rate: int
    window: float
    per_day: int
    count: int = 0
    worst: int = 0
    over: int = 0
    beyond: int = 0
    days: Counter[str] = field(default_factory=Counter)
    _recent: deque[float] = field(default_factory=deque)

    def admit(self, at: float, day: str) -> Admission:
        """Judge a request that came `at` (monotonic seconds) on this day."""
        self.count += 1
        self.days[day] += 1
        while self._recent and self._recent[0] <= at - self.window:
            self._recent.popleft()
        self._recent.append(at)
        self.worst = max(self.worst, len(self._recent))
        if len(self._recent) > self.rate:
            self.over += 1
            return Admission.THROTTLED
        if self.days[day] > self.per_day:
            self.beyond += 1
            return Admission.QUOTA
        return Admission.IN
