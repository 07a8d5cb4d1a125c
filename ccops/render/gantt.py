"""The sends to come as a Mermaid diagram, for a page of Markdown.

It repeats the table, and says nothing that is not there: in an e-mail it is shown as source. Times
are the wall clock's of the plan's zone, which the title names; the table's are those of each
manifest's zone, so where that is another one, the title says that all are the plan's. Mermaid reads and prints them in the reader's zone, so
that everybody sees the same ones; its line for today would be wrong, and is off (probe).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.planning.plan import Change, Plan
from ccops.render.escape import mermaid_label
from ccops.render.headcount import further, headcount
from ccops.render.moment import wall_clock
from ccops.render.timeline import at_once, upcoming

MOST = 40
"""So many rows are still read as a picture (probe)."""

_TICKS = (
    (timedelta(days=6), "1day"),
    (timedelta(days=12), "2day"),
    (timedelta(days=42), "1week"),
)
"""Six dates stand beside each other on a phone (probe)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    section: str
    zone: str
    label: str
    when: datetime
    loud: bool = False


def gantt(plan: Plan, *, now: datetime) -> str:
    """The sends of a plan, and those that are scheduled already; "" for none and for too many."""
    rows = tuple(_rows(plan, now))
    if not 0 < len(rows) <= MOST:
        return ""
    lines = (*_settings(plan, rows), *_lines(rows, plan.zone))
    return "\n".join(("```mermaid", "gantt", *(f"    {one}" for one in lines), "```"))


def _rows(plan: Plan, now: datetime) -> Iterator[_Row]:
    for change in at_once(plan):
        label = _label(change)
        yield _Row(section="At once", zone=plan.zone, label=label, when=now, loud=True)
    coming = upcoming(plan, now=now)
    for section, writes in (("Planned", True), ("Scheduled", False)):
        for one in coming:
            if one.change.verdict.writes is writes:
                label = _label(one.change)
                yield _Row(section=section, zone=one.change.zone, label=label, when=one.when)


def _label(change: Change) -> str:
    many = headcount(change.audience, further=further(change))
    # A thousands separator would be read as the end of a field.
    return f"{mermaid_label(change.campaign)} {many.replace(',', '')}"


def _settings(plan: Plan, rows: Sequence[_Row]) -> tuple[str, ...]:
    span = max(one.when for one in rows) - min(one.when for one in rows)
    tick = next((tick for limit, tick in _TICKS if span <= limit), "1month")
    every = "all " if any(one.zone != plan.zone for one in rows) else ""
    return (
        f"title Sends, {every}on the clock of {mermaid_label(plan.zone)}",
        "dateFormat YYYY-MM-DD HH:mm",
        "axisFormat %a %e %b",
        f"tickInterval {tick}",
        "todayMarker off",
    )


def _lines(rows: Sequence[_Row], zone: str) -> Iterator[str]:
    section = ""
    for number, one in enumerate(rows, start=1):
        if one.section != section:
            section = one.section
            yield f"section {section}"
        tag = "crit, milestone" if one.loud else "milestone"
        yield f"{one.label} :{tag}, m{number}, {wall_clock(one.when, zone=zone)}, 0m"
