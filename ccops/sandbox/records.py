"""What the pretended account holds: frozen values. A change puts a new value in the old one's place."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person; only those with status `active` are mailed."""

    contact_id: str
    email_address: str
    created_at: datetime
    status: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactList:
    """A list; deleted ones stay readable and differ by `deleted_at` only (spec)."""

    list_id: str
    name: str
    members: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    favorite: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment; its id is an integer, and a deleted one is still readable by id (spec)."""

    segment_id: int
    name: str
    members: tuple[str, ...]
    created_at: datetime
    edited_at: datetime
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRecord:
    """One entry of send_history: what a send was aimed at and how it ended (spec)."""

    send_id: int
    run_date: datetime
    contact_list_ids: tuple[str, ...]
    segment_ids: tuple[int, ...]
    count: int
    send_status: str
    reason_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The outcome that the next send of an activity shall have; no count means the natural one."""

    send_status: str
    reason_code: int
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """A resend to non-openers attached to an activity; `activity_id` is its own activity."""

    number: int
    subject: str
    delay_days: int | None
    delay_minutes: int | None
    activity_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ABTest:
    """A subject-line test, and the type the campaign had before (spec)."""

    alternative_subject: str
    test_size: int
    winner_wait_duration: int
    type_code_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An email activity.

    Invariants: `scheduled` is set exactly while the status is SCHEDULED; `pending` and
    `executing_until` exactly while it is EXECUTING; `previous_status` is what an unschedule
    returns to; `mailed` is the memory that keeps a resend from reaching anybody twice.
    """

    activity_id: str
    campaign_id: str
    role: str = "primary_email"
    status: str = "DRAFT"
    format_type: int = 5
    from_email: str | None = None
    from_name: str | None = None
    reply_to_email: str | None = None
    subject: str | None = None
    preheader: str | None = None
    contact_list_ids: tuple[str, ...] = ()
    segment_ids: tuple[int, ...] = ()
    html_content: str | None = None
    physical_address_in_footer: dict[str, str] = field(default_factory=dict)
    document_properties: dict[str, str] = field(default_factory=dict)
    document_id: str = ""
    scheduled: datetime | None = None
    previous_status: str = "DRAFT"
    executing_until: datetime | None = None
    pending: SendRecord | None = None
    history: tuple[SendRecord, ...] = ()
    mailed: frozenset[str] = frozenset()
    script: Script | None = None
    resend: Resend | None = None
    abtest: ABTest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRef:
    """An activity as its campaign names it: id and role."""

    campaign_activity_id: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign; its status is that of its primary activity (inferred), unless removed."""

    campaign_id: str
    name: str
    type_code: int
    created_at: datetime
    updated_at: datetime
    activities: tuple[ActivityRef, ...]
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One act of sending as it really happened; `contacts` is sorted, each contact once."""

    number: int
    activity_id: str
    campaign_name: str
    time: datetime
    contacts: tuple[str, ...]
    send_status: str
    reason_code: int

    @property
    def count(self) -> int:
        """How many contacts were mailed."""
        return len(self.contacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An API request as received; never the Authorization value. No status: it was not answered."""

    sequence: int
    method: str
    path: str
    query: str
    body: str
    status: int | None
    time: datetime
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An address of the account; `confirmed` is None while the owner has not confirmed it."""

    email_id: int
    email_address: str
    confirmed: datetime | None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account: who it is, its address, its time zone (display only) and its senders."""

    encoded_account_id: str = "sandbox000001"
    organization_name: str = "Sandbox"
    contact_email: str = "owner@sandbox.example"
    first_name: str = "Robin"
    last_name: str = "Field"
    country_code: str = "us"
    state_code: str = "NY"
    time_zone_id: str = "America/New_York"
    website: str = "https://sandbox.example"
    physical_address: dict[str, str] = field(default_factory=dict)
    senders: tuple[Sender, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access or refresh token; `privileges` None means those of the current user."""

    value: str
    kind: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: datetime
    privileges: tuple[str, ...] | None = None
    dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An authorization code or a device code on its way to becoming a token; used once."""

    code: str
    kind: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: datetime
    redirect_uri: str = ""
    challenge: str = ""
    user_code: str = ""
    verdict: str = "pending"
