"""The journal as JSON; docs/journal.md describes the keys."""

from collections.abc import Mapping

from ccops.model import Live, Recipients
from ccops.planning.resolution import Choice
from ccops.planning.shown import shows
from ccops.ports import JournalEntry
from ccops.render.documents import document, instant, send_time
from ccops.render.journaling import JournalView, OpenWrite, Resolved, decision


def journal_json(view: JournalView) -> str:
    """The open writes with what can be decided, and every line when it was asked for."""
    lines = () if view.lines is None else view.lines
    return document(
        "journal",
        {
            "store": view.store,
            "time_zone": view.zone,
            "account_unread": view.unread,
            "exit_code": int(view.exit_code),
            "open": [_open(one, view.zone_of(one.write.entry)) for one in view.writes],
            "lines": None if view.lines is None else [_entry(one) for one in lines],
        },
    )


def resolved_json(done: Resolved) -> str:
    """The line that was recorded."""
    return document(
        "resolution",
        {
            "choice": done.choice,
            "account": _account(done.live, done.zone),
            "line": _entry(done.entry),
        },
    )


def _open(one: OpenWrite, zone: str) -> Mapping[str, object]:
    return {
        **_entry(one.write.entry),
        "intended_at": instant(one.write.begun),
        "time_zone": zone,
        "account": _account(one.live, zone) if one.read else None,
        "decisions": [_decision(choice, one, zone) for choice in Choice],
    }


def _decision(choice: Choice, one: OpenWrite, zone: str) -> Mapping[str, object]:
    command, follows = decision(choice, one, zone=zone)
    return {"choice": choice, "command": command, "follows": follows}


def _account(live: Live | None, zone: str) -> Mapping[str, object]:
    if live is None:
        return {
            "in_words": shows(live, zone=zone),
            "status": None,
            "schedules": [],
            "recipients": None,
            "sends": 0,
        }
    return {
        "in_words": shows(live, zone=zone),
        "status": live.status,
        "schedules": [instant(when) for when in live.schedules],
        "recipients": _recipients(live.recipients),
        "sends": len(live.history or ()),
    }


def _entry(entry: JournalEntry) -> Mapping[str, object]:
    step = entry.step
    return {
        "write_id": entry.write_id,
        "run": entry.run,
        "plan": entry.plan,
        "campaign": entry.campaign,
        "activity_id": entry.activity_id,
        "request": {
            "kind": step.kind,
            "method": step.method,
            "path": step.path,
            "body": step.body,
        },
        "when": send_time(entry.when),
        "recipients": _recipients(entry.recipients),
        "state": entry.state,
        "detail": entry.detail,
        "at": instant(entry.at),
    }


def _recipients(recipients: Recipients | None) -> Mapping[str, object] | None:
    if recipients is None:
        return None
    return {"lists": list(recipients.lists), "segments": list(recipients.segments)}
