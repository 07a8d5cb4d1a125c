"""What `ccops verify` found, as JSON; docs/verify.md describes the keys."""

from collections.abc import Mapping

from ccops.planning.delivery import Delivery
from ccops.planning.words import reason_in_words
from ccops.render.delivering import WORDING, Verification
from ccops.render.documents import document, instant, send_time


def deliveries_json(found: Verification) -> str:
    """One entry per send, in the order of their times, and the exit code."""
    account = {"id": found.account.id, "name": found.account.name}
    return document(
        "deliveries",
        {
            "account": account,
            "origin": found.origin,
            "time_zone": found.zone,
            "since": instant(found.since),
            "as_of": instant(found.as_of),
            "selection": list(found.selection),
            "store_is_new": found.fresh,
            "exit_code": int(found.exit_code),
            "needs_person": len(found.trouble),
            "deliveries": [_delivery(one) for one in found.deliveries],
        },
    )


def _delivery(one: Delivery) -> Mapping[str, object]:
    wording = WORDING[one.state]
    return {
        "campaign": one.campaign,
        "activity_id": one.activity_id,
        "state": one.state,
        "as_applied": one.state.as_applied,
        "applied_for": send_time(one.when),
        "ran_at": send_time(one.ran_at),
        "count": one.count,
        "reason": one.reason,
        "reason_in_words": None if one.reason is None else reason_in_words(one.reason),
        "detail": one.detail,
        "journal_says": one.noted,
        "means": wording.means,
        "todo": wording.todo,
        "write_id": one.write_id,
        "run": one.run,
    }
