"""The sends of one campaign, as a plan knows them: past, next and later ones. Pure and total.

Nothing is added to what the plan knows: a send whose time has passed since the account was read
is not called sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from ccops.constantcontact.beside import Attached
from ccops.model import SendRecord, StepKind, When
from ccops.planning.case import completed
from ccops.planning.following import following
from ccops.planning.plan import Change, Verdict, Waiting


class AgendaState(StrEnum):
    """What a plan knows of one send.

    SCHEDULED: Constant Contact holds it, as declared. PLANNED: it does once the plan is applied.
    AT_ONCE: applying sends it. WAITING: a resend for which a later apply must run. WITHDRAWN: the
    plan takes its schedule away. NEEDS_PERSON: the plan does not touch it; it may go out all the
    same. PASSED: its time has come since the account was read. DRAFT: it is not to be sent.
    """

    SENT = "sent"
    SENDING = "sending"
    SCHEDULED = "scheduled"
    PLANNED = "planned"
    AT_ONCE = "at-once"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    NEEDS_PERSON = "needs-person"
    PASSED = "passed"
    DRAFT = "draft"


class Standing(StrEnum):
    """How sure a send is.

    CERTAIN: it went out, or does if nobody interferes. OFF: Constant Contact does not hold it, and
    the plan leaves it so. OPEN: anything else, above all what the plan still has to bring about
    or to take away.
    """

    CERTAIN = "certain"
    OPEN = "open"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaEntry:
    """One send of a campaign.

    `slot` is its place among the campaign's sends, from 0: together with the activity's id it
    means the same send in every plan. `when` is UTC; None where no time can be told. `record` is
    set for what was read from the send history, `waiting` for WAITING. `behind`: it cannot
    happen before an earlier send of its campaign, which needs a person. `attached`: Constant
    Contact makes it by itself after another one; `slot` is then its place among those.
    """

    change: Change
    slot: int
    state: AgendaState
    when: datetime | None = None
    record: SendRecord | None = None
    waiting: Waiting | None = None
    behind: bool = False
    attached: Attached | None = None

    @property
    def held(self) -> datetime | None:
        """When Constant Contact was going to send the campaign, as it was read (UTC)."""
        before = self.change.before
        return before.schedules[0] if before is not None and before.schedules else None

    @property
    def goes_out(self) -> bool:
        """Whether Constant Contact holds exactly this send, whatever becomes of the plan."""
        own = self.attached is None and not self.behind
        return own and self.when is not None and self.when == self.held

    @property
    def standing(self) -> Standing:
        """How sure it is."""
        if self.state in _CERTAIN:
            return Standing.CERTAIN
        if self.state is not AgendaState.NEEDS_PERSON or self.behind:
            return Standing.OPEN
        if self.goes_out:
            return Standing.CERTAIN
        off = self.change.verdict in _GIVEN_UP and self.held is None
        return Standing.OFF if off else Standing.OPEN


_CERTAIN = frozenset({AgendaState.SENT, AgendaState.SENDING, AgendaState.SCHEDULED})
_GIVEN_UP = frozenset({Verdict.HALTED, Verdict.MISSED, Verdict.UNSCHEDULED_ELSEWHERE})
"""Verdicts after which a send that is not scheduled stays so until a manifest changes."""


def entries(change: Change, *, now: datetime) -> Iterator[AgendaEntry]:
    """Tell of every send of a campaign, in the order of its slots; `now` is UTC."""
    yield from _past(change)
    yield from _next(change, now)
    slots = {when: slot for slot, when in enumerate(change.target.sends)}
    for position, waiting in enumerate(change.waiting, start=len(_done(change)) + 1):
        yield AgendaEntry(
            change=change,
            slot=slots.get(waiting.when, position),
            state=_unless_passed(AgendaState.WAITING, waiting.when, now),
            when=waiting.when,
            waiting=waiting,
        )
    yield from _following(change, now)


def _following(change: Change, now: datetime) -> Iterator[AgendaEntry]:
    """Tell of what Constant Contact sends by itself; what follows a send is as sure as that."""
    made = any(step.kind is StepKind.SCHEDULE for step in change.steps)
    state = AgendaState.PLANNED if made else AgendaState.SCHEDULED
    for slot, one in enumerate(following(change, now=now)):
        yield AgendaEntry(
            change=change,
            slot=slot,
            state=_unless_passed(state, one.at, now),
            when=one.at,
            attached=one.attached,
        )


def _done(change: Change) -> tuple[SendRecord, ...]:
    return completed(change.before) if change.before is not None else ()


def _past(change: Change) -> Iterator[AgendaEntry]:
    done = _done(change)
    for slot, record in enumerate(done):
        yield AgendaEntry(
            change=change,
            slot=slot,
            state=AgendaState.SENT,
            when=record.ran_at,
            record=record,
        )
    if change.verdict is Verdict.SENT and not done:
        # The listing alone settled it: no history was read, and the declared time must do.
        for slot, when in enumerate(change.target.sends):
            yield AgendaEntry(change=change, slot=slot, state=AgendaState.SENT, when=_instant(when))


def _next(change: Change, now: datetime) -> Iterator[AgendaEntry]:
    entry = AgendaEntry(change=change, slot=len(_done(change)), state=AgendaState.DRAFT)
    match change.verdict:
        case Verdict.SENT:
            return
        case Verdict.SENDING:
            yield _going_on(change, now)
        case Verdict.SEND_NOW:
            yield replace(entry, state=AgendaState.AT_ONCE)
        case Verdict.UNSCHEDULE:
            yield _dated(entry, AgendaState.WITHDRAWN, entry.held, now)
        case Verdict.IN_SYNC:
            yield _dated(entry, AgendaState.SCHEDULED, _instant(change.send), now)
        case Verdict.UPDATE | Verdict.SCHEDULE | Verdict.RESCHEDULE | Verdict.RESEND:
            yield _dated(entry, AgendaState.PLANNED, _instant(change.send), now)
        case (
            Verdict.BLOCKED
            | Verdict.SENT_EARLY
            | Verdict.FAILED
            | Verdict.FROZEN
            | Verdict.MISSED
            | Verdict.TOO_LATE
            | Verdict.HALTED
            | Verdict.UNSCHEDULED_ELSEWHERE
        ):
            yield from _stuck(entry)
        case _:
            assert_never(change.verdict)


def _dated(
    entry: AgendaEntry, state: AgendaState, when: datetime | None, now: datetime
) -> AgendaEntry:
    """Give the entry its time and state; without a time it stays a draft."""
    if when is None:
        return entry
    return replace(entry, state=_unless_passed(state, when, now), when=when)


def _unless_passed(state: AgendaState, when: datetime, now: datetime) -> AgendaState:
    return AgendaState.PASSED if when <= now else state


def _going_on(change: Change, now: datetime) -> AgendaEntry:
    """Tell of the send that is going on: the last declared one whose time has come.

    The history of a campaign that is being sent is not read, so its slot is inferred.
    """
    come = [
        (slot, when)
        for slot, when in enumerate(change.target.sends)
        if not isinstance(when, datetime) or when <= now
    ]
    slot, when = come[-1] if come else (0, None)
    return AgendaEntry(change=change, slot=slot, state=AgendaState.SENDING, when=_instant(when))


def _stuck(entry: AgendaEntry) -> Iterator[AgendaEntry]:
    """Tell of what needs a person: the next send at the time it is held for, else as declared.

    Declared sends after it are behind it.
    """
    declared = entry.change.target.sends[entry.slot :]
    times = (
        entry.held or (_instant(declared[0]) if declared else None),
        *map(_instant, declared[1:]),
    )
    for ahead, when in enumerate(times):
        yield replace(
            entry,
            slot=entry.slot + ahead,
            state=AgendaState.NEEDS_PERSON,
            when=when,
            behind=ahead > 0,
        )


def _instant(when: When | None) -> datetime | None:
    return when if isinstance(when, datetime) else None
