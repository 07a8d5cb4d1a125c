"""The World: the account's tables, with the methods that furnish it for a test or a demo."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ccops.sandbox.furnish import (
    AB_TEST,
    PastSend,
    abtest_of,
    executing,
    html_of,
    type_of,
    with_history,
)
from ccops.sandbox.ids import activity_id_of, campaign_id_of, identifier, list_id_of
from ccops.sandbox.records import (
    Activity,
    ActivityRef,
    Campaign,
    Contact,
    ContactList,
    Logged,
    Mailing,
    Segment,
    Sender,
    Token,
)
from ccops.sandbox.sending import move_to, plan_resend, settle
from ccops.sandbox.tables import Tables

Members = Iterable[str] | int
"""Contact ids, or how many of the account's first contacts."""


class World(Tables):
    """A pretended account. `now` is a UTC instant, None the real time; a frozen clock stands still."""

    @property
    def encoded_account_id(self) -> str:
        """The account's identity."""
        return self.account.encoded_account_id

    @property
    def requests(self) -> tuple[Logged, ...]:
        """The API requests received, in order of arrival."""
        with self.lock:
            return tuple(self.log[number] for number in sorted(self.log))

    @property
    def sends(self) -> tuple[Mailing, ...]:
        """The sends that ran until now, in order; one that reached nobody is there with count 0."""
        with self.lock:
            settle(self)
            return tuple(self.mailings.values())

    def move_to(self, instant: datetime) -> None:
        """Move the clock to an instant; sends due on the way happen in order.

        Raises:
            ValueError: the instant lies in the virtual past.
        """
        move_to(self, instant)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        move_to(self, self.clock.now() + timedelta(seconds=seconds))

    def add_sender(
        self, address: str, *, confirmed: bool = True, roles: Sequence[str] = ()
    ) -> None:
        """Add an address of the account, confirmed a year ago or not at all."""
        senders = self.account.senders
        when = self.now - timedelta(days=365) if confirmed else None
        number = len(senders) + 1
        sender = Sender(email_id=number, email_address=address, confirmed=when, roles=tuple(roles))
        self.account = replace(self.account, senders=(*senders, sender))

    def add_token(
        self,
        value: str,
        *,
        scopes: Sequence[str] | None = None,
        privileges: Sequence[str] | None = None,
        client_id: str = "sandbox",
        seconds: float = 86400,
    ) -> Token:
        """Add an access token; None grants what the current user and application have."""
        token = Token(
            value=value,
            kind="access",
            client_id=client_id,
            scopes=self.scopes if scopes is None else tuple(scopes),
            privileges=None if privileges is None else tuple(privileges),
            expires_at=self.now + timedelta(seconds=seconds),
        )
        self.tokens[value] = token
        return token

    def add_contacts(self, count: int, *, status: str = "active") -> tuple[str, ...]:
        """Add contacts numbered on from the last one, c001, c002…; return their ids."""
        first = len(self.contacts) + 1
        ids = tuple(f"c{number:03d}" for number in range(first, first + count))
        for contact_id in ids:
            self.contacts[contact_id] = Contact(
                contact_id=contact_id,
                email_address=f"{contact_id}@contacts.example",
                status=status,
                created_at=self.now,
            )
        return ids

    def add_list(self, name: str, members: Members = (), list_id: str | None = None) -> str:
        """Add a contact list; return its id, which follows from the name unless given or taken."""
        derived = list_id_of(name)
        key = list_id or (self.new_id("list") if derived in self.lists else derived)
        self.lists[key] = ContactList(
            list_id=key,
            name=name,
            members=self._members(members),
            created_at=self.now,
            updated_at=self.now,
        )
        return key

    def add_segment(self, name: str, members: Members = (), segment_id: int | None = None) -> int:
        """Add a segment; return its id, the next free integer unless given."""
        key = segment_id if segment_id is not None else max(self.segments, default=100) + 1
        self.segments[key] = Segment(
            segment_id=key,
            name=name,
            members=self._members(members),
            created_at=self.now,
            edited_at=self.now,
        )
        return key

    def set_members(self, list_id: str, members: Members) -> None:
        """Replace the members of a list."""
        changed = replace(self.lists[list_id], members=self._members(members), updated_at=self.now)
        self.lists[list_id] = changed

    def delete_list(self, list_id: str) -> None:
        """Delete a list; campaigns that name it keep naming it (inferred)."""
        self.lists[list_id] = replace(self.lists[list_id], deleted_at=self.now)

    def delete_segment(self, segment_id: int) -> None:
        """Delete a segment; it stays readable by id (spec)."""
        self.segments[segment_id] = replace(self.segments[segment_id], deleted=True)

    def trash_campaign(self, campaign_id: str) -> None:
        """Remove a campaign, unscheduled; its name stays reserved (probe)."""
        campaign = replace(self.campaigns[campaign_id], removed=True)
        primary = self.primary(campaign)
        if primary.status == "SCHEDULED":
            back = replace(primary, status=primary.previous_status, scheduled=None)
            self.put_activity(back)
            plan_resend(self, back)
        self.put_campaign(campaign)

    def restore_campaign(self, campaign_id: str) -> None:
        """Bring a removed campaign back under the same id, as the vendor's UI can (spec)."""
        self.put_campaign(replace(self.campaigns[campaign_id], removed=False))

    def add_campaign(
        self,
        name: str,
        *,
        subject: str | None = "Hello",
        from_email: str | None = "news@sandbox.example",
        from_name: str | None = "Sandbox",
        reply_to_email: str | None = None,
        format_type: int = 5,
        status: str | None = None,
        lists: Sequence[str] = (),
        segments: Sequence[int] = (),
        scheduled: datetime | None = None,
        history: Sequence[PastSend | datetime] = (),
        preheader: str | None = None,
        campaign_id: str | None = None,
        activity_id: str | None = None,
        type_code: int | None = None,
        html_content: str | None = None,
        updated_at: datetime | None = None,
    ) -> Activity:
        """Add a campaign with a primary_email and a permalink; return the primary activity.

        The ids follow from the name unless given. The status follows from `scheduled` and
        `history` unless given; nothing checks that a given one agrees with them.
        """
        activity = Activity(
            activity_id=activity_id or activity_id_of(name),
            campaign_id=campaign_id or campaign_id_of(name),
            format_type=format_type,
            from_email=from_email,
            from_name=from_name,
            reply_to_email=reply_to_email if reply_to_email is not None else from_email,
            subject=subject,
            preheader=preheader,
            contact_list_ids=tuple(lists),
            segment_ids=tuple(segments),
            html_content=html_content or html_of(name, format_type),
            document_id=identifier("document", name),
            abtest=abtest_of(name) if type_code == AB_TEST else None,
        )
        activity = with_history(self, activity, history)
        previous = activity.previous_status
        natural = "SCHEDULED" if scheduled is not None else previous
        self._add(name, type_code or type_of(format_type), activity, updated_at or self.now)
        activity = replace(activity, status=status or natural, scheduled=scheduled)
        if activity.status == "EXECUTING":
            activity = executing(self, activity)
        self.put_activity(activity)
        return activity

    def _add(self, name: str, type_code: int, activity: Activity, updated_at: datetime) -> None:
        permalink = identifier("permalink", activity.activity_id)
        self.put_campaign(
            Campaign(
                campaign_id=activity.campaign_id,
                name=name,
                type_code=type_code,
                created_at=updated_at,
                updated_at=updated_at,
                activities=(
                    ActivityRef(campaign_activity_id=activity.activity_id, role="primary_email"),
                    ActivityRef(campaign_activity_id=permalink, role="permalink"),
                ),
            )
        )
        page = replace(activity, activity_id=permalink, role="permalink", abtest=None)
        self.put_activity(replace(page, history=(), mailed=frozenset(), previous_status="DRAFT"))

    def _members(self, members: Members) -> tuple[str, ...]:
        if isinstance(members, int):
            return tuple(list(self.contacts)[:members])
        return tuple(members)
