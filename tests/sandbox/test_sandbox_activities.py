"""Reading an activity, and replacing it with PUT."""

from typing import Any

import pytest

from ccops.sandbox.records import Activity
from ccops.sandbox.world import World

CONTENT = {
    "from_email": "news@sandbox.example",
    "from_name": "News",
    "reply_to_email": "news@sandbox.example",
    "subject": "New subject",
}
SUB_RESOURCES = "html_content,physical_address_in_footer,permalink_url,document_properties"


def put(api: Any, activity: Activity, **more: Any) -> Any:
    return api("PUT", f"/v3/emails/activities/{activity.activity_id}", {**CONTENT, **more})


def read(api: Any, activity: Activity, include: str = "") -> Any:
    path = f"/v3/emails/activities/{activity.activity_id}"
    return api("GET", f"{path}?include={include}" if include else path).document


def test_sub_resources_are_shown_only_when_included(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    assert "html_content" not in read(api, activity)
    assert "trackingImage" in read(api, activity, SUB_RESOURCES)["html_content"]
    assert "html_content" in read(api, activity, SUB_RESOURCES.replace(",", "%2C"))
    path = f"/v3/emails/activities/{activity.activity_id}?include=subject"
    assert api("GET", path).status == 400


def test_put_empties_the_top_level_keys_that_are_absent(world: World, api: Any) -> None:
    lists = [world.add_list("L", 3)]
    activity = world.add_campaign("A", lists=lists, preheader="Before")
    reply = put(api, activity)
    assert reply.status == 200
    assert reply.document == read(api, activity)
    assert (reply.document["contact_list_ids"], reply.document["segment_ids"]) == ([], [])
    assert "preheader" not in reply.document


def test_put_keeps_sub_resources_and_the_keys_inside_them_that_are_absent(
    world: World, api: Any
) -> None:
    activity = world.add_campaign("A")
    address = {"address_line1": "1 Lane", "country_code": "US", "organization_name": "F"}
    put(api, activity, html_content="<p>two</p>", physical_address_in_footer=address)
    put(api, activity, physical_address_in_footer={"city": "Rhinebeck"})
    shown = read(api, activity, SUB_RESOURCES)
    assert shown["html_content"] == "<p>two</p>"
    assert shown["physical_address_in_footer"] == {**address, "city": "Rhinebeck"}


def test_put_that_repeats_what_was_read_changes_nothing(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)], preheader="P")
    before = read(api, activity)
    url = f"/v3/emails/activities/{activity.activity_id}"
    assert api("PUT", url, before).document == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("from_email", "From Email is null"),
        ("from_name", "From Name is null"),
        ("reply_to_email", "Reply To Email is null"),
        ("subject", "Subject is null"),
    ],
)
@pytest.mark.parametrize("empty", [None, ""])
def test_put_needs_the_four_mandatory_texts(
    world: World, api: Any, name: str, message: str, empty: object
) -> None:
    activity = world.add_campaign("A")
    reply = put(api, activity, **{name: empty})
    assert reply.status == 400
    assert [entry["error_message"] for entry in reply.document] == [message]


def test_a_put_of_recipients_alone_is_refused_with_every_reason(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    url = f"/v3/emails/activities/{activity.activity_id}"
    reply = api("PUT", url, {"contact_list_ids": []})
    assert (reply.status, len(reply.document)) == (400, 4)


def test_lists_and_a_segment_exclude_each_other(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    listed, segment = world.add_list("L", 3), world.add_segment("S", 3)
    assert put(api, activity, contact_list_ids=[listed], segment_ids=[segment]).status == 400
    assert put(api, activity, contact_list_ids=[listed], segment_ids=[]).status == 200
    assert put(api, activity, contact_list_ids=[], segment_ids=[segment]).status == 200
    assert read(api, activity)["segment_ids"] == [segment]


@pytest.mark.parametrize(
    "more",
    [
        {"segment_ids": [1, 2]},
        {"segment_ids": ["1"]},
        {"contact_list_ids": "L"},
        {"contact_list_ids": [1]},
        {"preheader": "x" * 201},
        {"from_name": "x" * 101},
        {"physical_address_in_footer": {"city": "R"}},
        {"document_properties": []},
    ],
)
def test_put_refuses_what_the_schema_does_not_allow(
    world: World, api: Any, more: dict[str, Any]
) -> None:
    activity = world.add_campaign("A")
    assert put(api, activity, **more).status == 400
    assert read(api, activity)["subject"] == "Hello"


@pytest.mark.parametrize(
    ("format_type", "status"), [(1, 400), (2, 400), (3, 200), (4, 200), (5, 200)]
)
def test_a_segment_needs_format_3_4_or_5(
    world: World, api: Any, format_type: int, status: int
) -> None:
    activity = world.add_campaign("A", format_type=format_type)
    segment = world.add_segment("S", 3)
    assert put(api, activity, segment_ids=[segment]).status == status


@pytest.mark.parametrize(
    ("switch", "format_type", "status"),
    [("format_3", 3, 200), ("format_3", 5, 400), ("any", 5, 200), ("refuse", 3, 400)],
)
def test_put_on_done_is_allowed_for_format_3_or_as_the_switch_says(
    world: World, api: Any, switch: str, format_type: int, status: int
) -> None:
    lists = [world.add_list("L", 3)]
    activity = world.add_campaign("A", format_type=format_type, lists=lists, history=[world.now])
    api.switch(put_done=switch)
    assert put(api, activity).status == status


@pytest.mark.parametrize(("switch", "status"), [("refuse", 400), ("accept", 200)])
def test_put_on_error_is_refused_unless_the_switch_says_otherwise(
    world: World, api: Any, switch: str, status: int
) -> None:
    activity = world.add_campaign("A", status="ERROR")
    api.switch(put_error=switch)
    assert put(api, activity).status == status


def test_put_on_scheduled_is_refused_without_effect(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    api.schedule(activity, "2027-03-02T09:00:00Z")
    before = read(api, activity)
    assert put(api, activity, contact_list_ids=[]).status == 400
    assert read(api, activity) == before


def test_the_switch_half_applies_a_put_on_scheduled_and_still_refuses(
    world: World, api: Any
) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    other = world.add_list("M", 5)
    api.schedule(activity, "2027-03-02T09:00:00Z")
    api.switch(put_scheduled="half")
    assert put(api, activity, contact_list_ids=[other]).status == 400
    shown = read(api, activity)
    assert (shown["contact_list_ids"], shown["subject"]) == ([other], "Hello")
    world.advance(86400)
    assert world.sends[0].count == 5


def test_unknown_recipients_are_accepted_unless_the_switch_refuses_them(
    world: World, api: Any
) -> None:
    activity = world.add_campaign("A")
    assert put(api, activity, contact_list_ids=["nowhere"]).status == 200
    api.switch(put_unknown_recipients="refuse")
    assert put(api, activity, contact_list_ids=["nowhere"]).status == 400


def test_put_and_schedule_bump_updated_at_of_the_campaign(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    campaign = f"/v3/emails/{activity.campaign_id}"
    world.advance(60)
    put(api, activity, contact_list_ids=list(activity.contact_list_ids))
    after_put = api("GET", campaign).document["updated_at"]
    world.advance(60)
    api.schedule(activity, "2027-03-02T09:00:00Z")
    seen = [after_put, api("GET", campaign).document["updated_at"]]
    assert seen == ["2027-03-01T12:01:00.000Z", "2027-03-01T12:02:00.000Z"]


def test_test_sends_have_a_limit_of_50_recipients_a_day(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    url = f"/v3/emails/activities/{activity.activity_id}/tests"
    body = {"email_addresses": [f"{n}@x.example" for n in range(5)]}
    assert [api("POST", url, body).status for _ in range(11)] == [204] * 10 + [429]
    world.advance(86400)
    assert api("POST", url, body).status == 204
    assert api("POST", url, {"email_addresses": []}).status == 400
    assert world.sends == ()


def test_a_preview_shows_html_and_text(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    shown = api("GET", f"/v3/emails/activities/{activity.activity_id}/previews").document
    assert "<p>A</p>" in shown["preview_html_content"]
    assert shown["preview_text_content"] == "A"


def test_a_resend_to_non_openers_follows_its_parent(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    url = f"/v3/emails/activities/{activity.activity_id}/non_opener_resends"
    body = {"resend_subject": "Again", "delay_days": 2, "delay_minutes": 1}
    made = api("POST", url, body)
    assert (made.status, made.document["resend_request_id"]) == (201, "DRAFT")
    assert api("POST", url, body).status == 409
    refs = api("GET", f"/v3/emails/{activity.campaign_id}").document["campaign_activities"]
    assert [ref["role"] for ref in refs] == ["primary_email", "permalink", "resend"]
    api.schedule(activity, "2027-03-02T09:00:00Z")
    shown = api("GET", url).document[0]
    assert shown["resend_date"] == "2027-03-04T09:00:00.000Z"
    assert shown["resend_request_id"].isdecimal()
    api.move_to("2027-03-05T00:00:00Z")
    assert [send.time.day for send in world.sends] == [2, 4]
    assert api("GET", url).document[0]["resend_status"] == "DONE"
    assert api("DELETE", f"{url}/{shown['resend_request_id']}").status == 409


def test_a_resend_can_be_cancelled_and_needs_format_5_and_a_delay(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    url = f"/v3/emails/activities/{activity.activity_id}/non_opener_resends"
    assert api("POST", url, {"resend_subject": "Again", "delay_minutes": 719}).status == 400
    assert api("POST", url, {"delay_days": 1}).status == 400
    assert api("POST", url, {"resend_subject": "Again", "delay_minutes": 720}).status == 201
    assert api("DELETE", f"{url}/7").status == 404
    assert api("DELETE", f"{url}/DRAFT").status == 204
    assert api("GET", url).document == []
    old = world.add_campaign("B", format_type=3)
    url = f"/v3/emails/activities/{old.activity_id}/non_opener_resends"
    assert api("POST", url, {"resend_subject": "Again", "delay_days": 1}).status == 400


def test_an_ab_test_changes_the_type_of_the_campaign_and_back(world: World, api: Any) -> None:
    activity = world.add_campaign("A", format_type=4)
    url = f"/v3/emails/activities/{activity.activity_id}/abtest"
    campaign = f"/v3/emails/{activity.campaign_id}"
    body = {"alternative_subject": "Or", "test_size": 10, "winner_wait_duration": 6}
    assert api("GET", url).status == 404
    assert api("POST", url, {**body, "test_size": 4}).status == 400
    assert api("POST", url, body).document == body
    assert api("GET", campaign).document["type"] == "AB_TEST"
    assert api("POST", url, body).status == 409
    assert api("DELETE", url).status == 204
    assert api("GET", campaign).document["type_code"] == 10
    assert api("DELETE", url).status == 404
