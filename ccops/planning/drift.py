"""Drift: what differs between git and Constant Contact although no commit changed it. Values only.

A drift is no plan: it holds no step and no request, and nothing of it can be applied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from ccops.errors import ExitCode, Place
from ccops.model import Account, When
from ccops.planning.plan import Verdict

_LAST = datetime.max.replace(tzinfo=UTC)


class DriftState(StrEnum):
    """How one campaign stands between git, what ccops applied, and Constant Contact.

    CHANGED, MISSING and UNMANAGED are the three classes of drift. IN_SYNC: no difference.
    PENDING: git changed, and the account is as ccops left it. STALLED: as ccops left it, but its
    time has passed or is too near, or its send failed; the plan says what can be done. HALTED: a
    person stopped it through ccops. NEEDS_PERSON: it cannot be told, or a halted campaign is
    still scheduled. UNKNOWN: the outcome of a write of ccops is open.
    """

    CHANGED = "changed-in-constant-contact"
    MISSING = "declared-but-missing"
    UNMANAGED = "scheduled-but-not-in-git"
    NEEDS_PERSON = "needs-person"
    UNKNOWN = "outcome-unknown"
    PENDING = "not-applied-yet"
    STALLED = "stalled"
    HALTED = "halted"
    IN_SYNC = "in-sync"

    @property
    def is_drift(self) -> bool:
        """Whether it is one of the three classes of drift."""
        return self in _CLASSES

    @property
    def is_doubt(self) -> bool:
        """Whether nobody may take it for "no drift"."""
        return self in {DriftState.NEEDS_PERSON, DriftState.UNKNOWN}


_CLASSES = frozenset({DriftState.CHANGED, DriftState.MISSING, DriftState.UNMANAGED})


class Moved(StrEnum):
    """Who moved away from what ccops applied last.

    UNKNOWN: no journal tells what was applied, so that it cannot be told.
    """

    GIT = "git"
    ACCOUNT = "constant-contact"
    BOTH = "both"
    UNKNOWN = "unknown"


class Compared(StrEnum):
    """What is compared. SENDS are those that happened; CONTENT is all that ccops never writes."""

    CAMPAIGN = "campaign"
    SEND_AT = "send_at"
    RECIPIENTS = "recipients"
    SUBJECT = "subject"
    FROM = "from"
    CONTENT = "content"
    SENDS = "sends"


Side = When | str | None
"""A send time, or words; None: nothing (not scheduled, nobody, no such campaign)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftField:
    """One difference: what git declares, what ccops applied last, what is live now.

    `applied` counts only unless `moved` is UNKNOWN. SENDS and CONTENT are declared nowhere, or
    as `expect`; then `declared` is None.
    """

    compared: Compared
    moved: Moved
    declared: Side = None
    applied: Side = None
    live: Side = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftItem:
    """One campaign that is not simply in sync.

    `place` is its manifest's (None: it has none), `verdict` the plan's. `applied_at` is when
    ccops last wrote to it, UTC; None: the journal does not know it. `soonest` is the earliest
    send that is ahead, declared, applied or live, UTC; None: none is. `reason` and `remedy` say in words what was
    found and what a person can do.
    """

    state: DriftState
    campaign: str
    campaign_id: str
    activity_id: str
    zone: str
    place: Place | None = None
    verdict: Verdict | None = None
    fields: tuple[DriftField, ...] = ()
    reason: str = ""
    remedy: str = ""
    applied_at: datetime | None = None
    soonest: datetime | None = None
    owner: str | None = None

    @property
    def base_known(self) -> bool:
        """Whether the journal tells what ccops applied last, for all that differs."""
        return self.applied_at is not None and all(
            one.moved is not Moved.UNKNOWN for one in self.fields
        )

    @property
    def git_moved(self) -> bool:
        """Whether git changed since ccops last applied it, too."""
        return any(one.moved in {Moved.GIT, Moved.BOTH} for one in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How the account stands beside git: whatever is not in sync, the soonest send first.

    `as_of` is the server's clock, UTC. `in_sync` counts the other campaigns. With a `selection`
    only a part was looked at, and no campaign without a manifest. `fresh`: no run ever recorded
    anything in this store. `requests` counts the reads made.
    """

    account: Account
    origin: str
    zone: str
    as_of: datetime
    items: tuple[DriftItem, ...]
    in_sync: int = 0
    selection: tuple[str, ...] = ()
    commit: str = ""
    fresh: bool = False
    requests: int = 0

    def of(self, *states: DriftState) -> tuple[DriftItem, ...]:
        """The items in one of these states, in their order."""
        return tuple(one for one in self.items if one.state in states)

    @property
    def drifted(self) -> tuple[DriftItem, ...]:
        """The items of the three classes, in their order."""
        return self.of(*_CLASSES)

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """What the process tells: 10 before 6 before 2 (design §7).

        10: the outcome of a write is open. 6: a campaign cannot be judged, which is never "no
        drift". 2: there is drift, and `detailed` was asked for. What is not applied yet, halted
        or stalled is no drift.
        """
        if self.of(DriftState.UNKNOWN):
            return ExitCode.UNKNOWN
        if self.of(DriftState.NEEDS_PERSON):
            return ExitCode.BLOCKED
        return ExitCode.CHANGES if detailed and self.drifted else ExitCode.DONE


def ordered(items: Iterable[DriftItem]) -> tuple[DriftItem, ...]:
    """Put items into their order: the soonest send first, then by name, then by id."""
    return tuple(
        sorted(
            items, key=lambda one: (one.soonest or _LAST, one.campaign, one.campaign_id, one.state)
        )
    )
