"""The verdict table (design §3): what is to be done about one campaign. Pure and total.

The rows of `TABLE` stand in the order of the design; the first that applies decides. A verdict
depends on nothing but its `Facts`, so that asking again after each write continues a sequence.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ccops.constantcontact.wire import schedule_step, unschedule_step, update_step
from ccops.model import NOW, Status, Step, StepKind, When
from ccops.planning import sayings
from ccops.planning.case import (
    Case,
    Facts,
    base_status,
    case_of,
    contradiction,
    early,
    may_be_out,
    obstacle,
    ours,
    unusable,
    wants_history,
)
from ccops.planning.plan import Verdict
from ccops.planning.sayings import Saying

__all__ = ["TABLE", "Decision", "Facts", "Row", "base_status", "decide", "wants_history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the table says: the deciding row, the verdict, why, and what can be done.

    `steps` are the requests still to be made, in order, and `kinds` their kinds; empty unless
    the verdict writes. `when` is the next declared send, whatever the verdict (None: all have
    happened, or none is declared). `contradiction`: read again once before believing it.
    """

    row: int
    verdict: Verdict
    reason: str
    remedy: str
    kinds: tuple[StepKind, ...] = ()
    steps: tuple[Step, ...] = ()
    when: When | None = None
    contradiction: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table."""

    number: int
    applies: Callable[[Case], bool]
    verdict: Verdict
    says: Callable[[Case], Saying] = sayings.nothing


def _row(
    number: int,
    applies: Callable[[Case], bool],
    verdict: Verdict,
    says: Callable[[Case], Saying] = sayings.nothing,
) -> Row:
    return Row(number=number, applies=applies, verdict=verdict, says=says)


def _early(case: Case) -> bool:
    """Reported only, except that an undeclared schedule on top of it must go (row 7)."""
    undeclared = case.status is Status.SCHEDULED and case.next is None
    return early(case) is not None and not undeclared


def _frozen(case: Case) -> bool:
    if case.scheduled_at is None or case.time is None:
        return False
    return case.scheduled_at - case.facts.now < case.facts.limits.freeze


def _missed(case: Case) -> bool:
    return case.time is not None and case.time < case.facts.now


def _too_late(case: Case) -> bool:
    return case.time is not None and case.time < case.facts.now + case.notice


def _halted(case: Case) -> bool:
    """A person stopped just this send; a manifest that declares another one decides anew."""
    return case.facts.halt is not None and case.next in case.facts.halt.sends


def _elsewhere(case: Case) -> bool:
    timed = case.time is not None and case.status is not Status.SCHEDULED
    return timed and ours(case) and not case.facts.restored


def _in_sync(case: Case) -> bool:
    return case.time is not None and case.scheduled_at == case.time and not case.differ


def _is(*statuses: Status) -> Callable[[Case], bool]:
    return lambda case: case.status in statuses


def _none(*statuses: Status) -> Callable[[Case], bool]:
    return lambda case: case.status in statuses and case.next is None


def _now(*, draft: bool) -> Callable[[Case], bool]:
    return lambda case: case.next is NOW and (case.status is Status.DRAFT) is draft


def _scheduled(*, differ: bool) -> Callable[[Case], bool]:
    return lambda case: case.status is Status.SCHEDULED and case.differ is differ


TABLE: tuple[Row, ...] = (
    _row(1, lambda case: unusable(case) is not None, Verdict.BLOCKED, sayings.is_unusable),
    _row(2, _is(Status.EXECUTING), Verdict.SENDING, sayings.is_sending),
    _row(3, lambda case: bool(contradiction(case)), Verdict.BLOCKED, sayings.is_contradictory),
    _row(4, _early, Verdict.SENT_EARLY, sayings.ran_early),
    _row(5, _none(Status.DONE), Verdict.SENT, sayings.is_sent),
    _row(6, _none(Status.ERROR), Verdict.FAILED, sayings.has_failed),
    _row(7, _none(Status.SCHEDULED), Verdict.UNSCHEDULE, sayings.is_to_be_unscheduled),
    _row(8, lambda case: _none(Status.DRAFT)(case) and not case.differ, Verdict.IN_SYNC),
    _row(23, _halted, Verdict.HALTED, sayings.was_halted),
    _row(9, _in_sync, Verdict.IN_SYNC),
    _row(10, _now(draft=False), Verdict.BLOCKED, sayings.must_be_unscheduled_first),
    _row(11, _frozen, Verdict.FROZEN, sayings.is_frozen),
    _row(12, _missed, Verdict.MISSED, sayings.is_missed),
    _row(13, _too_late, Verdict.TOO_LATE, sayings.is_too_late),
    _row(14, _elsewhere, Verdict.UNSCHEDULED_ELSEWHERE, sayings.was_unscheduled_elsewhere),
    _row(15, may_be_out, Verdict.BLOCKED, sayings.may_have_gone_out),
    _row(16, lambda case: bool(obstacle(case)), Verdict.BLOCKED, sayings.cannot_be_rewritten),
    _row(17, _none(Status.DRAFT), Verdict.UPDATE),
    _row(18, _now(draft=True), Verdict.SEND_NOW, sayings.goes_out_now),
    _row(19, _is(Status.DRAFT, Status.ERROR), Verdict.SCHEDULE, sayings.is_scheduled),
    _row(20, _scheduled(differ=False), Verdict.RESCHEDULE, sayings.is_replaced),
    _row(21, _scheduled(differ=True), Verdict.UPDATE, sayings.is_replaced),
    _row(22, _is(Status.DONE), Verdict.RESEND, sayings.goes_to_new_contacts),
)


def decide(facts: Facts) -> Decision:
    """Say what is to be done about one campaign now; never raises.

    A send history that `wants_history` asks for and that was not read is a contradiction.
    """
    if facts.live is None:
        return _absent(facts)
    case = case_of(facts, facts.live)
    row = next(row for row in TABLE if row.applies(case))
    said, steps = row.says(case), _steps(case, row.verdict)
    return Decision(
        row=row.number,
        verdict=row.verdict,
        reason=said.reason,
        remedy=said.remedy,
        kinds=tuple(step.kind for step in steps),
        steps=steps,
        when=case.next,
        contradiction=row.number == _CONTRADICTION,
    )


_CONTRADICTION = 3


def _absent(facts: Facts) -> Decision:
    return Decision(
        row=1,
        verdict=Verdict.BLOCKED,
        reason=facts.absent_reason or "Constant Contact has no such campaign",
        remedy="correct the campaign's name or its activity id",
    )


def _steps(case: Case, verdict: Verdict) -> tuple[Step, ...]:
    """The requests of a sequence: DELETE where scheduled, PUT where recipients differ, POST."""
    if not verdict.writes:
        return ()
    activity = case.live.activity_id
    scheduled = case.status is Status.SCHEDULED
    unschedule = (unschedule_step(activity),) if scheduled else ()
    schedule = () if case.next is None else (schedule_step(activity, case.next),)
    return (*unschedule, *_update(case), *schedule)


def _update(case: Case) -> tuple[Step, ...]:
    """The PUT, if recipients differ and are still to be written.

    Unscheduling alone returns an activity to its base status, where only a draft's recipients
    matter; what cannot be written (row 16) must not hinder that DELETE.
    """
    wanted = case.facts.target.recipients
    over = case.next is None and base_status(case.live) is not Status.DRAFT
    if wanted is None or not case.differ or over or obstacle(case):
        return ()
    return (update_step(case.live, wanted),)
