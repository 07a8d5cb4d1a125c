"""What a halt did, as JSON for other programs, in the form of every other result's document."""

from collections.abc import Iterable, Mapping

from ccops.errors import Diagnostic
from ccops.render.documents import document, instant, send_time
from ccops.render.halting import (
    HaltedCampaign,
    HaltedManifest,
    HaltReport,
    exit_in_words,
    result_in_words,
)


def halt_json(report: HaltReport) -> str:
    """One entry per selected campaign, in the order of their files, and the exit code."""
    return document(
        "halt",
        {
            "reason": report.reason,
            "started_at": instant(report.started_at),
            "finished_at": instant(report.finished_at),
            "exit_code": int(report.exit_code),
            "in_words": " ".join(result_in_words(report)),
            "exit_in_words": exit_in_words(report),
            "dry_run": report.dry,
            "interrupted": report.interrupted is not None,
            "writes": report.writes,
            "trouble": _told(report.trouble),
            "unread": _told(report.unread),
            "unmanaged": list(report.unmanaged),
            "campaigns": [_campaign(one, report) for one in report.campaigns],
        },
    )


def _told(diagnostics: Iterable[Diagnostic]) -> list[str]:
    return [
        f"{one.code}: {one.message}" + (f" ({one.place})" if one.place else "")
        for one in diagnostics
    ]


def _campaign(one: HaltedCampaign, report: HaltReport) -> Mapping[str, object]:
    goes_out_at = report.goes_out_at(one)
    return {
        "campaign": one.campaign,
        "activity_id": one.activity_id,
        "file": one.place.file,
        "line": one.place.line,
        "standing": one.standing,
        "was": None if one.was is None else instant(one.was),
        "goes_out_at": None if goes_out_at is None else instant(goes_out_at),
        "time_zone": one.zone,
        "sends": [send_time(when) for when in one.sends],
        "marked": one.marked,
        "detail": one.detail,
        "manifest": None if one.manifest is None else _manifest(one.manifest),
    }


def _manifest(one: HaltedManifest) -> Mapping[str, object]:
    return {
        "file": one.file,
        "rewritten": one.rewritten,
        "problem": one.problem,
        "by_hand": list(one.by_hand),
    }
