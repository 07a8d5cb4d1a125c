"""The nouns: what the manifests want, what the account holds, and the steps between them.

Values only, compared by value. All instants are timezone-aware UTC with whole seconds: the
server drops fractions (docs: a request at …55.104Z is answered with …55.000Z). Ids are text;
`constantcontact.wire` knows which of them the vendor spells as integers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from ccops.errors import Place


class Now(Enum):
    """The one send time that is no instant: the API's irrevocable "send immediately"."""

    NOW = "now"


NOW = Now.NOW

When = datetime | Now
"""When a send happens: a UTC instant in whole seconds, or `NOW`."""


class RecipientKind(StrEnum):
    """A campaign goes to one or more lists, or to exactly one segment; never both (spec)."""

    LISTS = "lists"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A list or segment as a manifest names it: by exact name, or by id. Exactly one is set."""

    kind: RecipientKind
    name: str | None = None
    id: str | None = None
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Who receives a campaign, by id: sorted, without repeats, so that equal sets are equal.

    Live activities may hold neither (a fresh draft) or, against the rules, both.
    """

    lists: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nobody would receive anything."""
        return not self.lists and not self.segments


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTime:
    """One declared send: when, and in which IANA zone its author thinks of it."""

    when: When
    zone: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers of contacts that are right, both ends inside; `most` None: any number above."""

    least: int
    most: int | None = None

    def holds(self, count: int) -> bool:
        """Whether a number is one of them."""
        return self.least <= count and (self.most is None or count <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"≥ {self.least}"
        return f"{self.least}..{self.most}" if self.least else f"≤ {self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Assertions about content. ccops never sets these; it refuses when they are not true.

    `contacts` is about today's active contacts of the recipients, everybody once.
    """

    subject: str | None = None
    from_email: str | None = None
    contacts: Range | None = None
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A guard that a manifest breaks knowingly, and why."""

    guard: str
    reason: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """One manifest document, read. `sends` are strictly ascending; `unscheduled` declares none.

    `NOW` may stand only first. `references` holds lists, or exactly one segment.
    """

    campaign: str
    activity_id: str | None = None
    references: tuple[Reference, ...]
    sends: tuple[SendTime, ...]
    zone: str
    expect: Expect = Expect()
    tags: tuple[str, ...] = ()
    owner: str | None = None
    overrides: tuple[Override, ...] = ()
    place: Place = field(compare=False)

    @property
    def kind(self) -> RecipientKind:
        """Whether lists or a segment are named."""
        return self.references[0].kind


class Status(StrEnum):
    """An activity's status, folded from the vendor's mixed case; anything else is UNKNOWN."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    EXECUTING = "executing"
    DONE = "done"
    ERROR = "error"
    REMOVED = "removed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRecord:
    """One entry of an activity's send history. `count` 0 with reason 12 is COMPLETED (spec).

    `recipients` are those it went to; None: the record does not say (a saved plan's does not).
    """

    ran_at: datetime
    completed: bool
    count: int
    reason: int = 0
    recipients: Recipients | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """A campaign as a listing or a look-up shows it. `activity_id` is its primary email's.

    `updated_at` is when it was last changed (UTC); None: the answer does not say it. `resend`: a
    look-up showed whether a resend to non-openers is set up; None: a listing does not say it.
    """

    campaign_id: str
    name: str
    status: Status
    ab_test: bool = False
    activity_id: str | None = None
    updated_at: datetime | None = None
    resend: bool | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """An activity as the API tells it now.

    `schedules` is empty unless the status is SCHEDULED. `history` is ascending, and None when it
    was not read because no verdict needed it. `role` is the vendor's word.
    """

    campaign_id: str
    activity_id: str
    name: str
    role: str
    status: Status
    ab_test: bool = False
    format_type: int
    recipients: Recipients
    subject: str
    from_name: str
    from_email: str
    reply_to: str
    preheader: str | None = None
    schedules: tuple[datetime, ...] = ()
    history: tuple[SendRecord, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A live contact list or segment: its kind, id and current name.

    `members` is how many active contacts a list has now; None: not told, as of every segment.
    """

    kind: RecipientKind
    id: str
    name: str
    members: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account behind the login: its stable id, its name and its IANA zone (display only)."""

    id: str
    name: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A sender address of the account, and whether its owner confirmed it."""

    email: str
    confirmed: bool


class StepKind(StrEnum):
    """The only three writes that ccops can make."""

    UNSCHEDULE = "unschedule"
    UPDATE = "update"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One HTTP write inside a change; `body` is the exact JSON text that will be sent.

    `path` begins after the API's base path. Equal steps are the same bytes on the wire.
    """

    kind: StepKind
    method: str
    path: str
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The safety distances of design §4, in force for one run.

    `lead`: least time between a POST and its send. `freeze`: how near its send a scheduled
    campaign is no longer rescheduled. `settle`: wait after an ambiguous answer, from when it was
    noticed. `read_lag`: a read is trusted only this long after the last possible write.
    `request_gap`: between two requests of one API key.
    """

    lead: timedelta = timedelta(minutes=15)
    freeze: timedelta = timedelta(minutes=15)
    settle: timedelta = timedelta(seconds=120)
    read_lag: timedelta = timedelta(seconds=5)
    request_gap: timedelta = timedelta(milliseconds=300)
    per_day: int = 10_000

    @property
    def reread(self) -> timedelta:
        """How long after it a reading that contradicts itself is looked at once more."""
        return min(timedelta(seconds=2), self.settle)

    @property
    def head_start(self) -> timedelta:
        """What a sequence needs in time for each write that comes before its POST.

        One ambiguous answer must not strand it: the settle time and a minute for the requests
        around it, 3 minutes by default (design §4).
        """
        return self.settle + timedelta(minutes=1) if self.settle else timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a change is to bring about: a manifest with its names resolved to ids.

    `recipients` is None for a campaign whose declared sends have all happened: those are never
    resolved, so that a list deleted later breaks nothing.
    """

    campaign: str
    activity_id: str
    sends: tuple[When, ...]
    recipients: Recipients | None
    expect: Expect = Expect()


JsonObject = Mapping[str, object]
"""A decoded JSON object, still untyped: only codecs touch it."""
