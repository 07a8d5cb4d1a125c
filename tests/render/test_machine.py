"""JSON for programs: canonical, ASCII, one line, and complete."""

import json
from typing import Any

import pytest
from hypothesis import given

from ccops.applying.report import Ending
from ccops.errors import Diagnostic, ExitCode, Place
from ccops.model import CampaignRow, Status
from ccops.render.checks import Check, CheckState
from ccops.render.machine import campaigns_json, checks_json, diagnostics_json, report_json
from tests.render import render_builders as build
from tests.render.hostile import hostile


@given(hostile, hostile)
def test_any_text_survives(one: str, other: str) -> None:
    """The document is one line of ASCII in canonical form, and gives the text back."""
    text = diagnostics_json((Diagnostic(code="CC101", message=one, help=other),))
    document = json.loads(text)
    assert text.isascii()
    assert text.count("\n") == 1
    assert text == json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n"
    assert document["diagnostics"][0]["message"] == one


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (report_json(build.report()), "report"),
        (diagnostics_json(()), "diagnostics"),
        (campaigns_json((), managed=()), "campaigns"),
        (checks_json(()), "checks"),
    ],
)
def test_documents_name_themselves(text: str, kind: str) -> None:
    """A reader knows what it has, and in which version."""
    document = json.loads(text)
    assert (document["kind"], document["format_version"]) == (kind, "1.0")


def test_a_report() -> None:
    """Every result with its writes and the state last read; no request bodies."""
    document = json.loads(report_json(build.eventful()))
    results: list[dict[str, Any]] = document["results"]
    assert document["exit_code"] == 10
    assert document["interrupted"] is False
    assert (document["reads"], document["writes"]) == (12, 6)
    assert document["started_at"] == "2026-11-24T14:05:00Z"
    assert [one["ending"] for one in results][:3] == ["done", "nothing", "done"]
    assert results[0]["live"] == {
        "lists": ["l1"],
        "schedules": ["2026-11-27T13:00:00Z"],
        "segments": [],
        "status": "scheduled",
    }
    assert results[0]["writes"][1] == {
        "kind": "schedule",
        "method": "POST",
        "path": "/emails/activities/9c41e07b/schedules",
    }
    assert results[3]["live"] is None


def test_an_interrupted_report() -> None:
    """The signal is told apart from a failure."""
    broken = build.report(
        build.result(build.updated(), Ending.NOT_STARTED), interrupted=ExitCode.TERMINATED
    )
    document = json.loads(report_json(broken))
    assert (document["interrupted"], document["exit_code"]) == (True, 143)


def test_diagnostics_tell_their_places() -> None:
    """Columns are 1-based; the end column is the first one after what is meant."""
    place = Place(file="a.yaml", line=3, column=5, width=4, text="send_at: x")
    found = Diagnostic(code="CC101", message="m", place=place, also=((place, "here"),))
    one = json.loads(diagnostics_json((found,)))["diagnostics"][0]
    assert one["place"] == {"file": "a.yaml", "line": 3, "column": 5, "end_column": 9}
    assert one["also"] == [{"label": "here", "place": one["place"]}]
    assert one["severity"] == "error"


def test_campaigns_and_checks() -> None:
    """Values as they are, in the order given."""
    row = CampaignRow(campaign_id="c1", name="Fall", status=Status.DRAFT)
    campaigns = json.loads(campaigns_json((row,), managed={"Fall"}))["campaigns"]
    check = Check(id="clock", state=CheckState.WARNING, detail="slow", remedy="set it")
    checks = json.loads(checks_json((check,)))["checks"]
    assert campaigns == [
        {
            "campaign_id": "c1",
            "activity_id": None,
            "name": "Fall",
            "status": "draft",
            "ab_test": False,
            "managed": True,
        }
    ]
    assert checks == [
        {
            "id": "clock",
            "title": "clock",
            "state": "warning",
            "detail": "slow",
            "remedy": "set it",
            "code": None,
        }
    ]
