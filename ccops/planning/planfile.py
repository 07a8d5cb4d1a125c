"""The saved plan: written canonically, and read back only if it is whole and still fits."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from ccops.errors import Diagnostic, StalePlan
from ccops.model import JsonObject
from ccops.planning.canonical import canonical, digest, stamp
from ccops.planning.decode import plan_of
from ccops.planning.document import FORMAT_VERSION, checksum, document
from ccops.planning.plan import Plan, Refresh

__all__ = ["FORMAT_VERSION", "checksum", "from_json", "refuse_if_unfit", "to_json"]

SKEW = timedelta(seconds=120)
"""A plan made further in the future than this was made by a wrong clock, or is a forgery."""

_REPLAN = "make a new plan, and have it reviewed"


def to_json(plan: Plan) -> str:
    """Write a plan as JSON: sorted keys, ASCII, one value per line, a line break at the end.

    ASCII, because a campaign's name can hold characters that hide or reorder text in a review.
    """
    return json.dumps(document(plan), sort_keys=True, indent=1, allow_nan=False) + "\n"


def from_json(text: str, *, schema: JsonObject) -> Plan:
    """Read a plan back; `from_json(to_json(plan)) == plan`. Blanks between values are free.

    `schema` is schemas/plan.schema.json. Every value counts: `document_digest` is over all of
    them, and all that a plan implies (checksum, summary, fingerprints …) must follow from it.

    Raises:
        StalePlan: CC601 no strict JSON, CC602 unknown format, CC603 not as the schema says,
            CC604 changed since it was written.
    """
    found = _parsed(text)
    version = found.get("format_version")
    if version != FORMAT_VERSION:
        raise _refusal("CC602", f"plans of format {version!r} are unknown to this ccops")
    rest = {key: value for key, value in found.items() if key != "document_digest"}
    if found.get("document_digest") != digest(rest):
        raise _changed("its digest does not fit")
    _check_schema(found, schema)
    try:
        plan = plan_of(found)
    except ValueError as error:
        raise _refusal("CC603", f"the plan is malformed: {error}") from error
    if found["checksum"] != checksum(plan):
        raise _changed("its checksum does not fit")
    if canonical(found) != canonical(document(plan)):
        raise _changed("it claims what does not follow from its changes")
    return plan


def refuse_if_unfit(
    plan: Plan, *, account_id: str, origin: str, now: datetime, version: str, tzdata: str
) -> None:
    """Refuse a saved plan that is not for this account, this time or this ccops.

    `now` is the server's clock, UTC; `version` this ccops'; `tzdata` that of the zone data.

    Raises:
        StalePlan: CC605 other account, CC606 other origin, CC607 expired, CC608 made in the
            future, CC609 another major or minor version, CC610 other zone data, CC615 nothing was
            read for it; all at once.
    """
    checks = (
        ("CC605", plan.account.id != account_id, f"the plan is for account {plan.account.id}"),
        ("CC606", plan.origin != origin, f"the plan is for the API at {plan.origin}"),
        ("CC607", now > plan.expires_at, f"the plan expired at {stamp(plan.expires_at)}"),
        ("CC608", plan.created_at - now > SKEW, "the plan was made in the future"),
        (
            "CC609",
            _release(plan.ccops_version) != _release(version),
            f"the plan was made by ccops {plan.ccops_version}, this is {version}",
        ),
        (
            "CC610",
            plan.tzdata != tzdata,
            f"the plan was made with time zone data {plan.tzdata}, this is {tzdata}",
        ),
        (
            "CC615",
            plan.refresh is Refresh.NONE,
            "the plan was made with --refresh none: nothing was read for it",
        ),
    )
    wrong = [
        Diagnostic(code=code, message=words, help=_REPLAN) for code, holds, words in checks if holds
    ]
    if wrong:
        raise StalePlan(*wrong)


def _release(version: str) -> list[str]:
    return version.split(".")[:2]


def _parsed(text: str) -> dict[str, object]:
    try:
        found = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_no_number
        )
    # Nesting beyond Python's stack is an attack, or damage; no plan nests deeper than six.
    except (ValueError, RecursionError) as error:
        raise _refusal("CC601", f"the plan is no strict JSON: {error}") from error
    if not isinstance(found, dict):
        raise _refusal("CC601", "the plan is no JSON object")
    return found


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for at, (key, _) in enumerate(pairs) if key in dict(pairs[:at]))
        raise ValueError(f"the key {twice!r} stands twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is a number that no plan holds")


def _check_schema(found: JsonObject, schema: JsonObject) -> None:
    # A quarter of the start-up, and only who reads a plan needs it.
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - see above

    errors = sorted(
        Draft202012Validator(schema).iter_errors(found), key=lambda error: error.json_path
    )
    if errors:
        raise StalePlan(
            *(
                Diagnostic(
                    code="CC603",
                    message=f"the plan is malformed at {error.json_path}: {error.message}",
                    help=_REPLAN,
                )
                for error in errors
            )
        )


def _changed(why: str) -> StalePlan:
    return _refusal("CC604", f"the plan was changed since ccops wrote it: {why}")


def _refusal(code: str, message: str) -> StalePlan:
    return StalePlan(Diagnostic(code=code, message=message, help=_REPLAN))
