"""…/tests and …/previews: looking at an email before it goes out."""

import re

from ccops.sandbox.activities import find_activity, find_primary
from ccops.sandbox.envelopes import bad_request, normal
from ccops.sandbox.exchange import NO_CONTENT, Answer, Request, answer, json_body
from ccops.sandbox.world import World

_PER_CALL = 5
_PER_DAY = 50
_TAG = re.compile(r"<[^>]*>|\[\[trackingImage\]\]")


def post_test(world: World, request: Request) -> Answer:
    """POST tests: 1 to 5 addresses, each counts; beyond 50 a day it is 429 (spec).

    The key of that 429 is unpublished; it is neither the throttle nor the quota (inferred).
    """
    find_primary(world, request)
    addresses = json_body(request).get("email_addresses")
    if not isinstance(addresses, list) or not 1 <= len(addresses) <= _PER_CALL:
        raise bad_request("email_addresses must hold 1 to 5 addresses.")
    if not all(isinstance(address, str) and "@" in address for address in addresses):
        raise bad_request("email_addresses holds an invalid address.")
    day = f"tests {world.now:%Y-%m-%d}"
    used = world.counters.get(day, 0) + len(addresses)
    if used > _PER_DAY:
        raise normal(429, "test_send_limit", "The daily limit of test sends is reached.")
    world.counters[day] = used
    return NO_CONTENT


def get_preview(world: World, request: Request) -> Answer:
    """GET previews (spec)."""
    activity = find_activity(world, request)
    html = activity.html_content or f"<html><body>{activity.subject}</body></html>"
    return answer(
        200,
        {
            "campaign_activity_id": activity.activity_id,
            "from_email": activity.from_email or "",
            "from_name": activity.from_name or "",
            "preheader": activity.preheader or "",
            "preview_html_content": html,
            "preview_text_content": _TAG.sub(" ", html).strip(),
            "reply_to_email": activity.reply_to_email or "",
            "subject": activity.subject or "",
        },
    )
