"""What is quick only spares work: it never accepts what the careful way refuses."""

import json
import sys
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops import resources
from ccops.manifest.document import read_documents
from ccops.manifest.judges import Accepts, accepting_fast, accepting_nothing
from ccops.manifest.schema import _FORMATS, _matcher, compile_schema
from ccops.manifest.text import MAX_DEPTH, _characters, _harmless, examine, split
from ccops.model import JsonObject

KINDS: tuple[resources.SchemaName, ...] = ("campaign", "workspace", "lock")
UUID = "4c08372c-957a-48b5-bc45-72c7f00796cd"
WORDS = st.one_of(
    st.sampled_from(["", "Members", "a@b.example", "a@b", UUID, UUID.upper(), f"{UUID}\n"]),
    st.sampled_from(["29", "0", "15 minutes", "America/New_York", "2027-03-09 09:00", "ok\n"]),
    st.sampled_from(["x" * 80, "x" * 81, "é" * 81, "\ud800"]),
    st.text(max_size=6),
)
LEAVES = st.one_of(
    WORDS,
    st.integers(-2, 30),
    st.sampled_from([None, True, 1.0, 1.5, float("inf"), float("nan"), 10**30, -(10**400)]),
)
ANY = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
SOUND: Mapping[str, JsonObject] = {
    "campaign": {
        "campaign": "Appeal",
        "recipients": {"lists": ["Members", {"id": UUID}]},
        "send_at": "2027-03-09 09:00",
        "activity": UUID,
        "resend_to_new_contacts": ["2027-03-19 09:00"],
        "expect": {"subject": "x", "from": "a@b.example", "contacts": "1..2"},
        "tags": ["appeal"],
        "overrides": [{"guard": "quiet-days", "reason": "gala"}],
    },
    "workspace": {
        "version": 1,
        "account": "p07e1l8cdif9dl",
        "timezone": "America/New_York",
        "manifests": ["campaigns/*.yaml"],
        "limits": {"lead": "15 minutes"},
    },
    "lock": {
        "version": 1,
        "account": "p07e1l8cdif9dl",
        "campaigns": {"Appeal": {"campaign": UUID, "activity": UUID}},
        "lists": {"Members": UUID},
        "segments": {"Volunteers": 29, "Lapsed": "30"},
    },
}


def fast(kind: resources.SchemaName) -> Accepts:
    matchers = {name: _matcher(pattern) for name, (pattern, _) in _FORMATS.items()}
    return accepting_fast(resources.schema(kind), matchers)


def paths(value: object, here: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [here] if here else []
    if isinstance(value, dict):
        return found + [one for key, part in value.items() for one in paths(part, (*here, key))]
    if isinstance(value, list):
        return found + [one for at, part in enumerate(value) for one in paths(part, (*here, at))]
    return found


@st.composite
def documents(draw: st.DrawFn, kind: str) -> object:
    """A sound document in which up to two things were replaced, added or left out."""
    document = json.loads(json.dumps(SOUND[kind]))
    for _ in range(draw(st.integers(0, 2))):
        places = paths(document)
        if not places or draw(st.integers(0, 5)) == 0:
            document[draw(WORDS)] = draw(ANY)
            continue
        *way, last = draw(st.sampled_from(places))
        parent = document
        for step in way:
            parent = parent[step]
        if draw(st.booleans()):
            parent[last] = draw(ANY)
        else:
            del parent[last]
    return document


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_fast_check_agrees_with_jsonschema(
    kind: resources.SchemaName, data: st.DataObject
) -> None:
    """What jsonschema-rs accepts, jsonschema has nothing to say about; and the other way round."""
    document = data.draw(documents(kind))
    text = (
        json.dumps(document, ensure_ascii=True).replace("NaN", ".nan").replace("Infinity", ".inf")
    )
    trees, _ = read_documents("a.yaml", text)
    schema = resources.schema(kind)
    quick = compile_schema(schema)
    careful = compile_schema(schema, accepting=accepting_nothing)
    for tree in trees:
        assert quick(tree) == careful(tree)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_the_fast_check_never_accepts_more(kind: resources.SchemaName, data: st.DataObject) -> None:
    """Also for values that no YAML text has, such as half a character."""
    jsonschema = pytest.importorskip("jsonschema")
    document = data.draw(documents(kind) | ANY)
    if fast(kind)(document):
        assert jsonschema.Draft202012Validator(resources.schema(kind)).is_valid(document)


def test_without_the_extra_jsonschema_judges_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    accepts = fast("campaign")
    assert not accepts(SOUND["campaign"])
    (tree,), _ = read_documents("a.yaml", json.dumps(SOUND["campaign"]))
    assert compile_schema(resources.schema("campaign"))(tree) == ()


def test_the_fast_check_accepts_what_is_sound() -> None:
    """Else it would be no faster."""
    for kind in KINDS:
        assert fast(kind)(SOUND[kind])


def test_what_cannot_be_represented_is_not_accepted() -> None:
    """jsonschema-rs raises on half a character; that is no yes."""
    accepts = fast("campaign")
    assert not accepts({"\ud83d\ude00": 1, "campaign": "\ud83d\ude00"})


def test_every_character_that_is_refused_is_seen_at_a_glance() -> None:
    """Over all of Unicode: what Python calls printable is never refused."""
    for start in range(0, 0x110000, 0x400):
        for code in range(start, start + 0x400):
            text = f"a: {chr(code)}x\n"
            if _harmless(text):
                (source,) = split("a.yaml", text)
                assert list(_characters(source, text.split("\n"))) == [], hex(code)


STRUCTURES = st.lists(
    st.one_of(
        st.sampled_from(
            ["- ", "? ", "[", "{", "]", "}", "a: ", "b", "\n", "\r\n", "\r", "\t", " "]
        ),
        st.sampled_from(["%", "%a\n", "<<<<<<<", "=======", ">>>>>>> x", "|||||||", "======"]),
        st.sampled_from([" " * 15, " " * 16, "- " * 9]),
        st.integers(0, 40).map(lambda depth: "\n" + " " * depth + "- " * (depth // 2)),
        st.integers(0, 40).map(lambda depth: "".join(f"\n{' ' * one}k:" for one in range(depth))),
        st.integers(0, 40).map(lambda depth: "[" * depth),
        st.text(max_size=4),
    ),
    max_size=12,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(STRUCTURES)
def test_what_passes_at_a_glance_passes_every_check(text: str) -> None:
    """The glance is only for texts about which the careful checks have nothing to say."""
    for source in split("a.yaml", text):
        if _harmless(source.text):
            careful = pytest.MonkeyPatch()
            with careful.context() as patch:
                patch.setattr("ccops.manifest.text._harmless", lambda _: False)
                assert examine(source) == ()


@pytest.mark.parametrize("text", ["a: b\n", "a: [x, y]\r\n", "é: —\n", "- a\n- b\n"])
def test_an_ordinary_text_passes_at_a_glance(text: str) -> None:
    assert _harmless(text)


@pytest.mark.parametrize(
    "text",
    ["a:\tb", "%YAML 1.2\n", "a: \u200b", "[" * (MAX_DEPTH + 2), "<<<<<<< HEAD\n", " " * 40 + "a"],
)
def test_what_could_be_refused_is_looked_at(text: str) -> None:
    assert not _harmless(text)
