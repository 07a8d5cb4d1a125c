"""The residual risk: what no apply can prevent, recognised as narrowly as can be, and counted."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from ccops.applying.judgement import content
from ccops.model import NOW, Live
from ccops.planning.case import EARLY
from ccops.planning.plan import Change
from tests.simulation.records import Flight
from tests.simulation.story import Story
from tests.simulation.vendor import By, Mail


def asked_for(one: Story) -> Iterator[tuple[Mail, Flight, Change]]:
    """Each mail that ccops asked for, with its request and the plan of the run that made it."""
    for mail in one.ours:
        assert mail.request is not None
        flight = one.world.flights[mail.request]
        yield mail, flight, one.runs[flight.run - 1].change


def as_shown(live: Live, plan: Change) -> bool:
    """Whether these people and this content are what a plan shows."""
    same = plan.before is not None and content(live) == content(plan.before)
    return same and live.recipients == plan.target.recipients


def approved(one: Story, mail: Mail, flight: Flight) -> bool:
    """Whether a later plan shows what was scheduled, and its run saw that, or ended well, in time.

    Whatever is different in the end was edited after that run had looked.
    """
    shown_at = one.world.vendor.shown
    for run in one.runs:
        if run.well and run.ended_at < mail.at and as_shown(mail.live, run.change):
            return True
        for at in run.looks:
            if flight.landed_at and flight.landed_at < at < mail.at:
                then = shown_at(at)
                since = as_shown(mail.live, run.change) or edited(one, at, mail.at)
                if then and as_shown(then, run.change) and since:
                    return True
    return False


class Residual(StrEnum):
    """Why nobody took a schedule back in time.

    GONE: whoever could have was dead, or frozen over the send. CUT_OFF: one was alive, but could
    not read any more, or had lost its lock or its store, and said so. NOW: it was a `now`, and
    there was no time. MISDATED: the vendor booked another time than it was asked for, and a run
    said so, or nobody was there to see it (R3).
    """

    GONE = "R1, dead or frozen until after the send"
    CUT_OFF = "R1, cut off before the send, and said so"
    NOW = "R1, a now that cannot be taken back"
    MISDATED = "R3, booked for another time by the vendor; said, or unseen"


def residuals(one: Story) -> Iterator[Residual]:
    """The mails of a story that are residual R1, or R3."""
    for mail, flight, plan in asked_for(one):
        kind = None if as_shown(mail.live, plan) else residual(one, mail, flight)
        if mail.misdated:
            yield Residual.MISDATED
        elif kind and not approved(one, mail, flight):
            yield kind


def residual(one: Story, mail: Mail, flight: Flight) -> Residual | None:
    """Residual R1: edited between the reading and the POST, and nobody could act before the send.

    That nobody acted is not enough: each process that was there after the POST must have died,
    been frozen over the send, or been cut off from the vendor or the store and have said so.
    """
    landed = flight.landed_at
    if landed is None or not edited(one, flight.seen_at, landed):
        return None
    if mail.misdated and any(run.loud for run in one.runs):
        return Residual.MISDATED
    if mail.when is NOW:
        return Residual.NOW
    there = [run for run in one.runs if run.began_at < mail.at and run.ended_at >= landed]
    left = [run for run in there if not run.gone(mail.at)]
    if all(run.cut_off(landed) for run in left):
        return Residual.CUT_OFF if left else Residual.GONE
    return None


def edited(one: Story, since: datetime, until: datetime) -> bool:
    """Whether somebody was at work in the browser between two moments."""
    return any(since <= at <= until for at, _ in one.world.vendor.edits)


def unseen(one: Story, mail: Mail, flight: Flight) -> bool:
    """Whether no process read the activity between a POST and its send."""
    landed = flight.landed_at
    return not any(landed and landed < at < mail.at for run in one.runs for at in run.looks)


def by_hand(mail: Mail, plan: Change) -> bool:
    """Whether a person made the plan's send, at its time or so little before that it counts."""
    at, person = plan.send, mail.by is By.PERSON
    return (
        person and isinstance(at, datetime) and mail.at >= at - EARLY and as_shown(mail.live, plan)
    )
