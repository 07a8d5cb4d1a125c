"""Campaigns, their listing and its pages; lists, segments, contacts and the account."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ccops.sandbox.ids import campaign_id_of
from ccops.sandbox.world import World

CONTENT = {
    "format_type": 5,
    "from_email": "nobody@elsewhere.example",
    "from_name": "News",
    "reply_to_email": "news@sandbox.example",
    "subject": "Hello",
    "html_content": "<p>[[trackingImage]]</p>",
}


def create(api: Any, name: str, **more: Any) -> Any:
    activity = {**CONTENT, **more}
    return api("POST", "/v3/emails", {"name": name, "email_campaign_activities": [activity]})


def pages(api: Any, path: str) -> Iterator[Any]:
    while path:
        document = api("GET", path).document
        yield document
        path = document.get("_links", {}).get("next", {}).get("href")


def test_the_same_campaign_is_written_in_two_cases(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    row = api("GET", "/v3/emails").document["campaigns"][0]
    detail = api("GET", f"/v3/emails/{activity.campaign_id}").document
    assert (row["current_status"], detail["current_status"]) == ("Draft", "DRAFT")
    assert "campaign_activities" not in row


def test_creating_answers_200_ignores_recipients_and_takes_any_sender(
    world: World, api: Any
) -> None:
    reply = create(api, "A", contact_list_ids=[world.add_list("L", 3)])
    assert (reply.status, reply.document["current_status"]) == (200, "Draft")
    activity_id = reply.document["campaign_activities"][0]["campaign_activity_id"]
    activity = api("GET", f"/v3/emails/activities/{activity_id}").document
    assert activity["contact_list_ids"] == []
    assert activity["from_email"] == "nobody@elsewhere.example"


def test_a_new_campaign_is_told_with_milliseconds_and_read_without(world: World, api: Any) -> None:
    world.advance(0.25)
    made = create(api, "A").document
    read = api("GET", f"/v3/emails/{made['campaign_id']}").document
    assert made["created_at"] == "2027-03-01T12:00:00.250Z"
    assert read["created_at"] == "2027-03-01T12:00:00.000Z"


@pytest.mark.parametrize(
    ("name", "more"),
    [("", {}), ("x" * 81, {}), ("A", {"format_type": 3}), ("A", {"html_content": None})],
)
def test_creating_refuses_what_the_vendor_refuses(
    api: Any, name: str, more: dict[str, Any]
) -> None:
    assert create(api, name, **more).status == 400


def test_names_are_unique_and_a_trashed_name_stays_reserved(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    world.add_campaign("B")
    url = f"/v3/emails/{activity.campaign_id}"
    assert create(api, "A").status == 409
    assert api("PATCH", url, {"name": "B"}).status == 409
    assert api("PATCH", url, {"name": "A"}).status == 200
    assert api("DELETE", url).status == 204
    assert api("GET", url).status == 404
    assert create(api, "A").status == 409


def test_renaming_frees_the_old_name(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    renamed = api("PATCH", f"/v3/emails/{activity.campaign_id}", {"name": "Z"})
    assert renamed.document["name"] == "Z"
    assert create(api, "A").status == 200


def test_a_scheduled_campaign_cannot_be_removed(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    api.schedule(activity, "2027-03-02T09:00:00Z")
    assert api("DELETE", f"/v3/emails/{activity.campaign_id}").status == 400


def test_removed_campaigns_are_hidden_unless_the_switches_show_them(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    world.trash_campaign(activity.campaign_id)
    assert api("GET", "/v3/emails").document == {"campaigns": []}
    api.switch(removed_listed=True, removed_readable=True)
    assert api("GET", "/v3/emails").document["campaigns"][0]["current_status"] == "Removed"
    url = f"/v3/emails/{activity.campaign_id}"
    assert api("GET", url).document["current_status"] == "REMOVED"
    assert api("GET", f"/v3/emails/activities/{activity.activity_id}").status == 404
    assert api("POST", f"/__sandbox/campaigns/{activity.campaign_id}/restore").status == 204
    assert api("GET", url).document["current_status"] == "DRAFT"


def test_the_listing_is_newest_updated_first_over_all_pages(world: World, api: Any) -> None:
    for number in range(7):
        world.add_campaign(f"{number}", updated_at=world.now - timedelta(minutes=number * 37 % 11))
    got = list(pages(api, "/v3/emails?limit=3"))
    assert [len(page["campaigns"]) for page in got] == [3, 3, 1]
    stamps = [row["updated_at"] for page in got for row in page["campaigns"]]
    assert stamps == sorted(stamps, reverse=True)
    assert len({row["campaign_id"] for page in got for row in page["campaigns"]}) == 7
    href = got[0]["_links"]["next"]["href"]
    assert href.startswith("/v3/emails?next=")
    assert "_links" not in got[-1]


def test_the_cursor_carries_limit_and_filters(world: World, api: Any) -> None:
    for number in range(5):
        world.add_campaign(f"{number}", updated_at=world.now - timedelta(hours=number))
    path = "/v3/emails?limit=2&after_date=2027-03-01T09:30:00Z"
    names = [row["name"] for page in pages(api, path) for row in page["campaigns"]]
    assert names == ["0", "1", "2"]
    path = "/v3/emails?before_date=2027-03-01T09:30:00Z"
    assert len(api("GET", path).document["campaigns"]) == 2


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "next=!", "next=e30", "after_date=x"]
)
def test_a_bad_limit_cursor_or_date_is_refused(api: Any, query: str) -> None:
    assert api("GET", f"/v3/emails?{query}").status == 400


@pytest.mark.parametrize("path", ["/v3/contact_lists", "/v3/segments"])
def test_lists_and_segments_take_a_limit_of_1000(api: Any, path: str) -> None:
    assert api("GET", f"{path}?limit=1000").status == 200
    assert api("GET", f"{path}?limit=1001").status == 400


def test_a_misspelt_filter_is_ignored_without_a_word(world: World, api: Any) -> None:
    world.add_campaign("A")
    reply = api("GET", "/v3/emails?updated_after=2099-01-01T00:00:00Z")
    assert len(reply.document["campaigns"]) == 1


def test_lists_page_count_and_filter(world: World, api: Any) -> None:
    ids = [world.add_list(name, 4) for name in ("A", "B", "C")]
    world.add_contacts(1, status="unsubscribed")
    world.set_members(ids[0], ["c001", "c011"])
    world.delete_list(ids[2])
    got = list(pages(api, "/v3/contact_lists?limit=1&include_count=true"))
    assert [page["lists"][0]["name"] for page in got] == ["A", "B"]
    assert {page["lists_count"] for page in got} == {2}
    row = api("GET", "/v3/contact_lists?name=A&include_membership_count=active").document["lists"]
    assert [(entry["list_id"], entry["membership_count"]) for entry in row] == [(ids[0], 1)]
    deleted = api("GET", "/v3/contact_lists?status=deleted").document["lists"]
    assert [entry["list_id"] for entry in deleted] == [ids[2]]
    assert "deleted_at" in api("GET", f"/v3/contact_lists/{ids[2]}").document
    api.switch(lists_default_status="all")
    assert len(api("GET", "/v3/contact_lists").document["lists"]) == 3


def test_two_lists_may_bear_one_name(world: World, api: Any) -> None:
    assert world.add_list("A") != world.add_list("A")
    assert len(api("GET", "/v3/contact_lists?name=A").document["lists"]) == 2


def test_a_deleted_segment_is_read_by_id_but_not_listed(world: World, api: Any) -> None:
    kept, gone = world.add_segment("B", 3), world.add_segment("A", 3)
    assert api("GET", "/v3/segments?sort_by=name").document["segments"][0]["name"] == "A"
    world.delete_segment(gone)
    listed = api("GET", "/v3/segments").document["segments"]
    assert [segment["segment_id"] for segment in listed] == [kept]
    assert api("GET", f"/v3/segments/{gone}").document["name"] == "A"
    assert api("GET", "/v3/segments/999").status == 404
    assert api("GET", "/v3/segments/x").status == 400


def test_contacts_are_counted_once_over_lists_and_by_segment(world: World, api: Any) -> None:
    one, two = world.add_list("1", ["c001", "c002"]), world.add_list("2", ["c002", "c003"])
    segment = world.add_segment("S", ["c001"])
    counted = "status=active&include_count=true&limit=1"
    reply = api("GET", f"/v3/contacts?lists={one},{two}&{counted}").document
    assert (reply["contacts_count"], len(reply["contacts"])) == (3, 1)
    assert (
        api("GET", f"/v3/contacts?segment_id={segment}&{counted}").document["contacts_count"] == 1
    )
    api.switch(segment_contacts_pending=1)
    path = f"/v3/contacts?segment_id={segment}"
    assert [api("GET", path).status for _ in range(2)] == [202, 200]


def test_the_account_tells_who_it_is(world: World, api: Any) -> None:
    world.add_sender("later@sandbox.example", confirmed=False)
    summary = api("GET", "/v3/account/summary").document
    assert summary["encoded_account_id"] == world.encoded_account_id
    emails = api("GET", "/v3/account/emails").document
    assert [entry["confirm_status"] for entry in emails] == ["CONFIRMED", "UNCONFIRMED"]
    assert emails[0]["confirm_time"].endswith("+0000")
    assert len(api("GET", "/v3/account/emails?confirm_status=C").document) == 1
    assert api("GET", "/v3/account/emails?confirm_status=C&role_code=O").status == 400
    assert api("GET", "/v3/account/summary/physical_address").status == 404


def test_ids_follow_from_names(world: World) -> None:
    assert world.add_campaign("A").campaign_id == campaign_id_of("A")
