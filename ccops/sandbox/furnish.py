"""Furnishing: pasts and presents for campaigns that a test or a seed puts into the account."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ccops.sandbox.audience import recipients
from ccops.sandbox.records import ABTest, Activity, SendRecord
from ccops.sandbox.tables import Tables

AB_TEST = 57
"""The type_code of a campaign with a subject-line test (spec)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSend:
    """A send to put into an activity's history. Without contacts: its audience as it is now."""

    run_date: datetime
    contacts: Sequence[str] | None = None
    count: int | None = None
    send_status: str = "COMPLETED"
    reason_code: int = 0


def with_history(
    world: Tables, activity: Activity, history: Sequence[PastSend | datetime]
) -> Activity:
    """Return the activity with these sends behind it, and the memory they leave."""
    for number, entry in enumerate(history, start=1):
        send = entry if isinstance(entry, PastSend) else PastSend(run_date=entry)
        activity = _with_send(world, activity, number, send)
    return activity


def _with_send(world: Tables, activity: Activity, number: int, send: PastSend) -> Activity:
    completed = send.send_status == "COMPLETED"
    natural = recipients(world, activity) if completed else ()
    contacts = natural if send.contacts is None else tuple(send.contacts)
    record = SendRecord(
        send_id=number,
        run_date=send.run_date,
        contact_list_ids=activity.contact_list_ids,
        segment_ids=activity.segment_ids,
        count=len(contacts) if send.count is None else send.count,
        send_status=send.send_status,
        reason_code=send.reason_code,
    )
    return replace(
        activity,
        history=(*activity.history, record),
        mailed=activity.mailed | set(contacts),
        previous_status="DONE" if completed else "ERROR",
    )


def executing(world: Tables, activity: Activity) -> Activity:
    """Give a campaign furnished as EXECUTING a send that ends in an hour."""
    contacts = recipients(world, activity)
    record = SendRecord(
        send_id=len(activity.history) + 1,
        run_date=world.now,
        contact_list_ids=activity.contact_list_ids,
        segment_ids=activity.segment_ids,
        count=len(contacts),
        send_status="COMPLETED",
        reason_code=0 if contacts else 12,
    )
    until = world.now + timedelta(hours=1)
    mailed = activity.mailed | set(contacts)
    return replace(activity, scheduled=None, pending=record, executing_until=until, mailed=mailed)


def html_of(name: str, format_type: int) -> str | None:
    """Only formats 1 and 5 carry HTML (spec)."""
    return (
        f"<html><body>[[trackingImage]]<p>{name}</p></body></html>"
        if format_type in {1, 5}
        else None
    )


def type_of(format_type: int) -> int:
    """10 NEWSLETTER for the editors' formats, 26 CUSTOM_CODE_EMAIL for custom code (recorded)."""
    return 26 if format_type in {1, 5} else 10


def abtest_of(name: str) -> ABTest:
    """Return a plausible subject-line test."""
    return ABTest(
        alternative_subject=f"{name}, in other words",
        test_size=20,
        winner_wait_duration=6,
        type_code_before=10,
    )
