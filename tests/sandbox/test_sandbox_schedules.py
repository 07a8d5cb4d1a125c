"""When an activity is sent, to whom, and what remains of it."""

from typing import Any

import pytest

from ccops.sandbox.furnish import PastSend
from ccops.sandbox.world import World

URL = "/v3/emails/activities"


def test_a_future_date_is_kept_and_its_fraction_dropped(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    reply = api.schedule(activity, "2027-03-02T09:00:00.987Z")
    assert (reply.status, reply.document) == (201, [{"scheduled_date": "2027-03-02T09:00:00.000Z"}])
    assert api("GET", f"{URL}/{activity.activity_id}/schedules").document == reply.document
    assert api.status(activity) == "SCHEDULED"


def test_an_offset_is_turned_into_utc(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    reply = api.schedule(activity, "2027-03-02T09:00:00-05:00")
    assert reply.document == [{"scheduled_date": "2027-03-02T14:00:00.000Z"}]


@pytest.mark.parametrize(
    "date", [0, None, "", "tomorrow", "2027-03-02", "2027-03-02T09:00:00", "2027-02-30T09:00:00Z"]
)
def test_what_is_no_instant_with_a_zone_is_refused(world: World, api: Any, date: object) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    assert api.schedule(activity, date).status == 400
    assert api.status(activity) == "DRAFT"


def test_a_date_that_is_not_in_the_future_is_refused_unless_the_switch_sends_it(
    world: World, api: Any
) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    assert api.schedule(activity, "2027-03-01T12:00:00Z").status == 400
    api.switch(schedule_past="send")
    assert api.schedule(activity, "2027-03-01T11:00:00Z").status == 201
    assert api.status(activity) == "DONE"


def test_without_recipients_nothing_is_scheduled(world: World, api: Any) -> None:
    assert api.schedule(world.add_campaign("A"), "2027-03-02T09:00:00Z").status == 400


def test_a_second_schedule_is_refused_unless_the_switch_lets_it_overwrite(
    world: World, api: Any
) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    api.schedule(activity, "2027-03-02T09:00:00Z")
    assert api.schedule(activity, "2027-03-03T09:00:00Z").status == 400
    api.switch(schedule_scheduled="overwrite", schedule_status=200)
    assert api.schedule(activity, "2027-03-03T09:00:00Z").status == 200
    shown = api("GET", f"{URL}/{activity.activity_id}/schedules").document
    assert shown == [{"scheduled_date": "2027-03-03T09:00:00.000Z"}]
    assert api("DELETE", f"{URL}/{activity.activity_id}/schedules").status == 204
    assert api.status(activity) == "DRAFT"


def test_the_text_0_sends_at_once_and_answers_an_empty_array(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    api.switch(send_seconds=60)
    reply = api.schedule(activity, "0")
    assert (reply.status, reply.document) == (201, [])
    assert api.status(activity) == "EXECUTING"
    assert api("GET", f"{URL}/{activity.activity_id}/schedules").document == []
    assert api("GET", f"{URL}/{activity.activity_id}/send_history").document == []
    world.advance(60)
    assert api.status(activity) == "DONE"


def test_the_switch_answers_the_text_0_with_one_element(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    api.switch(send_now_answer="element")
    assert api.schedule(activity, "0").document == [{"scheduled_date": "2027-03-01T12:00:00.000Z"}]


def test_nothing_can_be_done_to_an_executing_activity(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    api.switch(send_seconds=60)
    api.schedule(activity, "0")
    assert api.schedule(activity, "2027-03-02T09:00:00Z").status == 400
    assert api("DELETE", f"{URL}/{activity.activity_id}/schedules").status == 400
    assert api("DELETE", f"/v3/emails/{activity.campaign_id}").status == 400


def test_a_resend_reaches_only_contacts_who_have_not_had_the_activity(
    world: World, api: Any
) -> None:
    people = list(world.contacts)
    newsletter = world.add_list("L", people[:3])
    activity = world.add_campaign("A", lists=[newsletter])
    api.schedule(activity, "0")
    world.set_members(newsletter, people[1:6])
    api.schedule(activity, "2027-03-02T09:00:00Z")
    api.move_to("2027-03-02T09:00:00Z")
    assert [send.contacts for send in world.sends] == [tuple(people[:3]), tuple(people[3:6])]
    history = api("GET", f"{URL}/{activity.activity_id}/send_history").document
    assert [(entry["send_id"], entry["count"]) for entry in history] == [(1, 3), (2, 3)]
    assert history[1]["run_date"] == "2027-03-02T09:00:00.000Z"


def test_members_are_resolved_at_send_time_and_mailed_once_over_all_lists(
    world: World, api: Any
) -> None:
    people = list(world.contacts)
    one, two = world.add_list("1", people[:3]), world.add_list("2", people[2:4])
    activity = world.add_campaign("A", lists=[one, two])
    api.schedule(activity, "2027-03-02T09:00:00Z")
    api("POST", f"/__sandbox/lists/{two}/members", {"add": [people[9]]})
    api.move_to("2027-03-03T00:00:00Z")
    assert world.sends[0].contacts == (*people[:4], people[9])


def test_a_segment_is_resolved_too_and_inactive_contacts_are_left_out(
    world: World, api: Any
) -> None:
    gone = world.add_contacts(1, status="unsubscribed")[0]
    segment = world.add_segment("S", ["c001", gone])
    activity = world.add_campaign("A", segments=[segment])
    api.schedule(activity, "0")
    assert world.sends[0].contacts == ("c001",)


@pytest.mark.parametrize("empty", ["no members", "list deleted", "everybody had it"])
def test_a_send_that_reaches_nobody_is_completed_with_reason_12(
    world: World, api: Any, empty: object
) -> None:
    members = 0 if empty == "no members" else 3
    activity = world.add_campaign("A", lists=[world.add_list("L", members)])
    if empty == "list deleted":
        world.delete_list(activity.contact_list_ids[0])
    if empty == "everybody had it":
        api.schedule(activity, "0")
    api.schedule(activity, "0")
    entry = api("GET", f"{URL}/{activity.activity_id}/send_history").document[-1]
    assert (entry["send_status"], entry["reason_code"], entry["count"]) == ("COMPLETED", 12, 0)
    assert api.status(activity) == "DONE"


def test_a_scripted_send_fails_and_may_be_scheduled_again(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    outcome = {"send_status": "ERRORED", "reason_code": 9, "count": 0}
    script = f"/__sandbox/campaigns/{activity.activity_id}/next_send"
    assert api("POST", script, outcome).status == 204
    api.schedule(activity, "0")
    assert api.status(activity) == "ERROR"
    api.schedule(activity, "2027-03-02T09:00:00Z")
    world.advance(86400)
    assert [(send.reason_code, send.count) for send in world.sends] == [(9, 0), (0, 3)]
    assert api.status(activity) == "DONE"


def test_a_partial_failure_remembers_whom_it_reached(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 5)])
    outcome = {"send_status": "ERRORED", "reason_code": 6, "count": 2}
    api("POST", f"/__sandbox/campaigns/{activity.activity_id}/next_send", outcome)
    api.schedule(activity, "0")
    api.schedule(activity, "0")
    assert [send.contacts for send in world.sends] == [("c001", "c002"), ("c003", "c004", "c005")]


@pytest.mark.parametrize(
    ("past", "before"),
    [([], "DRAFT"), (["COMPLETED"], "DONE"), (["COMPLETED", "ERRORED"], "ERROR")],
)
def test_unscheduling_returns_to_the_status_before(
    world: World, api: Any, past: list[str], before: str
) -> None:
    history = [PastSend(run_date=world.now, send_status=ending) for ending in past]
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)], history=history)
    assert api.status(activity) == before
    api.schedule(activity, "2027-03-02T09:00:00Z")
    reply = api("DELETE", f"{URL}/{activity.activity_id}/schedules")
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["Content-Type"] == "application/json"
    assert api.status(activity) == before
    assert api("DELETE", f"{URL}/{activity.activity_id}/schedules").status == 400


def test_moving_the_clock_runs_everything_due_in_order(world: World, api: Any) -> None:
    lists = [world.add_list("L", 3)]
    late, early = world.add_campaign("late", lists=lists), world.add_campaign("early", lists=lists)
    api.schedule(late, "2027-03-03T09:00:00Z")
    api.schedule(early, "2027-03-02T09:00:00Z")
    api.move_to("2027-03-04T00:00:00Z")
    assert [send.campaign_name for send in world.sends] == ["early", "late"]
    assert [send.time.day for send in world.sends] == [2, 3]
    rows = api("GET", "/v3/emails").document["campaigns"]
    assert [(r["name"], r["updated_at"]) for r in rows] == [
        ("late", "2027-03-03T09:00:00.000Z"),
        ("early", "2027-03-02T09:00:00.000Z"),
    ]


def test_the_clock_never_goes_back(api: Any) -> None:
    assert api.move_to("2027-02-28T00:00:00Z").status == 400
    assert api("GET", "/__sandbox/clock").document == {
        "now": "2027-03-01T12:00:00Z",
        "frozen": True,
    }


def test_the_date_header_is_the_virtual_clock(world: World, api: Any) -> None:
    world.advance(90)
    assert api("GET", "/v3/emails").headers["Date"] == "Mon, 01 Mar 2027 12:01:30 GMT"


def test_reads_lag_behind_by_the_switch(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    world.advance(60)
    api.switch(read_lag=5)
    api.schedule(activity, "2027-03-02T09:00:00Z")
    schedules = f"{URL}/{activity.activity_id}/schedules"
    assert (api.status(activity), api("GET", schedules).document) == ("DRAFT", [])
    world.advance(5)
    assert api.status(activity) == "SCHEDULED"
    assert len(api("GET", schedules).document) == 1


def test_an_unconfirmed_sender_fails_where_the_switch_says(world: World, api: Any) -> None:
    activity = world.add_campaign("A", from_email="x@y.example", lists=[world.add_list("L", 3)])
    api.switch(sender_check="schedule")
    assert api.schedule(activity, "0").status == 400
    api.switch(sender_check="send")
    assert api.schedule(activity, "0").status == 201
    assert (api.status(activity), world.sends[0].reason_code) == ("ERROR", 9)


def test_only_the_primary_activity_can_be_scheduled(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    refs = api("GET", f"/v3/emails/{activity.campaign_id}").document["campaign_activities"]
    assert [ref["role"] for ref in refs] == ["primary_email", "permalink"]
    page = f"{URL}/{refs[1]['campaign_activity_id']}"
    date = {"scheduled_date": "2027-03-02T09:00:00Z"}
    assert api("POST", f"{page}/schedules", date).status == 400
    assert api("GET", f"{page}/send_history").status == 400
    assert api("GET", page).document["role"] == "permalink"
