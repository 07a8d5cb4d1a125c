"""An agenda as iCalendar (RFC 5545), for the calendars that people have already.

The instants are written in UTC: a send is an instant, and every calendar shows its own zone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from ccops.planning.agenda_entries import Standing
from ccops.render.agenda_view import AgendaView, Card
from ccops.render.escape import visible

LENGTH = timedelta(minutes=15)
"""How long an event is: when a send ends is not known."""
_REFRESH = timedelta(hours=1)

_STATUS: Mapping[Standing, str] = {
    Standing.CERTAIN: "CONFIRMED",
    Standing.OPEN: "TENTATIVE",
    Standing.OFF: "CANCELLED",
}


def agenda_ics(shown: AgendaView) -> str:
    """One event for each send shown that has a time; lines end with CR LF.

    A send keeps its UID from plan to plan, so that an import updates what is there, and a plan
    made in a later minute has a higher SEQUENCE. Nothing depends on when this is called but what
    `shown` says of sends whose time has passed.
    """
    calendar = Calendar()
    title = f"Email sends: {visible(shown.account)}"
    calendar.add("prodid", "-//ccops//ccops calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-caldesc", visible(_description(shown)))
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    by_day = (card for day in (*shown.sent, *shown.coming) for card in day.cards)
    for card in (*shown.overdue, *shown.immediate, *by_day):
        if card.when is not None:
            calendar.add_component(_event(card, card.when, shown.made_at))
    return str(calendar.to_ical(), "utf-8")


def _description(shown: AgendaView) -> str:
    partial = f"Only {shown.partial}. " if shown.partial else ""
    return f"{partial}As the account was on {shown.read_at or shown.as_of}. A plan, not a control."


def _event(card: Card, when: datetime, made_at: datetime) -> Event:
    event = Event()
    event.add("uid", visible(f"{card.key}@ccops"))
    event.add("dtstamp", made_at)
    event.add("last-modified", made_at)
    event.add("sequence", int(made_at.timestamp()) // 60)
    event.add("dtstart", when.astimezone(UTC))
    event.add("duration", LENGTH)
    event.add("summary", visible(f"{card.mark.word}: {card.name}"))
    event.add("description", "\n".join(map(visible, _lines(card))))
    event.add("categories", ["Email", card.mark.word])
    event.add("status", _STATUS[card.standing])
    event.add("transp", "TRANSPARENT")
    return event


def _lines(card: Card) -> tuple[str, ...]:
    utc = f" ({card.utc})" if card.utc else ""
    said = (
        f"{card.clock}{utc}",
        f"{card.mark.word}: {card.says}",
        f"Subject: {card.subject}" if card.subject else "",
        f"To: {card.recipients} · {card.contacts}" if card.recipients else "",
        card.reason,
        *card.alarms,
        *card.notes,
    )
    return tuple(one for one in said if one)
