"""Small values for tests of planning: one activity, its manifest, its journal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ccops.constantcontact.wire import schedule_step
from ccops.errors import Place
from ccops.model import (
    Account,
    CampaignRow,
    Desired,
    Expect,
    Limits,
    Live,
    Named,
    RecipientKind,
    Recipients,
    Reference,
    SendRecord,
    SendTime,
    Status,
    Target,
    When,
)
from ccops.planning.resolve import Catalogue
from ccops.planning.verdict import Facts
from ccops.ports import JournalEntry, WriteState

NOW_IS = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LIMITS = Limits()
ACTIVITY = "4c08372c-957a-48b5-bc45-72c7f00796cd"
CAMPAIGN_ID = "b6e5a7e0-0e9b-4a3b-8f6c-1d2f3a4b5c6d"
DONORS = "11111111-1111-1111-1111-111111111111"
BOARD = "22222222-2222-2222-2222-222222222222"
SEGMENT = "77"
LISTS = Recipients(lists=(DONORS,))
OTHER_LISTS = Recipients(lists=(DONORS, BOARD))
SEGMENTED = Recipients(segments=(SEGMENT,))
NAME = "Fall Appeal"
PLACE = Place(file="campaigns/fall.yaml", line=1, column=1, width=8, text="campaign: Fall Appeal")
ACCOUNT = Account(id="p07e1l8cdif9dl", name="Fern & Field", zone="America/New_York")
CATALOGUE = Catalogue(
    lists=(
        Named(kind=RecipientKind.LISTS, id=DONORS, name="Donors"),
        Named(kind=RecipientKind.LISTS, id=BOARD, name="Board"),
    ),
    segments=(Named(kind=RecipientKind.SEGMENT, id=SEGMENT, name="Volunteers"),),
)

LIVE = Live(
    campaign_id=CAMPAIGN_ID,
    activity_id=ACTIVITY,
    name=NAME,
    role="primary_email",
    status=Status.DRAFT,
    format_type=5,
    recipients=LISTS,
    subject="Will you help?",
    from_name="Fern & Field",
    from_email="news@example.org",
    reply_to="reply@example.org",
    history=(),
)


def scheduled(at: datetime, live: Live = LIVE) -> Live:
    """The activity, scheduled."""
    return replace(live, status=Status.SCHEDULED, schedules=(at,))


def target(
    *sends: When, recipients: Recipients | None = LISTS, expect: Expect | None = None
) -> Target:
    """What a manifest with these sends wants."""
    return Target(
        campaign=NAME,
        activity_id=ACTIVITY,
        sends=sends,
        recipients=recipients,
        expect=expect or Expect(),
    )


def completed(ran_at: datetime, count: int = 100, reason: int = 0) -> SendRecord:
    """A completed send."""
    return SendRecord(ran_at=ran_at, completed=True, count=count, reason=reason)


def errored(ran_at: datetime, count: int = 0, reason: int = 1) -> SendRecord:
    """A failed send."""
    return SendRecord(ran_at=ran_at, completed=False, count=count, reason=reason)


def facts(wanted: Target, live: Live | None, now: datetime = NOW_IS) -> Facts:
    """Facts with the default limits and no journal."""
    return Facts(target=wanted, live=live, now=now, limits=LIMITS)


def journal(when: When, state: WriteState = WriteState.VERIFIED) -> JournalEntry:
    """A journal line that says: ccops scheduled this activity for `when`, for LISTS."""
    return JournalEntry(
        write_id="w1",
        run="r1",
        plan="sha256:0",
        activity_id=ACTIVITY,
        campaign=NAME,
        step=schedule_step(ACTIVITY, when),
        when=when,
        recipients=LISTS,
        state=state,
        fingerprint="sha256:0",
        at=NOW_IS - DAY,
    )


def row(
    name: str = NAME, campaign_id: str = CAMPAIGN_ID, status: Status = Status.DRAFT
) -> CampaignRow:
    """A row of the listing."""
    return CampaignRow(campaign_id=campaign_id, name=name, status=status)


def reference(name: str, kind: RecipientKind = RecipientKind.LISTS, line: int = 3) -> Reference:
    """A list or segment as a manifest names it."""
    place = Place(file=PLACE.file, line=line, column=5, width=len(name), text=f"  - {name}")
    return Reference(kind=kind, name=name, place=place)


def desired(*sends: When, names: tuple[str, ...] = ("Donors",), campaign: str = NAME) -> Desired:
    """A manifest."""
    return Desired(
        campaign=campaign,
        references=tuple(map(reference, names)),
        sends=tuple(SendTime(when=when, zone="America/New_York", place=PLACE) for when in sends),
        zone="America/New_York",
        place=PLACE,
    )
