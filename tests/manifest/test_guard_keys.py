"""`overrides` and `expect.contacts`: read, written again, and never taken in a wrong shape."""

from dataclasses import replace

import pytest

from ccops import resources
from ccops.errors import InvalidInput, Place
from ccops.manifest.nodes import Key, Mapping, Node, Scalar, Sequence
from ccops.manifest.overrides import read_overrides, read_range
from ccops.manifest.reader import read_manifests
from ccops.manifest.rules import read_rules
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
