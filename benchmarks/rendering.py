"""What 5,000 changes cost to show: Markdown, HTML and iCalendar, beside the same plan as JSON."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Row, best, row, shown
from benchmarks.planning import fleet, staged
from ccops.commands.calendarout import for_file
from ccops.commands.planout import render
from ccops.planning.agenda import agenda
from ccops.planning.plan import Plan, Refresh
from ccops.planning.planfile import to_json
from ccops.session.planned import plan_of_workspace

CHANGES = 5_000
DAYS = 60


def rows() -> list[Row]:
    with staged(*fleet(CHANGES, pinned=True)) as url:
        plan = _planned(url)
    sends = agenda(plan, now=plan.created_at, first=None, days=DAYS)
    works: dict[str, Callable[[], str]] = {
        "Markdown": lambda: render(plan, "markdown", None),
        "text": lambda: render(plan, "text", None),
        "HTML": lambda: for_file(sends, "html"),
        "iCalendar": lambda: for_file(sends, "ics"),
    }
    floor = best(lambda: to_json(plan))
    return [_row(name, work, floor) for name, work in works.items()]


def _planned(url: str) -> Plan:
    return plan_of_workspace(
        Path(),
        url,
        refresh=Refresh.FULL,
        saved=False,
        select=(),
        allow=(),
        reason="",
        locked=False,
        tell=lambda _: None,
    ).plan


def _row(name: str, work: Callable[[], str], floor: float) -> Row:
    took, size = best(work), len(work().encode())
    found = f"{shown(took)}, {size / 1_000_000:.2g} MB"
    return row(
        f"{CHANGES:,} changes as {name}", found, f"{shown(floor)}, the plan as JSON", took / floor
    )
