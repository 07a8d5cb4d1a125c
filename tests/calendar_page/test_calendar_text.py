"""The calendar as text: everything is said in words, and nothing that others wrote is obeyed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings

from ccops.model import Status
from ccops.planning.agenda import agenda
from ccops.planning.agenda_entries import entries
from ccops.planning.plan import Plan, Verdict
from ccops.render.agenda_text import agenda_text
from ccops.render.agenda_view import view
from ccops.render.agenda_words import MARKS, contacts
from ccops.render.style import PLAIN, Style
from tests.calendar_page.calendar_plans import (
    counted,
    cyber_monday,
    early_access,
    every_state,
    named,
    ran,
    seen,
    usual,
)
from tests.render.plan_strategies import plans
from tests.render.render_builders import NOON, at, change, in_sync, live, plan, scheduled
from tests.render.test_render_safety import ENCODINGS, WIDTHS, check_text

GOLDEN = Path(__file__).parent / "golden"


def told(one: Plan, **more: int) -> str:
    return agenda_text(seen(one, **more), style=PLAIN)


@pytest.mark.parametrize("name", ["usual", "every-state"])
def test_golden(name: str) -> None:
    """A fortnight, and one of everything, word for word."""
    made = {"usual": usual, "every-state": every_state}[name]
    assert told(made()) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@settings(max_examples=40)
@given(plans, WIDTHS, ENCODINGS)
def test_no_name_is_obeyed(made: Plan, width: int | None, encoding: str) -> None:
    """By no terminal and no log, in any encoding; and colours change no word."""
    shown = view(agenda(made, now=NOON, days=60))

    def render(style: Style, width: int | None, encoding: str) -> str:
        return agenda_text(shown, style=style, width=width, encoding=encoding)

    check_text(render, width, encoding)


def test_every_state_has_a_sign_and_a_word_of_its_own() -> None:
    """Colour only repeats them."""
    words = [mark.word for mark in MARKS.values()]
    glyphs = [mark.glyph for mark in MARKS.values()]
    assert len(set(words)) == len(words)
    assert len(set(glyphs)) == len(glyphs)
    text = told(every_state())
    assert [word for word in words if word not in text] == []


def test_what_was_not_counted_is_not_nobody() -> None:
    """And nobody is said aloud."""
    one = early_access()
    assert "Newsletter — US · 14,211 contacts" in told(plan((one,)))
    assert "Newsletter — US · nobody" in told(plan((counted(one, 0),)))
    assert one.audience
    unknown = replace(one, audience=replace(one.audience, contacts=None))
    assert "Newsletter — US · contacts not counted" in told(plan((unknown,)))


def test_an_empty_fortnight_says_what_comes_after_it() -> None:
    """What is left out must not look like nothing."""
    late = [named(in_sync(name, at(20, 14, month=12)), name, at(20, 14, month=12)) for name in "ab"]
    assert "No sends to come in these days." in told(plan(()))
    assert "1 send after these days stands in the plan and not here, the last on" in told(
        plan(late[:1])
    )
    assert "2 sends after these days stand in the plan" in told(plan(late))


def test_what_is_taken_back_after_these_days_is_no_send_to_come() -> None:
    """It is counted, and apart: without an apply it still goes out."""
    when = at(20, 14, month=12)
    (stays,) = [named(in_sync("a", when), "a", when)]
    going = live(Status.SCHEDULED, when=at(21, 14, month=12))
    gone = change("Gone", Verdict.UNSCHEDULE, before=going)
    text = told(plan((stays, gone)))
    assert "1 send after these days stands in the plan and not here, the last on Sun 20 Dec" in text
    assert "The plan takes back 1 send after these days." in text
    only = told(plan((gone, replace(gone, campaign="Gone too"))))
    assert "The plan takes back 2 sends after these days." in only
    assert "stand in the plan" not in only


def test_what_goes_out_at_once_stands_first() -> None:
    """As on the page; nobody should have to scroll for it."""
    header, first, *_ = told(every_state()).split("\n\n")
    assert header.startswith("Calendar")
    assert first.startswith("Now\n")


def test_a_further_send_is_counted_at_most() -> None:
    """One that waits for the send before it, too: it leaves out who has had the campaign."""
    one = counted(cyber_monday(), 40)
    first, further = (entry for entry in entries(one, now=NOON) if not entry.attached)
    assert (contacts(first), contacts(further)) == ("40 contacts", "at most 40 contacts")
    done = replace(scheduled("Again"), verdict=Verdict.RESEND, before=ran(at(20, 13), 7))
    (_, again) = entries(counted(done, 40), now=NOON)
    assert contacts(again) == "at most 40 contacts"
    assert contacts(replace(again, change=counted(done, 0))) == "nobody"
    assert contacts(replace(again, change=done)) == "contacts not counted"
    (card,) = [card for day in seen(plan((counted(done, 40),))).coming for card in day.cards]
    assert card.contacts == "at most 40 contacts"


def test_a_part_is_called_a_part() -> None:
    """A selection hides sends."""
    text = told(replace(usual(), selection=("tag:sale",)))
    assert "Partial    only tag:sale: other sends are not shown" in text


def test_an_expired_plan_promises_nothing() -> None:
    """Looked at too late, it says so, and when the account was read."""
    text = agenda_text(seen(usual(), now=NOON + timedelta(days=3)), style=PLAIN)
    assert "Expired. This plan is no longer valid." in text
    assert "account read Tue 24 Nov 2026, 09:05 EST" in text
    assert "whether it was sent is not known here" in text


def test_one_change_is_told_in_the_singular() -> None:
    """Without a limit there is none to keep."""
    one = replace(early_access(), apply_by=None)
    text = told(plan((one,)))
    assert "1 campaign changes when the plan is applied.\n" in text
    assert "Apply by" not in text


def test_days_are_told_from_today() -> None:
    """Yesterday, today, tomorrow and further, with the year where there are two."""
    sends = [at(day, 14, 6) for day in (24, 25, 27)]
    sync = [named(in_sync(f"S{when.day}", when), f"s{when.day}", when) for when in sends]
    shown = view(agenda(plan(sync), now=NOON, days=3))
    assert [(day.title, day.distance) for day in shown.coming] == [
        ("Tuesday 24 November", "today"),
        ("Wednesday 25 November", "tomorrow"),
    ]
    assert view(agenda(plan(sync), now=NOON, days=1)).shown == "Tue 24 Nov 2026"
    past = view(agenda(usual(), now=NOON + timedelta(days=1), first=NOON.date(), days=60))
    assert [day.distance for day in past.sent] == ["yesterday"]
    assert past.shown == "Tue 24 Nov 2026 to Fri 22 Jan 2027"
    assert past.coming[0].title == "Wednesday 25 November 2026"
    older = view(agenda(usual(), now=NOON + timedelta(days=5), first=NOON.date()))
    assert [day.distance for day in older.sent] == ["5 days ago"]


def test_a_zone_of_utc_is_told_once() -> None:
    """`13:00 UTC (13:00 UTC)` helps nobody."""
    shown = seen(plan((early_access(),), zone="UTC"))
    assert [(card.clock, card.utc) for day in shown.coming for card in day.cards] == [
        ("13:00 UTC", "")
    ]


def test_a_frozen_send_tells_what_its_manifest_says() -> None:
    """Constant Contact holds another time, and that is when it goes out."""
    held = live(Status.SCHEDULED, when=at(24, 14, 15))
    one = named(change("Digest", Verdict.FROZEN, before=held), "a1", at(24, 15))
    text = told(plan((one,)))
    assert "Its manifest says Tue 24 Nov 2026, 10:00 EST (15:00 UTC)" in text


def test_a_campaign_without_a_reason_still_needs_a_person() -> None:
    """No silence."""
    text = told(plan((change("Odd", Verdict.BLOCKED),)))
    assert "Blocked: ccops cannot carry out what its manifest says" in text


def test_what_is_behind_a_stuck_send_is_told_with_its_cause() -> None:
    """A resend whose first send was missed does not look planned."""
    one = named(change("Gala", Verdict.MISSED, before=live()), "a1", at(24, 12), at(26, 15))
    text = told(plan((one,)))
    assert "10:00 EST (15:00 UTC)  ? Gala\n      Needs a person: cannot go out before" in text
