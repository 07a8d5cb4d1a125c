"""An apply as JSON lines: one event a line, each a whole document, as it happens.

The order is `version`, a `planned_change` for each campaign that is written or needs a person,
`progress` while it runs, a `settled` for each write of an earlier run that it found out about, a
`result` for each campaign that was planned, `summary`. A stream without its summary was cut short:
the exit code and the journal tell the rest. Readers must ignore types and keys that they do not
know. Times are UTC.
"""

from collections.abc import Iterator, Mapping

from ccops.applying.report import Report
from ccops.planning.plan import Change, Plan
from ccops.render.documents import document, instant, send_time
from ccops.render.machine import result_fields, settled_fields
from ccops.render.outcome import MEANING, shown
from ccops.render.words import irreversible


def opening_lines(plan: Plan, *, checksum: str) -> str:
    """What is going to be done, before anything is."""
    version = {
        "type": "version",
        "ccops_version": plan.ccops_version,
        "account": plan.account.id,
        "origin": plan.origin,
        "checksum": checksum,
        "made_at": instant(plan.created_at),
        "expires_at": instant(plan.expires_at),
    }
    return "".join((_line(version), *map(_line, _planned(plan))))


def progress_line(text: str) -> str:
    """What is being done or waited for, in words for people: never to be parsed."""
    return _line({"type": "progress", "message": text})


def closing_lines(report: Report) -> str:
    """How each campaign ended, and what the run came to; its exit code is the process's.

    First, what it found out about the writes of earlier runs.
    """
    settled = ({"type": "settled", **settled_fields(one)} for one in report.settled)
    results = ({"type": "result", **result_fields(one)} for one in shown(report))
    return "".join((*map(_line, settled), *map(_line, results), _line(_summary(report))))


def _line(event: Mapping[str, object]) -> str:
    return document("event", event)


def _planned(plan: Plan) -> Iterator[Mapping[str, object]]:
    for change in plan.changes:
        if change.verdict.writes or change.verdict.needs_person:
            yield {"type": "planned_change", **_change(change)}


def _change(change: Change) -> Mapping[str, object]:
    audience, undo = change.audience, change.undo
    return {
        "campaign": change.campaign,
        "campaign_id": change.campaign_id,
        "activity_id": change.target.activity_id,
        "verdict": change.verdict,
        "risk": change.risk,
        "irreversible": irreversible(change),
        "send_at": send_time(change.send),
        "contacts": None if audience is None else audience.contacts,
        "undo": None if undo is None else undo.kind,
        "undo_until": instant(undo.until) if undo and undo.until else None,
        "requests": len(change.steps),
        "reason": change.reason,
        "remedy": change.remedy,
    }


def _summary(report: Report) -> Mapping[str, object]:
    return {
        "type": "summary",
        "checksum": report.checksum,
        "started_at": instant(report.started_at),
        "finished_at": instant(report.finished_at),
        "exit_code": int(report.exit_code),
        "meaning": MEANING[report.exit_code],
        "interrupted": report.interrupted is not None,
        "reads": report.reads,
        "writes": report.writes,
    }
