"""All that the core knows of the world: a call and its reply, the journal, the store.

The only port to the network is a function, `Send`. A fake, the in-process sandbox and a socket
are the same thing to everything above.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from ccops.model import Now, Recipients, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: `path` begins with "/", origin and authorization are the transport's."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One complete answer. Header names are lower case; `body` is decoded of any compression."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Send = Callable[[Call], Reply]
"""Make one request once. Raises `errors.NoReply` when no complete answer came."""


class WriteState(StrEnum):
    """What the journal knows of one write.

    Open: INTENT (may have been sent), ACKED (answered, not yet verified), COMPENSATING,
    UNKNOWN (a person must look). Closed: VERIFIED, RESOLVED (did not take effect, or was
    refused), COMPENSATED.
    """

    INTENT = "intent"
    ACKED = "acked"
    COMPENSATING = "compensating"
    UNKNOWN = "unknown"
    VERIFIED = "verified"
    RESOLVED = "resolved"
    COMPENSATED = "compensated"

    @property
    def open(self) -> bool:
        """Whether the write's effect is still to be established."""
        return self in _OPEN


_OPEN = frozenset(
    {WriteState.INTENT, WriteState.ACKED, WriteState.COMPENSATING, WriteState.UNKNOWN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One line of the append-only journal: a write, and what is known of it at `at`.

    The lines of one write share `write_id`; the newest tells its state. `when` and `recipients`
    are what the change wants, so that a later run can tell its own schedule from a stranger's.
    `fingerprint` is the live state last read when the line was made (after a verified write:
    what the write left). `past` counts the send history's entries when the write was intended:
    more of them later means that something was sent since. `at` is the server's clock, UTC.
    """

    write_id: str
    run: str
    plan: str
    activity_id: str
    campaign: str
    step: Step
    when: datetime | Now | None
    recipients: Recipients | None
    state: WriteState
    fingerprint: str
    at: datetime
    past: int = 0
    detail: str = ""


class Store(Protocol):
    """Lock and journal of one account at one origin. Every method raises StoreUnavailable."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold the account for one writer; raises at once when another holds it."""
        ...

    def fresh(self) -> bool:
        """Whether no run has ever recorded anything of this account here."""
        ...

    def append(self, entry: JournalEntry) -> None:
        """Add a line durably: when this returns, it survives a power cut.

        A second open write for one activity is refused by the store itself.
        """
        ...

    def entries(self) -> tuple[JournalEntry, ...]:
        """All lines, oldest first."""
        ...


class Meter(Protocol):
    """Pacing and the daily ledger of one API key, shared by every process on the machine."""

    def reserve(self, gap: timedelta) -> float:
        """Reserve the next slot; return the seconds to wait until it begins."""
        ...

    def spend(self, day: date, cap: int) -> int:
        """Count one request of this UTC day and return the day's total; Throttled beyond cap."""
        ...

    def spent(self, day: date) -> int:
        """How many requests this UTC day has seen."""
        ...
