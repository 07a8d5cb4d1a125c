"""An agenda as it is shown: every text in place and nothing left to decide, for every format.

The texts are foreign or quote what is: whoever writes them out makes them harmless.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from ccops.constantcontact.beside import AttachedKind
from ccops.planning.agenda import Agenda, Day
from ccops.planning.agenda_entries import AgendaEntry, AgendaState, Standing
from ccops.planning.canonical import digest, stamp
from ccops.planning.plan import Change
from ccops.render.agenda_words import (
    MARKS,
    Mark,
    alarms,
    contacts,
    notes,
    person,
    says,
    sentence,
)
from ccops.render.headline import Tone, headline, unknown_writes
from ccops.render.moment import local, moment, relative, short, utc
from ccops.render.phrases import counted
from ccops.render.words import WORDING, recipients, scheduled

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One send. `key` means the same send in every agenda; `when` is UTC, as `stamp` writes it.

    `clock` is the time in the agenda's zone, `at once` or `now`; `utc` the same instant, empty
    where the zone is UTC. `distance` is set for sends within a day of the
    agenda's `now`. `contacts` says how many, or that they were not counted. `reason` says why a
    person is needed, where one is: whoever shows `people` beside it need not repeat it.
    """

    key: str
    state: AgendaState
    standing: Standing
    mark: Mark
    name: str
    subject: str
    says: str
    when: datetime | None
    stamp: str
    clock: str
    utc: str
    distance: str
    recipients: str
    contacts: str
    reason: str
    alarms: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """One day: `title` as in `Tuesday 9 March`, `distance` as in `in 8 days`."""

    date: date
    title: str
    distance: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A campaign that needs a person: what is wrong, and what to do. `loud`: it still goes out."""

    name: str
    says: str
    reason: str
    loud: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaView:
    """A whole agenda.

    `tally` counts the sends shown by state, and the campaigns that need a person, in the order in
    which they matter. `overdue` are sends that `people` tells of. `made_at` is when the plan was
    made (UTC); `as_of` says when it is looked at, and `read_at`, where that was earlier, when the
    account was read.
    """

    account: str
    zone: str
    shown: str
    as_of: str
    read_at: str
    partial: str
    tone: Tone
    title: str
    detail: str
    tally: tuple[tuple[Mark, AgendaState, int], ...]
    people: tuple[PersonView, ...]
    immediate: tuple[Card, ...]
    coming: tuple[DayView, ...]
    later: str
    strangers: tuple[str, ...]
    drafts: tuple[Card, ...]
    sent: tuple[DayView, ...]
    overdue: tuple[Card, ...]
    made_at: datetime
    made_by: str


def view(agenda: Agenda) -> AgendaView:
    """Put an agenda into words."""
    plan, now = agenda.plan, agenda.now
    tone, title, detail = _standing(agenda)
    late = now - plan.created_at >= _MINUTE
    read = local(plan.created_at, zone=plan.zone)
    return AgendaView(
        account=plan.account.name,
        zone=plan.zone,
        shown=_span(agenda),
        as_of=local(now, zone=plan.zone),
        read_at=read if late else "",
        partial=", ".join(plan.selection),
        tone=tone,
        title=title,
        detail=" ".join((detail, *unknown_writes(plan))),
        tally=_tally(agenda),
        people=tuple(_person(agenda, one) for one in agenda.people),
        immediate=_cards(agenda, agenda.immediate),
        coming=tuple(_day(agenda, one) for one in agenda.coming),
        later=_later(agenda),
        strangers=tuple(one.name for one in plan.unmanaged),
        drafts=_cards(agenda, agenda.drafts),
        sent=tuple(_day(agenda, one) for one in agenda.sent),
        overdue=_cards(agenda, agenda.overdue),
        made_at=plan.created_at,
        made_by=f"ccops {plan.ccops_version}{f' · commit {plan.commit}' if plan.commit else ''}",
    )


_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def _standing(agenda: Agenda) -> tuple[Tone, str, str]:
    """What the plan comes to, and what that means for what is called planned."""
    plan = agenda.plan
    verdict = headline(plan, now=agenda.now)
    if verdict.tone is not Tone.READY:
        return verdict.tone, verdict.title, verdict.detail
    limit = plan.apply_by
    by = f" Apply by {moment(limit, zone=plan.zone, now=agenda.now)}." if limit else ""
    verb = "changes" if len(plan.writing) == 1 else "change"
    changing = f"{counted(len(plan.writing), 'campaign')} {verb} when the plan is applied."
    return verdict.tone, verdict.title, f"{changing}{by}"


def _span(agenda: Agenda) -> str:
    """For example `Mon 1 Mar to Sun 14 Mar 2027`; a single day stands alone."""
    first, last = agenda.first, agenda.last
    until = f"{_short_date(last)} {last.year}"
    if first == last:
        return until
    year = "" if first.year == last.year else f" {first.year}"
    return f"{_short_date(first)}{year} to {until}"


def _short_date(day: date) -> str:
    return f"{_DAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}"


def _tally(agenda: Agenda) -> tuple[tuple[Mark, AgendaState, int], ...]:
    shown = [one.state for day in (*agenda.coming, *agenda.sent) for one in day.entries]
    shown += [one.state for one in agenda.immediate]
    counts = {**Counter(shown), AgendaState.NEEDS_PERSON: len(agenda.people)}
    amounts = ((mark, state, counts.get(state, 0)) for state, mark in MARKS.items())
    return tuple(one for one in amounts if one[2])


def _person(agenda: Agenda, change: Change) -> PersonView:
    held = scheduled(change.before)
    return PersonView(
        name=change.campaign,
        says=sentence(WORDING[change.verdict].says),
        reason=person(change),
        loud=f"Still sends {moment(held, zone=agenda.plan.zone, now=agenda.now)}" if held else "",
        remedy=change.remedy,
    )


def _day(agenda: Agenda, day: Day) -> DayView:
    at = day.date
    year = "" if agenda.first.year == agenda.last.year else f" {at.year}"
    return DayView(
        date=at,
        title=f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}{year}",
        distance=_distance((at - agenda.today).days),
        cards=_cards(agenda, day.entries),
    )


def _distance(days: int) -> str:
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    return near.get(days, f"in {days:,} days" if days > 0 else f"{-days:,} days ago")


def _cards(agenda: Agenda, entries: Iterable[AgendaEntry]) -> tuple[Card, ...]:
    return tuple(_card(agenda, one) for one in entries)


def _card(agenda: Agenda, entry: AgendaEntry) -> Card:
    change, zone = entry.change, agenda.plan.zone
    past = entry.state is AgendaState.SENT
    audience = None if past else change.audience
    return Card(
        key=_key(entry),
        state=entry.state,
        standing=entry.standing,
        mark=MARKS[entry.state],
        name=change.campaign,
        subject=_subject(entry),
        says=says(entry, zone=zone),
        when=entry.when,
        **_clocks(entry, agenda),
        recipients=recipients(audience) if audience else "",
        contacts="" if past else contacts(entry),
        reason=_reason(change) if entry.state is AgendaState.NEEDS_PERSON else "",
        alarms=alarms(entry, agenda.plan),
        notes=notes(entry, agenda.plan),
    )


def _subject(entry: AgendaEntry) -> str:
    """A resend to non-openers has its own; which one wins a test is not known."""
    if entry.attached is not None:
        return entry.attached.subject if entry.attached.kind is AttachedKind.NON_OPENERS else ""
    return entry.change.before.subject if entry.change.before else ""


def _reason(change: Change) -> str:
    remedy = f"; to do: {change.remedy}" if change.remedy else ""
    return f"{WORDING[change.verdict].says}: {person(change)}{remedy}"


class _Clocks(TypedDict):
    stamp: str
    clock: str
    utc: str
    distance: str


def _clocks(entry: AgendaEntry, agenda: Agenda) -> _Clocks:
    when, zone = entry.when, agenda.plan.zone
    if when is None or entry.state is AgendaState.SENDING:
        return _Clocks(stamp="", clock=_TIMELESS.get(entry.state, ""), utc="", distance="")
    clock, there = short(when, zone=zone).partition(", ")[2], utc(when, zone=zone)
    near = abs(when - agenda.now) < _DAY
    return _Clocks(
        stamp=stamp(when),
        clock=clock,
        utc="" if clock == there else there,
        distance=relative(when, zone=zone, now=agenda.now) if near else "",
    )


_TIMELESS = {AgendaState.AT_ONCE: "at once", AgendaState.SENDING: "now"}


def _key(entry: AgendaEntry) -> str:
    """Name the send for good; a campaign whose activity is not known, by its name."""
    change = entry.change
    activity = change.target.activity_id or f"name-{digest(change.campaign)[7:39]}"
    own = "" if entry.attached is None else f"{entry.attached.kind.name.lower()}."
    return f"{activity}.{own}{entry.slot + 1}"


def _later(agenda: Agenda) -> str:
    """What comes after the days shown; what the plan takes back is none of its sends."""
    sends = [one for one in agenda.later if one.state is not AgendaState.WITHDRAWN]
    back = len(agenda.later) - len(sends)
    taken = f"The plan takes back {counted(back, 'send')} after these days." if back else ""
    if not sends:
        return taken
    when = sends[-1].when
    last = f", the last on {short(when, zone=agenda.plan.zone)}" if when else ""
    stand = "stands" if len(sends) == 1 else "stand"
    told = f"{counted(len(sends), 'send')} after these days {stand} in the plan and not here{last}."
    return f"{told} {taken}".rstrip()
