"""What a plan comes to, in one sentence: the same in a terminal and in Markdown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccops.planning.plan import Plan
from ccops.render.words import counted, irreversible, need_a_person, needing_person


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
    """The verdict on the whole plan: the first that holds of expired, blocked, sending, ready."""
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
    detail = f"Constant Contact matches the {which}."
    return Headline(tone=Tone.CLEAN, status="no changes", title="No changes.", detail=detail)


def _blocked(plan: Plan) -> str:
    findings = sum(finding.blocking for finding in plan.findings)
    return f"{counted(findings, 'finding')} must be cleared before this plan can be applied."


def _ready(plan: Plan) -> Headline:
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
