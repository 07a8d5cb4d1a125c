"""The completed schema: names to choose from, and the language of manifests as it was."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ccops.manifest.completion import Offer, Offers, Origin, completed, completed_from, offers
from ccops.manifest.document import read_documents
from ccops.manifest.schema import compile_schema
from ccops.model import JsonObject
from ccops.resources import schema
from tests.render.hostile import hostile

BASE = schema("campaign")
NAMES = ("Members", "Board", "Spring", "", " Members", "x" * 300)
texts = st.sampled_from(NAMES) | hostile
offered = st.lists(st.builds(Offer, name=texts, description=texts), unique_by=lambda one: one.name)
"""Names that no manifest can write too: the law holds for any."""

scalars = st.none() | st.booleans() | st.integers(-1, 3) | texts
ids = st.fixed_dictionaries({}, optional={"id": scalars, "name": scalars})
named = scalars | ids | st.lists(scalars, max_size=1)
manifests = st.fixed_dictionaries(
    {},
    optional={
        "campaign": named,
        "recipients": scalars
        | st.fixed_dictionaries(
            {},
            optional={
                "lists": named | st.lists(named, max_size=3),
                "segment": named,
                "list": named,
            },
        ),
        "send_at": st.sampled_from(["unscheduled", "", None]),
        "subject": texts,
    },
)
right = st.fixed_dictionaries(
    {
        "campaign": texts,
        "recipients": st.one_of(
            st.fixed_dictionaries({"lists": st.lists(texts | ids, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"segment": texts | ids}),
        ),
        "send_at": st.just("unscheduled"),
    }
)
"""Documents that are right but for their names, so that both answers occur."""


def made(campaigns: list[Offer], lists: list[Offer], segments: list[Offer]) -> JsonObject:
    return completed(
        BASE,
        Offers(
            account="a1",
            campaigns=tuple(campaigns),
            lists=tuple(lists),
            segments=tuple(segments),
        ),
    )


def valid(document: object, by: JsonObject) -> bool:
    return bool(Draft202012Validator(dict(by)).is_valid(document))


@settings(max_examples=100)
@given(manifests | right, offered, offered, offered)
def test_completion_neither_widens_nor_narrows(
    document: object, campaigns: list[Offer], lists: list[Offer], segments: list[Offer]
) -> None:
    """A document is valid under the completed schema exactly if it is under the base schema."""
    assert valid(document, made(campaigns, lists, segments)) == valid(document, BASE)


@settings(max_examples=50)
@given(manifests | right)
def test_its_own_check_agrees_with_formats(document: object) -> None:
    """Also by the check that ccops itself makes of a schema, with its formats."""
    after = made([Offer(name="Spring", description="a draft")], *([[]] * 2))
    trees, wrong = read_documents("x.yaml", json.dumps(document))
    for tree in () if wrong else trees:
        faulty = [bool(compile_schema(one)(tree)) for one in (BASE, after)]
        assert faulty[0] == faulty[1]


@settings(max_examples=30)
@given(offered, offered, offered)
def test_it_is_a_schema_and_knows_its_origin(
    campaigns: list[Offer], lists: list[Offer], segments: list[Offer]
) -> None:
    """The metaschema accepts it, it survives JSON, and tells what it was made of."""
    found = json.loads(json.dumps(made(campaigns, lists, segments)))
    Draft202012Validator.check_schema(found)
    origin = completed_from(found)
    assert origin is not None
    assert origin.account == "a1"
    assert origin.of(BASE)
    assert not origin.of({**BASE, "title": "another version"})


def at(document: JsonObject, *path: str) -> Any:
    for key in path:
        inner = document[key]
        assert isinstance(inner, Mapping)
        document = inner
    return document


def test_each_kind_is_offered_at_its_place() -> None:
    """A campaign's name, a list's and a segment's: each with what is to be known of it."""
    found = made(
        [Offer(name="Spring", description="a draft")],
        [Offer(name="Members", description="6 active contacts")],
        [Offer(name="Active", description="not counted")],
    )
    recipients = ("properties", "recipients", "properties")
    places = {
        ("properties", "campaign"): {"const": "Spring", "description": "a draft"},
        (*recipients, "lists", "items"): {
            "const": "Members",
            "description": "6 active contacts",
        },
        (*recipients, "segment"): {"const": "Active", "description": "not counted"},
    }
    for path, offer in places.items():
        plain, place = at(BASE, *path), at(found, *path)
        assert place["anyOf"] == [{"oneOf": [offer]}, {"type": plain["type"]}]
        assert place == {**without_examples(plain), "anyOf": place["anyOf"]}


def without_examples(place: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in place.items() if key != "examples"}


def test_names_that_only_serve_as_examples_are_not_offered() -> None:
    """Editors complete examples as well, and these are of nobody's account."""
    found = made([], [Offer(name="Members", description="")], [])
    recipients = at(found, "properties", "recipients")
    places = [at(found, "properties", "campaign"), recipients, *recipients["properties"].values()]
    places.append(recipients["properties"]["lists"]["items"])
    assert not [one for one in places if "examples" in one]
    assert found["examples"] == BASE["examples"]
    assert at(found, "properties", "send_at") == at(BASE, "properties", "send_at")


def test_nothing_to_offer() -> None:
    """An account without names gets the schema as it is, but for examples, and its own account."""
    found = made([], [], [])
    differing = {key for key in found if found[key] != BASE.get(key)}
    assert differing == {"$id", "$comment", "properties"}
    assert "anyOf" not in json.dumps(found)


def test_the_base_schema_is_left_as_it_is() -> None:
    """It is shared by the whole process."""
    before = json.dumps(BASE)
    made([Offer(name="Spring", description="")], [], [])
    assert json.dumps(BASE) == before


def test_another_schema_tells_no_origin() -> None:
    """Neither the one that ships, nor one with a remark of somebody's own."""
    assert completed_from(BASE) is None
    assert completed_from({"$comment": "Made by hand"}) is None
    assert completed_from({"$comment": 7}) is None
    assert Origin(account="a1", digest="sha256:0").of(BASE) is False


@given(st.lists(st.builds(Offer, name=texts, description=texts)))
def test_offers_are_what_a_manifest_can_write(found: list[Offer]) -> None:
    """By name, each once; none with a control character, outer blanks or decomposed letters."""
    chosen = offers(found, "list")
    names = [one.name for one in chosen]
    assert names == sorted(set(names))
    assert set(names) <= {one.name for one in found}
    assert all(one == one.strip() for one in names)
    left_out = {one.name for one in found} - set(names)
    assert all(not one.isprintable() or one != one.strip() or not one.isascii() for one in left_out)


def test_a_name_of_several_says_so() -> None:
    """It can be completed, and is no way to name one of them."""
    twins = [Offer(name="Members", description="1"), Offer(name="Members", description="2")]
    assert offers(twins, "list") == (
        Offer(name="Members", description="not clear: 2 lists have this name"),
    )
