"""Every kind of misfortune, over a real socket."""

import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ccops.sandbox.faults import KINDS, ConnectionCutError, matches, read_fault
from ccops.sandbox.records import Activity
from ccops.sandbox.world import World

DATE = {"scheduled_date": "2027-03-02T09:00:00Z"}
LOST = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


@pytest.fixture
def activity(world: World) -> Any:
    return world.add_campaign("A", lists=[world.add_list("L", 3)])


@pytest.fixture
def post(
    world: World, activity: Activity, socket_of: Callable[[World], http.client.HTTPConnection]
) -> Any:
    """POST a schedule over a socket; return status, content type and body."""
    connection = socket_of(world)

    def call(path: str = f"/v3/emails/activities/{activity.activity_id}/schedules") -> Any:
        headers = {"Authorization": "Bearer t", "Content-Type": "application/json"}
        try:
            connection.request("POST", path, json.dumps(DATE), headers)
            reply = connection.getresponse()
            return reply.status, reply.getheader("Content-Type"), reply.read()
        except BaseException:
            connection.close()
            raise

    return call


@pytest.fixture
def site(world: World, api: Any, activity: Activity, post: Callable[..., Any]) -> Any:
    """An account with one campaign, and both ways to reach it."""
    return SimpleNamespace(world=world, api=api, activity=activity, post=post)


def status_of(world: World, activity: Activity) -> Any:
    return world.activities[activity.activity_id].status


def add(api: Any, kind: str, **more: Any) -> None:
    match = {"method": "POST", "path": "/v3/emails/activities/*/schedules"}
    reply = api("POST", "/__sandbox/faults", {"match": match, "fault": kind, **more})
    assert reply.status == 201, reply.document


@pytest.mark.parametrize(
    ("kind", "effect"), [("refuse", False), ("drop_before", False), ("drop_after", True)]
)
def test_a_cut_connection_gives_no_answer_and_works_again_afterwards(
    site: Any, kind: str, effect: bool
) -> None:
    add(site.api, kind)
    with pytest.raises(LOST):
        site.post()
    assert status_of(site.world, site.activity) == ("SCHEDULED" if effect else "DRAFT")
    assert [(entry.fault, entry.status) for entry in site.world.requests] == [
        (kind, 201 if effect else None)
    ]
    assert site.post()[0] == (400 if effect else 201)


@pytest.mark.parametrize(
    ("kind", "status", "key", "effect"),
    [
        ("429 throttled", 429, "throttled", False),
        ("429 quota_exceeded", 429, "quota_exceeded", False),
        ("500", 500, "internal_server_error", False),
        ("502_before", 502, "bad_gateway", False),
        ("503_before", 503, "service_unavailable", False),
        ("500_after", 500, "internal_server_error", True),
        ("502_after", 502, "bad_gateway", True),
        ("503_after", 503, "service_unavailable", True),
        ("expire_token", 401, "unauthorized", False),
    ],
)
def test_an_error_is_answered_with_or_without_effect(
    site: Any,
    kind: str,
    status: int,
    key: str,
    effect: bool,
) -> None:
    add(site.api, kind)
    answered, _, body = site.post()
    document = json.loads(body)
    entry = document[0] if isinstance(document, list) else document
    assert (answered, entry["error_key"]) == (status, key)
    assert status_of(site.world, site.activity) == ("SCHEDULED" if effect else "DRAFT")


@pytest.mark.parametrize(("kind", "status"), [("html", 200), ("html502", 502)])
def test_a_page_comes_instead_of_json(site: Any, kind: str, status: int) -> None:
    add(site.api, kind)
    answered, content_type, body = site.post()
    assert (answered, content_type) == (status, "text/html")
    assert body.startswith(b"<!DOCTYPE html>")
    assert status_of(site.world, site.activity) == "DRAFT"


def test_a_truncated_answer_promises_more_than_it_holds(
    world: World, api: Any, activity: Activity, post: Callable[..., Any]
) -> None:
    add(api, "truncate")
    with pytest.raises(http.client.IncompleteRead):
        post()
    assert status_of(world, activity) == "SCHEDULED"


def test_a_redirect_points_elsewhere_without_effect(
    world: World, api: Any, activity: Activity
) -> None:
    add(api, "redirect", location="https://evil.example/v3")
    reply = api.schedule(activity, DATE["scheduled_date"])
    assert (reply.status, reply.headers["Location"]) == (307, "https://evil.example/v3")
    assert status_of(world, activity) == "DRAFT"


def test_a_delay_holds_no_lock(
    world: World, api: Any, activity: Activity, post: Callable[..., Any]
) -> None:
    add(api, "delay", seconds=0.05)
    waited = []
    real_sleep = time.sleep

    def sleep(seconds: float) -> None:
        waited.append(status_of(world, activity))
        assert api("GET", "/v3/emails").status == 200  # somebody else is served meanwhile
        real_sleep(seconds)

    world.sleep = sleep
    assert post()[0] == 201
    assert waited == ["DRAFT"]


def test_a_delayed_answer_may_come_after_the_effect(
    world: World, api: Any, activity: Activity, post: Callable[..., Any]
) -> None:
    add(api, "delay_after", seconds=1)
    seen = []
    world.sleep = lambda seconds: seen.append((seconds, status_of(world, activity)))
    assert post()[0] == 201
    assert seen == [(1, "SCHEDULED")]


def test_a_late_effect_comes_by_the_virtual_clock(
    world: World, api: Any, activity: Activity, post: Callable[..., Any]
) -> None:
    add(api, "late", seconds=30)
    with pytest.raises(LOST):
        post()
    assert status_of(world, activity) == "DRAFT"
    world.advance(29)
    assert status_of(world, activity) == "DRAFT"
    world.advance(1)
    assert status_of(world, activity) == "SCHEDULED"


def test_late_effects_and_sends_happen_in_the_order_of_their_instants(
    world: World, api: Any, activity: Activity, post: Callable[..., Any]
) -> None:
    """A POST that arrives after the activity was sent makes a resend of it."""
    add(api, "late", seconds=30)
    with pytest.raises(LOST):
        post()
    api.schedule(activity, "2027-03-01T12:00:20Z")
    world.advance(60)
    assert [send.count for send in world.sends] == [3]
    assert status_of(world, activity) == "SCHEDULED"


def test_an_expired_token_is_dead_under_strict_auth_only(
    world: World, api: Any, activity: Activity
) -> None:
    world.add_token("t")
    add(api, "expire_token")
    assert api.schedule(activity, DATE["scheduled_date"]).status == 401
    assert api("GET", "/v3/emails").status == 200
    api.switch(strict_auth=True)
    assert api("GET", "/v3/emails").status == 401


def test_a_fault_skips_hits_a_number_of_times_and_is_gone(
    world: World, api: Any, activity: Activity
) -> None:
    add(api, "500", after=1, times=2)
    url = f"/v3/emails/activities/{activity.activity_id}/schedules"
    api("GET", url)
    statuses = [api("POST", url, {"scheduled_date": "x"}).status for _ in range(4)]
    assert statuses == [400, 500, 500, 400]
    assert world.faults == {}


def test_faults_are_listed_and_cleared(api: Any) -> None:
    add(api, "refuse", times=3)
    (fault,) = api("GET", "/__sandbox/faults").document
    assert (fault["fault"], fault["times"], fault["effect"]) == ("refuse", 3, False)
    assert api("DELETE", "/__sandbox/faults").status == 204
    assert api("GET", "/__sandbox/faults").document == []


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        ("*", True),
        ("/v3/emails/*", True),
        ("/v3/emails", False),
        ("/v3/emails/[^/]+/schedules", True),
        ("schedules$", True),
        ("^/v3/emails/a", True),
        ("schedules", False),
        ("(", False),
    ],
)
def test_a_path_is_matched_as_a_glob_or_a_regular_expression(pattern: str, hit: bool) -> None:
    fault = read_fault(1, {"match": {"path": pattern}, "fault": "refuse"})
    assert matches(fault, "GET", "/v3/emails/a/schedules") is hit


def test_in_process_a_cut_is_a_connection_error(api: Any, activity: Activity) -> None:
    add(api, "drop_after")
    with pytest.raises(ConnectionCutError):
        api.schedule(activity, DATE["scheduled_date"])
    assert issubclass(ConnectionCutError, ConnectionError)


def test_control_requests_meet_no_fault(api: Any) -> None:
    api("POST", "/__sandbox/faults", {"fault": "refuse", "times": 9})
    assert api("GET", "/__sandbox/clock").status == 200


def test_every_kind_is_known_to_this_file() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if kind.removesuffix("_before") not in text] == []
