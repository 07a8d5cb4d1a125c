"""What an access token says of itself."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.claims import Claims, read_claims
from ccops.constantcontact.secret import Secret

PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
EXPIRY = 1_800_000_000


def token(claims: object) -> Secret:
    body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Secret(f"eyJhbGciOiJSUzI1NiJ9.{body}.c2lnbmF0dXJl")


@given(PRINTABLE)
def test_any_word_may_be_a_token(word: str) -> None:
    """What is none of the vendor's says nothing; it is never an error."""
    found = read_claims(Secret(word))
    assert isinstance(found, Claims)
    if word.count(".") != 2:
        assert found == Claims()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["exp", "scp", "scope"]), inner)
        ),
    )
)
def test_any_claims_are_read(claims: object) -> None:
    """Of whatever types they are."""
    found = read_claims(token(claims))
    assert found.expires_at is None or found.expires_at.tzinfo is UTC
    assert found.scopes is None or all(isinstance(one, str) for one in found.scopes)


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        (
            {"exp": EXPIRY, "scp": ["campaign_data", "account_read"]},
            ("campaign_data", "account_read"),
        ),
        ({"exp": EXPIRY, "scope": "campaign_data account_read"}, ("campaign_data", "account_read")),
        ({"exp": EXPIRY}, None),
        ({"exp": EXPIRY, "scp": []}, ()),
    ],
)
def test_expiry_and_scopes(claims: object, scopes: tuple[str, ...] | None) -> None:
    """Scopes as an array, as words, or not at all."""
    expires_at = datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert read_claims(token(claims)) == Claims(expires_at=expires_at, scopes=scopes)


@pytest.mark.parametrize(
    "claims",
    [
        [],
        "x",
        {"exp": "soon"},
        {"exp": 10**30},
        {"exp": True},
        {"scp": "a b"},
        {"scp": [1]},
        {"scope": 1},
    ],
)
def test_claims_of_another_shape_say_nothing(claims: object) -> None:
    """Nothing is guessed from a part that can be read."""
    assert read_claims(token(claims)) == Claims()


def test_a_token_without_an_expiry() -> None:
    """Its scopes count still."""
    assert read_claims(token({"scp": ["a"]})) == Claims(scopes=("a",))


def test_a_token_that_is_no_json() -> None:
    """Three words with dots between them are no claims yet."""
    assert read_claims(Secret("a.b.c")) == Claims()
    assert read_claims(Secret("a.!!!.c")) == Claims()
