"""What a decision leads to: its risk, its undo, and the time in which it can be applied."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ccops.model import NOW, Limits, Live, StepKind, Target
from ccops.planning.plan import Change, Risk, Undo, UndoKind, Verdict, Waiting
from ccops.planning.verdict import Decision

LIFETIME = timedelta(hours=24)
"""How long a reviewed plan may be applied."""
SHORT_LIFETIME = timedelta(hours=1)
"""The same, when it holds a send that cannot be recalled."""

_TELLS_WHAT_FOLLOWS = frozenset({Verdict.IN_SYNC, Verdict.SENDING})


def risk(decision: Decision) -> Risk:
    """How bad a mistake would be."""
    if not decision.steps:
        return Risk.R0
    if decision.verdict is Verdict.SEND_NOW:
        return Risk.R3
    return Risk.R2 if StepKind.UNSCHEDULE in decision.kinds else Risk.R1


def undo(decision: Decision, live: Live | None, limits: Limits) -> Undo | None:
    """Whether it can be taken back; None when nothing is written.

    A send can be unscheduled until it happens; an unscheduled one can be scheduled again until
    the lead before its old time; a draft's recipients can be set back anytime.
    """
    if live is None or not decision.steps:
        return None
    if decision.verdict is Verdict.UNSCHEDULE:
        return Undo(kind=UndoKind.UNTIL, until=live.schedules[0] - limits.lead)
    if decision.when is None:
        return Undo(kind=UndoKind.ANYTIME)
    if decision.when is NOW:
        return Undo(kind=UndoKind.NEVER)
    return Undo(kind=UndoKind.UNTIL, until=decision.when)


def apply_by(decision: Decision, live: Live | None, limits: Limits) -> datetime | None:
    """The last instant at which the table would still say the same; None: no limit.

    Before a POST lie the lead and a head start for each earlier write; before the DELETE of a
    sequence lies the freeze; a plain DELETE may be made until the old send itself.
    """
    if live is None or not decision.steps:
        return None
    touches = StepKind.UNSCHEDULE in decision.kinds
    if decision.verdict is Verdict.UNSCHEDULE:
        return live.schedules[0]
    if not isinstance(decision.when, datetime):
        return None
    notice = limits.lead + (len(decision.steps) - 1) * limits.head_start
    old = [live.schedules[0] - limits.freeze] if touches else []
    return min([decision.when - notice, *old])


def waiting(
    decision: Decision, target: Target, now: datetime, limits: Limits
) -> tuple[Waiting, ...]:
    """The declared sends after the next one, each with the interval for its own apply.

    It opens when the declared send before it happens, and closes the lead and one head start
    before its own time. Empty when the next send itself does not hold.
    """
    if not decision.verdict.writes and decision.verdict not in _TELLS_WHAT_FOLLOWS:
        return ()
    if decision.when is None:
        return ()
    after = target.sends.index(decision.when)
    pairs = zip(target.sends[after:], target.sends[after + 1 :], strict=False)
    return tuple(
        Waiting(
            when=when,
            opens=before if isinstance(before, datetime) else now,
            closes=when - limits.lead - limits.head_start,
        )
        for before, when in pairs
        if isinstance(when, datetime) and when > now
    )


def expires_at(created_at: datetime, changes: Iterable[Change]) -> datetime:
    """When a plan ends: a day, or an hour with a `send-now`; sooner if a change cannot wait."""
    writing = [change for change in changes if change.verdict.writes]
    hasty = any(change.verdict is Verdict.SEND_NOW for change in writing)
    lifetime = SHORT_LIFETIME if hasty else LIFETIME
    deadlines = [change.apply_by for change in writing if change.apply_by is not None]
    return min([created_at + lifetime, *deadlines])
