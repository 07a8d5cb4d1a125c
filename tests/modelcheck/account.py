"""From ticks and small numbers to the values that ccops works with, and back.

A tick is the settle time. All other distances keep their order: the lease and the tolerance for
early sends are what they are, the lead and the freeze are a few ticks.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from ccops.applying.effects import Read
from ccops.constantcontact.wire import PRIMARY_EMAIL
from ccops.errors import Diagnostic, NoReply, Place
from ccops.model import (
    NOW,
    Account,
    CampaignRow,
    Desired,
    Limits,
    Live,
    RecipientKind,
    Recipients,
    Reference,
    SendRecord,
    SendTime,
    Status,
    Step,
    StepKind,
    Target,
    When,
)
from ccops.planning.assemble import make_plan
from ccops.planning.case import wants_history
from ccops.planning.ownership import Observation
from ccops.planning.plan import Permission, Plan
from ccops.planning.resolve import Catalogue
from ccops.ports import JournalEntry, Reply
from tests.modelcheck.vendor import AT_ONCE, Author, Request, Seen, Verb, Word

TICK = Limits().settle
START = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ACTIVITY = "4c08372c-957a-48b5-bc45-72c7f00796cd"
CAMPAIGN = "8987dc1a-48ef-433a-b836-7ca4f9aa3481"
NAME = "Fall Appeal"
ZONE = "Etc/UTC"
PLACE = Place(file="campaigns/fall.yaml", line=1, column=1)
DONORS, BOARD, STRANGERS = range(3)
AUDIENCES = tuple(
    Recipients(lists=(f"{digit * 8}-1111-1111-1111-111111111111",)) for digit in "123"
)
_STATUSES = {
    Word.DRAFT: Status.DRAFT,
    Word.SCHEDULED: Status.SCHEDULED,
    Word.EXECUTING: Status.EXECUTING,
    Word.DONE: Status.DONE,
}
_VERBS = {"DELETE": Verb.DELETE, "PUT": Verb.PUT, "POST": Verb.POST}


def instant(at: int) -> datetime:
    """When a tick begins."""
    return START + at * TICK


def tick_of(moment: datetime) -> int:
    """The tick that begins at a moment; there is one."""
    ticks, rest = divmod(moment - START, TICK)
    if rest:
        raise ValueError(f"no tick begins at {moment}")
    return ticks


def made_at(plan: int) -> datetime:
    """When the plan of this number was made; only the order matters, and no two are alike."""
    return START - timedelta(hours=1) + plan * SECOND


def when_of(at: int) -> When:
    """The declared time."""
    return NOW if at == AT_ONCE else instant(at)


@cache
def live_of(seen: Seen) -> Live:
    """The activity as the API tells it."""
    at = (instant(seen.when),) if seen.word is Word.SCHEDULED and seen.when is not None else ()
    return Live(
        campaign_id=CAMPAIGN,
        activity_id=ACTIVITY,
        name=NAME,
        role=PRIMARY_EMAIL,
        status=_STATUSES[seen.word],
        format_type=3,
        recipients=AUDIENCES[seen.audience],
        subject="Will you help?",
        from_name="Fern & Field",
        from_email="news@example.org",
        reply_to="reply@example.org",
        schedules=at,
        history=tuple(
            SendRecord(ran_at=instant(ran), completed=True, count=100) for ran in seen.history
        ),
    )


@cache
def reading(seen: Seen, target: Target) -> Read:
    """What the reader gives: the history only where a verdict needs it."""
    live = live_of(seen)
    return Read(live=live if wants_history(target, live) else replace(live, history=None))


def request_of(step: Step, author: Author) -> Request:
    """A step as the vendor understands its bytes."""
    return Request(_VERBS[step.method], _argument(step), author)


def _argument(step: Step) -> int:
    body = json.loads(step.body) if step.body else {}
    if "contact_list_ids" in body:
        return AUDIENCES.index(Recipients(lists=tuple(body["contact_list_ids"])))
    return _asked(body["scheduled_date"]) if body else 0


def _asked(date: str) -> int:
    return AT_ONCE if date == "0" else tick_of(datetime.fromisoformat(date))


def answer_to(step: Step, *, accepted: bool) -> Reply:
    """The vendor's own answer to a request."""
    if not accepted:
        document: object = [{"error_key": "activities.api.schedule", "error_message": "no"}]
        return _reply(400, document)
    match step.kind:
        case StepKind.UNSCHEDULE:
            return Reply(status=204, headers={}, body=b"")
        case StepKind.UPDATE:
            return _reply(200, {"subject": "Will you help?"})
        case StepKind.SCHEDULE:
            date = json.loads(step.body or "")["scheduled_date"]
            return _reply(201, [] if date == "0" else [{"scheduled_date": date}])


def throttled() -> Reply:
    """The vendor asks for patience."""
    return _reply(429, [{"error_key": "throttled", "error_message": "slow down"}])


def _reply(status: int, document: object) -> Reply:
    return Reply(status=status, headers={}, body=json.dumps(document).encode())


def no_reply(*, maybe_sent: bool) -> NoReply:
    """No complete answer."""
    return NoReply(Diagnostic(code="CC502", message="no answer"), maybe_sent=maybe_sent)


def target_of(audience: int, sends: tuple[int, ...]) -> Target:
    """What a manifest wants."""
    return Target(
        campaign=NAME,
        activity_id=ACTIVITY,
        sends=tuple(when_of(one) for one in sends),
        recipients=AUDIENCES[audience],
    )


def desired_of(target: Target) -> Desired:
    """The manifest of a target."""
    lists = target.recipients.lists if target.recipients else ()
    return Desired(
        campaign=NAME,
        references=tuple(Reference(kind=RecipientKind.LISTS, id=one, place=PLACE) for one in lists),
        sends=tuple(SendTime(when=one, zone=ZONE, place=PLACE) for one in target.sends),
        zone=ZONE,
        place=PLACE,
    )


def plan_of(
    target: Target,
    seen: Seen,
    *,
    now: datetime,
    limits: Limits,
    newest: Mapping[str, JournalEntry],
    permissions: tuple[Permission, ...],
) -> Plan:
    """The real plan for one manifest and one reading."""
    live = reading(seen, target).live
    row = CampaignRow(
        campaign_id=CAMPAIGN, name=NAME, status=_STATUSES[seen.word], activity_id=ACTIVITY
    )
    seen_there = Observation(
        desired=desired_of(target), row=row, live=live, recipients=target.recipients
    )
    return make_plan(
        observations=[seen_there],
        rows=[row],
        catalogue=Catalogue(),
        account=Account(id="p07e1l8cdif9dl", name="Fern & Field", zone=ZONE),
        origin="https://api.cc.email",
        zone=ZONE,
        now=now,
        limits=limits,
        newest=newest,
        permissions=permissions,
        selection=(),
        ccops_version="0",
        tzdata="0",
    )
