"""What is mailed when: a plan as an agenda of sends, day by day. Pure and total."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ccops.planning.agenda_entries import AgendaEntry, AgendaState, entries
from ccops.planning.plan import Change, Plan

DAYS = 14
"""How many days an agenda shows unless it is asked for more."""
_IMMEDIATE = frozenset({AgendaState.SENDING, AgendaState.AT_ONCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The sends of one calendar day in the plan's zone, earliest first; at least one."""

    date: date
    entries: tuple[AgendaEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """A plan's sends from `first` on, for `days` calendar days of the plan's zone.

    `now` is when it is looked at (UTC). `people` are all changes that need a person and `drafts`
    all campaigns that are not to be sent, whatever the days. `immediate` are the sends that are
    going on, or begin when the plan is applied. Of those days, `sent` is what was sent, `overdue`
    what was not and needs a person, as `people` tells, and `coming` whatever else there is;
    `later` is what comes after them, earliest first.
    """

    plan: Plan
    now: datetime
    first: date
    days: int
    people: tuple[Change, ...]
    immediate: tuple[AgendaEntry, ...]
    coming: tuple[Day, ...]
    sent: tuple[Day, ...]
    overdue: tuple[AgendaEntry, ...]
    drafts: tuple[AgendaEntry, ...]
    later: tuple[AgendaEntry, ...]

    @property
    def today(self) -> date:
        """The day on which it is looked at."""
        return day_of(self.now, self.plan.zone)

    @property
    def last(self) -> date:
        """The last day that is shown."""
        return date.fromordinal(min(self.first.toordinal() + self.days - 1, date.max.toordinal()))


def agenda(plan: Plan, *, now: datetime, first: date | None = None, days: int = DAYS) -> Agenda:
    """Arrange a plan's sends by day; `first` None: from the day of `now`, in the plan's zone."""
    start = first or day_of(now, plan.zone)
    sends = [entry for change in plan.changes for entry in entries(change, now=now)]
    # The plan's order is that of the changes; this is a list of sends.
    dated = sorted(_dated(sends, plan.zone), key=lambda pair: (pair[0], pair[1].when))
    shown = [pair for pair in dated if 0 <= (pair[0] - start).days < days]
    return Agenda(
        plan=plan,
        now=now,
        first=start,
        days=days,
        people=tuple(one for one in plan.changes if one.verdict.needs_person),
        immediate=tuple(one for one in sends if one.state in _IMMEDIATE),
        coming=_by_day(pair for pair in shown if _comes(pair[1], now)),
        sent=_by_day(pair for pair in shown if pair[1].state is AgendaState.SENT),
        overdue=tuple(one for _, one in shown if _overdue(one, now)),
        drafts=tuple(one for one in sends if one.state is AgendaState.DRAFT),
        later=tuple(one for day, one in dated if (day - start).days >= days),
    )


def _dated(sends: Iterable[AgendaEntry], zone: str) -> list[tuple[date, AgendaEntry]]:
    return [
        (day_of(one.when, zone), one)
        for one in sends
        if one.when is not None and one.state not in _IMMEDIATE
    ]


def _comes(entry: AgendaEntry, now: datetime) -> bool:
    return entry.state is not AgendaState.SENT and not _overdue(entry, now)


def _overdue(entry: AgendaEntry, now: datetime) -> bool:
    stuck = entry.state is AgendaState.NEEDS_PERSON and not entry.goes_out
    return stuck and entry.when is not None and entry.when <= now


def _by_day(pairs: Iterable[tuple[date, AgendaEntry]]) -> tuple[Day, ...]:
    return tuple(
        Day(date=day, entries=tuple(entry for _, entry in group))
        for day, group in groupby(pairs, key=lambda pair: pair[0])
    )


def day_of(when: datetime, zone: str) -> date:
    """Return the calendar day of an instant in a zone; in UTC, where that is no zone's name."""
    try:
        return when.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return when.astimezone(UTC).date()
