"""The picture of the sends: one valid diagram, whatever the campaigns are called."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from ccops.planning.plan import Plan
from ccops.render.escape import mermaid_label
from ccops.render.gantt import MOST, gantt
from tests.render import render_builders as build
from tests.render.hostile import HOSTILE, hostile
from tests.render.mermaid_reader import STATEMENTS, parsed


def drawn(plan: Plan) -> str:
    """The diagram at the time when the plan was made."""
    return gantt(plan, now=build.NOON)


def test_a_picture_repeats_the_sends() -> None:
    """At once, planned, and what stays scheduled, each by its time in the plan's zone."""
    shown = drawn(build.counted())
    assert parsed(shown) == [
        "Ladder recall notice 31207",
        "Black Friday early access 14117",
        "Cyber Monday 12418",
        "Volunteer call at most 455",
        "Lapsed donors not counted",
        "Advent letter not counted",
    ]
    assert "Ladder recall notice 31207 :crit, milestone, m1, 2026-11-24 09:05, 0m" in shown
    assert "Black Friday early access 14117 :milestone, m2, 2026-11-27 08:00, 0m" in shown


def test_the_title_names_the_zone_of_the_axis() -> None:
    """A manifest that is written for another zone stands in the table with its own hour."""
    there = replace(build.scheduled(), zone="America/Chicago")
    assert "title Sends, on the clock of America New_York\n" in drawn(build.counted())
    shown = drawn(build.plan([there, build.rescheduled()]))
    assert "title Sends, all on the clock of America New_York\n" in shown
    assert len(parsed(shown)) == 2


@settings(max_examples=60)
@given(hostile)
def test_no_name_breaks_the_diagram(name: str) -> None:
    """It stays one diagram with two rows, whatever the campaign and the zone are called."""
    plan = build.plan([build.scheduled(name), build.rescheduled()], zone=name)
    assert len(parsed(drawn(plan))) == 2


@pytest.mark.parametrize("word", [*STATEMENTS, *HOSTILE, "Section 2", "2026-11-27 Gala", "%%{init"])
def test_a_name_that_the_grammar_knows(word: str) -> None:
    """A campaign may be called like a statement, in any case, with or without more behind it."""
    for name in (word, word.upper(), f"{word} more"):
        assert len(parsed(drawn(build.plan([build.scheduled(name)])))) == 1


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("End of year appeal", "End of year appeal"),
        ("Title wave", "· Title wave"),
        ("Titles", "Titles"),
        ("Fall: 50% off; #1", "Fall 50 off 1"),
        ("`|`", "-"),
        ("日本語 🎁", "日本語"),
        ("हिन्दी समाचार", "हिन्दी समाचार"),
        ("x" * 50, "x" * 39 + "…"),
    ],
)
def test_labels(name: str, label: str) -> None:
    """An ordinary name stays as it is."""
    assert mermaid_label(name) == label


def test_too_many_and_none() -> None:
    """More rows than a picture can hold, or none, are no picture."""
    assert drawn(build.plan([build.updated()])) == ""
    sends = [build.scheduled(f"Campaign {one}") for one in range(MOST)]
    assert len(parsed(drawn(build.plan(sends)))) == MOST
    assert drawn(build.plan([*sends, build.rescheduled()])) == ""


@pytest.mark.parametrize(
    ("days", "tick"), [(6, "1day"), (12, "2day"), (42, "1week"), (43, "1month"), (4_000, "1month")]
)
def test_few_dates_stand_on_the_axis(days: int, tick: str) -> None:
    """However far apart the sends are."""
    first = build.scheduled()
    last = replace(first, send=build.at(27, 13) + timedelta(days=days))
    assert f"tickInterval {tick}\n" in drawn(build.plan([first, last]))


def test_a_frozen_send_still_goes_out() -> None:
    """What needs a person is left as it is, and shown where it stands."""
    assert "section Scheduled\n    Morning digest" in drawn(build.plan([build.frozen()]))
