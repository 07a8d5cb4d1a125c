"""/v3/emails and /v3/emails/{campaign_id}."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ccops.sandbox.clock import parse_instant, with_millis, with_zero_millis
from ccops.sandbox.content import CONTENT_LIMITS, check_address, check_lengths, require_content
from ccops.sandbox.envelopes import ApiError, bad_request, conflict, not_found
from ccops.sandbox.exchange import NO_CONTENT, Answer, Request, answer, json_body
from ccops.sandbox.paging import cut, read_page
from ccops.sandbox.records import Activity, Campaign
from ccops.sandbox.statuses import campaign_status, listed_status, type_name
from ccops.sandbox.world import World

_NAME_LIMIT = 80
_HTML_LIMIT = 150_000


def list_campaigns(world: World, request: Request) -> Answer:
    """GET /emails: newest `updated_at` first (docs), filtered by it too (spec).

    Whether the date filters include their bound is unpublished; here they do (inferred).
    """
    page = read_page(request, default=50, maximum=500)
    after, before = _bound(page.query, "after_date"), _bound(page.query, "before_date")
    rows = [
        campaign
        for campaign in world.campaigns.values()
        if (not campaign.removed or world.switch("removed_listed"))
        and (after is None or campaign.updated_at >= after)
        and (before is None or campaign.updated_at <= before)
    ]
    rows.sort(key=lambda campaign: (campaign.updated_at, campaign.campaign_id), reverse=True)
    shown, links = cut(page, rows)
    return answer(200, {"campaigns": [_row(world, campaign) for campaign in shown], **links})


def _bound(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        return parse_instant(query[name])
    except ValueError:
        raise bad_request(f"{name} is not a valid date.") from None


def _row(world: World, campaign: Campaign) -> dict[str, object]:
    """A row of the listing has no activities, schedule or lists (spec)."""
    return {
        "campaign_id": campaign.campaign_id,
        "created_at": with_zero_millis(campaign.created_at),
        "current_status": listed_status(world, campaign),
        "name": campaign.name,
        "type": type_name(campaign.type_code),
        "type_code": campaign.type_code,
        "updated_at": with_zero_millis(campaign.updated_at),
    }


def _detail(world: World, campaign: Campaign) -> dict[str, object]:
    """The same campaign by id: status in upper case (recorded), and its activities."""
    return {
        **_row(world, campaign),
        "current_status": campaign_status(world, campaign),
        "campaign_activities": [
            {"campaign_activity_id": ref.campaign_activity_id, "role": ref.role}
            for ref in campaign.activities
        ],
    }


def find_campaign(world: World, request: Request) -> Campaign:
    """Return the campaign that the path names.

    Raises:
        ApiError: 404, unknown or (probe) removed.
    """
    campaign = world.campaigns.get(request.params["campaign_id"])
    if campaign is None or (campaign.removed and not world.switch("removed_readable")):
        raise not_found("The campaign")
    return campaign


def get_campaign(world: World, request: Request) -> Answer:
    """GET /emails/{campaign_id}."""
    return answer(200, _detail(world, find_campaign(world, request)))


def create_campaign(world: World, request: Request) -> Answer:
    """POST /emails: 200, not 201 (spec).

    Recipients in the body are ignored without a word (probe); the sender is not checked (probe).
    """
    body = json_body(request)
    name = _name(body)
    content = _only_activity(body)
    _check_content(content)
    _check_unique(world, name)
    activity = _create(world, name, content)
    campaign = world.campaigns[activity.campaign_id]
    created = {
        **_detail(world, campaign),
        "current_status": listed_status(world, campaign),
        "created_at": with_millis(campaign.created_at),
        "updated_at": with_millis(campaign.updated_at),
    }
    return answer(200, created)


def _create(world: World, name: str, content: Mapping[str, object]) -> Activity:
    format_type = content["format_type"]
    # Legacy input is converted to custom code (spec).
    kept = 4 if format_type == 4 else 5
    activity = world.add_campaign(
        name,
        subject=str(content["subject"]),
        from_email=str(content["from_email"]),
        from_name=str(content["from_name"]),
        reply_to_email=str(content["reply_to_email"]),
        preheader=str(content["preheader"]) if content.get("preheader") else None,
        html_content=str(content["html_content"]),
        format_type=kept,
        campaign_id=world.new_id("campaign"),
        activity_id=world.new_id("activity"),
    )
    address = content.get("physical_address_in_footer")
    if isinstance(address, dict):
        activity = replace(activity, physical_address_in_footer=check_address(address))
        world.put_activity(activity)
    return activity


def _only_activity(body: Mapping[str, object]) -> Mapping[str, object]:
    activities = body.get("email_campaign_activities")
    if not isinstance(activities, list) or len(activities) != 1:
        raise bad_request("Exactly one email campaign activity is required.")
    if not isinstance(activities[0], dict):
        raise bad_request("The email campaign activity is not a JSON object.")
    return activities[0]


def _check_content(content: Mapping[str, object]) -> None:
    require_content(content, "html_content")
    check_lengths(content, {**CONTENT_LIMITS, "html_content": _HTML_LIMIT})
    # 5 is creatable; 4 since build 3.0.178; 1 is legacy input (spec).
    if content.get("format_type") not in (1, 4, 5):
        raise bad_request("Format Type is not supported.")


def _name(body: Mapping[str, object]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise bad_request("Name is null")
    if len(name) > _NAME_LIMIT:
        raise bad_request(f"Name is longer than {_NAME_LIMIT} characters.")
    return name


def _check_unique(world: World, name: str, own_id: str = "") -> None:
    if world.campaign_by_name.get(name, own_id) != own_id:
        raise conflict("The campaign name is not unique.")


def rename_campaign(world: World, request: Request) -> Answer:
    """PATCH /emails/{campaign_id}: the name and nothing else (spec)."""
    campaign = find_campaign(world, request)
    if campaign.removed:
        raise bad_request("The campaign is removed.")
    name = _name(json_body(request))
    _check_unique(world, name, campaign.campaign_id)
    renamed = replace(campaign, name=name, updated_at=world.now)
    world.put_campaign(renamed)
    return answer(200, _detail(world, renamed))


def remove_campaign(world: World, request: Request) -> Answer:
    """DELETE /emails/{campaign_id}: refused while scheduled (spec; the 400 is inferred)."""
    campaign = find_campaign(world, request)
    if campaign_status(world, campaign) in {"SCHEDULED", "EXECUTING"}:
        raise _scheduled()
    world.trash_campaign(campaign.campaign_id)
    return NO_CONTENT


def _scheduled() -> ApiError:
    return bad_request("The campaign is scheduled; unschedule it first.")
