"""The calendar as iCalendar, read again by the library and by its rules."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from ccops.planning.agenda import agenda
from ccops.planning.plan import Change, Plan, Verdict
from ccops.render.agenda_view import AgendaView, view
from ccops.render.escape import log_line, visible
from ccops.render.ics import agenda_ics
from tests.calendar_page.calendar_plans import (
    early_access,
    every_state,
    hostile,
    named,
    seen,
    usual,
)
from tests.render.plan_strategies import plans
from tests.render.render_builders import NOON, at, change, in_sync, live, plan

GOLDEN = Path(__file__).parent / "golden"


def events(text: str) -> list[Event]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def of(*changes: Change) -> list[Event]:
    return events(agenda_ics(seen(plan(changes))))


def dated(shown: AgendaView) -> list[tuple[str, datetime]]:
    """What must be in it: every send shown that has a time."""
    cards = [one for day in (*shown.sent, *shown.coming) for one in day.cards]
    found = (*shown.overdue, *shown.immediate, *cards)
    return [(one.key, one.when) for one in found if one.when is not None]


@pytest.mark.parametrize("name", ["usual", "every-state"])
def test_golden_ics(name: str) -> None:
    """The same plan makes the same file, to the byte."""
    made = {"usual": usual, "every-state": every_state}[name]
    text = agenda_ics(seen(made()))
    assert text.encode() == (GOLDEN / f"{name}.ics").read_bytes()


@settings(max_examples=40)
@given(st.one_of(plans, st.just(hostile())))
def test_it_is_read_back_as_it_was_meant(made: Plan) -> None:
    """One event a send, at its instant, whatever a name holds."""
    shown = view(agenda(made, now=NOON, days=60))
    text = agenda_ics(shown)
    found = events(text)
    assert [(str(one["uid"]), one.start) for one in found] == [
        (visible(f"{key}@ccops"), when.astimezone(UTC)) for key, when in dated(shown)
    ]
    calendar = Calendar.from_ical(text)
    assert str(calendar["x-wr-calname"]) == f"Email sends: {visible(made.account.name)}"
    assert calendar.errors == []
    assert [one.errors for one in found if one.errors] == []


@settings(max_examples=40)
@given(plans)
def test_its_lines_are_those_of_the_standard(made: Plan) -> None:
    """RFC 5545: CR LF, at most 75 bytes, no control; and its properties stand once."""
    text = agenda_ics(view(agenda(made, now=NOON, days=60)))
    lines = text.encode().split(b"\r\n")
    assert lines[-1] == b""
    assert max(map(len, lines)) <= 75
    assert not re.search(rb"[\x00-\x1f\x7f]", b"".join(lines))
    for one in events(text):
        assert {"UID", "DTSTAMP", "DTSTART", "STATUS", "SEQUENCE"} <= set(one)
        assert not isinstance(one["SUMMARY"], list)


@settings(max_examples=40)
@given(st.one_of(plans, st.just(hostile())))
def test_no_log_obeys_it(made: Plan) -> None:
    """As it goes to stdout, also where a name is folded."""
    text = log_line(agenda_ics(view(agenda(made, now=NOON, days=60))))
    assert "##[" not in text
    assert not [one for one in text.split("\n") if one.lstrip().startswith("::")]


def test_names_survive_the_file() -> None:
    """What is special to the format is part of a name."""
    name = "A, B; C\\D: “E” – " + "long " * 30
    (one,) = of(named(replace(early_access(), campaign=name), "a1", at(27, 13)))
    assert str(one["summary"]) == f"Planned: {name}"


STATUSES = [
    (named(in_sync("A", at(27, 13)), "a1", at(27, 13)), "CONFIRMED"),
    (named(early_access(), "a1", at(27, 13)), "TENTATIVE"),
    (named(change("A", Verdict.HALTED, before=live()), "a1", at(27, 13)), "CANCELLED"),
    (named(change("A", Verdict.MISSED, before=live()), "a1", at(24, 12)), "CANCELLED"),
    (named(change("A", Verdict.BLOCKED, before=live()), "a1", at(27, 13)), "TENTATIVE"),
    (named(change("A", Verdict.SENDING), "a1", at(24, 14)), "CONFIRMED"),
]


@pytest.mark.parametrize(("one", "status"), STATUSES)
def test_the_status_of_an_event(one: Change, status: str) -> None:
    """Cancelled is only what Constant Contact does not hold, and the plan leaves so."""
    assert [str(event["status"]) for event in of(one)] == [status]


def test_a_later_plan_updates_the_event() -> None:
    """The same UID for the same send, a higher sequence for a newer plan, and its own stamp."""
    sooner = plan((named(early_access(), "a1", at(27, 13)),))
    later = replace(
        plan((named(in_sync("Renamed", at(28, 13)), "a1", at(28, 13)),)),
        created_at=NOON + timedelta(hours=1),
    )
    (first,), (second,) = (events(agenda_ics(seen(one))) for one in (sooner, later))
    assert str(first["uid"]) == str(second["uid"]) == "a1.1@ccops"
    assert second["sequence"] - first["sequence"] == 60
    assert first.stamp == NOON
    assert (second.start, str(second["status"])) == (at(28, 13), "CONFIRMED")


def test_it_does_not_depend_on_when_it_is_looked_at() -> None:
    """A saved plan gives the same file all day, but for sends whose time passes."""
    texts = {
        agenda_ics(seen(plan((named(early_access(), "a1"),)), now=NOON + timedelta(seconds=wait)))
        for wait in (0, 59, 600)
    }
    bare = {re.sub(r"X-WR-CALDESC.*\r\n( .*\r\n)*", "", one) for one in texts}
    assert len(bare) == 1


def test_a_campaign_that_was_not_found_has_a_name_for_its_id() -> None:
    """So that its event, too, is updated by the next plan."""
    (one,) = of(named(change("Nowhere", Verdict.BLOCKED), "", at(27, 13)))
    assert re.fullmatch(r"name-[0-9a-f]{32}\.1@ccops", str(one["uid"]))


def test_a_part_says_so_in_the_calendar() -> None:
    """A reader of a feed sees no plan beside it."""
    text = agenda_ics(seen(replace(usual(), selection=("tag:sale",))))
    assert str(Calendar.from_ical(text)["x-wr-caldesc"]).startswith("Only tag:sale. ")
