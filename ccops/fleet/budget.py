"""How many requests a job will need, as far as that can be said before any is made."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import assert_never

from ccops.fleet.jobs import Action, Job
from ccops.render.phrases import counted

_PAGE = 500
"""Campaigns on a page of the listing (spec: the most that `limit` may be)."""
_ALWAYS = 4
"""The account, and one page each of campaigns, lists and segments."""
_READING = 4
"""A campaign, its activity, its schedule and its history; most need fewer."""
_STRANGER = 3
"""A campaign that no manifest names, which `drift` looks at."""
_GUARDS = 3
"""What guards ask of one campaign at most: counts of its recipients."""
_STEP = 8
"""Readings before and after a write, with the write, and one reading more where it is unclear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is known of one account before it is asked; all are counts.

    `coming` campaigns have a declared send ahead, or none; `known` are those that the account
    had when it was last listed (0: never); `declared` are the manifests. `writes` are steps.
    """

    declared: int = 0
    coming: int = 0
    known: int = 0
    writes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A job, and about how many requests it will need.

    `mark` differs when the workspace's files do: then an earlier result says nothing of it.
    """

    job: Job
    requests: int = 0
    mark: str = ""


def estimate(action: Action, counts: Counts) -> int:
    """Return about how many requests a job needs: rather too many than too few."""
    pages = max(math.ceil(max(counts.known, counts.declared) / _PAGE) - 1, 0)
    reading = _ALWAYS + pages + counts.coming * (_READING + _GUARDS)
    match action:
        case Action.VALIDATE:
            return 0
        case Action.PLAN:
            return reading
        case Action.DRIFT:
            return reading + max(counts.known - counts.declared, 0) * _STRANGER
        case Action.APPLY:
            return _ALWAYS + counts.coming * _READING + counts.writes * _STEP
        case _:
            assert_never(action)


def fits(work: Work, running: Iterable[Work], *, spent: int, budget: int | None) -> bool:
    """Whether a job may begin: what was spent, what is under way and the job are in the budget.

    What runs is counted in full, although some of it is among the spent: rather stop too early.
    """
    if budget is None:
        return True
    return spent + sum(one.requests for one in running) + work.requests <= budget


def foreseen(works: Iterable[Work], *, budget: int | None, left: int | None) -> str:
    """Say what is going to be spent, before any of it is. `left` is what the key has today."""
    amounts = [one.requests for one in works]
    total = sum(amounts)
    parts = [f"About {counted(total, 'request')} for {counted(len(amounts), 'account')}"]
    if left is not None:
        parts.append(f"{left:,} left today")
    if budget is not None:
        parts.append(f"a budget of {budget:,}{_reached(amounts, budget)}")
    return ", ".join(parts) + "."


def _reached(amounts: list[int], budget: int) -> str:
    reached = sum(total <= budget for total in accumulate(amounts))
    return "" if reached == len(amounts) else f", enough for the first {reached:,}"
