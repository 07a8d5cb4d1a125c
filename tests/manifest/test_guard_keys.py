"""`overrides` and `expect.contacts`: read, written again, and never taken in a wrong shape."""

from dataclasses import replace

import pytest

from ccops import resources
from ccops.errors import InvalidInput, Place
from ccops.manifest.nodes import Key, Mapping, Node, Scalar, Sequence
from ccops.manifest.overrides import read_overrides, read_range
from ccops.manifest.reader import examine_manifests, read_manifests
from ccops.manifest.rules import read_rules
from ccops.manifest.settings import examine_settings
from ccops.manifest.writer import write_manifest
from ccops.model import Desired, Expect, Override, Range
from tests.planning.samples import NOW_IS, PLACE, desired

WHERE = Place(file="a.yaml", line=1, column=1)


def scalar(text: str) -> Scalar:
    return Scalar(value=text, text=text, place=WHERE)


def written(found: Desired) -> Desired:
    text = write_manifest(found, zone="America/New_York")
    schema = resources.schema("campaign")
    (again,) = read_manifests([("a.yaml", text)], schema=schema, zone="America/New_York")
    return again


@pytest.mark.parametrize("wanted", [Range(least=0), Range(least=0, most=7), Range(least=3, most=3)])
def test_what_is_written_is_read_again(wanted: Range) -> None:
    """With every sign that a reason may hold."""
    overrides = tuple(
        Override(guard=guard, reason=reason, place=PLACE)
        for guard, reason in [("quiet-days", "The gala: #1"), ("holidays", 'yes, "really"}')]
    )
    found = replace(desired(NOW_IS), overrides=overrides, expect=Expect(contacts=wanted))
    assert written(found).overrides == overrides
    assert written(found).expect == found.expect


@pytest.mark.parametrize("text", ["1402", "1,000..2,000", "..", "5..4", "< 9", "٣..٤", ""])
def test_nothing_else_is_a_range(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_range(scalar(text))
    assert [one.code for one in caught.value.diagnostics] == ["CC131"]


def test_a_shape_that_the_schema_refuses_is_never_read() -> None:
    """A mistake in the schema would be loud, never a rule that is left out."""
    bare: Node = Sequence(items=(Mapping(entries={}, place=WHERE),), place=WHERE)
    rules = Mapping(entries={"blackouts": (Key(text="blackouts", place=WHERE), bare)}, place=WHERE)
    with pytest.raises(TypeError):
        read_overrides(bare)
    with pytest.raises(TypeError):
        read_rules(rules, [])


BENT = {
    "quiet-hours: 8pm-8am": "CC130",
    "quiet-hours: [8pm-8am, 9pm-9am]": "CC130 CC130",
    "quiet-days: [Sat, Sonday, Foo]": "CC130 CC130",
    "holidays: [US, 2026-13-01, us]": "CC130 CC130",
    "blackouts: [{dates: x, why: a}, {dates: y, why: b}]": "CC130 CC130",
    "max-growth: a lot": "CC130",
    "min-gap-same-recipients: soon": "CC130",
    "severity: {quiet-hours: loud, quiet-days: mild}": "CC130 CC130",
}
WRONG = {
    "quite-days: [Sat]": "CC101",
    "max-contacts: many": "CC103",
    "blackouts: [{dates: 2026-11-27}]": "CC102",
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("bent", BENT)
def test_no_mistake_in_a_guard_hides_another(bent: str, wrong: str) -> None:
    """Each guard is read by itself, and each entry of it; those of another key are told too."""
    if bent.partition(":")[0] == wrong.partition(":")[0]:
        return
    text = f"version: 1\naccount: p\nlimit: {{}}\nguards:\n  {wrong}\n  {bent}\n"
    _, errors = examine_settings(
        "ccops.yaml", text, schema=resources.schema("workspace"), loopback=False
    )
    expected = ["CC101", WRONG[wrong], *BENT[bent].split()]
    assert sorted(one.code for one in errors) == sorted(expected)
    assert len({(one.place, one.message) for one in errors}) == len(errors)


def test_no_mistake_in_an_expectation_or_a_limit_hides_another() -> None:
    """They are read key by key as well; so are the entries of `overrides`."""
    limits = "limits: {lead: 1 second, freeze: soon, settled: 1 second}\n"
    _, errors = examine_settings(
        "ccops.yaml",
        f"version: 1\naccount: p\n{limits}",
        schema=resources.schema("workspace"),
        loopback=False,
    )
    assert [one.code for one in errors] == ["CC207", "CC109", "CC101"]
    manifest = (
        "campaign: A\nrecipients: {lists: [B]}\nsend_at: unscheduled\n"
        "expect: {contacts: 5..4, form: x, from: nobody}\n"
        "overrides: [{guard: quiet, reason: x}, {guard: expect, reason: y}]\n"
    )
    _, errors = examine_manifests(
        [("a.yaml", manifest)], schema=resources.schema("campaign"), zone="UTC"
    )
    assert [one.code for one in errors] == ["CC131", "CC101", "CC109", "CC132", "CC132"]
