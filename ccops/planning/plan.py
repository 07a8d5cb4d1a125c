"""The plan: the ordered changes, as a value that is saved, hashed, rendered and applied."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ccops.constantcontact.beside import Attached
from ccops.errors import Diagnostic, ExitCode, Place
from ccops.model import Account, Live, SendRecord, Step, Target, When
from ccops.planning.audience import Audience, Overlap


class Verdict(StrEnum):
    """What is to be done about one campaign (design §3)."""

    BLOCKED = "blocked"
    SENDING = "sending"
    SENT_EARLY = "sent-early"
    SENT = "sent"
    FAILED = "failed"
    UNSCHEDULE = "unschedule"
    IN_SYNC = "in-sync"
    FROZEN = "frozen"
    MISSED = "missed"
    TOO_LATE = "too-late"
    HALTED = "halted"
    UNSCHEDULED_ELSEWHERE = "unscheduled-elsewhere"
    UPDATE = "update"
    SEND_NOW = "send-now"
    SCHEDULE = "schedule"
    RESCHEDULE = "reschedule"
    RESEND = "resend"

    @property
    def writes(self) -> bool:
        """Whether applying it makes requests that change the account."""
        return self in _WRITES

    @property
    def needs_person(self) -> bool:
        """Whether only a person can take it further; the others are applied all the same."""
        return self in _NEEDS_PERSON


_WRITES = frozenset(
    {
        Verdict.UNSCHEDULE,
        Verdict.UPDATE,
        Verdict.SEND_NOW,
        Verdict.SCHEDULE,
        Verdict.RESCHEDULE,
        Verdict.RESEND,
    }
)
_NEEDS_PERSON = frozenset(
    {
        Verdict.BLOCKED,
        Verdict.SENT_EARLY,
        Verdict.FAILED,
        Verdict.FROZEN,
        Verdict.MISSED,
        Verdict.TOO_LATE,
        Verdict.HALTED,
        Verdict.UNSCHEDULED_ELSEWHERE,
    }
)


class Risk(StrEnum):
    """How bad a mistake would be; compares as text, worst last."""

    R0 = "R0"
    """Nothing is written."""
    R1 = "R1"
    """Reversible: a draft changes, or a send is scheduled that can be unscheduled."""
    R2 = "R2"
    """Touches a live schedule."""
    R3 = "R3"
    """Cannot be undone."""


class Refresh(StrEnum):
    """How much of the account was read for a plan (`ccops plan --refresh`)."""

    FULL = "full"
    """All that the plan depends on."""
    CHANGED = "changed"
    """What may differ from the cache; the rest is the cache's."""
    NONE = "none"
    """Nothing: all is the cache's, so that such a plan can be looked at and never applied."""


class UndoKind(StrEnum):
    """Whether a change can be taken back."""

    ANYTIME = "anytime"
    UNTIL = "until"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """The reviewers' question. `until` is set exactly for `UNTIL`."""

    kind: UndoKind
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field, before → after, as text for people; None on a side that has no value.

    `path` is "recipients" or "send_at".
    """

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A declared send after the next one, and the interval in which an apply must run for it."""

    when: datetime
    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One campaign's difference, with a verdict, a risk and an undo.

    `reason` says why in words, for every verdict that is not self-evident, and `remedy` what a
    person can do. `before` is the live state that the decision rests on (None: not read, or
    absent). `send` is the next send that holds after this change (None: none declared or due).
    `row` is the row of the verdict table that decided. `as_of` is when that state was read, if it
    was not read for this plan but is the cache's. `attached` is what Constant Contact sends beside
    it by itself: shown and counted, never written, and no part of what is approved.
    """

    campaign: str
    verdict: Verdict
    row: int
    place: Place = field(compare=False)
    campaign_id: str = ""
    reason: str = ""
    remedy: str = ""
    target: Target
    zone: str
    before: Live | None = None
    as_of: datetime | None = None
    audience: Audience | None = None
    fields: tuple[FieldChange, ...] = ()
    steps: tuple[Step, ...] = ()
    send: When | None = None
    risk: Risk = Risk.R0
    undo: Undo | None = None
    apply_by: datetime | None = None
    waiting: tuple[Waiting, ...] = ()
    undeclared: tuple[SendRecord, ...] = ()
    tags: tuple[str, ...] = ()
    owner: str | None = None
    attached: tuple[Attached, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What `--allow RULE=CAMPAIGN --reason TEXT` granted to a plan, frozen in it.

    So do the `overrides` of a manifest: `rule` is the guard's id.
    """

    rule: str
    campaign: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a guard or an assertion says about one change; `blocking` stops the whole plan."""

    guard: str
    campaign: str
    blocking: bool
    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmanaged:
    """A scheduled campaign that no manifest names: reported, never touched."""

    campaign_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What a plan has from the cache beside the campaigns themselves (`Change.as_of`); UTC.

    `listed_at`: when all campaigns were last listed, so that one deleted since still counts.
    `names_at`: when names of lists and segments were read; None: for this plan, or not needed.
    """

    listed_at: datetime
    names_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Requests of the API key on one UTC day: those made until now, and those it may make."""

    used: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The ordered changes: earliest send first, then campaign name; irreversible last.

    No other code sorts. `created_at` is the server's clock (with `Refresh.NONE` this machine's);
    `requests` counts the reads made, `budget` the day's. `selection` holds the selectors in force.
    `recalled` is set exactly when `refresh` is not FULL. A plan with either is partial.
    """

    account: Account
    origin: str
    zone: str
    created_at: datetime
    expires_at: datetime
    ccops_version: str
    tzdata: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...] = ()
    overlaps: tuple[Overlap, ...] = field(default=(), compare=False)
    permissions: tuple[Permission, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    unmanaged_count: int = 0
    selection: tuple[str, ...] = ()
    refresh: Refresh = Refresh.FULL
    recalled: Recalled | None = None
    commit: str = field(default="", compare=False)
    requests: int = field(default=0, compare=False)
    budget: Budget | None = field(default=None, compare=False)

    @property
    def writing(self) -> tuple[Change, ...]:
        """The changes that make requests."""
        return tuple(change for change in self.changes if change.verdict.writes)

    @property
    def remembered(self) -> tuple[Change, ...]:
        """The changes whose state is the cache's."""
        return tuple(change for change in self.changes if change.as_of is not None)

    @property
    def blocked(self) -> bool:
        """Whether a guard or a missing permission forbids applying any of it."""
        return any(finding.blocking for finding in self.findings)

    @property
    def needs_person(self) -> bool:
        """Whether some campaign waits for a person."""
        return any(change.verdict.needs_person for change in self.changes)

    @property
    def risk(self) -> Risk:
        """The worst risk of any change; R0 for an empty plan."""
        return max((change.risk for change in self.changes), default=Risk.R0)

    @property
    def apply_by(self) -> datetime | None:
        """The latest instant at which every change can still be applied; None: no limit."""
        return min((one.apply_by for one in self.writing if one.apply_by), default=None)

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """What a command that only shows the plan tells its caller.

        Blocked beats changes: 6 when a guard blocks or a campaign needs a person; 2 when there
        are changes and `detailed` was asked for.
        """
        if self.blocked or self.needs_person:
            return ExitCode.BLOCKED
        return ExitCode.CHANGES if detailed and self.writing else ExitCode.DONE
