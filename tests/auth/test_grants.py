"""What a login yields, as a text and back: strictly, and without showing it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.constantcontact.authz import AUTHZ_ORIGIN, SCOPES, authz_of
from ccops.constantcontact.grants import (
    Grant,
    RefreshKind,
    grant_text,
    parse_grant,
    read_grant,
    renewed_grant,
)
from ccops.constantcontact.origin import API_ORIGIN
from ccops.constantcontact.secret import Secret
from ccops.errors import CcopsError, InvalidInput

NOW = datetime(2027, 3, 1, 14, tzinfo=UTC)
words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
instants = st.datetimes(timezones=st.just(UTC))
WITHOUT = RefreshKind.NONE


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    kind = draw(st.sampled_from(RefreshKind))
    return Grant(
        client_id=draw(words),
        access=Secret(draw(words)),
        expires_at=draw(instants),
        refresh=None if kind is WITHOUT else Secret(draw(words)),
        renewed_at=draw(instants),
        scopes=tuple(draw(st.lists(words, max_size=4))),
        kind=kind,
    )


@given(grants())
@settings(max_examples=60)
def test_what_is_stored_comes_back(grant: Grant) -> None:
    """Every field; and nobody who shows the value shows a token."""
    text = grant_text(grant)
    back = parse_grant(text)
    assert back is not None
    assert grant_text(back) == text
    assert (back.expires_at, back.renewed_at) == (grant.expires_at, grant.renewed_at)
    assert (back.client_id, back.scopes, back.kind) == (grant.client_id, grant.scopes, grant.kind)
    assert "access=***" in repr(grant)


def test_nobody_is_a_text_too() -> None:
    """An empty one."""
    assert parse_grant(grant_text(None)) is None


def a_grant(**changes: Any) -> dict[str, Any]:
    kept = {
        "format": 1,
        "client_id": "app",
        "access_token": "needle-access",
        "expires_at": "2027-03-02T14:00:00+00:00",
        "refresh_token": "needle-refresh",
        "renewed_at": "2027-03-01T14:00:00+00:00",
        "scopes": ["campaign_data"],
        "kind": "rotating",
    }
    return {key: value for key, value in {**kept, **changes}.items() if value is not ...}


def test_the_text_is_of_this_form() -> None:
    """A later version must read what this one wrote."""
    grant = parse_grant(json.dumps(a_grant()))
    assert grant is not None
    assert json.loads(grant_text(grant)) == a_grant()


@pytest.mark.parametrize(
    "changes",
    [
        *[{key: ...} for key in a_grant()],
        {"format": 2},
        {"more": 1},
        {"kind": "none"},
        {"refresh_token": None},
        {"kind": "eternal"},
        {"access_token": ""},
        {"access_token": "two words"},
        {"expires_at": "2027-03-02T14:00:00"},
        {"expires_at": "2027-03-02T14:00:00+01:00"},
        {"expires_at": "tomorrow"},
        {"scopes": "campaign_data"},
        {"scopes": [1]},
    ],
)
def test_any_other_text_is_refused_without_quoting_it(changes: dict[str, Any]) -> None:
    """One missing, one more, one of another kind."""
    with pytest.raises(ValueError, match="no login") as caught:
        parse_grant(json.dumps(a_grant(**changes)))
    assert "needle" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"format": 1, "format": 1}'])
def test_no_document_is_refused(text: str) -> None:
    """Half a text is no login."""
    with pytest.raises(ValueError, match="no login"):
        parse_grant(text)


def answer(shown: str | None = None, **changes: object) -> Grant:
    """Read an answer of the token endpoint."""
    said = {
        "access_token": "a",
        "expires_in": 86_400,
        "refresh_token": "r",
        "token_type": "Bearer",
        **changes,
    }
    body = json.dumps({key: value for key, value in said.items() if value is not ...}).encode()
    refresh = Secret(shown) if shown else None
    return read_grant(body, client_id="app", asked=("x",), now=NOW, refresh=refresh)


@pytest.mark.parametrize(
    ("shown", "changes", "kept", "kind"),
    [
        (None, {}, "r", RefreshKind.UNKNOWN),
        (None, {"refresh_token": ...}, None, RefreshKind.NONE),
        (None, {"refresh_token": ""}, None, RefreshKind.NONE),
        ("old", {}, "r", RefreshKind.ROTATING),
        ("r", {}, "r", RefreshKind.LONG_LIVED),
        ("old", {"refresh_token": ...}, "old", RefreshKind.UNKNOWN),
        ("old", {"refresh_token": ""}, "old", RefreshKind.UNKNOWN),
        ("old", {"refresh_token": None}, "old", RefreshKind.UNKNOWN),
    ],
)
def test_which_refresh_token_is_kept(
    shown: str | None, changes: dict[str, object], kept: str | None, kind: RefreshKind
) -> None:
    """Whatever came back; the old one where nothing did (RFC 6749 §6)."""
    grant = answer(shown, **changes)
    assert (grant.refresh.reveal() if grant.refresh else None, grant.kind) == (kept, kind)


def test_an_answer_that_leaves_the_token_leaves_its_kind() -> None:
    """What was learnt of it stays true; a new token tells anew."""
    old = answer("r")
    assert renewed_grant(old, answer("r", refresh_token=...)).kind is RefreshKind.LONG_LIVED
    assert renewed_grant(old, answer("old")).kind is RefreshKind.ROTATING


def test_life_and_scopes() -> None:
    """`expires_in` is obeyed (24 h and 8 h are both documented); no scope means: as asked."""
    assert answer(expires_in=28_800).expires_at == NOW + timedelta(hours=8)
    assert answer(scope="a b").scopes == ("a", "b")
    assert answer().scopes == ("x",)


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": ...},
        {"access_token": ""},
        {"access_token": 1},
        {"expires_in": ...},
        {"expires_in": "86400"},
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": 10**12},
        {"refresh_token": "two words"},
        {"scope": ["a"]},
    ],
)
def test_an_answer_that_is_none(changes: dict[str, object]) -> None:
    """Nothing is guessed: with no life, a token could be used for ever."""
    with pytest.raises((CcopsError, ValueError)):
        answer(**changes)


def test_where_logins_are_made() -> None:
    """The vendor's server, pinned; a sandbox's own on this machine; nothing else."""
    real = authz_of(API_ORIGIN)
    assert (real.origin, real.token) == (AUTHZ_ORIGIN, "/oauth2/default/v1/token")
    assert AUTHZ_ORIGIN == "https://authz.constantcontact.com"
    assert authz_of("http://127.0.0.1:8025/").origin == "http://127.0.0.1:8025"
    assert set(SCOPES) == {"campaign_data", "contact_data", "account_read", "offline_access"}
    for url in ("https://authz.constantcontact.com", "http://192.0.2.1", "https://evil.example"):
        with pytest.raises(InvalidInput, match="CC290"):
            authz_of(url)
