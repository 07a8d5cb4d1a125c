"""Who may do what, and every shape in which the vendor says no."""

from typing import Any

import pytest

from ccops.sandbox.world import World

ACTIVITY = "/v3/emails/activities/00000000-0000-0000-0000-000000000000"


def test_without_a_token_it_is_401_with_a_single_object(api: Any) -> None:
    reply = api("GET", "/v3/emails", authorization=None)
    assert reply.status == 401
    assert reply.document == {"error_key": "unauthorized", "error_message": "Unauthorized"}
    assert api("GET", "/v3/emails", authorization="Basic eDp5").status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v3/emails/none"),
        ("GET", ACTIVITY),
        ("DELETE", f"{ACTIVITY}/schedules"),
        ("GET", "/v3/contact_lists/none"),
        ("GET", "/v3/nothing"),
    ],
)
def test_what_is_unknown_is_404_with_an_array(api: Any, method: str, path: str) -> None:
    reply = api(method, path)
    assert reply.status == 404
    assert [set(entry) for entry in reply.document] == [{"error_key", "error_message"}]


def test_outside_v3_the_gateway_answers_in_its_own_shape(api: Any) -> None:
    reply = api("GET", "/v2/emails")
    assert (reply.status, reply.document) == (403, {"message": "Forbidden"})


def test_a_body_that_is_not_application_json_is_415(world: World, api: Any) -> None:
    activity = world.add_campaign("A")
    url = f"/v3/emails/activities/{activity.activity_id}"
    assert api("PUT", url, {}, content_type="text/plain").status == 415
    assert api("PUT", url, {}, content_type="application/json; charset=utf-8").status == 400
    assert api("PUT", url, raw=b"{").status == 400
    assert api("PUT", url, []).status == 400


def test_a_known_path_with_another_method_is_405(api: Any) -> None:
    assert api("PATCH", "/v3/emails", {}).status == 405


def test_a_privilege_taken_away_is_403_with_a_single_object(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    assert api("POST", "/__sandbox/privileges", {"remove": ["campaign:send"]}).status == 200
    reply = api.schedule(activity, "2027-03-02T09:00:00Z")
    assert (reply.status, reply.document["error_key"]) == (403, "access_denied")
    names = {
        entry["privilege_name"] for entry in api("GET", "/v3/account/user/privileges").document
    }
    assert "campaign:send" not in names
    assert "campaign:write" in names
    api("POST", "/__sandbox/privileges", {"reset": True})
    assert api.schedule(activity, "2027-03-02T09:00:00Z").status == 201


def test_scopes_can_be_set_for_everybody_or_for_one_token(world: World, api: Any) -> None:
    api("POST", "/__sandbox/privileges", {"scopes": ["campaign_data"]})
    assert api("GET", "/v3/contact_lists").status == 403
    assert api("GET", "/v3/emails").status == 200
    api("POST", "/__sandbox/privileges", {"reset": True})
    world.add_token("narrow", scopes=["contact_data"], privileges=["contacts:lists:read"])
    assert api("GET", "/v3/emails", authorization="Bearer narrow").status == 403
    assert api("GET", "/v3/segments", authorization="Bearer narrow").status == 200
    assert api("GET", "/v3/contacts", authorization="Bearer narrow").status == 403
    assert api("GET", "/v3/account/user/privileges", authorization="Bearer narrow").status == 200


def test_strict_auth_takes_known_tokens_until_they_expire(world: World, api: Any) -> None:
    world.add_token("known", seconds=60)
    api.switch(strict_auth=True)
    assert api("GET", "/v3/emails").status == 401
    assert api("GET", "/v3/emails", authorization="bearer known").status == 200
    world.advance(60)
    assert api("GET", "/v3/emails", authorization="Bearer known").status == 401


def test_the_throttle_counts_any_one_real_second(world: World, api: Any) -> None:
    now = [100.0]
    world.monotonic = lambda: now[0]
    api.switch(throttle=True)
    statuses = [api("GET", "/v3/emails").status for _ in range(5)]
    assert statuses == [200] * 4 + [429]
    assert api("GET", "/v3/emails").document["error_key"] == "throttled"
    now[0] += 1.0
    assert api("GET", "/v3/emails").status == 200


def test_the_quota_counts_a_virtual_day(api: Any) -> None:
    api.switch(quota=2)
    assert [api("GET", "/v3/emails").status for _ in range(3)] == [200, 200, 429]
    assert api("GET", "/v3/emails").document["error_key"] == "quota_exceeded"
    api.move_to("2027-03-02T00:00:00Z")
    assert api("GET", "/v3/emails").status == 200


def test_requests_are_logged_without_the_token_and_can_be_cleared(world: World, api: Any) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    api("GET", "/v3/emails?limit=5", authorization="Bearer secret")
    api.schedule(activity, "2027-03-02T09:00:00Z")
    reply = api("GET", "/__sandbox/requests", authorization=None)
    first, second = reply.document
    assert b"secret" not in reply.body
    assert (first["sequence"], first["method"], first["path"]) == (1, "GET", "/v3/emails")
    assert (first["query"], first["status"]) == ("limit=5", 200)
    assert first["time"] == "2027-03-01T12:00:00Z"
    assert second["body"] == '{"scheduled_date": "2027-03-02T09:00:00Z"}'
    assert api("DELETE", "/__sandbox/requests").status == 204
    assert world.requests == ()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("switches", {"nothing": 1}),
        ("switches", {"put_scheduled": "x"}),
        ("switches", {"strict_auth": 1}),
        ("switches", {"read_lag": -1}),
        ("switches", {"read_lag": "5"}),
        ("clock", {}),
        ("clock", {"now": "noon"}),
        ("clock", {"advance": -1}),
        ("privileges", {"rights": []}),
        ("privileges", {"remove": "x"}),
        ("faults", {"fault": "flood"}),
        ("faults", {"fault": "refuse", "match": {"url": "x"}}),
        ("faults", {"fault": "refuse", "times": "x"}),
        ("campaigns/x/next_send", {"send_status": "FINE", "reason_code": 0}),
        ("campaigns/x/next_send", {"send_status": "ERRORED", "reason_code": 1, "count": -1}),
        ("switches", [1]),
    ],
)
def test_the_control_endpoints_refuse_what_they_do_not_know(
    api: Any, path: str, body: object
) -> None:
    reply = api("POST", f"/__sandbox/{path}", body)
    assert reply.status == 400
    assert reply.document["error"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "nothing"),
        ("POST", "campaigns/x/trash"),
        ("POST", "lists/x/members"),
        ("DELETE", "lists/x"),
    ],
)
def test_the_control_endpoints_do_not_invent_things(api: Any, method: str, path: str) -> None:
    assert api(method, f"/__sandbox/{path}").status == 404


def test_a_ticking_clock_can_be_frozen_and_let_go(api: Any) -> None:
    clock = "/__sandbox/clock"
    assert api("POST", clock, {"frozen": False}).document["frozen"] is False
    assert api("POST", clock, {"now": "2027-03-02T12:00:00Z"}).document["now"] >= "2027-03-02T12"
    frozen = api("POST", clock, {"frozen": True}).document
    assert api("GET", clock).document == frozen
