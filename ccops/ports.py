"""All that the core knows of the world: a call and its reply, the journal, the store.

The only port to the network is a function, `Send`. A fake, the in-process sandbox and a socket
are the same thing to everything above.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Protocol

from ccops.model import Now, Recipients, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: `path` begins with "/", origin and authorization are the transport's."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = None
    lease: float | None = None
    """The fence of a write: it leaves right after a completely answered GET, on the connection of
    that answer, at most this many seconds after that GET began, or not at all. None: not fenced;
    only a GET may be."""


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
    what the write left). `past` counts the send history's entries when the write was intended (or
    its taking back begun): more of them later means that something was sent since. `content`
    digests what no write changes, as it was when the write was intended ("": not recorded). `at`
    is the server's clock, UTC.
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
    content: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A person stopped a campaign: its declared sends may not be scheduled again without a word.

    `sends` are the sends that were declared and not yet done at `at` (server's clock, UTC; where
    no server could be asked, this machine's); a manifest that declares other ones is a new
    decision. An empty `activity_id` was not known: then `campaign` tells which one is meant.
    """

    activity_id: str
    campaign: str
    reason: str
    at: datetime
    sends: tuple[datetime | Now, ...]

    @property
    def key(self) -> str:
        """What a store keeps the mark under: one for each activity, or for each name."""
        return self.activity_id or named(self.campaign)


def named(campaign: str) -> str:
    """The key of a mark by name, in the form in which names are compared (NFC).

    No activity id has this form. It is ASCII, so that every store can hold it.
    """
    return f"name:{json.dumps(unicodedata.normalize('NFC', campaign))}"


class Store(Protocol):
    """Lock, journal and marks of one account at one origin.

    Every method raises StoreUnavailable. Whatever changes something is durable when it returns,
    and is refused to a run that does not (or no longer does) hold the lock.
    """

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

    def generations(self) -> Mapping[str, datetime]:
        """When the newest plan that a run applied was made, by activity id; UTC."""
        ...

    def advance(self, made_at: datetime, activities: Iterable[str]) -> None:
        """Remember that a plan made at `made_at` is applied to these; never goes back."""
        ...

    def halts(self) -> tuple[Halt, ...]:
        """The campaigns that are halted, by the marks' keys."""
        ...

    def halt(self, *halts: Halt) -> None:
        """Mark campaigns as halted, all of them or none; an older mark of a key is replaced."""
        ...

    def release(self, *keys: str) -> None:
        """Take the marks of these keys away, as far as there are any; all of them or none."""
        ...


class Meter(Protocol):
    """Pacing and the daily ledger of one API key, shared by all that use it. For any thread."""

    def reserve(self, gap: timedelta, within: float = inf) -> float:
        """Reserve the next slot, if it begins within so many seconds; return when it begins.

        That is in seconds from now. If they are more than `within`, nothing was reserved: ask
        again when the difference has passed. So whoever may wait long leaves room for whoever
        may not. One sequence for all threads and processes.
        """
        ...

    def spend(self, day: date, cap: int) -> int:
        """Count one request of this UTC day and return the day's total; Throttled beyond cap."""
        ...

    def spent(self, day: date) -> int:
        """How many requests this UTC day has seen."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """What a login left behind. `generation` counts the writes from 1; `text` is opaque, secret."""

    generation: int
    text: str = field(repr=False)


class HeldToken(Protocol):
    """The token record, to this process alone."""

    @property
    def record(self) -> TokenRecord | None:
        """What is stored; None before the first login."""
        ...

    def write(self, text: str) -> TokenRecord:
        """Store a new text durably, under the next generation; ends the hold.

        It stays, whatever becomes of the block: the old text may be dead by then.
        """
        ...


class TokenStore(Protocol):
    """The token record of one account at one origin. Every method raises StoreUnavailable."""

    def read(self) -> TokenRecord | None:
        """What is stored, without waiting for a holder."""
        ...

    def hold(self) -> AbstractContextManager[HeldToken]:
        """Wait for every other holder, and hold the record until it is written or the block ends."""
        ...
