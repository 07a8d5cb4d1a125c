"""The plans of a case, each made once, by the real planner."""

from collections.abc import Sequence

from ccops.errors import InvalidInput
from ccops.planning.case import newest_lines
from ccops.planning.plan import Change, Plan
from ccops.planning.planfile import checksum
from ccops.ports import JournalEntry
from tests.modelcheck.account import ACTIVITY, instant, plan_of
from tests.modelcheck.case import Case
from tests.modelcheck.vendor import Seen


class Plans:
    """Plans by number."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._made: list[tuple[Plan, str]] = []
        self._numbers: dict[object, int | None] = {}

    def change(self, number: int) -> Change:
        """The one change of a plan."""
        return self._made[number][0].changes[0]

    def checksum(self, number: int) -> str:
        """What the plan is known by."""
        return self._made[number][1]

    def number(
        self, commit: int, seen: Seen, clock: int, lines: Sequence[JournalEntry]
    ) -> int | None:
        """The plan for a commit after a reading; None: it is refused, and nothing is applied."""
        key = (commit, seen, clock, newest_lines(lines).get(ACTIVITY))
        if key not in self._numbers:
            self._numbers[key] = self._new(commit, seen, clock, lines)
        return self._numbers[key]

    def _new(
        self, commit: int, seen: Seen, clock: int, lines: Sequence[JournalEntry]
    ) -> int | None:
        case = self._case
        try:
            plan = plan_of(
                case.commits[commit].target,
                seen,
                now=instant(clock),
                limits=case.limits,
                newest=newest_lines(lines),
                permissions=case.permissions,
            )
        except InvalidInput:
            return None
        if plan.blocked:
            return None
        self._made.append((plan, checksum(plan)))
        return len(self._made) - 1
