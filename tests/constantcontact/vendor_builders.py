"""Answers of the API, built by hand, and a `Send` that plays them."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from math import inf

from ccops.errors import Diagnostic, NoReply, Throttled
from ccops.model import CampaignRow, Status
from ccops.ports import Call, Reply

CAMPAIGN = "8987dc1a-48ef-433a-b836-7ca4f9aa3481"
ACTIVITY = "4c08372c-957a-48b5-bc45-72c7f00796cd"
PERMALINK = "0e3feddd-c8da-4d53-a507-aae5082b8b75"
LIST_A = "06526938-56dd-11e9-932a-fa163ea075fa"
LIST_B = "da10f460-3072-11e9-b282-fa163e6b01c1"

DATE = "Tue, 06 Oct 2026 13:00:00 GMT"

ROW = CampaignRow(
    campaign_id=CAMPAIGN, name="Fall Appeal", status=Status.DRAFT, activity_id=ACTIVITY
)


def reply(document: object, status: int = 200, **headers: str) -> Reply:
    """Answer with a JSON document."""
    body = b"" if document is None else json.dumps(document).encode()
    return Reply(status=status, headers={"date": DATE} | headers, body=body)


def raw(body: bytes, status: int = 200) -> Reply:
    """Answer with these bytes."""
    return Reply(status=status, headers={"date": DATE}, body=body)


def error(status: int, key: str = "some.key", message: str = "Something.") -> Reply:
    """Answer with the API's normal envelope."""
    return reply([{"error_key": key, "error_message": message}], status)


def campaign_doc(**changes: object) -> dict[str, object]:
    return {
        "campaign_id": CAMPAIGN,
        "name": "Fall Appeal",
        "current_status": "Draft",
        "type": "NEWSLETTER",
        "type_code": 10,
        "created_at": "2026-09-29T18:39:11.000Z",
        "campaign_activities": [
            {"campaign_activity_id": PERMALINK, "role": "permalink"},
            {"campaign_activity_id": ACTIVITY, "role": "primary_email"},
        ],
    } | changes


def activity_doc(**changes: object) -> dict[str, object]:
    return {
        "campaign_activity_id": ACTIVITY,
        "campaign_id": CAMPAIGN,
        "role": "primary_email",
        "current_status": "DRAFT",
        "format_type": 5,
        "contact_list_ids": [LIST_B, LIST_A],
        "segment_ids": [],
        "from_email": "news@example.org",
        "from_name": "News",
        "reply_to_email": "reply@example.org",
        "subject": "Will you help?",
        "preheader": "Please",
    } | changes


def without(document: Mapping[str, object], key: str) -> dict[str, object]:
    return {name: value for name, value in document.items() if name != key}


class Script:
    """A `Send` that plays answers in order and keeps the calls; NoReply is raised."""

    def __init__(self, *answers: Reply | NoReply) -> None:
        self.answers = list(answers)
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Reply:
        self.calls.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, NoReply):
            raise answer
        return answer

    @property
    def lines(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.calls]


def routed(answers: Mapping[str, Reply]) -> Callable[[Call], Reply]:
    """Make a `Send` that answers by path; an unexpected path fails the test."""
    return lambda call: answers[call.path]


class OneDayMeter:
    """A meter of one day that keeps what was asked of it; every slot begins after `wait` s."""

    def __init__(self, wait: float = 0.0) -> None:
        self.wait = wait
        self.gaps: list[timedelta] = []
        self.days: list[date] = []

    def reserve(self, gap: timedelta, within: float = inf) -> float:  # noqa: ARG002 - of the port
        self.gaps.append(gap)
        return self.wait

    def spend(self, day: date, cap: int) -> int:
        if self.spent(day) >= cap:
            raise Throttled(Diagnostic(code="CC532", message="used up"))
        self.days.append(day)
        return self.spent(day)

    def spent(self, day: date) -> int:
        return self.days.count(day)
