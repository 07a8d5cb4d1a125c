"""The picture of the sends: one valid diagram, whatever the campaigns are called."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from ccops.planning.plan import Plan
from ccops.render.escape import mermaid_label
from ccops.render.gantt import MOST, gantt
from tests.render import render_builders as build
from tests.render.hostile import HOSTILE, hostile

STATEMENTS = (
    *("acctitle", "accdescr", "axisformat", "call", "click", "dateformat", "excludes", "gantt"),
    *("href", "includes", "inclusiveenddates", "section", "tickinterval", "title", "todaymarker"),
    *("topaxis", "weekday", "weekend"),
)
"""What the grammar of Mermaid's Gantt charts reads at the start of a line (gantt.jison)."""

STATEMENT = re.compile(rf"(?:{'|'.join(STATEMENTS)})\b|\d{{4}}-\d\d-\d\d", re.IGNORECASE)
SETTINGS = re.compile(
    r"title Sends, on the clock of [\w. ·…-]+|dateFormat YYYY-MM-DD HH:mm|axisFormat %a %e %b"
    r"|tickInterval 1(day|week|month)|tickInterval 2day|todayMarker off"
)
TASK = re.compile(
    r"(?P<name>[^:\n]+) :(?:crit, )?milestone, m(?P<id>\d+), \d{4}-\d\d-\d\d \d\d:\d\d, 0m"
)


def parsed(diagram: str) -> list[str]:
    """The names of the tasks, read as strictly as Mermaid does; fails on anything else."""
    opening, gantt_line, *lines, closing = diagram.split("\n")
    assert (opening, gantt_line, closing) == ("```mermaid", "gantt", "```")
    names, ids = [], []
    for line in map(str.strip, lines):
        if SETTINGS.fullmatch(line) or line in {
            "section At once",
            "section Planned",
            "section Scheduled",
        }:
            continue
        task = TASK.fullmatch(line)
        assert task is not None, line
        assert not STATEMENT.match(line), line
        assert not re.search(r"[#;%<>{}|`\"\\]", task["name"])
        names.append(task["name"])
        ids.append(int(task["id"]))
    assert ids == list(range(1, len(ids) + 1))
    return names


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
        "Volunteer call 455",
        "Lapsed donors not counted",
        "Advent letter not counted",
    ]
    assert "Ladder recall notice 31207 :crit, milestone, m1, 2026-11-24 09:05, 0m" in shown
    assert "Black Friday early access 14117 :milestone, m2, 2026-11-27 08:00, 0m" in shown


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
