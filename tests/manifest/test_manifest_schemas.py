"""The schemas say the same to ccops and to editors, and hold no trap of their own."""

import re
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from ccops.manifest.document import read_documents
from ccops.manifest.rules import Guard
from ccops.manifest.schema import _FORMATS, _TYPES, compile_schema
from ccops.model import JsonObject

KINDS = pytest.mark.parametrize("kind", ["campaign_schema", "workspace_schema"])


def schemas_in(schema: object, path: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    """Every schema inside a schema, with its path."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from schemas_in(part, f"{path}/{name}")
    yield from schemas_in(schema.get("items"), f"{path}[]")


@pytest.fixture
def schema(kind: str, request: pytest.FixtureRequest) -> JsonObject:
    found: JsonObject = request.getfixturevalue(kind)
    return found


@KINDS
def test_a_schema_is_valid_and_named(schema: JsonObject) -> None:
    Draft202012Validator.check_schema(dict(schema))
    assert str(schema["$id"]).startswith("urn:ccops:schema:")
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@KINDS
def test_every_key_explains_itself_and_shows_an_example_that_holds(schema: JsonObject) -> None:
    """An editor shows the description; ccops shows the first example in its help."""
    for path, part in schemas_in(schema):
        assert part.get("description"), path
        if "Not available yet" not in str(part["description"]) or "examples" in part:
            examples = part["examples"]
            assert isinstance(examples, list), path
            for example in examples:
                Draft202012Validator(part).validate(example)


@KINDS
def test_nothing_unknown_is_let_through(schema: JsonObject) -> None:
    for path, part in schemas_in(schema):
        if "properties" in part:
            assert part["additionalProperties"] is False, path


@KINDS
def test_no_rule_has_a_message_that_says_nothing(schema: JsonObject) -> None:
    """Alternatives are told only as "not valid under any"; patterns are no words."""
    text = str(schema)
    assert not re.search(r"'(oneOf|anyOf|allOf|not|pattern|patternProperties|\$ref)'", text)
    for path, part in schemas_in(schema):
        kinds = part.get("type")
        if kinds is not None:
            known = tuple(kinds) if isinstance(kinds, list) else (kinds,)
            assert known in _TYPES, path
        assert part.get("format") in {None, *_FORMATS}, path


@pytest.mark.parametrize("name", _FORMATS)
def test_no_format_takes_a_line_break_or_another_script_s_digits(name: str) -> None:
    pattern, words = _FORMATS[name]
    assert words
    assert not re.search(r"\\[dwspZ]|\$", pattern.pattern)
    good = {
        "uuid": "4c08372c-957a-48b5-bc45-72c7f00796cd",
        "segment-id": "29",
        "account-id": "p07e1l8cdif9dl",
        "email": "news@example.org",
        "duration-in-words": "15 minutes",
    }[name]
    check = compile_schema({"format": name})

    def accepted(text: str) -> bool:
        (tree,), _ = read_documents("a.yaml", f'"{text}"\n')
        return not check(tree)

    assert accepted(good)
    assert not accepted(good + "\\n")
    assert not accepted(good.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")) + "٣")


def test_editors_are_offered_every_guard(workspace_schema: JsonObject) -> None:
    """Each that has a rule, and each severity."""
    told = {path.rpartition("/")[2] for path, _ in schemas_in(workspace_schema)}
    paths = {path for path, _ in schemas_in(workspace_schema)}
    assert set(Guard) <= told
    assert {f"/guards/severity/{one}" for one in Guard} <= paths
