"""…/schedules and …/send_history: when an activity is sent, and what its sends were."""

from dataclasses import replace
from datetime import datetime

from ccops.sandbox.activities import find_activity, find_primary
from ccops.sandbox.clock import parse_instant, with_zero_millis
from ccops.sandbox.envelopes import bad_request
from ccops.sandbox.exchange import NO_CONTENT, Answer, Request, answer, json_body
from ccops.sandbox.records import Activity, SendRecord
from ccops.sandbox.sending import confirmed, plan_resend, start
from ccops.sandbox.world import World

_SCHEDULABLE = {"DRAFT", "DONE", "ERROR"}


def get_schedules(world: World, request: Request) -> Answer:
    """GET: one element while SCHEDULED, else `[]`, also when executing or sent (spec)."""
    activity = world.as_read(find_activity(world, request).activity_id)
    return answer(200, _element(activity.scheduled))


def _element(scheduled: datetime | None) -> list[dict[str, str]]:
    return [] if scheduled is None else [{"scheduled_date": with_zero_millis(scheduled)}]


def post_schedule(world: World, request: Request) -> Answer:
    """POST: `"0"` sends at once, an instant schedules; a DONE activity is sent again (spec).

    Refusals are 400 (inferred: the vendor declares no 409 here). The sub-second part is dropped
    (docs).
    """
    activity = find_primary(world, request)
    wanted = json_body(request).get("scheduled_date")
    if not isinstance(wanted, str) or not wanted:
        # A numeric 0 ends here, too: what the vendor does with one is unknown (inferred).
        raise bad_request("scheduled_date must be a string.")
    _check_ready(world, activity)
    if wanted == "0":
        return _send_now(world, activity)
    at = _instant(wanted)
    if at > world.now:
        return _schedule(world, activity, at)
    if world.switch("schedule_past") == "send":
        _begin(world, activity)
        return answer(_created(world), _element(at))
    raise bad_request("scheduled_date must be in the future.")


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text).replace(microsecond=0)
    except ValueError:
        raise bad_request("scheduled_date is not a valid date.") from None


def _check_ready(world: World, activity: Activity) -> None:
    overwrite = world.switch("schedule_scheduled") == "overwrite"
    if activity.status == "SCHEDULED" and not overwrite:
        raise bad_request("The campaign activity is already scheduled; unschedule it first.")
    if activity.status not in _SCHEDULABLE | {"SCHEDULED"}:
        raise bad_request(f"The campaign activity is in status {activity.status}.")
    if not activity.contact_list_ids and not activity.segment_ids:
        raise bad_request("The campaign activity has no contact list or segment.")
    if world.switch("sender_check") == "schedule" and not confirmed(world, activity):
        raise bad_request("From Email is not confirmed.")


def _created(world: World) -> int:
    return int(world.seconds("schedule_status"))


def _begin(world: World, activity: Activity) -> None:
    previous = activity.previous_status if activity.status == "SCHEDULED" else activity.status
    start(world, replace(activity, previous_status=previous))


def _send_now(world: World, activity: Activity) -> Answer:
    """Since build 3.0.105 the answer is an empty array (spec); before, one element (docs)."""
    _begin(world, activity)
    shown = world.now if world.switch("send_now_answer") == "element" else None
    return answer(_created(world), _element(shown))


def _schedule(world: World, activity: Activity, at: datetime) -> Answer:
    previous = activity.previous_status if activity.status == "SCHEDULED" else activity.status
    scheduled = replace(activity, status="SCHEDULED", previous_status=previous, scheduled=at)
    world.put_activity(scheduled)
    world.touch(activity.campaign_id)
    plan_resend(world, scheduled)
    return answer(_created(world), _element(at))


def delete_schedule(world: World, request: Request) -> Answer:
    """DELETE: back to the status before (spec); 400 when not SCHEDULED (inferred)."""
    activity = find_primary(world, request)
    if activity.status != "SCHEDULED":
        raise bad_request("The campaign activity is not scheduled.")
    back = replace(activity, status=activity.previous_status, scheduled=None)
    world.put_activity(back)
    world.touch(activity.campaign_id)
    plan_resend(world, back)
    return NO_CONTENT


def get_send_history(world: World, request: Request) -> Answer:
    """GET send_history: ascending, `[]` if never sent; primary_email and resend roles (spec)."""
    activity = find_activity(world, request)
    if activity.role not in {"primary_email", "resend"}:
        raise bad_request("The campaign activity role must be primary_email or resend.")
    return answer(200, [_entry(record) for record in activity.history])


def _entry(record: SendRecord) -> dict[str, object]:
    return {
        "send_id": record.send_id,
        "contact_list_ids": list(record.contact_list_ids),
        "segment_ids": list(record.segment_ids),
        "count": record.count,
        "run_date": with_zero_millis(record.run_date),
        "send_status": record.send_status,
        "reason_code": record.reason_code,
    }
