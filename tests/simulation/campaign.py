"""The one campaign that all stories are about, and plans of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from ccops.errors import Place
from ccops.model import Account, Limits, Live, Recipients, SendRecord, Status, Target, When
from ccops.planning.canonical import digest
from ccops.planning.diff import fingerprint, recipients_document, when_document
from ccops.planning.plan import Change, Permission, Plan
from ccops.planning.verdict import Decision, wants_history

LIMITS = Limits()
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ACTIVITY = "4c08372c-957a-48b5-bc45-72c7f00796cd"
CAMPAIGN = "8987dc1a-48ef-433a-b836-7ca4f9aa3481"
NAME = "Fall Appeal"
DONORS = Recipients(lists=("11111111-1111-1111-1111-111111111111",))
BOARD = Recipients(lists=("22222222-2222-2222-2222-222222222222",))
STAFF = Recipients(lists=("33333333-3333-3333-3333-333333333333",))
STRANGERS = Recipients(lists=("99999999-9999-9999-9999-999999999999",))
PLACE = Place(file="campaigns/fall.yaml", line=1, column=1)
ACCOUNT = Account(id="p07e1l8cdif9dl", name="Fern & Field", zone="UTC")
DRAFT = Live(
    campaign_id=CAMPAIGN,
    activity_id=ACTIVITY,
    name=NAME,
    role="primary_email",
    status=Status.DRAFT,
    format_type=3,
    recipients=DONORS,
    subject="Will you help?",
    from_name="Fern & Field",
    from_email="news@example.org",
    reply_to="reply@example.org",
    history=(),
)


def sent(*ran_at: datetime, count: int = 100) -> tuple[SendRecord, ...]:
    """A history of completed sends."""
    return tuple(SendRecord(ran_at=one, completed=True, count=count) for one in ran_at)


def scheduled(live: Live, when: datetime) -> Live:
    """The activity, scheduled."""
    return replace(live, status=Status.SCHEDULED, schedules=(when,))


def target(*sends: When, recipients: Recipients = DONORS) -> Target:
    """What a manifest with these sends wants."""
    return Target(campaign=NAME, activity_id=ACTIVITY, sends=sends, recipients=recipients)


def torn(first: Live, schedules: Live | None, history: Live | None, wanted: Target) -> Live | None:
    """A reading in several requests: schedules and history are of moments of their own."""
    asks_history = wants_history(wanted, first)
    if first.status is Status.SCHEDULED:
        if schedules is None:
            return None
        first = replace(first, schedules=schedules.schedules)
    elif first.schedules:
        first = replace(first, schedules=())
    if not asks_history:
        return first if first.history is None else replace(first, history=None)
    if history is None:
        return None
    return first if first.history is history.history else replace(first, history=history.history)


def deep(live: Live, wanted: Target) -> Live:
    """The reading of a state: its history only where a verdict needs it."""
    return live if wants_history(wanted, live) else replace(live, history=None)


def change_of(wanted: Target, before: Live | None, decision: Decision) -> Change:
    """A change as a plan holds it."""
    schedules = before.schedules if before else ()
    holds = decision.verdict.writes or not schedules
    return Change(
        campaign=NAME,
        verdict=decision.verdict,
        row=decision.row,
        place=PLACE,
        campaign_id=CAMPAIGN,
        reason=decision.reason,
        remedy=decision.remedy,
        target=wanted,
        zone="UTC",
        before=before,
        steps=decision.steps,
        send=decision.when if holds else schedules[0],
    )


def plan_of(change: Change, made_at: datetime, permissions: tuple[Permission, ...] = ()) -> Plan:
    """A plan of this one change; like a real one, it keeps whole seconds."""
    return Plan(
        account=ACCOUNT,
        origin="https://api.example.org",
        zone="UTC",
        created_at=made_at.replace(microsecond=0),
        expires_at=made_at + 24 * HOUR,
        ccops_version="1",
        tzdata="1",
        changes=(change,),
        permissions=permissions,
    )


def checksum(change: Change) -> str:
    """What a plan of this one change is known by; equal plans made twice have one checksum."""
    people = change.target.recipients
    return digest(
        {
            "requests": [[step.method, step.path, step.body] for step in change.steps],
            "live": fingerprint(change.before) if change.before else None,
            "sends": [when_document(when) for when in change.target.sends],
            "recipients": recipients_document(people) if people else None,
        }
    )
