"""The words for verdicts, steps, undo and recipients: the same in a terminal and in Markdown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ccops.model import Live, Now, RecipientKind, Status, StepKind, When
from ccops.planning.audience import Audience
from ccops.planning.plan import (
    Change,
    Plan,
    Risk,
    UndoKind,
    Verdict,
    Waiting,
)
from ccops.render.moment import absolute, moment
from ccops.render.phrases import counted
from ccops.render.style import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one verdict is spoken of.

    `symbol` is ASCII, so that it survives any terminal, log and diff. `legend` and `count` exist
    for verdicts that write ("1 to reschedule"), `says` states it of a campaign.
    """

    symbol: str
    meaning: Meaning
    says: str
    legend: str = ""
    count: str = ""


WORDING: Mapping[Verdict, Wording] = {
    Verdict.UPDATE: Wording(
        symbol="~", meaning=Meaning.UPDATE, says="update", legend="update", count="to update"
    ),
    Verdict.SCHEDULE: Wording(
        symbol="@",
        meaning=Meaning.SCHEDULE,
        says="schedule",
        legend="schedule",
        count="to schedule",
    ),
    Verdict.RESCHEDULE: Wording(
        symbol="@",
        meaning=Meaning.SCHEDULE,
        says="reschedule",
        legend="schedule",
        count="to reschedule",
    ),
    Verdict.RESEND: Wording(
        symbol="@",
        meaning=Meaning.SCHEDULE,
        says="resend, to contacts who have not had it",
        legend="schedule",
        count="to resend",
    ),
    Verdict.UNSCHEDULE: Wording(
        symbol="-",
        meaning=Meaning.UNSCHEDULE,
        says="unschedule, it will NOT be sent",
        legend="unschedule",
        count="to unschedule",
    ),
    Verdict.SEND_NOW: Wording(
        symbol="!",
        meaning=Meaning.IRREVERSIBLE,
        says="SEND NOW",
        legend="send now, cannot be undone",
        count="to send now",
    ),
    Verdict.BLOCKED: Wording(symbol="?", meaning=Meaning.ERROR, says="blocked"),
    Verdict.SENT_EARLY: Wording(
        symbol="?", meaning=Meaning.ERROR, says="was sent before its declared time"
    ),
    Verdict.FAILED: Wording(symbol="?", meaning=Meaning.ERROR, says="failed in Constant Contact"),
    Verdict.FROZEN: Wording(
        symbol="?", meaning=Meaning.ERROR, says="too close to its send time to be touched"
    ),
    Verdict.MISSED: Wording(symbol="?", meaning=Meaning.ERROR, says="missed its send time"),
    Verdict.TOO_LATE: Wording(
        symbol="?", meaning=Meaning.ERROR, says="too late for its declared send time"
    ),
    Verdict.HALTED: Wording(symbol="?", meaning=Meaning.ERROR, says="halted"),
    Verdict.UNSCHEDULED_ELSEWHERE: Wording(
        symbol="?", meaning=Meaning.ERROR, says="was unscheduled outside ccops"
    ),
    Verdict.SENDING: Wording(symbol=" ", meaning=Meaning.OK, says="is being sent"),
    Verdict.SENT: Wording(symbol=" ", meaning=Meaning.OK, says="sent"),
    Verdict.IN_SYNC: Wording(symbol=" ", meaning=Meaning.OK, says="in sync"),
}


def what(change: Change) -> str:
    """The verdict with the writes it makes: `reschedule: unschedule, then schedule`."""
    says = WORDING[change.verdict].says
    if change.verdict is Verdict.UPDATE and len(change.steps) == 1:
        return "update: set recipients"
    if len(change.steps) <= 1:
        return says
    return f"{says}: {', then '.join(_step(step.kind, change) for step in change.steps)}"


def _step(kind: StepKind, change: Change) -> str:
    if kind is StepKind.UPDATE:
        return "set recipients"
    if kind is StepKind.SCHEDULE and change.verdict is Verdict.SEND_NOW:
        return "send"
    return str(kind)


def recipient_names(audience: Audience) -> tuple[str, ...]:
    """The name of each list, or of the segment; where the name is unknown, its id."""
    return tuple(name or f"id {identity}" for identity, name in audience.items)


def recipients(audience: Audience) -> str:
    """For example `Donors, Board` or `segment Volunteers`; a name with a comma is quoted."""
    names = (f'"{name}"' if "," in name else name for name in recipient_names(audience))
    kind = "segment " if audience.kind == RecipientKind.SEGMENT else ""
    return f"{kind}{', '.join(names)}"


def briefly(audience: Audience) -> str:
    """The recipients where room is short: for example `Donors, Board and 3 more`."""
    left_out = len(audience.items) - _BRIEF
    if left_out <= 1:
        return recipients(audience)
    few = replace(audience, items=audience.items[:_BRIEF])
    return f"{recipients(few)} and {left_out} more"


_BRIEF = 3


def undo(change: Change) -> str:
    """Whether, until when and how the change can be taken back; empty when nothing is written."""
    limit = undo_limit(change)
    if limit == "no":
        return "no: a sent email cannot be recalled"
    return _with_way(limit, change) if limit else ""


def undo_limit(change: Change) -> str:
    """For example `no`, `anytime`, `until it sends`; empty when nothing is written."""
    if change.undo is None:
        return ""
    if change.undo.kind is UndoKind.NEVER:
        return "no"
    until = change.undo.until
    if until is None:
        return "anytime"
    return (
        "until it sends" if until == change.send else f"until {absolute(until, zone=change.zone)}"
    )


def _with_way(limit: str, change: Change) -> str:
    if change.verdict is Verdict.UNSCHEDULE:
        return f"{limit}, by scheduling it again"
    if len(change.steps) == 1 and change.steps[0].kind is StepKind.UPDATE:
        return f"{limit}, by setting the recipients again"
    return f"{limit}, with `send_at: unscheduled`"


def irreversible(change: Change) -> bool:
    """Whether applying it cannot be undone."""
    return change.risk is Risk.R3 or change.verdict is Verdict.SEND_NOW


def sends(when: When, *, zone: str, now: datetime) -> str:
    """When a send happens, in words."""
    if isinstance(when, Now):
        return "as soon as this plan is applied"
    return moment(when, zone=zone, now=now)


def scheduled(live: Live | None) -> datetime | None:
    """When Constant Contact is going to send it, as last read."""
    return live.schedules[0] if live is not None and live.schedules else None


def waiting(wait: Waiting, *, zone: str) -> str:
    """A later send, and when an apply must run for it."""
    opens, closes = absolute(wait.opens, zone=zone), absolute(wait.closes, zone=zone)
    return f"{absolute(wait.when, zone=zone)}: run apply between {opens} and {closes}"


def counts(plan: Plan) -> str:
    """For example `1 to update, 2 to schedule. 1 campaign needs a person.`; empty if no write."""
    names = [WORDING[change.verdict].count for change in plan.writing]
    order = [wording.count for wording in WORDING.values() if wording.count]
    amounts = ", ".join(f"{names.count(name):,} {name}" for name in order if name in names)
    people = len(needing_person(plan))
    return f"{amounts}.{f' {need_a_person(people)}.' if people else ''}" if amounts else ""


def in_sync(plan: Plan) -> str:
    """For example `9 campaigns in sync: 2 scheduled, 4 sent, 3 drafts`, with a full stop."""
    sent = sum(change.verdict is Verdict.SENT for change in plan.changes)
    same = [change for change in plan.changes if change.verdict is Verdict.IN_SYNC]
    upcoming = sum(change.send is not None for change in same)
    kinds = ((upcoming, "scheduled"), (sent, "sent"))
    drafts = len(same) - upcoming
    parts = [f"{amount:,} {kind}" for amount, kind in kinds if amount]
    parts += [counted(drafts, "draft")] if drafts else []
    total = len(same) + sent
    return f"{counted(total, 'campaign')} in sync{': ' if parts else ''}{', '.join(parts)}."


def needing_person(plan: Plan) -> tuple[Change, ...]:
    """The changes that only a person can take further, in the plan's order."""
    return tuple(change for change in plan.changes if change.verdict.needs_person)


def need_a_person(amount: int) -> str:
    """For example `1 campaign needs a person`."""
    return f"{counted(amount, 'campaign')} need{'s' if amount == 1 else ''} a person"


def state(live: Live, *, zone: str) -> str:
    """What Constant Contact shows, in words."""
    when = scheduled(live)
    if when is not None:
        return f"scheduled for {absolute(when, zone=zone)}"
    return _STATES.get(live.status, str(live.status))


_STATES = {
    Status.DRAFT: "a draft, not scheduled",
    Status.EXECUTING: "being sent now",
    Status.DONE: "sent",
    Status.ERROR: "failed",
}
