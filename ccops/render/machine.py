"""Results as JSON for other programs: canonical (sorted keys, no blanks, ASCII), one line.

Every document says its `kind` and `format_version`; readers must ignore keys they do not know.
Times are UTC, `YYYY-MM-DDTHH:MM:SSZ`. The plan's own document is `ccops.planning.planfile`'s.
"""

from collections.abc import Collection, Mapping, Sequence

from ccops.applying.report import Report, Result, Settled
from ccops.errors import Diagnostic, Place
from ccops.model import CampaignRow, Live, Step
from ccops.render.checks import Check
from ccops.render.documents import document, instant, send_time


def report_json(report: Report) -> str:
    """What an apply did: one entry per change, in the plan's order, and the exit code.

    `settled` is there exactly when earlier runs' writes were settled: one entry per write.
    """
    settled = [settled_fields(one) for one in report.settled]
    return document(
        "report",
        {
            "checksum": report.checksum,
            "started_at": instant(report.started_at),
            "finished_at": instant(report.finished_at),
            "exit_code": int(report.exit_code),
            "interrupted": report.interrupted is not None,
            "reads": report.reads,
            "writes": report.writes,
            "results": [result_fields(result) for result in report.results],
            **({"settled": settled} if settled else {}),
        },
    )


def result_fields(result: Result) -> Mapping[str, object]:
    """One change's ending, as it stands in a report and in a stream of events."""
    change = result.change
    return {
        "campaign": change.campaign,
        "campaign_id": change.campaign_id,
        "activity_id": change.target.activity_id,
        "verdict": change.verdict,
        "ending": result.ending,
        "detail": result.detail,
        "reason": change.reason,
        "remedy": change.remedy,
        "place": _place(change.place),
        "writes": [_step(step) for step in result.writes],
        "live": None if result.live is None else _live(result.live),
    }


def settled_fields(one: Settled) -> Mapping[str, object]:
    """An earlier run's write and what became of it, in a report and in a stream of events."""
    entry = one.write.entry
    return {
        "campaign": entry.campaign,
        "activity_id": entry.activity_id,
        "write_id": entry.write_id,
        "write": _step(entry.step),
        "when": send_time(entry.when),
        "intended_at": instant(one.write.begun),
        "became": one.became,
        "detail": entry.detail,
    }


def _step(step: Step) -> Mapping[str, object]:
    return {"kind": step.kind, "method": step.method, "path": step.path}


def _live(live: Live) -> Mapping[str, object]:
    return {
        "status": live.status,
        "schedules": [instant(when) for when in live.schedules],
        "lists": list(live.recipients.lists),
        "segments": list(live.recipients.segments),
    }


def diagnostics_json(diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics, in the order given."""
    return document("diagnostics", {"diagnostics": [_diagnostic(one) for one in diagnostics]})


def _diagnostic(one: Diagnostic) -> Mapping[str, object]:
    also = [{"place": _place(place), "label": label} for place, label in one.also]
    return {
        "code": one.code,
        "severity": one.severity,
        "message": one.message,
        "label": one.label,
        "help": one.help,
        "place": None if one.place is None else _place(one.place),
        "also": also,
    }


def _place(place: Place) -> Mapping[str, object]:
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_column": place.column + place.width,
    }


def campaigns_json(rows: Sequence[CampaignRow], *, managed: Collection[str]) -> str:
    """The campaigns of an account, in the order given. `managed` are the manifests' names."""
    campaigns = [
        {
            "campaign_id": row.campaign_id,
            "activity_id": row.activity_id,
            "name": row.name,
            "status": row.status,
            "ab_test": row.ab_test,
            "managed": row.name in managed,
        }
        for row in rows
    ]
    return document("campaigns", {"campaigns": campaigns})


def checks_json(checks: Sequence[Check]) -> str:
    """The checks of `ccops doctor`, in the order given; `code` is null where no error is behind."""
    return document("checks", {"checks": [_found(one) for one in checks]})


def _found(check: Check) -> Mapping[str, object]:
    return {
        "id": check.id,
        "title": check.title,
        "state": check.state,
        "detail": check.detail,
        "remedy": check.remedy,
        "code": check.code or None,
    }
