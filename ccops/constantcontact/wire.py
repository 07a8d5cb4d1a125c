"""What ccops says to the vendor: the endpoints' paths, and the three writes byte by byte.

Every path is built here from checked ids, so that no id can carry a path of its own. Nothing
here reads an answer except the one to a POST; `codec` reads the others.
"""

import json
import re
from datetime import datetime

from ccops.constantcontact.instants import instant_text, parse_instant
from ccops.constantcontact.strict import array, fault, parse, record, text
from ccops.errors import Diagnostic, InvalidInput, VendorFault
from ccops.model import Live, Now, Recipients, Step, StepKind
from ccops.ports import Call

__all__ = [
    "BASE_PATH",
    "PRIMARY_EMAIL",
    "accepted_instants",
    "instant_text",
    "schedule_step",
    "step_call",
    "unschedule_step",
    "update_step",
]

BASE_PATH = "/v3"
"""Every path of the API begins with it (spec); a `Step.path` begins after it."""

PRIMARY_EMAIL = "primary_email"
"""The role of the activity that holds content, recipients and schedule (spec)."""

SEND_NOW = "0"
"""The `scheduled_date` that sends at once, irrevocably (docs)."""

CAMPAIGNS = "/emails"
LISTS = "/contact_lists"
SEGMENTS = "/segments"
CONTACTS = "/contacts"
ACCOUNT = "/account/summary"
SENDERS = "/account/emails"
PRIVILEGES = "/account/user/privileges"

UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""Ids of campaigns, activities and lists (spec)."""
_UUID = re.compile(UUID, re.ASCII)
_SEGMENT_ID = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def is_uuid(value: str) -> bool:
    """Whether this is an id of a campaign, an activity or a list: a UUID, any case."""
    return _UUID.fullmatch(value) is not None


def is_segment_id(value: str) -> bool:
    """Whether this is a segment's id: an integer without sign and leading zeros (spec)."""
    return _SEGMENT_ID.fullmatch(value) is not None


def campaign_path(campaign_id: str) -> str:
    """Return the path of one campaign (InvalidInput CC390 for anything but a UUID)."""
    return f"{CAMPAIGNS}/{_checked(campaign_id, 'campaign')}"


def activity_path(activity_id: str) -> str:
    """Return the path of one activity (InvalidInput CC390 for anything but a UUID)."""
    return f"{CAMPAIGNS}/activities/{_checked(activity_id, 'activity')}"


def schedules_path(activity_id: str) -> str:
    """Return the path of an activity's schedules (InvalidInput CC390 for a hostile id)."""
    return f"{activity_path(activity_id)}/schedules"


def history_path(activity_id: str) -> str:
    """Return the path of an activity's send history (InvalidInput CC390 for a hostile id)."""
    return f"{activity_path(activity_id)}/send_history"


def resends_path(activity_id: str) -> str:
    """Return the path of an activity's resend to non-openers (InvalidInput CC390)."""
    return f"{activity_path(activity_id)}/non_opener_resends"


def abtest_path(activity_id: str) -> str:
    """Return the path of an activity's A/B test (InvalidInput CC390)."""
    return f"{activity_path(activity_id)}/abtest"


def count_query(lists: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Ask how many active contacts some lists have together, everybody once (docs).

    One contact is the least that a page may hold; `include_count` tells how many there are.
    """
    return (
        ("lists", ",".join(_checked(one, "list") for one in lists)),
        ("status", "active"),
        ("include_count", "true"),
        ("limit", "1"),
    )


def _checked(value: str, noun: str) -> str:
    if not is_uuid(value):
        message = f"{value!r} is no {noun} id"
        shape = "an id looks like 4c08372c-957a-48b5-bc45-72c7f00796cd"
        raise InvalidInput(Diagnostic(code="CC390", message=message, help=shape))
    return value


def get_call(path: str, query: tuple[tuple[str, str], ...] = ()) -> Call:
    """Make the call that reads this path."""
    return Call(method="GET", path=BASE_PATH + path, query=query)


def step_call(step: Step) -> Call:
    """Make the call of one write: exactly the step's method, path and body bytes."""
    body = None if step.body is None else step.body.encode()
    return Call(method=step.method, path=BASE_PATH + step.path, body=body)


def unschedule_step(activity_id: str) -> Step:
    """Take the schedule away; the activity returns to the status it had before (spec).

    Raises:
        InvalidInput: CC390, the id is none.
    """
    path = schedules_path(activity_id)
    return Step(kind=StepKind.UNSCHEDULE, method="DELETE", path=path)


def update_step(live: Live, recipients: Recipients) -> Step:
    """Set the recipients, repeating every other field that a PUT would otherwise empty.

    A PUT must carry the complete activity, and overwrites top-level fields that it omits; the
    content (HTML, address, document properties) is a sub-resource and is kept when omitted
    (spec; recorded with exactly this shape). The array not used is sent empty: both filled is
    prohibited (spec).

    Raises:
        ValueError: not exactly one of lists and segments is filled, or with more than one segment.
        InvalidInput: CC390, the activity's id is none.
    """
    if bool(recipients.lists) == bool(recipients.segments) or len(recipients.segments) > 1:
        raise ValueError("recipients are one or more lists, or exactly one segment")
    preheader = {} if live.preheader is None else {"preheader": live.preheader}
    document = {
        "from_email": live.from_email,
        "from_name": live.from_name,
        "reply_to_email": live.reply_to,
        "subject": live.subject,
        **preheader,
        "contact_list_ids": list(recipients.lists),
        "segment_ids": [_segment_number(one) for one in recipients.segments],
    }
    path = activity_path(live.activity_id)
    return Step(kind=StepKind.UPDATE, method="PUT", path=path, body=canonical(document))


def _segment_number(segment_id: str) -> int:
    if not is_segment_id(segment_id):
        raise ValueError(f"{segment_id!r} is no segment id")
    return int(segment_id)


def schedule_step(activity_id: str, when: datetime | Now) -> Step:
    """Schedule the activity at an instant, or at once (`NOW`).

    Raises:
        ValueError: the time has no zone.
        InvalidInput: CC390, the id is none.
    """
    date = SEND_NOW if isinstance(when, Now) else instant_text(when)
    path = schedules_path(activity_id)
    body = canonical({"scheduled_date": date})
    return Step(kind=StepKind.SCHEDULE, method="POST", path=path, body=body)


def canonical(document: object) -> str:
    """Write JSON in one way only: sorted keys, no blanks, ASCII.

    ASCII, so that no server's idea of a character set can change a subject on its way through.
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)


def scheduled_date(value: object, at: str) -> datetime:
    """Read one entry of a schedules array (VendorFault CC511)."""
    instant = parse_instant(text(record(value, at), "scheduled_date", at))
    if instant is None:
        raise fault("CC511", f"the answer's {at}.scheduled_date is no instant")
    return instant


def accepted_instants(body: bytes) -> tuple[datetime, ...] | None:
    """Read the answer to a POST of a schedule: the instants it accepted.

    One for an instant; for `NOW` none (spec since 2025-11-11) or one (docs). None: the body is
    not what the API describes, so the write's outcome is ambiguous.
    """
    try:
        entries = array(parse(body), "schedules")
        return tuple(scheduled_date(one, f"schedules[{at}]") for at, one in enumerate(entries))
    except VendorFault:
        return None
