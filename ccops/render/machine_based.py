"""Two versions of a workspace as JSON for other programs; see `ccops.render.machine`."""

from collections.abc import Mapping
from datetime import datetime

from ccops.errors import Diagnostic, Place
from ccops.model import Now
from ccops.planning.based import Comparison, ManifestChange
from ccops.planning.declared import Difference, Item
from ccops.render.documents import document, instant, send_time


def comparison_json(comparison: Comparison) -> str:
    """The comparison, in its own order. It is no plan, and nothing can apply it."""
    base = comparison.base
    return document(
        "comparison",
        {
            "applyable": False,
            "account": comparison.account,
            "time_zone": comparison.zone,
            "as_of": instant(comparison.now),
            "base": {
                "ref": base.ref,
                "commit": base.commit,
                "readable": base.version is not None,
                "errors": [_error(one) for one in base.errors],
            },
            "differs": comparison.differs,
            "unchanged": comparison.unchanged,
            "workspace": [_difference(one) for one in comparison.workspace],
            "manifests": [_manifest(one) for one in comparison.manifests],
        },
    )


def _manifest(change: ManifestChange) -> Mapping[str, object]:
    return {
        "kind": change.kind,
        "campaign": change.campaign,
        "place": _place(change.place),
        "time_zone": change.zone,
        "sends": [send_time(when) for when in change.sends],
        "irreversible": change.irreversible,
        "fields": [_difference(one) for one in change.fields],
        "notices": [
            {"concern": one.concern, "when": send_time(one.when)} for one in change.notices
        ],
    }


def _difference(one: Difference) -> Mapping[str, object]:
    return {
        "path": one.path,
        "before": None if one.before is None else [_item(item) for item in one.before],
        "after": [_item(item) for item in one.after],
    }


def _item(item: Item) -> str | None:
    return send_time(item) if isinstance(item, datetime | Now) else item


def _error(one: Diagnostic) -> Mapping[str, object]:
    place = None if one.place is None else _place(one.place)
    return {"code": one.code, "message": one.message, "help": one.help, "place": place}


def _place(place: Place) -> Mapping[str, object]:
    return {"file": place.file, "line": place.line, "column": place.column}
