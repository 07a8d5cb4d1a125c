"""Saved plans: read back equal, refused when touched anywhere, and unfit for other worlds."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from ccops.errors import Diagnostic, ExitCode, Place, StalePlan
from ccops.model import NOW, Status, When
from ccops.planning.assemble import Observation
from ccops.planning.canonical import digest
from ccops.planning.document import document
from ccops.planning.plan import Finding, Permission, Plan, Risk, UndoKind, Verdict
from ccops.planning.planfile import checksum, from_json, refuse_if_unfit, to_json
from tests.planning.samples import (
    ACCOUNT,
    DAY,
    HOUR,
    LIVE,
    NAME,
    NOW_IS,
    OTHER_LISTS,
    completed,
    desired,
    scheduled,
)
from tests.planning.strategies import planned, plans

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "plan.schema.json").read_text())
SECOND = timedelta(seconds=1)

Document = dict[str, object]


def example(*sends: When, permissions: tuple[Permission, ...] = ()) -> Plan:
    """One change, of a scheduled campaign with a history, recipients and time unlike."""
    live = replace(scheduled(NOW_IS + 2 * DAY), history=(completed(NOW_IS - 30 * DAY),))
    live = replace(live, format_type=3, subject="Ünïcode \u202e \ud800")
    wanted = desired(NOW_IS - 30 * DAY, NOW_IS + DAY, *sends)
    return planned(
        [Observation(desired=wanted, live=live, recipients=OTHER_LISTS)],
        permissions=permissions,
        selection=("name:*",),
        commit="4f2c9ab",
        requests=7,
    )


def sealed(found: Document) -> str:
    """A document with a digest that fits, whoever wrote it."""
    rest = {key: value for key, value in found.items() if key != "document_digest"}
    return json.dumps(rest | {"document_digest": digest(rest)})


def refusal(text: str, schema: object = SCHEMA) -> tuple[str, str]:
    """The code and message with which a text is refused."""
    with pytest.raises(StalePlan) as caught:
        from_json(text, schema=schema)
    assert caught.value.exit_code is ExitCode.STALE
    assert all(one.help for one in caught.value.diagnostics)
    return caught.value.diagnostics[0].code, caught.value.diagnostics[0].message


@settings(max_examples=60)
@given(plans())
def test_a_plan_read_back_is_the_plan(plan: Plan) -> None:
    """Every value survives, those too that plans are not compared by."""
    again = from_json(to_json(plan), schema=SCHEMA)
    assert again == plan
    assert (again.commit, again.requests) == (plan.commit, plan.requests)
    assert [one.place for one in again.changes] == [one.place for one in plan.changes]
    assert [one.target.expect.place for one in again.changes] == [
        one.target.expect.place for one in plan.changes
    ]
    assert to_json(again) == to_json(plan)


def test_everything_that_a_plan_can_hold_survives() -> None:
    """Waiting and undeclared sends, findings with further places, permissions."""
    plan = example(NOW_IS + 3 * DAY, permissions=(Permission(rule="reschedule", campaign=NAME),))
    (change,) = plan.changes
    place = Place(file="a.yaml", line=2, column=3, width=4, text="there: it stands")
    diagnostic = Diagnostic(code="CC401", message="no", also=((place, "here"), (place, "there")))
    finding = Finding(guard="expect", campaign=NAME, blocking=True, diagnostic=diagnostic)
    extra = replace(change, undeclared=(completed(NOW_IS),), owner=None, tags=("a", "b"))
    full = replace(plan, findings=(finding,), changes=(change, extra))
    assert change.waiting
    assert plan.permissions
    assert from_json(to_json(full), schema=SCHEMA) == full


def test_a_plan_is_ascii() -> None:
    """No character of a stranger's campaign can hide or reorder the text of a review."""
    text = to_json(example())
    assert text.isascii()
    assert "\\u202e" in text
    assert text.endswith("}\n")


def test_every_flipped_bit_is_refused_or_changes_nothing() -> None:
    """Each byte counts: a flip is refused, or it only changed blanks or the case of an escape."""
    plan = example()
    text = to_json(plan)
    for position in range(len(text)):
        for bit in (1, 32):
            flipped = chr(ord(text[position]) ^ bit)
            changed = text[:position] + flipped + text[position + 1 :]
            try:
                again = from_json(changed, schema=SCHEMA)
            except StalePlan:
                continue
            assert to_json(again) == text, f"{text[position]!r} → {flipped!r} at {position}"


@pytest.mark.parametrize(
    "key", ["summary", "status", "applyable", "complete", "apply_by", "checksum"]
)
def test_what_a_plan_implies_must_follow_from_it(key: str) -> None:
    """A derived value of another plan is refused, even under a digest that fits."""
    found, other = document(example()), document(planned([]))
    assert found[key] != other[key]
    assert refusal(sealed(found | {key: other[key]}))[0] == "CC604"


def test_a_changed_request_does_not_fit_the_checksum() -> None:
    """The reviewed checksum covers each request."""
    text = to_json(example()).replace("2026-10-07T12:00:00.000Z", "2026-10-09T12:00:00.000Z")
    found = json.loads(text)
    assert refusal(text) == (
        "CC604",
        "the plan was changed since ccops wrote it: its digest does not fit",
    )
    assert refusal(sealed(found)) == (
        "CC604",
        "the plan was changed since ccops wrote it: its checksum does not fit",
    )


def test_an_implied_value_must_follow() -> None:
    """A summary that says less than the changes is a lie."""
    found = document(example()) | {"applyable": False}
    assert refusal(sealed(found)) == (
        "CC604",
        (
            "the plan was changed since ccops wrote it: it claims what does not follow from its "
            "changes"
        ),
    )


def elsewhere(plan: Plan) -> Plan:
    place = Place(file="moved.yaml", line=90, column=1)
    return replace(
        plan,
        changes=tuple(
            replace(
                one,
                place=place,
                reason="other words",
                audience=None,
                tags=(),
                waiting=(),
                apply_by=None,
            )
            for one in plan.changes
        ),
    )


SAME: dict[str, Callable[[Plan], Plan]] = {
    "clock": lambda plan: replace(plan, created_at=plan.created_at + HOUR, expires_at=NOW_IS),
    "counts": lambda plan: replace(plan, requests=99, unmanaged_count=12, unmanaged=()),
    "commit": lambda plan: replace(plan, commit="other"),
    "words and places": elsewhere,
    "versions": lambda plan: replace(plan, ccops_version="9", tzdata="2030a", zone="UTC"),
    "account's name": lambda plan: replace(plan, account=replace(ACCOUNT, name="x", zone="UTC")),
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME)
def test_a_checksum_is_independent_of(other: Callable[[Plan], Plan]) -> None:
    """What nobody approves does not change what was approved."""
    plan = example()
    assert checksum(other(plan)) == checksum(plan)


def with_change(plan: Plan, **fields: object) -> Plan:
    return replace(plan, changes=tuple(replace(one, **fields) for one in plan.changes))


def with_target(plan: Plan, **fields: object) -> Plan:
    return with_change(plan, target=replace(plan.changes[0].target, **fields))


OTHER: dict[str, Callable[[Plan], Plan]] = {
    "account": lambda plan: replace(plan, account=replace(ACCOUNT, id="another")),
    "origin": lambda plan: replace(plan, origin="https://elsewhere.example"),
    "permissions": lambda plan: replace(
        plan, permissions=(Permission(rule="reschedule", campaign=NAME),)
    ),
    "activity": lambda plan: with_target(plan, activity_id="another"),
    "requests": lambda plan: with_change(plan, steps=plan.changes[0].steps[1:]),
    "live": lambda plan: with_change(plan, before=replace(LIVE, status=Status.DRAFT)),
    "nothing read": lambda plan: with_change(plan, before=None),
    "sends": lambda plan: with_target(plan, sends=(NOW,)),
    "recipients": lambda plan: with_target(plan, recipients=None),
    "fewer changes": lambda plan: replace(plan, changes=()),
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_a_checksum_covers(other: Callable[[Plan], Plan]) -> None:
    """What is approved: account, origin, permissions; activity, requests, live and desired."""
    plan = example()
    assert checksum(other(plan)) != checksum(plan)
    assert checksum(plan).startswith("sha256:")
    assert len(checksum(plan)) == len("sha256:") + 64


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "CC601", "the plan is no strict JSON"),
        ("[]", "CC601", "the plan is no JSON object"),
        ('{"a": 1, "b": 2, "a": 1}', "CC601", "the key 'a' stands twice"),
        ('{"a": NaN}', "CC601", "NaN is a number that no plan holds"),
        ('{"a": 1.5}', "CC601", "1.5 is a number that no plan holds"),
        ('{"a": ' + "9" * 5_000 + "}", "CC601", "the plan is no strict JSON"),
        ("[" * 100_000, "CC601", "the plan is no strict JSON"),
        ("{}", "CC602", "plans of format None are unknown to this ccops"),
        ('{"format_version": "1.1"}', "CC602", "plans of format '1.1' are unknown to this ccops"),
        ('{"format_version": "1.0"}', "CC604", "its digest does not fit"),
        (sealed({"format_version": "1.0"}), "CC603", "the plan is malformed at $"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, code: str, words: str) -> None:
    """Strict JSON, a known format, a fitting digest, the schema: in this order."""
    found, message = refusal(text)
    assert found == code
    assert words in message


@pytest.mark.parametrize(
    "change", [{"origin": 7}, {"created_at": "yesterday"}, {"changes": 7}, {"account": None}]
)
def test_a_malformed_plan_is_refused_without_a_schema_too(change: Document) -> None:
    """Reading back trusts no schema."""
    found = document(example()) | change
    assert refusal(sealed(found), schema={})[0] == "CC603"
    assert refusal(sealed(found))[0] == "CC603"


def test_blanks_between_values_are_free() -> None:
    """A pretty-printed file is the same plan."""
    plan = example()
    again = json.dumps(json.loads(to_json(plan)), indent=4, ensure_ascii=True)
    assert from_json(again, schema=SCHEMA) == plan


def test_the_document_speaks_for_itself() -> None:
    """The keys that a pipeline reads."""
    found = document(example(NOW_IS + 3 * DAY))
    assert (found["status"], found["applyable"], found["complete"], found["errored"]) == (
        "changes",
        True,
        False,
        False,
    )
    assert found["summary"] == {
        "verdicts": {str(one): int(one is Verdict.UPDATE) for one in Verdict},
        "requests": 3,
        "max_risk": "R2",
        "next_send_at": "2026-10-07T12:00:00Z",
    }
    assert document(planned([]))["status"] == "clean"
    assert document(planned([Observation(desired=desired(NOW_IS))]))["status"] == "needs-person"
    now = Observation(desired=desired(NOW), live=LIVE, recipients=OTHER_LISTS)
    blocked = document(planned([now]))
    assert (blocked["status"], blocked["applyable"]) == ("blocked", False)


def subschemas(schema: object) -> list[dict[str, object]]:
    """All schemas within a schema that describe a property or a definition."""
    if isinstance(schema, list):
        return [found for one in schema for found in subschemas(one)]
    if not isinstance(schema, dict):
        return []
    own = [
        one
        for key in ("properties", "$defs")
        for one in schema.get(key, {}).values()
        if isinstance(schema.get(key), dict)
    ]
    return own + [found for one in schema.values() for found in subschemas(one)]


def test_the_schema_describes_every_key() -> None:
    """It is itself valid, closes every object, requires every key, and says what each means."""
    Draft202012Validator.check_schema(SCHEMA)
    described = subschemas(SCHEMA)
    assert len(described) > 100
    assert all(one.get("description") for one in described)
    objects = [one for one in [SCHEMA, *described] if one.get("type") == "object"]
    assert all(one["additionalProperties"] is False for one in objects)
    assert all(set(one["required"]) == set(one["properties"]) for one in objects)


def test_the_schema_knows_every_word() -> None:
    """Verdicts, risks and kinds of undo are those of the program."""
    words = SCHEMA["$defs"]
    assert words["verdict"]["enum"] == [str(one) for one in Verdict]
    assert words["risk"]["enum"] == [str(one) for one in Risk]
    assert words["undo"]["properties"]["kind"]["enum"] == [str(one) for one in UndoKind]
    assert words["live"]["properties"]["status"]["enum"] == [str(one) for one in Status]


FIT: dict[str, object] = {
    "account_id": ACCOUNT.id,
    "origin": "https://api.cc.email",
    "now": NOW_IS,
    "version": "0.1.7",
    "tzdata": "2026b",
}


def test_a_fit_plan_is_let_through() -> None:
    """Same account, origin, minor version and zone data, within its life, give or take clocks."""
    plan = planned([])
    refuse_if_unfit(plan, **FIT)
    refuse_if_unfit(plan, **FIT | {"now": plan.expires_at})
    refuse_if_unfit(plan, **FIT | {"now": NOW_IS - timedelta(seconds=120)})
    assert plan.expires_at == NOW_IS + DAY


@pytest.mark.parametrize(
    ("other", "code", "message"),
    [
        ({"account_id": "x"}, "CC605", "the plan is for account p07e1l8cdif9dl"),
        ({"origin": "http://x"}, "CC606", "the plan is for the API at https://api.cc.email"),
        (
            {"now": NOW_IS + DAY + SECOND},
            "CC607",
            "the plan expired at 2026-10-07T12:00:00Z",
        ),
        ({"now": NOW_IS - 121 * SECOND}, "CC608", "the plan was made in the future"),
        ({"version": "0.2.0"}, "CC609", "the plan was made by ccops 0.1.0, this is 0.2.0"),
        (
            {"tzdata": "2027a"},
            "CC610",
            "the plan was made with time zone data 2026b, this is 2027a",
        ),
    ],
)
def test_an_unfit_plan_is_refused(other: dict[str, object], code: str, message: str) -> None:
    """Another account, API, time, version or zone data: exit 7, and nothing is written."""
    with pytest.raises(StalePlan) as caught:
        refuse_if_unfit(planned([]), **FIT | other)
    (one,) = caught.value.diagnostics
    assert (one.code, one.message) == (code, message)


def test_all_unfitness_is_told_at_once() -> None:
    """One run shows every reason."""
    with pytest.raises(StalePlan) as caught:
        refuse_if_unfit(planned([]), **FIT | {"origin": "x", "tzdata": "x"})
    assert [one.code for one in caught.value.diagnostics] == ["CC606", "CC610"]
