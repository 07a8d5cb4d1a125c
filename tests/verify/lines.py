"""Journal lines by hand: the first and the last line of a write."""

from dataclasses import replace
from datetime import datetime, timedelta

from ccops.constantcontact.wire import schedule_step, unschedule_step, update_step
from ccops.model import NOW, Recipients, Step, StepKind, When
from ccops.ports import JournalEntry, WriteState
from tests.planning.samples import ACTIVITY, HOUR, LISTS, LIVE, NAME, NOW_IS

ASKED = NOW_IS - 48 * HOUR
"""When the writes of these journals were intended."""
AT = NOW_IS - 24 * HOUR
"""What they ask for, unless a test says otherwise."""


def step(kind: StepKind, when: When | None, activity: str) -> Step:
    if kind is StepKind.UPDATE:
        return update_step(replace(LIVE, activity_id=activity), LISTS)
    if kind is StepKind.UNSCHEDULE:
        return unschedule_step(activity)
    return schedule_step(activity, when or NOW)


def write(
    number: int = 1,
    kind: StepKind = StepKind.SCHEDULE,
    *,
    when: When | None = AT,
    state: WriteState = WriteState.VERIFIED,
    past: int = 0,
    recipients: Recipients | None = LISTS,
    at: datetime = ASKED,
    detail: str = "",
    campaign: str = NAME,
    activity: str = ACTIVITY,
) -> tuple[JournalEntry, ...]:
    """One write: its intent and, unless that is its state, its newest line a second later."""
    intent = JournalEntry(
        write_id=f"20261004T120000Z-a1b2c3:{activity}:{number}",
        run="20261004T120000Z-a1b2c3",
        plan="sha256:0",
        activity_id=activity,
        campaign=campaign,
        step=step(kind, when, activity),
        when=when,
        recipients=recipients,
        state=WriteState.INTENT,
        fingerprint="sha256:0",
        at=at,
        past=past,
    )
    if state is WriteState.INTENT:
        return (intent,)
    return (intent, replace(intent, state=state, at=at + timedelta(seconds=1), detail=detail))
