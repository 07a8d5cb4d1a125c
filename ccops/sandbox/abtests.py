"""…/abtest: a test of two subject lines."""

from collections.abc import Mapping
from dataclasses import replace

from ccops.sandbox.activities import find_activity, find_primary
from ccops.sandbox.envelopes import bad_request, conflict, not_found
from ccops.sandbox.exchange import NO_CONTENT, Answer, Request, answer, json_body
from ccops.sandbox.furnish import AB_TEST
from ccops.sandbox.records import ABTest, Activity
from ccops.sandbox.world import World

_SIZES = range(5, 51)
_WAITS = {6, 12, 24, 48}


def get_abtest(world: World, request: Request) -> Answer:
    """GET; 404 when there is no test (inferred)."""
    return answer(200, _document(_test_of(find_activity(world, request))))


def _test_of(activity: Activity) -> ABTest:
    if activity.abtest is None:
        raise not_found("The A/B test")
    return activity.abtest


def _document(test: ABTest) -> dict[str, object]:
    return {
        "alternative_subject": test.alternative_subject,
        "test_size": test.test_size,
        "winner_wait_duration": test.winner_wait_duration,
    }


def post_abtest(world: World, request: Request) -> Answer:
    """POST: only on a DRAFT; the campaign becomes type 57 AB_TEST (spec)."""
    activity = find_primary(world, request)
    if activity.abtest is not None:
        raise conflict("The campaign activity already has an A/B test.")
    _check_draft(activity)
    before = world.campaigns[activity.campaign_id].type_code
    test = _read(json_body(request), before)
    world.put_activity(replace(activity, abtest=test))
    _retype(world, activity, AB_TEST)
    return answer(201, _document(test))


def _check_draft(activity: Activity) -> None:
    if activity.status != "DRAFT":
        raise bad_request(f"The campaign activity is in status {activity.status}.")


def _read(body: Mapping[str, object], type_code: int) -> ABTest:
    subject, size, wait = (
        body.get(name) for name in ("alternative_subject", "test_size", "winner_wait_duration")
    )
    if not isinstance(subject, str) or not subject.strip():
        raise bad_request("Alternative Subject is null")
    if type(size) is not int or size not in _SIZES:
        raise bad_request("test_size must be 5 to 50.")
    if type(wait) is not int or wait not in _WAITS:
        raise bad_request("winner_wait_duration must be 6, 12, 24 or 48.")
    return ABTest(
        alternative_subject=subject,
        test_size=size,
        winner_wait_duration=wait,
        type_code_before=type_code,
    )


def delete_abtest(world: World, request: Request) -> Answer:
    """DELETE: the type flips back (spec)."""
    activity = find_primary(world, request)
    test = _test_of(activity)
    _check_draft(activity)
    world.put_activity(replace(activity, abtest=None))
    _retype(world, activity, test.type_code_before)
    return NO_CONTENT


def _retype(world: World, activity: Activity, type_code: int) -> None:
    campaign = world.campaigns[activity.campaign_id]
    world.put_campaign(replace(campaign, type_code=type_code, updated_at=world.now))
