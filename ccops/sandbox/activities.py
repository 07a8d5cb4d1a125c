"""/v3/emails/activities/{campaign_activity_id}: reading one, and replacing it with PUT."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from ccops.sandbox.content import CONTENT_LIMITS, check_address, check_lengths, require_content
from ccops.sandbox.envelopes import ApiError, bad_request, not_found
from ccops.sandbox.exchange import Answer, Request, answer, json_body
from ccops.sandbox.records import Activity
from ccops.sandbox.world import World

_SEGMENT_FORMATS = {3, 4, 5}
_HTML_FORMATS = {1, 5}


def find_activity(world: World, request: Request) -> Activity:
    """Return the activity that the path names.

    Raises:
        ApiError: 404, unknown, or its campaign is removed (inferred).
    """
    activity = world.activities.get(request.params["campaign_activity_id"])
    if activity is None or world.campaigns[activity.campaign_id].removed:
        raise not_found("The campaign activity")
    return activity


def find_primary(world: World, request: Request) -> Activity:
    """Return the activity that the path names; writes need the role primary_email (spec).

    Raises:
        ApiError: 404 unknown; 400 another role.
    """
    activity = find_activity(world, request)
    if activity.role != "primary_email":
        raise bad_request("The campaign activity role must be primary_email.")
    return activity


def get_activity(world: World, request: Request) -> Answer:
    """GET: without `include` the four sub-resources are left out (spec)."""
    activity = world.as_read(find_activity(world, request).activity_id)
    wanted = [name for name in request.query.get("include", "").split(",") if name]
    unknown = [name for name in wanted if name not in _SUB_RESOURCES]
    if unknown:
        raise bad_request(f"include is invalid: {', '.join(unknown)}.")
    parts = {name: _SUB_RESOURCES[name](activity) for name in wanted}
    present = {name: value for name, value in parts.items() if value}
    return answer(200, {**document(activity), **present})


def document(activity: Activity) -> dict[str, object]:
    """Return the activity as JSON, without sub-resources; unset texts are left out (recorded)."""
    shown: dict[str, object] = {
        "campaign_activity_id": activity.activity_id,
        "campaign_id": activity.campaign_id,
        "role": activity.role,
        "contact_list_ids": list(activity.contact_list_ids),
        "segment_ids": list(activity.segment_ids),
        "current_status": activity.status,
        "format_type": activity.format_type,
        "from_email": activity.from_email or "",
        "from_name": activity.from_name or "",
        "reply_to_email": activity.reply_to_email or "",
        "subject": activity.subject or "",
        "document_id": activity.document_id,
    }
    return shown if activity.preheader is None else {**shown, "preheader": activity.preheader}


def _permalink(activity: Activity) -> str | None:
    """Return the public web page's address, which is live only after a send (spec)."""
    return f"https://conta.example/{activity.activity_id[:8]}" if activity.history else None


_SUB_RESOURCES: dict[str, Callable[[Activity], object]] = {
    "physical_address_in_footer": lambda activity: activity.physical_address_in_footer,
    "permalink_url": _permalink,
    "html_content": lambda activity: activity.html_content,
    "document_properties": lambda activity: activity.document_properties,
}


def put_activity(world: World, request: Request) -> Answer:
    """PUT: a full replacement of the top-level keys (spec).

    Absent recipients and preheader are emptied (inferred from that rule); absent sub-resources,
    and absent keys inside them, are kept (spec). The answer has no sub-resources (recorded).
    """
    activity = find_primary(world, request)
    body = json_body(request)
    _check_status(world, activity, body)
    changed = _replaced(world, activity, body)
    world.put_activity(changed)
    world.touch(activity.campaign_id)
    return answer(200, document(changed))


def _check_status(world: World, activity: Activity, body: Mapping[str, object]) -> None:
    if _may_put(world, activity):
        return
    if activity.status == "SCHEDULED" and world.switch("put_scheduled") == "half":
        # Reported: an error is returned, yet part of the change is applied (probe).
        lists, segments = _recipients(world, activity, body)
        world.put_activity(replace(activity, contact_list_ids=lists, segment_ids=segments))
        world.touch(activity.campaign_id)
    raise _wrong_status(activity)


def _may_put(world: World, activity: Activity) -> bool:
    done = world.switch("put_done")
    match activity.status:
        case "DRAFT":
            return True
        case "DONE":
            # The guides allow format 3 only, the spec any format (docs against spec).
            return done == "any" or (done == "format_3" and activity.format_type == 3)
        case "ERROR":
            return world.switch("put_error") == "accept"
        case _:
            return False


def _wrong_status(activity: Activity) -> ApiError:
    return bad_request(f"The campaign activity cannot be updated in status {activity.status}.")


def _replaced(world: World, activity: Activity, body: Mapping[str, object]) -> Activity:
    require_content(body)
    check_lengths(body, CONTENT_LIMITS)
    lists, segments = _recipients(world, activity, body)
    top = replace(
        activity,
        contact_list_ids=lists,
        segment_ids=segments,
        from_email=str(body["from_email"]),
        from_name=str(body["from_name"]),
        reply_to_email=str(body["reply_to_email"]),
        subject=str(body["subject"]),
        preheader=str(body["preheader"]) if body.get("preheader") else None,
    )
    return _with_sub_resources(top, body)


def _with_sub_resources(activity: Activity, body: Mapping[str, object]) -> Activity:
    html = body.get("html_content")
    if isinstance(html, str) and activity.format_type in _HTML_FORMATS:
        activity = replace(activity, html_content=html)
    address = body.get("physical_address_in_footer")
    if address is not None:
        merged = {**activity.physical_address_in_footer, **_object(address)}
        activity = replace(activity, physical_address_in_footer=check_address(merged))
    properties = body.get("document_properties")
    if properties is not None:
        kept = {**activity.document_properties, **_object(properties)}
        activity = replace(activity, document_properties=kept)
    return activity


def _object(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise bad_request("A sub-resource is not a JSON object.")
    return {str(key): str(text) for key, text in value.items() if text is not None}


def _recipients(
    world: World, activity: Activity, body: Mapping[str, object]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    lists, segments = _lists(body), _segments(body)
    if lists and segments:
        raise bad_request("contact_list_ids and segment_ids cannot be used at the same time.")
    if len(segments) > 1:
        raise bad_request("segment_ids holds more than a single segment_id.")
    if segments and activity.format_type not in _SEGMENT_FORMATS:
        raise bad_request("segment_ids can only be used with format_type 3, 4 and 5.")
    if world.switch("put_unknown_recipients") == "refuse":
        _check_known(world, lists, segments)
    return lists, segments


def _lists(body: Mapping[str, object]) -> tuple[str, ...]:
    value = body.get("contact_list_ids") or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise bad_request("contact_list_ids must be an array of strings.")
    return tuple(dict.fromkeys(value))


def _segments(body: Mapping[str, object]) -> tuple[int, ...]:
    value = body.get("segment_ids") or []
    if not isinstance(value, list) or not all(type(item) is int for item in value):
        raise bad_request("segment_ids must be an array of integers.")
    return tuple(dict.fromkeys(value))


def _check_known(world: World, lists: tuple[str, ...], segments: tuple[int, ...]) -> None:
    alive = {key for key, entry in world.lists.items() if entry.deleted_at is None}
    known = {key for key, entry in world.segments.items() if not entry.deleted}
    if set(lists) - alive or set(segments) - known:
        raise bad_request("The list or segment does not exist.")
