"""What a plan comes to, in one sentence: the same in a terminal and in Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ccops.planning.open_writes import OPEN_WRITE
from ccops.planning.plan import Plan, Recalled, Refresh
from ccops.render.moment import moment
from ccops.render.phrases import counted
from ccops.render.words import irreversible, need_a_person, needing_person


class Tone(StrEnum):
    """How a headline is meant."""

    CLEAN = "clean"
    READY = "ready"
    ATTENTION = "attention"
    IRREVERSIBLE = "irreversible"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """`title` alone must not mislead; `detail` completes it; `status` is for headings."""

    tone: Tone
    status: str
    title: str
    detail: str


def headline(plan: Plan, *, now: datetime) -> Headline:
    """The verdict on the whole plan, and what is unknown beside it.

    A plan that was made while nobody knew what became of an earlier write is never calm.
    """
    found = verdict(plan, now=now)
    if not unknown(plan):
        return found
    calm = found.tone in {Tone.CLEAN, Tone.READY}
    tone, detail = Tone.ATTENTION if calm else found.tone, f"{found.detail} {unknown(plan)}"
    return replace(found, tone=tone, detail=detail)


def unknown(plan: Plan) -> str:
    """How many earlier writes are open, and what becomes of them, in a sentence; "" for none."""
    amount = len(unknown_writes(plan))
    if not amount:
        return ""
    return (
        f"Nobody knows yet what became of {counted(amount, 'earlier write')}: `ccops apply` looks"
        " first, before it writes."
    )


def unknown_writes(plan: Plan) -> tuple[str, ...]:
    """Which earlier writes are open, a sentence each. They name campaigns, as foreign texts do."""
    said = (one.diagnostic.message for one in plan.findings if one.guard == OPEN_WRITE)
    return tuple(f"{one[:1].upper()}{one[1:]}." for one in said)


def verdict(plan: Plan, *, now: datetime) -> Headline:
    """The verdict alone: the first that holds of expired, blocked, sending, ready.

    One that was made with less than full reading says so in its status and its detail.
    """
    found = _verdict(plan, now)
    if plan.recalled is None:
        return found
    title = "No changes seen." if found.tone is Tone.CLEAN else found.title
    detail = f"{found.detail} Partial: {_unread(plan, plan.recalled)}."
    return replace(found, title=title, status=f"{found.status}, partial", detail=detail)


def _verdict(plan: Plan, now: datetime) -> Headline:
    if now >= plan.expires_at and plan.writing:
        detail = "This plan is no longer valid. Make a new one."
        return Headline(tone=Tone.BLOCKED, status="expired", title="Expired.", detail=detail)
    if plan.blocked:
        return Headline(
            tone=Tone.BLOCKED, status="blocked", title="Blocked.", detail=_blocked(plan)
        )
    people = len(needing_person(plan))
    if plan.writing:
        return _ready(plan)
    if people:
        detail = f"{need_a_person(people)}."
        return Headline(
            tone=Tone.ATTENTION, status="needs a person", title="Nothing to apply.", detail=detail
        )
    which = "selected manifests" if plan.selection else "manifests"
    known = ", as far as it is known here" if plan.refresh is Refresh.NONE else ""
    detail = f"Constant Contact matches the {which}{known}."
    return Headline(tone=Tone.CLEAN, status="no changes", title="No changes.", detail=detail)


def _blocked(plan: Plan) -> str:
    findings = sum(finding.blocking for finding in plan.findings)
    return f"{counted(findings, 'finding')} must be cleared before this plan can be applied."


def _ready(plan: Plan) -> Headline:
    if plan.refresh is Refresh.NONE:
        detail = f"It would make {counted(_requests(plan), 'write')}."
        return Headline(
            tone=Tone.ATTENTION, status="offline", title="Not to be applied.", detail=detail
        )
    final = sum(irreversible(change) for change in plan.writing)
    if not final:
        detail = f"It makes {counted(_requests(plan), 'write')}."
        return Headline(tone=Tone.READY, status="ready", title="Ready to apply.", detail=detail)
    detail = f"Applying this plan sends {counted(final, 'campaign')} at once. It cannot be undone."
    return Headline(
        tone=Tone.IRREVERSIBLE, status="sends at once", title="Ready to SEND.", detail=detail
    )


def _requests(plan: Plan) -> int:
    return sum(len(change.steps) for change in plan.writing)


def clean(plan: Plan) -> bool:
    """Whether there is nothing to write, nothing found and nobody to call."""
    return not (plan.writing or plan.needs_person or plan.findings)


def left_alone(plan: Plan) -> str:
    """How many live campaigns no manifest names; empty when there are none."""
    amount = max(plan.unmanaged_count, len(plan.unmanaged))
    verbs = (
        "is not managed by ccops and was" if amount == 1 else "are not managed by ccops and were"
    )
    return f"{counted(amount, 'campaign')} in the account {verbs} left alone." if amount else ""


def partial(plan: Plan, *, now: datetime) -> Iterator[str]:
    """What was not read for this plan, and how old that is, in sentences; none if all was read."""
    if plan.recalled is None:
        return
    said = _unread(plan, plan.recalled)
    yield f"{said[0].upper()}{said[1:]} (--refresh {plan.refresh})."
    moments = [one.as_of for one in plan.remembered if one.as_of is not None]
    if moments:
        yield f"The oldest reading is of {moment(min(moments), zone=plan.zone, now=now)}."
    if plan.recalled.names_at is not None:
        named = moment(plan.recalled.names_at, zone=plan.zone, now=now)
        yield f"Names of lists and segments were read {named}."
    listed = moment(plan.recalled.listed_at, zone=plan.zone, now=now)
    yield f"All campaigns were listed {listed}: one that was deleted since still counts."


def _unread(plan: Plan, recalled: Recalled) -> str:
    if plan.refresh is Refresh.NONE:
        return "nothing was read, not even what ccops itself has done or halted"
    amount = len(plan.remembered)
    if amount:
        were = "was" if amount == 1 else "were"
        return f"{amount:,} of {counted(len(plan.changes), 'campaign')} {were} not read again"
    names = "" if recalled.names_at is None else ", nor names of lists and segments"
    return f"deleted campaigns were not looked for{names}"


def made_with(plan: Plan) -> str:
    """How many requests the plan took, and how many of the day's are used; empty if unknown."""
    if not plan.requests and plan.refresh is not Refresh.NONE:
        return ""
    today = ""
    if plan.budget is not None:
        today = f" {plan.budget.used:,} of {plan.budget.limit:,} are used today (UTC)."
    return f"Made with {counted(plan.requests, 'request')}.{today}"
