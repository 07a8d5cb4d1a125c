"""The drift table: the plan's verdict, and what the three sides say together → a state. Total."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from ccops.planning.drift import DriftField, DriftState, Moved
from ccops.planning.plan import Verdict


class Cell(StrEnum):
    """What git, the journal and Constant Contact say together about one campaign.

    AS_LEFT: the account is as ccops left it, or as git declares. GIT: it is as ccops left it, and
    git declares something else. ACCOUNT: it is not as ccops left it. BOTH: neither is git.
    UNSEEN: it is not as git declares, and no journal tells what ccops left. GONE: there is no such
    campaign. OPEN: the outcome of a write of ccops is not known.
    """

    AS_LEFT = "as-left"
    GIT = "git"
    ACCOUNT = "account"
    BOTH = "both"
    UNSEEN = "unseen"
    GONE = "gone"
    OPEN = "open"


def cell_of(fields: Iterable[DriftField]) -> Cell:
    """Sum up who moved; what is not known of one field makes nothing else less certain."""
    moved = {one.moved for one in fields}
    account = not moved.isdisjoint({Moved.ACCOUNT, Moved.BOTH})
    git = not moved.isdisjoint({Moved.GIT, Moved.BOTH})
    if account:
        return Cell.BOTH if git else Cell.ACCOUNT
    if Moved.UNKNOWN in moved:
        return Cell.UNSEEN
    return Cell.GIT if git else Cell.AS_LEFT


_SAME_FOR_ALL = {
    Cell.ACCOUNT: DriftState.CHANGED,
    Cell.BOTH: DriftState.CHANGED,
    Cell.UNSEEN: DriftState.CHANGED,
    Cell.GONE: DriftState.MISSING,
    Cell.OPEN: DriftState.UNKNOWN,
}


def _row(as_left: DriftState, git: DriftState, **other: DriftState) -> Mapping[Cell, DriftState]:
    named = {Cell[name.upper()]: state for name, state in other.items()}
    return {Cell.AS_LEFT: as_left, Cell.GIT: git, **_SAME_FOR_ALL, **named}


_TO_APPLY = _row(DriftState.PENDING, DriftState.PENDING)
_PAST_HELP = _row(DriftState.STALLED, DriftState.STALLED)

TABLE: Mapping[Verdict, Mapping[Cell, DriftState]] = {
    Verdict.BLOCKED: _row(DriftState.NEEDS_PERSON, DriftState.NEEDS_PERSON),
    Verdict.SENDING: _row(DriftState.IN_SYNC, DriftState.PENDING),
    Verdict.SENT_EARLY: _PAST_HELP,
    Verdict.SENT: _row(DriftState.IN_SYNC, DriftState.IN_SYNC),
    Verdict.FAILED: _PAST_HELP,
    Verdict.UNSCHEDULE: _TO_APPLY,
    Verdict.IN_SYNC: _row(DriftState.IN_SYNC, DriftState.PENDING),
    Verdict.FROZEN: _PAST_HELP,
    Verdict.MISSED: _PAST_HELP,
    Verdict.TOO_LATE: _PAST_HELP,
    Verdict.HALTED: _row(DriftState.HALTED, DriftState.HALTED, unseen=DriftState.HALTED),
    Verdict.UNSCHEDULED_ELSEWHERE: _row(DriftState.CHANGED, DriftState.CHANGED),
    Verdict.UPDATE: _TO_APPLY,
    Verdict.SEND_NOW: _TO_APPLY,
    Verdict.SCHEDULE: _TO_APPLY,
    Verdict.RESCHEDULE: _TO_APPLY,
    Verdict.RESEND: _TO_APPLY,
}
"""Every verdict beside every cell. Drift is only what nobody declared: what git changed is to be
applied, what time or a failure did has no way back, and what is blocked is never "no drift"."""
