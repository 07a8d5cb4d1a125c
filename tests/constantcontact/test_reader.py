"""The account, read with the fewest requests; a failure is never absence."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact import reader
from ccops.errors import (
    AccessDenied,
    CcopsError,
    Diagnostic,
    InvalidInput,
    NoReply,
    Throttled,
    VendorFault,
)
from ccops.model import Account, CampaignRow, Live, RecipientKind, Sender, SendRecord, Status
from ccops.ports import Call, Reply
from tests.constantcontact.test_links import FOREIGN
from tests.constantcontact.vendor_builders import (
    ACTIVITY,
    CAMPAIGN,
    LIST_A,
    LIST_B,
    ROW,
    Script,
    activity_doc,
    campaign_doc,
    error,
    raw,
    reply,
    without,
)

IDS = [f"0000000{n}-0000-4000-8000-000000000000" for n in range(8)]
LOST = NoReply(Diagnostic(code="CC502", message="lost"), maybe_sent=True)
FAILURES = [
    (raw(b"<html>not found</html>", 404), VendorFault),
    (raw(b"", 404), VendorFault),
    (reply({"message": "Not Found"}, 404), VendorFault),
    (error(500), VendorFault),
    (raw(b"<html>", 502), VendorFault),
    (error(403), AccessDenied),
    (error(401), AccessDenied),
    (reply({"error_key": "throttled"}, 429), Throttled),
    (raw(b'{"campaign_id": "8987'), VendorFault),
    (raw(b"<html>Welcome</html>"), VendorFault),
    (raw(b""), VendorFault),
    (raw(b"null"), VendorFault),
    (raw(b"{}"), VendorFault),
    (raw(b"", 302), VendorFault),
    (raw(b"", 204), VendorFault),
    (LOST, NoReply),
]


def listed(number: int, **changes: object) -> dict[str, object]:
    row = campaign_doc(campaign_id=IDS[number], name=f"Campaign {number}")
    return without(row, "campaign_activities") | changes


def page(*rows: object, key: str = "campaigns", following: str | None = None) -> Reply:
    links = {} if following is None else {"_links": {"next": {"href": following}}}
    return reply({key: list(rows), **links})


def never(_: Live) -> bool:
    return False


def always(_: Live) -> bool:
    return True


def test_campaigns_are_read_page_by_page() -> None:
    """500 a page; the link's cursor on the same path; sorted by name and id."""
    send = Script(
        page(listed(2), listed(1), following="/v3/emails?next=abc%3D"),
        page(
            listed(0, name="Campaign 2"), following="https://api.cc.email/v3/emails?next=d&limit=9"
        ),
        page(listed(3)),
    )
    rows = reader.read_campaigns(send)
    assert [(row.name, row.campaign_id) for row in rows] == [
        ("Campaign 1", IDS[1]),
        ("Campaign 2", IDS[0]),
        ("Campaign 2", IDS[2]),
        ("Campaign 3", IDS[3]),
    ]
    assert all(row.activity_id is None for row in rows)
    assert send.lines == ["GET /v3/emails"] * 3
    assert [call.query for call in send.calls] == [
        (("limit", "500"),),
        (("next", "abc="),),
        (("next", "d"), ("limit", "9")),
    ]


@given(st.lists(st.lists(st.tuples(st.integers(0, 7), st.booleans()), max_size=5), min_size=1))
def test_a_campaign_that_moves_between_pages_is_seen_once(
    pages: list[list[tuple[int, bool]]],
) -> None:
    """The first sight counts, and removed ones are left out."""
    sights = [sight for one in pages for sight in one]
    firsts: dict[int, bool] = {}
    for number, removed in sights:
        firsts.setdefault(number, removed)
    answers = [
        page(
            *[listed(n, current_status="Removed" if removed else "Done") for n, removed in one],
            following=None if place == len(pages) else f"/v3/emails?next={place}",
        )
        for place, one in enumerate(pages, start=1)
    ]
    rows = reader.read_campaigns(Script(*answers))
    assert [row.campaign_id for row in rows] == [
        IDS[number] for number in sorted(firsts) if not firsts[number]
    ]


@pytest.mark.parametrize("href", FOREIGN, ids=range(len(FOREIGN)))
@pytest.mark.parametrize("read", [reader.read_campaigns, reader.read_lists, reader.read_segments])
def test_a_foreign_link_is_never_requested(read: object, href: str) -> None:
    """S-04: one request, an error, and nothing sent anywhere else."""
    assert callable(read)
    document = {"campaigns": [], "lists": [], "segments": [], "_links": {"next": {"href": href}}}
    send = Script(reply(document))
    with pytest.raises(VendorFault, match="CC512"):
        read(send)
    assert len(send.calls) == 1


def test_pages_that_lead_in_a_circle_are_a_fault() -> None:
    """F-46: also when the circle leads back to the first page."""
    send = Script(
        page(following="/v3/emails?next=a"),
        page(following="/v3/emails?next=b"),
        page(following="/v3/emails?next=a"),
    )
    with pytest.raises(VendorFault, match="CC513"):
        reader.read_campaigns(send)
    with pytest.raises(VendorFault, match="CC513"):
        reader.read_campaigns(Script(page(following="/v3/emails?limit=500")))


def test_pages_without_end_are_a_fault() -> None:
    """A thousand, and no more."""
    calls: list[Call] = []

    def endless(call: Call) -> Reply:
        calls.append(call)
        return page(following=f"/v3/emails?next={len(calls)}")

    with pytest.raises(VendorFault, match="more than 1000 pages"):
        reader.read_campaigns(endless)
    assert len(calls) == reader.MAX_PAGES


@pytest.mark.parametrize(("failure", "kind"), FAILURES)
def test_a_second_page_that_fails_leaves_no_partial_account(
    failure: Reply | NoReply, kind: type[CcopsError]
) -> None:
    """INV-25: a campaign on it would look deleted."""
    send = Script(page(listed(1), following="/v3/emails?next=a"), failure)
    with pytest.raises(kind):
        reader.read_campaigns(send)


def test_lists_and_segments_are_read_whole() -> None:
    """Active lists only; every page; sorted by name."""
    send = Script(
        page(
            {"list_id": LIST_B, "name": "Board"},
            {"list_id": LIST_A, "name": "Donors"},
            key="lists",
            following="/v3/contact_lists?next=a",
        ),
        page({"list_id": LIST_B, "name": "Renamed"}, key="lists"),
        page({"segment_id": 2, "name": "B"}, {"segment_id": 1, "name": "A"}, key="segments"),
    )
    lists = reader.read_lists(send)
    segments = reader.read_segments(send)
    assert [(row.kind, row.id, row.name) for row in lists + segments] == [
        (RecipientKind.LISTS, LIST_B, "Board"),
        (RecipientKind.LISTS, LIST_A, "Donors"),
        (RecipientKind.SEGMENT, "1", "A"),
        (RecipientKind.SEGMENT, "2", "B"),
    ]
    assert [(call.path, call.query) for call in send.calls] == [
        ("/v3/contact_lists", (("limit", "500"), ("status", "active"))),
        ("/v3/contact_lists", (("next", "a"),)),
        ("/v3/segments", (("limit", "1000"),)),
    ]


def test_absolute_links_count_on_the_origin_that_is_read() -> None:
    """A sandbox may write its own links absolutely."""
    origin = "http://127.0.0.1:8080"
    href = f"{origin}/v3/segments?next=1"
    send = Script(page(key="segments", following=href), page(key="segments"))
    assert reader.read_segments(send, origin=origin) == ()
    with pytest.raises(VendorFault, match="CC512"):
        reader.read_segments(Script(page(key="segments", following=href)))


def test_account_senders_and_privileges_are_one_request_each() -> None:
    """They are not paged."""
    send = Script(
        reply({"encoded_account_id": "a1", "organization_name": "O", "time_zone_id": "Z"}),
        reply([{"email_address": "a@example.org", "confirm_status": "CONFIRMED"}]),
        reply([{"privilege_id": 1, "privilege_name": "campaign:read"}]),
    )
    assert reader.read_account(send) == Account(id="a1", name="O", zone="Z")
    assert reader.read_senders(send) == (Sender(email="a@example.org", confirmed=True),)
    assert reader.read_privileges(send) == {"campaign:read"}
    assert send.lines == [
        "GET /v3/account/summary",
        "GET /v3/account/emails",
        "GET /v3/account/user/privileges",
    ]


def test_a_campaign_is_one_request() -> None:
    """With its primary activity."""
    send = Script(reply(campaign_doc(current_status="DRAFT")))
    assert reader.read_campaign(send, CAMPAIGN) == CampaignRow(
        campaign_id=CAMPAIGN, name="Fall Appeal", status=Status.DRAFT, activity_id=ACTIVITY
    )
    assert send.lines == [f"GET /v3/emails/{CAMPAIGN}"]


@pytest.mark.parametrize("answer", [error(404), reply(campaign_doc(current_status="Removed"))])
def test_a_removed_campaign_is_absent(answer: Reply) -> None:
    """Whether the API says 404 or Removed."""
    assert reader.read_campaign(Script(answer), CAMPAIGN) is None


@pytest.mark.parametrize(("failure", "kind"), FAILURES)
def test_a_campaign_that_cannot_be_read_is_not_absent(
    failure: Reply | NoReply, kind: type[CcopsError]
) -> None:
    """Nothing but the API's own 404 is."""
    with pytest.raises(kind):
        reader.read_campaign(Script(failure), CAMPAIGN)


def test_a_hostile_id_is_refused_before_any_request() -> None:
    """No byte leaves."""
    send = Script()
    with pytest.raises(InvalidInput):
        reader.read_campaign(send, "../contacts")
    with pytest.raises(InvalidInput):
        reader.read_live(send, replace(ROW, activity_id=".."), wants_history=never)
    assert send.calls == []


SCHEDULES = reply([{"scheduled_date": "2026-10-06T13:00:00.000Z"}])
HISTORY = reply(
    [
        {
            "send_id": 1,
            "count": 9,
            "run_date": "2026-10-06T13:00:00.000Z",
            "send_status": "COMPLETED",
            "reason_code": 0,
        }
    ]
)
AT = f"/v3/emails/activities/{ACTIVITY}"
NOON = datetime(2026, 10, 6, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "history", "lines"),
    [
        ("DRAFT", False, [AT]),
        ("DRAFT", True, [AT, f"{AT}/send_history"]),
        ("DONE", True, [AT, f"{AT}/send_history"]),
        ("SCHEDULED", False, [AT, f"{AT}/schedules"]),
        ("Scheduled", True, [AT, f"{AT}/schedules", f"{AT}/send_history"]),
        ("PAUSED", False, [AT]),
    ],
)
def test_an_activity_costs_what_its_verdict_needs(
    status: str, history: bool, lines: list[str]
) -> None:
    """Schedules when SCHEDULED, history when asked for, nothing twice."""
    answers = {
        AT: reply(activity_doc(current_status=status)),
        f"{AT}/schedules": SCHEDULES,
        f"{AT}/send_history": HISTORY,
    }
    send = Script(*[answers[line] for line in lines])
    live = reader.read_live(send, ROW, wants_history=always if history else never)
    assert live is not None
    assert send.lines == [f"GET {line}" for line in lines]
    assert live.schedules == ((NOON,) if status.upper() == "SCHEDULED" else ())
    wanted = (SendRecord(ran_at=NOON, completed=True, count=9),) if history else None
    assert live.history == wanted


def test_the_history_is_decided_on_what_was_read() -> None:
    """With the schedules, if any."""
    seen: list[Live] = []

    def remember(live: Live) -> bool:
        seen.append(live)
        return False

    send = Script(reply(activity_doc(current_status="SCHEDULED")), SCHEDULES)
    live = reader.read_live(send, ROW, wants_history=remember)
    assert seen == [live]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_activity_that_vanishes_is_absent(place: int) -> None:
    """Also between two of its requests."""
    answers = [reply(activity_doc(current_status="SCHEDULED")), SCHEDULES, HISTORY]
    send = Script(*answers[:place], error(404))
    assert reader.read_live(send, ROW, wants_history=always) is None
    assert len(send.calls) == place + 1


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(("failure", "kind"), [*FAILURES, (reply("x"), VendorFault)])
def test_an_activity_that_cannot_be_read_is_not_absent(
    place: int, failure: Reply | NoReply, kind: type[CcopsError]
) -> None:
    """Whichever of its requests fails."""
    answers = [reply(activity_doc(current_status="SCHEDULED")), SCHEDULES, HISTORY]
    with pytest.raises(kind):
        reader.read_live(Script(*answers[:place], failure), ROW, wants_history=always)


def test_a_row_without_an_activity_cannot_be_read() -> None:
    """Rows of the listing have none: look the campaign up first."""
    with pytest.raises(ValueError, match="without a primary activity"):
        reader.read_live(Script(), replace(ROW, activity_id=None), wants_history=never)


def test_the_whole_answer_is_checked_not_only_its_start() -> None:
    """A document with something after it is no document."""
    body = json.dumps(activity_doc()).encode() + b"{}"
    with pytest.raises(VendorFault, match="Extra data"):
        reader.read_live(Script(raw(body)), ROW, wants_history=never)
