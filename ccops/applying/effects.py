"""What the protocol asks of the world, and how it is answered.

The protocol is a generator: it yields effects and is sent their answers. The real driver, a
simulator and a model checker can all play the world.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

from ccops.errors import CcopsError, NoReply
from ccops.model import Live, Step
from ccops.ports import JournalEntry, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Get:
    """Read the activity as it is now. Answer: `Read`, or `Unread` when that failed."""

    activity_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Send this request once, never again by any layer below. Answer: `Reply` or `NoReply`."""

    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Make this journal line durable; no answer comes before it is. Failure ends the run."""

    entry: JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTime:
    """Answer: the server's clock, UTC (its last `Date`, carried on by monotonic time)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepUntil:
    """Go on when the server's clock shows `instant`; other activities may act meanwhile."""

    instant: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A complete reading. `live` is None when the API says that the activity does not exist."""

    live: Live | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A reading that failed: it says nothing about the activity."""

    error: CcopsError


Effect = Get | Write | Record | AskTime | SleepUntil
Reading = Read | Unread
Answer = Reading | Reply | NoReply | datetime | None

ResultT = TypeVar("ResultT")
Flow = Generator[Effect, Answer, ResultT]
"""A piece of the protocol: yields effects, is sent their answers, returns its result."""


def get(activity_id: str) -> Flow[Reading]:
    """Read the activity."""
    return cast("Reading", (yield Get(activity_id=activity_id)))


def write(step: Step) -> Flow[Reply | NoReply]:
    """Send one request once."""
    return cast("Reply | NoReply", (yield Write(step=step)))


def record(entry: JournalEntry) -> Flow[None]:
    """Make one journal line durable."""
    yield Record(entry=entry)


def ask_time() -> Flow[datetime]:
    """Read the server's clock."""
    return cast("datetime", (yield AskTime()))


def sleep_until(instant: datetime, reason: str) -> Flow[None]:
    """Let time pass until the server's clock shows `instant`."""
    yield SleepUntil(instant=instant, reason=reason)
