"""JSON from the vendor is read strictly or not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact import strict
from ccops.errors import VendorFault

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(DOCUMENTS)
def test_what_json_can_say_is_read_as_it_was_said(document: object) -> None:
    """Decoding undoes encoding."""
    assert strict.parse(json.dumps(document, ensure_ascii=False).encode()) == document


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No body breaks the reader in a way of its own."""
    try:
        document = strict.parse(body)
    except VendorFault:
        return
    assert document == json.loads(body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "Expecting value"),
        (b"<html>Welcome to our Wi-Fi</html>", "Expecting value"),
        (b'{"a": 1', "Expecting ',' delimiter"),
        (b'{"a": 1, "a": 2}', "a key is repeated"),
        (b'{"x": [{"a": 1, "a": 1}]}', "a key is repeated"),
        (b"[NaN]", "NaN is no JSON"),
        (b"[-Infinity]", "-Infinity is no JSON"),
        (b"\xff\xfe[]", "it is not UTF-8"),
        (b"[1]]", "Extra data"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 66 + b"]" * 66, "nested too deeply"),
        (b'{"a":' * 66 + b"1" + b"}" * 66, "nested too deeply"),
        (b"1" * 5_000, "Exceeds the limit"),
    ],
)
def test_what_json_should_not_say_is_refused(body: bytes, why: str) -> None:
    """Repeated keys, NaN, endless nesting, half documents: nothing is concluded from them."""
    with pytest.raises(VendorFault, match=why):
        strict.parse(body)


def test_sixty_four_levels_are_enough_for_anyone() -> None:
    """The bound itself is still accepted."""
    assert strict.parse(b"[" * 64 + b"]" * 64) is not None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "an integer"),
        (1.5, "a number"),
        ("x", "text"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_a_wrong_type_is_named_and_its_value_is_not(value: object, kind: str) -> None:
    """Enough to report a fault, and no contact data in it."""
    assert kind in str(strict.unexpected("a.b", "something", value))


def test_a_missing_field_is_named() -> None:
    """Where, and what."""
    with pytest.raises(VendorFault, match="the answer's activity has no role"):
        strict.text({}, "role", "activity")


@pytest.mark.parametrize("value", [None, 1, [], {}])
def test_text_is_text(value: object) -> None:
    """Nothing is turned into text silently."""
    with pytest.raises(VendorFault, match=r"a\.k should be text"):
        strict.text({"k": value}, "k", "a")


def test_half_a_character_is_no_text() -> None:
    """JSON can hold a lone surrogate; it could never be sent back."""
    with pytest.raises(VendorFault, match="half a character"):
        strict.text({"k": strict.parse(b'"\\ud83d"')}, "k", "a")


@pytest.mark.parametrize("value", [None, True, 1.0, "1", []])
def test_an_integer_is_an_integer(value: object) -> None:
    """True is no 1, and "1" is none either."""
    with pytest.raises(VendorFault, match=r"a\.k should be an integer"):
        strict.integer({"k": value}, "k", "a")


def test_optional_text_may_be_absent_or_null_and_nothing_else() -> None:
    """An integer is not "no text"."""
    assert strict.optional_text({}, "k", "a") is None
    assert strict.optional_text({"k": None}, "k", "a") is None
    assert strict.optional_text({"k": "x"}, "k", "a") == "x"
    with pytest.raises(VendorFault):
        strict.optional_text({"k": 0}, "k", "a")


@pytest.mark.parametrize("value", [None, "x", {}, 1])
def test_an_array_is_an_array(value: object) -> None:
    """An object with numbered keys is none."""
    with pytest.raises(VendorFault, match="an array"):
        strict.array(value, "page.lists")


@pytest.mark.parametrize("value", [None, "x", [], 1])
def test_an_object_is_an_object(value: object) -> None:
    """An empty array is no empty object."""
    with pytest.raises(VendorFault, match="an object"):
        strict.record(value, "page")
