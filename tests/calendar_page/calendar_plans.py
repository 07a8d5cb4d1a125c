"""Plans whose calendars are looked at: a usual fortnight, one of every state, one that means harm."""

from dataclasses import replace
from datetime import datetime, timedelta

from ccops.model import NOW, Account, Live, SendRecord, Status, Target, When
from ccops.planning.agenda import agenda
from ccops.planning.audience import Audience, Overlap
from ccops.planning.plan import (
    Change,
    Permission,
    Plan,
    Unmanaged,
    Verdict,
)
from ccops.render.agenda_view import AgendaView, view
from tests.render.hostile import HOSTILE
from tests.render.render_builders import (
    NOON,
    SCHEDULE,
    at,
    blocking,
    change,
    frozen,
    in_sync,
    lists,
    live,
    missed,
    plan,
    recall,
    rescheduled,
    scheduled,
    unscheduled,
    updated,
    warning,
)

PIXEL = '<img src="http://127.0.0.1:9/open.gif">'
"""What a newsletter tracks its readers with; nothing listens there."""


def seen(one: Plan, *, now: datetime = NOON, days: int = 14) -> AgendaView:
    """The calendar of a plan."""
    return view(agenda(one, now=now, days=days))


def named(one: Change, activity: str, *sends: When) -> Change:
    """The change with an activity and declared sends of its own."""
    target = Target(campaign=one.campaign, activity_id=activity, sends=sends, recipients=None)
    return replace(one, target=target)


def counted(one: Change, contacts: int) -> Change:
    """The change with an audience that was counted."""
    assert one.audience is not None
    return replace(one, audience=replace(one.audience, contacts=contacts))


def ran(when: datetime, count: int, *, subject: str = "Hello", reason: int = 0) -> Live:
    """An activity that was sent once."""
    record = SendRecord(ran_at=when, completed=True, count=count, reason=reason)
    return replace(live(Status.DONE, subject=subject), history=(record,))


def thanks() -> Change:
    """A send of this morning."""
    one = change(
        "Thanksgiving Note",
        Verdict.SENT,
        before=ran(at(24, 13), 12_377, subject="From our family to yours"),
    )
    return named(one, "a1", at(24, 13))


def letter() -> Change:
    """In Constant Contact as declared."""
    one = change(
        "Members’ Letter",
        Verdict.IN_SYNC,
        send=at(25, 15),
        before=live(
            Status.SCHEDULED, when=at(25, 15), subject="What your membership made possible"
        ),
        audience=lists("Members", "Board"),
    )
    return named(counted(one, 3_204), "a2", at(25, 15))


def early_access() -> Change:
    """What the plan schedules."""
    one = replace(scheduled("Black Friday Early Access"), undo=None)
    return named(counted(one, 14_211), "a3", at(27, 13))


def cyber_monday() -> Change:
    """What the plan moves, and its resend."""
    return named(rescheduled(), "a4", at(30, 12, 30), at(7, 14, month=12))


def gala() -> Change:
    """What nobody applied in time."""
    one = replace(
        missed(),
        campaign="Gala Invitation",
        reason="the declared time, Tue 2026-11-24 07:00 America/New_York, has passed without a send",
        remedy="write a new time; a missed send is never made up for",
    )
    return named(one, "a5", at(24, 12))


def usual() -> Plan:
    """A fortnight of a small marketing department."""
    return plan(
        (
            gala(),
            letter(),
            early_access(),
            cyber_monday(),
            named(replace(unscheduled(), campaign="Winter Preview"), "a6"),
            named(in_sync("Holiday Gift Guide"), "a7"),
            thanks(),
        ),
        unmanaged=(Unmanaged(campaign_id="c9", name="Board Minutes"),),
        unmanaged_count=3,
    )


def every_state() -> Plan:
    """One of every state, and whatever else a calendar can tell."""
    going = named(change("Flash Sale", Verdict.SENDING, before=live(Status.EXECUTING)), "b1", NOW)
    over = named(in_sync("Just Now", NOON), "b2", NOON)
    kept = replace(
        scheduled("Same Time"),
        verdict=Verdict.UPDATE,
        before=live(Status.SCHEDULED, when=at(27, 13)),
        zone="Europe/London",
    )
    again = replace(
        scheduled("Again"),
        verdict=Verdict.RESEND,
        send=at(28, 13),
        before=ran(at(20, 13), 0, reason=12),
        steps=(SCHEDULE,),
    )
    return replace(
        usual(),
        changes=(
            *usual().changes,
            named(frozen(), "b3", at(24, 14, 20)),
            named(updated(), "b4"),
            named(kept, "b5", at(27, 13)),
            named(again, "b6", at(20, 13), at(28, 13)),
            named(change("Listed", Verdict.SENT), "b7", at(24, 11)),
            named(change("Beyond", Verdict.SENT, before=ran(at(24, 12), 5)), "b8"),
            named(in_sync("Far Away", at(24, 13, month=12)), "b9", at(24, 13, month=12)),
            going,
            over,
            named(recall(), "c1", NOW),
        ),
        findings=(blocking(), warning()),
        permissions=(
            Permission(rule="send-now", campaign="Ladder recall notice", reason="it may break"),
        ),
        overlaps=(
            Overlap(first="Black Friday Early Access", second="Cyber Monday", contacts=9_114),
            Overlap(first="Same Time", second="Black Friday Early Access"),
        ),
        selection=("tag:sale",),
    )


def hostile() -> Plan:
    """Every name means harm, or tracks."""
    names = (PIXEL, '& "get it" <in time>', *HOSTILE)
    changes = [
        replace(
            named(scheduled(name), f"d{number}", at(27, 13)),
            before=live(subject=name),
            audience=Audience(kind="lists", items=(("l1", name),)),
            send=at(27, 13) + timedelta(minutes=number),
        )
        for number, name in enumerate(names)
    ]
    people = [replace(missed(), campaign=name, reason=name, remedy=name) for name in names]
    return replace(
        plan(
            (*changes, *people, *(replace(in_sync(), campaign=name) for name in names)),
            unmanaged=tuple(Unmanaged(campaign_id="x", name=name) for name in names),
            selection=names,
            commit=PIXEL,
        ),
        account=Account(id="x", name=PIXEL, zone=PIXEL),
    )
