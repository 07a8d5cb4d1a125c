"""The words of an agenda: what is said of a send, the same in text, in HTML and in a calendar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.planning.agenda_entries import AgendaEntry, AgendaState
from ccops.planning.audience import Overlap
from ccops.planning.plan import (
    Change,
    Finding,
    Plan,
    Verdict,
)
from ccops.planning.words import contacts_in_words
from ccops.render import headcount
from ccops.render.moment import absolute, short
from ccops.render.style import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a state is shown: always a sign and a word; colour only repeats them.

    `symbol` is ASCII, for terminals and logs; `glyph` is for pages. `legend` says what it means.
    """

    symbol: str
    glyph: str
    word: str
    meaning: Meaning
    legend: str


MARKS: Mapping[AgendaState, Mark] = {
    AgendaState.NEEDS_PERSON: Mark(
        symbol="?",
        glyph="▲",
        word="Needs a person",
        meaning=Meaning.ERROR,
        legend="the plan leaves it as it is; somebody has to decide",
    ),
    AgendaState.AT_ONCE: Mark(
        symbol="!",
        glyph="!",
        word="Sends at once",
        meaning=Meaning.IRREVERSIBLE,
        legend="it goes out as soon as the plan is applied, and cannot be recalled",
    ),
    AgendaState.SENDING: Mark(
        symbol="~",
        glyph="»",
        word="Being sent",
        meaning=Meaning.OK,
        legend="Constant Contact is sending it now",
    ),
    AgendaState.PLANNED: Mark(
        symbol="@",
        glyph="◇",
        word="Planned",
        meaning=Meaning.SCHEDULE,
        legend="in Constant Contact it is not yet as shown here: the plan must be applied first",
    ),
    AgendaState.SCHEDULED: Mark(
        symbol="=",
        glyph="●",
        word="Scheduled",
        meaning=Meaning.OK,
        legend="Constant Contact holds it as shown here",
    ),
    AgendaState.WAITING: Mark(
        symbol=">",
        glyph="◔",
        word="Waiting",
        meaning=Meaning.WARNING,
        legend="a further send: it can be scheduled only after the send before it",
    ),
    AgendaState.WITHDRAWN: Mark(
        symbol="-",
        glyph="✕",
        word="Taken back",
        meaning=Meaning.UNSCHEDULE,
        legend="the plan unschedules it",
    ),
    AgendaState.PASSED: Mark(
        symbol="?",
        glyph="○",
        word="Time has passed",
        meaning=Meaning.WARNING,
        legend="its time came after the account was read: whether it was sent is not known here",
    ),
    AgendaState.DRAFT: Mark(
        symbol=" ",
        glyph="✎",
        word="Draft",
        meaning=Meaning.DIM,
        legend="it is not to be sent",
    ),
    AgendaState.SENT: Mark(
        symbol=".",
        glyph="✓",
        word="Sent",
        meaning=Meaning.DIM,
        legend="it went out",
    ),
}
"""In the order in which they matter to a reader."""


def says(entry: AgendaEntry, *, zone: str) -> str:
    """What is to be said of a send, after its mark's word; may be empty."""
    if entry.attached is not None:
        return _by_itself(entry.attached)
    match entry.state:
        case AgendaState.SENT:
            ran = entry.record
            return f"to {contacts_in_words(ran.count)}" if ran else "as Constant Contact lists it"
        case AgendaState.PLANNED:
            return _planned(entry, zone)
        case AgendaState.WAITING:
            return "a resend to contacts who have not had it"
        case AgendaState.WITHDRAWN:
            return "the plan unschedules it: it will NOT be sent"
        case AgendaState.NEEDS_PERSON:
            return _stuck(entry)
        case AgendaState.DRAFT if entry.change.verdict is Verdict.UPDATE:
            return "not to be sent; the plan sets its recipients"
        case (
            AgendaState.SENDING
            | AgendaState.SCHEDULED
            | AgendaState.AT_ONCE
            | AgendaState.PASSED
            | AgendaState.DRAFT
        ):
            return _PLAIN[entry.state]
        case _:
            assert_never(entry.state)


def _by_itself(one: Attached) -> str:
    match one.kind:
        case AttachedKind.NON_OPENERS:
            return "a resend to those who did not open it, set up in Constant Contact"
        case AttachedKind.AB_TEST:
            return "the winner of its A/B test, to all who did not get the test"
        case _:
            assert_never(one.kind)


_PLAIN: Mapping[AgendaState, str] = {
    AgendaState.SENDING: "Constant Contact is sending it now",
    AgendaState.SCHEDULED: "in Constant Contact already",
    AgendaState.AT_ONCE: "goes out as soon as the plan is applied, and cannot be recalled",
    AgendaState.PASSED: "whether it was sent is not known here",
    AgendaState.DRAFT: "not to be sent",
}


def _planned(entry: AgendaEntry, zone: str) -> str:
    if entry.held is None:
        again = "a resend to contacts who have not had it, " if entry.slot else ""
        return f"{again}scheduled when the plan is applied"
    if entry.goes_out:
        return "scheduled already; its recipients change when the plan is applied"
    return f"moved here from {short(entry.held, zone=zone)} when the plan is applied"


def _stuck(entry: AgendaEntry) -> str:
    if entry.behind:
        return "cannot go out before the send before it, which needs a person"
    if entry.goes_out:
        return "it still goes out at this time, as it is"
    return "not scheduled for this time"


def contacts(entry: AgendaEntry) -> str:
    """How many would get it: `14,899 contacts`; what was not counted is never nobody.

    A send after the first leaves out who has had the campaign (spec): `at most 14,899 contacts`.
    """
    audience = entry.change.audience
    if audience is None:
        return ""
    if entry.attached is not None:
        return "only some of them"
    return headcount.contacts(audience, further=entry.slot > 0)


def alarms(entry: AgendaEntry, plan: Plan) -> tuple[str, ...]:
    """What stops the plan from doing what is said of a send, one sentence each."""
    return tuple(
        sentence(f"the guard {one.guard} blocks the plan: {one.diagnostic.message}")
        for one in _findings(entry, plan)
        if one.blocking
    )


def notes(entry: AgendaEntry, plan: Plan) -> tuple[str, ...]:
    """What else a reader should know of a send, one sentence each."""
    if entry.attached is not None:
        return (_NEVER_CHANGED,)
    if entry.state is AgendaState.SENT:
        return tuple(map(sentence, _of_the_past(entry)))
    told_of = (*_deadlines(entry, plan.zone), *_elsewhere(entry, plan.zone), *_judged(entry, plan))
    return tuple(map(sentence, told_of))


_NEVER_CHANGED = "It moves with the send that it follows; ccops never changes it"


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _of_the_past(entry: AgendaEntry) -> Iterator[str]:
    if entry.record is None:
        yield "the time is the declared one"
    elif entry.slot >= len(entry.change.target.sends):
        yield "declared in no manifest"


def _deadlines(entry: AgendaEntry, zone: str) -> Iterator[str]:
    """By when something must be done, and what happens otherwise."""
    limit = entry.change.apply_by
    by = absolute(limit, zone=zone) if limit else ""
    if entry.waiting is not None:
        opens, closes = entry.waiting.opens, entry.waiting.closes
        yield f"apply between {absolute(opens, zone=zone)} and {absolute(closes, zone=zone)}"
    elif entry.state is AgendaState.WITHDRAWN:
        yield f"unless the plan is applied{f' by {by}' if by else ''}, it goes out all the same"
    elif entry.state is AgendaState.PLANNED:
        yield from (f"apply by {one}" for one in (by,) if one)
        yield from _otherwise(entry, zone)
    elif entry.state is AgendaState.NEEDS_PERSON and not entry.behind:
        yield from _instead(entry, zone)


def _otherwise(entry: AgendaEntry, zone: str) -> Iterator[str]:
    """What becomes of a scheduled send that the plan changes, if it is not applied."""
    if entry.goes_out:
        yield "if the plan is not applied, it goes out to the recipients it has now"
    elif entry.held is not None:
        yield f"if the plan is not applied, it goes out on {absolute(entry.held, zone=zone)}"


def _instead(entry: AgendaEntry, zone: str) -> Iterator[str]:
    """The declared time of a send that Constant Contact holds for another."""
    declared = entry.change.target.sends[entry.slot : entry.slot + 1]
    for when in declared:
        if entry.goes_out and isinstance(when, datetime) and when != entry.when:
            yield f"its manifest says {absolute(when, zone=zone)}"


def _elsewhere(entry: AgendaEntry, zone: str) -> Iterator[str]:
    """The time on the clocks that its author thinks in, where those show another one."""
    own = entry.change.zone
    if entry.when is not None:
        there = short(entry.when, zone=own)
        if there != short(entry.when, zone=zone):
            yield f"its manifest is written for {own}: {there}"


def _findings(entry: AgendaEntry, plan: Plan) -> tuple[Finding, ...]:
    """What guards say about the campaign; said of its next send."""
    later = entry.waiting is not None or entry.behind or entry.attached is not None
    if later or entry.state is AgendaState.SENT:
        return ()
    return tuple(one for one in plan.findings if one.campaign == entry.change.campaign)


def _judged(entry: AgendaEntry, plan: Plan) -> Iterator[str]:
    """What guards, permissions and other sends say about the campaign; said of its next send."""
    for finding in _findings(entry, plan):
        if not finding.blocking:
            yield f"the guard {finding.guard} warns: {finding.diagnostic.message}"
    if entry.waiting is not None or entry.behind:
        return
    name = entry.change.campaign
    for one in plan.permissions:
        if one.campaign == name:
            yield f"{one.rule} is allowed{f', because {one.reason}' if one.reason else ''}"
    for overlap in plan.overlaps:
        if name in {overlap.first, overlap.second}:
            yield _overlapping(overlap, name)


def _overlapping(overlap: Overlap, name: str) -> str:
    other = overlap.second if name == overlap.first else overlap.first
    who = (
        "some of its contacts" if overlap.contacts is None else contacts_in_words(overlap.contacts)
    )
    return f"{who} also receive {other}"


def person(change: Change) -> str:
    """Why a campaign needs a person, in one sentence."""
    return change.reason or "ccops cannot carry out what its manifest says"
