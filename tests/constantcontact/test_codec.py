"""What the API answers, read into the nouns; what it may not answer, refused by name."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact import codec
from ccops.errors import VendorFault
from ccops.model import (
    Account,
    CampaignRow,
    Live,
    Named,
    RecipientKind,
    Recipients,
    Sender,
    SendRecord,
    Status,
)
from tests.constantcontact.vendor_builders import (
    ACTIVITY,
    CAMPAIGN,
    LIST_A,
    LIST_B,
    PERMALINK,
    ROW,
    activity_doc,
    campaign_doc,
    without,
)

NEEDED_OF_AN_ACTIVITY = sorted(
    set(activity_doc()) - {"contact_list_ids", "segment_ids", "preheader"}
)
ENTRY: dict[str, object] = {
    "send_id": 1,
    "count": 200,
    "run_date": "2026-10-06T13:00:02.000Z",
    "send_status": "COMPLETED",
    "reason_code": 0,
}


def test_an_activity_is_read_whole() -> None:
    """Every field that a verdict or a PUT needs; ids sorted, so that equal sets are equal."""
    assert codec.activity(activity_doc(), ROW) == Live(
        campaign_id=CAMPAIGN,
        activity_id=ACTIVITY,
        name="Fall Appeal",
        role="primary_email",
        status=Status.DRAFT,
        format_type=5,
        recipients=Recipients(lists=(LIST_A, LIST_B)),
        subject="Will you help?",
        from_name="News",
        from_email="news@example.org",
        reply_to="reply@example.org",
        preheader="Please",
    )


@pytest.mark.parametrize("key", NEEDED_OF_AN_ACTIVITY)
def test_a_missing_field_of_an_activity_is_a_fault_that_names_it(key: str) -> None:
    """F-47: never a default."""
    with pytest.raises(VendorFault, match=f"has no {key}"):
        codec.activity(without(activity_doc(), key), ROW)


@pytest.mark.parametrize("key", NEEDED_OF_AN_ACTIVITY)
@given(value=st.sampled_from([False, 1.5, [], {}, ["x"]]))
def test_a_field_of_another_type_is_a_fault_that_names_it(key: str, value: object) -> None:
    """Nothing is converted."""
    with pytest.raises(VendorFault, match=rf"activity\.{key} should be"):
        codec.activity(activity_doc(**{key: value}), ROW)


@pytest.mark.parametrize("key", ["subject", "from_name", "from_email", "reply_to_email"])
def test_a_draft_may_lack_what_a_send_needs(key: str) -> None:
    """Null is "empty yet": the verdict blocks it, and the other campaigns go on."""
    live = codec.activity(activity_doc(**{key: None}), ROW)
    field = {"reply_to_email": "reply_to"}.get(key, key)
    assert getattr(live, field) == ""


@pytest.mark.parametrize("key", ["campaign_id", "campaign_activity_id", "format_type"])
def test_null_is_no_id_and_no_format(key: str) -> None:
    """Only the four texts of a draft may be null."""
    with pytest.raises(VendorFault, match=key):
        codec.activity(activity_doc(**{key: None}), ROW)


def test_null_and_absent_arrays_of_ids_mean_none() -> None:
    """As recordings have it."""
    doc = without(activity_doc(segment_ids=None), "contact_list_ids")
    assert codec.activity(doc, ROW).recipients.empty


@pytest.mark.parametrize("value", ["", 0, False, {}, "x"])
@pytest.mark.parametrize("key", ["contact_list_ids", "segment_ids"])
def test_an_array_of_ids_is_nothing_else(key: str, value: object) -> None:
    """What is falsy is not therefore empty."""
    with pytest.raises(VendorFault, match=key):
        codec.activity(activity_doc(**{key: value}), ROW)


@given(st.lists(st.integers(0, 2**63 - 1)), st.booleans())
def test_segment_ids_may_be_integers_or_text(numbers: list[int], as_text: bool) -> None:
    """Integers by the spec, text in one client's types; text in the model."""
    sent = [str(number) if as_text else number for number in numbers]
    live = codec.activity(activity_doc(segment_ids=sent), ROW)
    assert live.recipients.segments == tuple(sorted({str(number) for number in numbers}))


@pytest.mark.parametrize("value", [-1, True, 1.0, "1a", "", "01", None, [1], 10**19])
def test_a_segment_id_is_a_whole_number(value: object) -> None:
    """No sign, no fraction, no blank."""
    with pytest.raises(VendorFault, match=r"segment_ids\[0\]"):
        codec.activity(activity_doc(segment_ids=[value]), ROW)


@pytest.mark.parametrize("value", [1, None, "", "../contacts", f"{LIST_A}/"])
def test_a_list_id_is_a_uuid(value: object) -> None:
    """A hostile id of the vendor's would be as bad as anybody's."""
    with pytest.raises(VendorFault, match=r"contact_list_ids\[0\]"):
        codec.activity(activity_doc(contact_list_ids=[value]), ROW)


@pytest.mark.parametrize("key", ["campaign_id", "campaign_activity_id"])
def test_the_answer_is_about_the_activity_asked_for(key: str) -> None:
    """A cache in between that mixes answers up must not send to other people."""
    with pytest.raises(VendorFault, match="another activity"):
        codec.activity(activity_doc(**{key: PERMALINK}), ROW)


def test_ids_are_compared_without_case() -> None:
    """A manifest may spell a UUID in capitals."""
    row = replace(ROW, activity_id=ACTIVITY.upper(), campaign_id=CAMPAIGN.upper())
    assert codec.activity(activity_doc(), row).activity_id == ACTIVITY


def test_a_pinned_activity_may_come_without_its_campaign() -> None:
    """Then its campaign id is taken from the answer."""
    row = replace(ROW, campaign_id="")
    assert codec.activity(activity_doc(), row).campaign_id == CAMPAIGN


def test_a_row_without_an_activity_matches_no_answer() -> None:
    """None is not "any"."""
    with pytest.raises(VendorFault, match="another activity"):
        codec.activity(activity_doc(), replace(ROW, activity_id=None))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Draft", Status.DRAFT),
        ("DRAFT", Status.DRAFT),
        ("scheduled", Status.SCHEDULED),
        ("Executing", Status.EXECUTING),
        ("DONE", Status.DONE),
        ("eRRoR", Status.ERROR),
        ("Removed", Status.REMOVED),
        ("PAUSED", Status.UNKNOWN),
        ("", Status.UNKNOWN),
        ("DRAFT ", Status.UNKNOWN),
    ],
)
def test_status_words_are_folded_and_strange_ones_unknown(word: str, status: Status) -> None:
    """The same campaign was recorded as Draft and as DRAFT."""
    assert codec.status(word) is status
    assert codec.activity(activity_doc(current_status=word), ROW).status is status


def test_roles_are_folded() -> None:
    """Like statuses."""
    assert codec.activity(activity_doc(role="Primary_Email"), ROW).role == "primary_email"


def test_the_primary_activity_is_chosen_by_role() -> None:
    """Index 0 may be the permalink or a resend."""
    assert codec.campaign(campaign_doc(), CAMPAIGN).activity_id == ACTIVITY


def test_a_campaign_may_have_no_primary_activity() -> None:
    """Then there is nothing that ccops can manage."""
    doc = campaign_doc(campaign_activities=[])
    assert codec.campaign(doc, CAMPAIGN).activity_id is None


def test_two_primary_activities_are_a_fault() -> None:
    """Nothing says which one would be sent."""
    twice = [
        {"campaign_activity_id": one, "role": "primary_email"} for one in (ACTIVITY, PERMALINK)
    ]
    with pytest.raises(VendorFault, match="two activities"):
        codec.campaign(campaign_doc(campaign_activities=twice), CAMPAIGN)


@pytest.mark.parametrize("key", ["campaign_id", "name", "current_status", "campaign_activities"])
def test_a_missing_field_of_a_campaign_is_a_fault(key: str) -> None:
    """Each is needed."""
    with pytest.raises(VendorFault, match=f"has no {key}"):
        codec.campaign(without(campaign_doc(), key), CAMPAIGN)


def test_the_answer_is_about_the_campaign_asked_for() -> None:
    """As with activities."""
    with pytest.raises(VendorFault, match="another campaign"):
        codec.campaign(campaign_doc(), PERMALINK)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"type": "AB_TEST", "type_code": 57}, True),
        ({"type": "ab_test", "type_code": None}, True),
        ({"type": "NEWSLETTER", "type_code": 57}, True),
        ({"type": None, "type_code": 57}, True),
        ({"type": None, "type_code": 10}, False),
        ({"type": "SOMETHING_NEW", "type_code": 99}, False),
    ],
)
def test_an_ab_test_shows_by_type_or_code(changes: dict[str, object], expected: bool) -> None:
    """Either suffices: ccops never touches one."""
    assert codec.campaign(campaign_doc(**changes), CAMPAIGN).ab_test is expected


def test_a_campaign_without_type_and_code_is_a_fault() -> None:
    """It might be an A/B test."""
    with pytest.raises(VendorFault, match="type_code"):
        codec.campaign(campaign_doc(type=None, type_code=None), CAMPAIGN)


def test_a_row_of_the_listing_names_no_activity() -> None:
    """The listing does not tell it."""
    page = {"campaigns": [without(campaign_doc(), "campaign_activities")]}
    row = CampaignRow(campaign_id=CAMPAIGN, name="Fall Appeal", status=Status.DRAFT)
    assert codec.campaign_rows(page) == (row,)


def test_schedules_are_instants() -> None:
    """In whatever rendering."""
    answer = [{"scheduled_date": "2026-10-06T09:00:00-04:00"}]
    assert codec.schedules(answer) == (datetime(2026, 10, 6, 13, tzinfo=UTC),)
    assert codec.schedules([]) == ()


@pytest.mark.parametrize("answer", [None, {}, [None], [{}], [{"scheduled_date": "soon"}]])
def test_strange_schedules_are_a_fault(answer: object) -> None:
    """An empty array, and nothing else, says that nothing is scheduled."""
    with pytest.raises(VendorFault, match="CC511"):
        codec.schedules(answer)


def test_a_history_is_sorted_and_keeps_what_counts() -> None:
    """Count 0 is COMPLETED with reason 12; `segment_ids` may be absent."""
    later = ENTRY | {"run_date": "2026-10-13T13:00:02+0000", "count": 0, "reason_code": 12}
    failed = ENTRY | {"run_date": "2026-10-20", "send_status": "errored", "reason_code": 5}
    history = codec.send_history([later, ENTRY, failed])
    assert history == (
        SendRecord(ran_at=datetime(2026, 10, 6, 13, 0, 2, tzinfo=UTC), completed=True, count=200),
        SendRecord(
            ran_at=datetime(2026, 10, 13, 13, 0, 2, tzinfo=UTC), completed=True, count=0, reason=12
        ),
        SendRecord(ran_at=datetime(2026, 10, 20, tzinfo=UTC), completed=False, count=200, reason=5),
    )


@pytest.mark.parametrize("key", ["count", "run_date", "send_status", "reason_code"])
def test_a_missing_field_of_a_history_entry_is_a_fault(key: str) -> None:
    """A send that is not understood must not be taken for one that did not happen."""
    with pytest.raises(VendorFault, match=f"has no {key}"):
        codec.send_history([without(ENTRY, key)])


@pytest.mark.parametrize("changes", [{"send_status": "PARTIAL"}, {"run_date": "recently"}])
def test_a_strange_history_entry_is_a_fault(changes: dict[str, object]) -> None:
    """An unknown word might mean "sent"."""
    with pytest.raises(VendorFault, match=next(iter(changes))):
        codec.send_history([ENTRY | changes])


def test_deleted_lists_are_left_out() -> None:
    """They differ by `deleted_at` alone."""
    page = {
        "lists": [
            {"list_id": LIST_A, "name": "Donors"},
            {"list_id": LIST_B, "name": "Old", "deleted_at": "2016-03-03T10:56:29-05:00"},
        ]
    }
    assert codec.list_rows(page) == (Named(kind=RecipientKind.LISTS, id=LIST_A, name="Donors"),)


def test_segments_are_named_by_their_number() -> None:
    """Integers become text; deleted ones, should they appear, are left out."""
    page = {
        "segments": [
            {"segment_id": 14, "name": "Active", "deleted_at": None},
            {"segment_id": "15", "name": "Lapsed"},
            {"segment_id": 16, "name": "Gone", "deleted_at": "2016-03-03"},
        ]
    }
    assert [(row.id, row.name) for row in codec.segment_rows(page)] == [
        ("14", "Active"),
        ("15", "Lapsed"),
    ]
    assert {row.kind for row in codec.segment_rows(page)} == {RecipientKind.SEGMENT}


@pytest.mark.parametrize("read", [codec.list_rows, codec.segment_rows, codec.campaign_rows])
@pytest.mark.parametrize(
    "rows",
    [None, {}, "x", [None], [[]], [{}], [{"name": "x", "list_id": "..", "segment_id": ".."}]],
)
def test_a_page_without_its_rows_is_no_empty_page(read: object, rows: object) -> None:
    """INV-25: a failure to read is not absence."""
    assert callable(read)
    for page in ({}, {"lists": rows, "segments": rows, "campaigns": rows}):
        with pytest.raises(VendorFault, match="CC511"):
            read(page)


def test_an_account_needs_its_id_alone() -> None:
    """Name and zone are for display."""
    doc = {
        "encoded_account_id": "p07e1l8cdif9dl",
        "organization_name": "Example",
        "time_zone_id": "US/Eastern",
    }
    assert codec.account(doc) == Account(id="p07e1l8cdif9dl", name="Example", zone="US/Eastern")
    assert codec.account({"encoded_account_id": "a"}) == Account(id="a", name="", zone="")


@pytest.mark.parametrize("doc", [{}, {"encoded_account_id": ""}, {"encoded_account_id": None}, []])
def test_an_account_without_an_id_is_a_fault(doc: object) -> None:
    """INV-17 rests on it."""
    with pytest.raises(VendorFault, match="CC511"):
        codec.account(doc)


def test_only_confirmed_senders_are_confirmed() -> None:
    """A word that ccops does not know confirms nobody."""
    words = ["CONFIRMED", "Confirmed", "UNCONFIRMED", "PENDING"]
    docs = [{"email_address": f"{word}@x", "confirm_status": word} for word in words]
    assert codec.senders(docs) == tuple(
        Sender(email=f"{word}@x", confirmed=word.upper() == "CONFIRMED") for word in words
    )


def test_privileges_are_names() -> None:
    """In no order."""
    docs = [{"privilege_id": 1, "privilege_name": name} for name in ("campaign:send", "x")]
    assert codec.privileges(docs) == {"campaign:send", "x"}
