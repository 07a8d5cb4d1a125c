"""…/non_opener_resends: another mail, with another subject, to those who did not open the first."""

from collections.abc import Mapping
from dataclasses import replace

from ccops.sandbox.activities import find_activity, find_primary
from ccops.sandbox.clock import with_zero_millis
from ccops.sandbox.envelopes import bad_request, conflict, not_found
from ccops.sandbox.exchange import NO_CONTENT, Answer, Request, answer, json_body
from ccops.sandbox.records import Activity, ActivityRef, Resend
from ccops.sandbox.sending import plan_resend
from ccops.sandbox.world import World

_DAYS = range(1, 11)
_MINUTES = range(720, 14_401)
_CUSTOM_CODE = 5


def get_resends(world: World, request: Request) -> Answer:
    """GET: an array of one or none (spec)."""
    activity = find_activity(world, request)
    if activity.resend is None:
        return answer(200, [])
    status = world.activities[activity.resend.activity_id].status
    return answer(200, [{**_document(world, activity, activity.resend), "resend_status": status}])


def _document(world: World, activity: Activity, resend: Resend) -> dict[str, object]:
    child = world.activities[resend.activity_id]
    ran = child.history[-1].run_date if child.history else None
    at = child.scheduled or ran
    optional = {
        "delay_days": resend.delay_days,
        "delay_minutes": resend.delay_minutes,
        "resend_date": None if at is None else with_zero_millis(at),
    }
    return {
        "resend_subject": resend.subject,
        "resend_request_id": _request_id(activity, resend),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _request_id(activity: Activity, resend: Resend) -> str:
    """`DRAFT` while the parent is a draft, a number later (spec)."""
    return "DRAFT" if activity.status == "DRAFT" else str(resend.number)


def post_resend(world: World, request: Request) -> Answer:
    """POST: one per campaign; the parent is Draft, Scheduled or Done (spec), format 5 (docs)."""
    activity = find_primary(world, request)
    body = json_body(request)
    if activity.resend is not None:
        raise conflict("The campaign activity already has a resend to non-openers.")
    if activity.status not in {"DRAFT", "SCHEDULED", "DONE"}:
        raise bad_request(f"The campaign activity is in status {activity.status}.")
    if activity.format_type != _CUSTOM_CODE:
        raise bad_request("format_type must be 5.")
    resend = _read(world, body)
    _attach(world, activity, resend)
    parent = world.activities[activity.activity_id]
    plan_resend(world, parent)
    return answer(201, _document(world, parent, resend))


def _read(world: World, body: Mapping[str, object]) -> Resend:
    """If both delays are given, the minutes are ignored (spec)."""
    subject, days, minutes = (
        body.get(name) for name in ("resend_subject", "delay_days", "delay_minutes")
    )
    if not isinstance(subject, str) or not subject.strip():
        raise bad_request("Resend Subject is null")
    minutes = None if days is not None else minutes
    if not (_is_in(days, _DAYS) or _is_in(minutes, _MINUTES)):
        raise bad_request("delay_days must be 1 to 10, or delay_minutes 720 to 14400.")
    return Resend(
        number=389_000 + world.count_up("resend"),
        subject=subject,
        delay_days=days if isinstance(days, int) else None,
        delay_minutes=minutes if isinstance(minutes, int) else None,
        activity_id=world.new_id("activity"),
    )


def _is_in(value: object, bounds: range) -> bool:
    return type(value) is int and value in bounds


def _attach(world: World, activity: Activity, resend: Resend) -> None:
    child = Activity(
        activity_id=resend.activity_id,
        campaign_id=activity.campaign_id,
        role="resend",
        format_type=activity.format_type,
        from_email=activity.from_email,
        from_name=activity.from_name,
        reply_to_email=activity.reply_to_email,
        subject=resend.subject,
    )
    world.put_activity(child)
    world.put_activity(replace(activity, resend=resend))
    campaign = world.campaigns[activity.campaign_id]
    ref = ActivityRef(campaign_activity_id=child.activity_id, role="resend")
    world.put_campaign(replace(campaign, activities=(*campaign.activities, ref)))


def delete_resend(world: World, request: Request) -> Answer:
    """DELETE, by its id or the literal `DRAFT` (docs)."""
    activity = find_primary(world, request)
    resend = activity.resend
    if resend is None or request.params["resend_request_id"] != _request_id(activity, resend):
        raise not_found("The resend")
    if world.activities[resend.activity_id].status in {"EXECUTING", "DONE"}:
        raise conflict("The resend was already sent.")
    campaign = world.campaigns[activity.campaign_id]
    rest = tuple(
        ref for ref in campaign.activities if ref.campaign_activity_id != resend.activity_id
    )
    world.put_campaign(replace(campaign, activities=rest))
    world.put_activity(replace(activity, resend=None))
    world.drop_activity(resend.activity_id)
    return NO_CONTENT
