"""An apply as JSON lines: every line is a document, in an order that readers may rely on."""

import json
from dataclasses import replace

from hypothesis import given, settings

from ccops.applying.report import Report
from ccops.model import JsonObject
from ccops.planning.plan import Plan
from ccops.render.jsonlines import closing_lines, opening_lines, progress_line
from tests.render import render_builders as build
from tests.render.plan_strategies import plans, reports, texts


def events(text: str) -> list[JsonObject]:
    """The lines, each read on its own."""
    assert text == "" or text.endswith("\n")
    found = [json.loads(line) for line in text.split("\n")[:-1]]
    assert all((one["kind"], one["format_version"]) == ("event", "1.0") for one in found)
    return found


@settings(max_examples=40)
@given(plans)
def test_what_is_planned(plan: Plan) -> None:
    """First what made it, then each campaign that is written or needs a person, in order."""
    first, *rest = events(opening_lines(plan, checksum="sha256:0"))
    assert (first["type"], first["checksum"]) == ("version", "sha256:0")
    wanted = [one for one in plan.changes if one.verdict.writes or one.verdict.needs_person]
    assert [one["type"] for one in rest] == ["planned_change"] * len(wanted)
    assert [one["campaign"] for one in rest] == [one.campaign for one in wanted]


@settings(max_examples=40)
@given(reports)
def test_how_it_ended(report: Report) -> None:
    """The summary is the last line, so that its absence tells of a stream that was cut."""
    *told, last = events(closing_lines(report))
    settled, results = told[: len(report.settled)], told[len(report.settled) :]
    assert all(one["type"] == "settled" for one in settled)
    assert all(one["type"] == "result" for one in results)
    assert (last["type"], last["exit_code"]) == ("summary", int(report.exit_code))


@given(texts)
def test_progress_is_one_line(text: str) -> None:
    """Whatever a campaign is called."""
    (found,) = events(progress_line(text))
    assert (found["type"], found["message"]) == ("progress", text)


def test_a_planned_send() -> None:
    """What a program needs to decide; what is not counted is null, and never 0."""
    known = replace(build.scheduled(), audience=build.held("VIP", contacts=0))
    plan = build.plan([known, build.recall(), replace(build.missed(), audience=None)])
    _, dated, at_once, stuck = events(opening_lines(plan, checksum=""))
    assert (dated["send_at"], dated["contacts"]) == ("2026-11-27T13:00:00Z", 0)
    assert (dated["undo"], dated["undo_until"]) == ("until", "2026-11-27T13:00:00Z")
    assert (at_once["send_at"], at_once["irreversible"], at_once["contacts"]) == ("now", True, None)
    assert (at_once["undo"], at_once["undo_until"]) == ("never", None)
    assert (stuck["verdict"], stuck["send_at"], stuck["undo"]) == ("missed", None, None)
