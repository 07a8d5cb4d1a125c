"""Time passing: SCHEDULED → EXECUTING → DONE or ERROR, in the order of the instants."""

from dataclasses import replace
from datetime import datetime, timedelta

from ccops.sandbox.audience import recipients
from ccops.sandbox.records import Activity, Mailing, Resend, Script, SendRecord
from ccops.sandbox.tables import Tables

_NO_ELIGIBLE_RECIPIENTS = 12
_SENDER_NOT_AUTHENTICATED = 9


def settle(world: Tables) -> None:
    """Let everything happen that became due, each at its own instant, then reach the clock's."""
    target = world.clock.now()
    while _run_next(world, target):
        pass
    world.now = target


def move_to(world: Tables, instant: datetime) -> None:
    """Move the clock and let happen what falls due on the way.

    Raises:
        ValueError: the instant lies in the virtual past.
    """
    with world.lock:
        world.clock.move_to(instant)
        settle(world)
        world.save()


def _run_next(world: Tables, target: datetime) -> bool:
    late_at = min((at for at, _ in world.late), default=None)
    at, activity_id = _next_activity(world)
    if late_at is not None and late_at <= target and (at is None or late_at < at):
        _run_late(world, late_at)
        return True
    if at is None or at > target:
        return False
    world.now = max(world.now, at)
    _advance(world, world.activities[activity_id])
    return True


def _next_activity(world: Tables) -> tuple[datetime | None, str]:
    waiting = (world.activities[activity_id] for activity_id in world.agenda)
    due = ((a.executing_until or a.scheduled, a.activity_id) for a in waiting)
    return min(((at, who) for at, who in due if at is not None), default=(None, ""))


def _run_late(world: Tables, at: datetime) -> None:
    index = next(i for i, (due, _) in enumerate(world.late) if due == at)
    _, act = world.late.pop(index)
    world.now = max(world.now, at)
    act()


def _advance(world: Tables, activity: Activity) -> None:
    if activity.status == "SCHEDULED":
        start(world, activity)
    else:
        _finish(world, activity)


def start(world: Tables, activity: Activity) -> None:
    """Begin the send at `world.now`: fix its audience, mail it, and stay EXECUTING for a while."""
    outcome, contacts = _outcome(world, activity)
    _log(world, activity, outcome, contacts)
    executing = replace(
        activity,
        status="EXECUTING",
        scheduled=None,
        script=None,
        pending=outcome,
        mailed=activity.mailed | set(contacts),
        executing_until=world.now + timedelta(seconds=world.seconds("send_seconds")),
    )
    world.put_activity(executing)
    world.touch(activity.campaign_id)


def _finish(world: Tables, activity: Activity) -> None:
    pending = activity.pending
    if pending is None:
        return
    status = "DONE" if pending.send_status == "COMPLETED" else "ERROR"
    history = (*activity.history, pending)
    ended = replace(
        activity,
        status=status,
        previous_status=status,
        history=history,
        pending=None,
        executing_until=None,
    )
    world.put_activity(ended)
    world.touch(activity.campaign_id)
    plan_resend(world, ended)


def _outcome(world: Tables, activity: Activity) -> tuple[SendRecord, tuple[str, ...]]:
    everybody = recipients(world, activity)
    script = activity.script or _natural(world, activity, everybody)
    natural = len(everybody) if script.send_status == "COMPLETED" else 0
    contacts = everybody[: natural if script.count is None else script.count]
    record = SendRecord(
        send_id=len(activity.history) + 1,
        run_date=world.now,
        contact_list_ids=activity.contact_list_ids,
        segment_ids=activity.segment_ids,
        count=len(contacts) if script.count is None else script.count,
        send_status=script.send_status,
        reason_code=script.reason_code,
    )
    return record, contacts


def _natural(world: Tables, activity: Activity, everybody: tuple[str, ...]) -> Script:
    if world.switch("sender_check") == "send" and not confirmed(world, activity):
        return Script(send_status="ERRORED", reason_code=_SENDER_NOT_AUTHENTICATED)
    # Reported as a success that reached nobody (spec): the trap that reason 12 is.
    return Script(send_status="COMPLETED", reason_code=0 if everybody else _NO_ELIGIBLE_RECIPIENTS)


def confirmed(world: Tables, activity: Activity) -> bool:
    """Whether the From address is a confirmed one of the account."""
    return any(
        sender.email_address == activity.from_email and sender.confirmed is not None
        for sender in world.account.senders
    )


def _log(world: Tables, activity: Activity, outcome: SendRecord, contacts: tuple[str, ...]) -> None:
    number = world.count_up("mailing")
    world.mailings[number] = Mailing(
        number=number,
        activity_id=activity.activity_id,
        campaign_name=world.campaigns[activity.campaign_id].name,
        time=world.now,
        contacts=contacts,
        send_status=outcome.send_status,
        reason_code=outcome.reason_code,
    )


def plan_resend(world: Tables, parent: Activity) -> None:
    """Move the parent's resend to non-openers along with it (inferred).

    It waits as DRAFT while the parent is one, and is due its delay after the parent's send.
    """
    resend = parent.resend
    if resend is None or world.activities[resend.activity_id].status == "DONE":
        return
    at = _resend_at(parent, resend)
    child = world.activities[resend.activity_id]
    status = "DRAFT" if at is None else "SCHEDULED"
    world.put_activity(replace(child, status=status, scheduled=at))


def _resend_at(parent: Activity, resend: Resend) -> datetime | None:
    start_at = parent.scheduled or (parent.history[-1].run_date if parent.history else None)
    if resend.delay_days is not None:
        delay = timedelta(days=resend.delay_days)
    else:
        delay = timedelta(minutes=resend.delay_minutes or 0)
    return None if start_at is None else start_at + delay
