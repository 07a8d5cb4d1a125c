"""A drift as JSON; docs/drift.md describes the keys. It is no plan document, and none can be made."""

from collections.abc import Mapping

from ccops.errors import ExitCode
from ccops.planning.drift import Drift, DriftField, DriftItem, DriftState, Moved, Side
from ccops.render.documents import document, instant, send_time
from ccops.render.drifting import WORDING, counts


def drift_json(found: Drift, code: ExitCode) -> str:
    """Every campaign that is not in sync, the soonest send first, and how many are in each state."""
    amounts = counts(found)
    return document(
        "drift",
        {
            "account": {"id": found.account.id, "name": found.account.name},
            "applyable": False,
            "as_of": instant(found.as_of),
            "commit": found.commit,
            "complete": not found.selection,
            "counts": {str(state): amounts[state] for state in DriftState},
            "drift": len(found.drifted),
            "exit_code": int(code),
            "items": [_item(one) for one in found.items],
            "origin": found.origin,
            "requests_made": found.requests,
            "selection": list(found.selection),
            "store_is_new": found.fresh,
            "time_zone": found.zone,
        },
    )


def _item(one: DriftItem) -> Mapping[str, object]:
    return {
        "state": one.state,
        "is_drift": one.state.is_drift,
        "campaign": one.campaign,
        "campaign_id": one.campaign_id,
        "activity_id": one.activity_id,
        "file": one.place.file if one.place else None,
        "line": one.place.line if one.place else None,
        "column": one.place.column if one.place else None,
        "verdict": one.verdict,
        "base": "journal" if one.base_known else "unknown",
        "git_changed": one.git_moved,
        "applied_at": send_time(one.applied_at),
        "soonest_send_at": send_time(one.soonest),
        "fields": [_field(field) for field in one.fields],
        "found": one.reason,
        "means": WORDING[one.state].means,
        "owner": one.owner,
        "todo": one.remedy,
    }


def _field(field: DriftField) -> Mapping[str, object]:
    return {
        "field": field.compared,
        "changed_by": field.moved,
        "declared": _side(field.declared),
        "applied": _side(field.applied),
        "applied_known": field.moved is not Moved.UNKNOWN,
        "live": _side(field.live),
    }


def _side(value: Side) -> str | None:
    return value if isinstance(value, str) else send_time(value)
