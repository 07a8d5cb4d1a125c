"""Who is logged in, in words and as JSON."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ccops.render.login import LoginShown, login_json, login_text
from ccops.render.style import PLAIN

NOW = datetime(2027, 3, 1, 14, tzinfo=UTC)
SHOWN = LoginShown(
    account="p07e1l8cdif9dl",
    name="Green\x1b[2JThumbs",
    source="ccops auth login",
    where="/state/token.sqlite3",
    kind="rotating",
    now=NOW,
    ends=NOW + timedelta(hours=23, minutes=59, seconds=30),
    unused_until=NOW + timedelta(days=180),
    scopes=("campaign_data", "offline_access"),
    missing=(),
)


def text(shown: LoginShown) -> str:
    return login_text(shown, style=PLAIN)


def test_one_fact_a_line() -> None:
    """An account's name is a stranger's word, and does nothing to the terminal."""
    lines = text(SHOWN).splitlines()
    assert "\x1b" not in text(SHOWN)
    assert lines[2] == "access token   lives 23 h 59 min longer"
    assert "dies when unused for 180 days" in lines[4]
    assert lines[-1] == "stored in      /state/token.sqlite3"


def test_a_scope_that_is_missing_is_told() -> None:
    """Some command must fail without it."""
    assert text(replace(SHOWN, missing=("contact_data",))).endswith(
        "Missing scopes: contact_data\n"
    )


def test_a_renewal_that_failed_is_told() -> None:
    """The login lives for some minutes, and whoever looks is to know it."""
    trouble = replace(SHOWN, trouble="CC530: fewer requests")
    assert text(trouble).endswith("Not renewed: CC530: fewer requests\n")
    assert json.loads(login_json(trouble))["not_renewed"] == "CC530: fewer requests"


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("none", "no"),
        ("unknown", "shared-store"),
        ("rotating", "shared-store"),
        ("long-lived", "yes"),
    ],
)
def test_whether_it_serves_ci_is_told(kind: str, word: str) -> None:
    """As a word for programs, and in words: what a pipeline needs besides."""
    shown = replace(SHOWN, kind=kind)
    assert json.loads(login_json(shown))["serves_ci"] == word
    assert "serves CI" in text(shown)


def test_of_a_given_token_nothing_is_known() -> None:
    """And nothing is made up."""
    given = replace(
        SHOWN, source="CCOPS_ACCESS_TOKEN", kind=None, ends=None, unused_until=None, where=""
    )
    assert "not known" in text(given)
    document = json.loads(login_json(given))
    assert (document["ends"], document["refresh_token"], document["where"]) == (None, None, None)


@pytest.mark.parametrize(
    ("kind", "word"), [("none", "cannot serve CI"), ("long-lived", "the same")]
)
def test_each_kind_is_explained(kind: str, word: str) -> None:
    """What it means for whoever relies on it."""
    assert word in text(replace(SHOWN, kind=kind, unused_until=None))


def test_a_token_that_has_ended_has_no_life() -> None:
    """Never a negative one."""
    assert "lives 0 h 0 min" in text(replace(SHOWN, ends=NOW - timedelta(hours=1)))


def test_the_document() -> None:
    """For doctors and dashboards."""
    assert json.loads(login_json(SHOWN)) == {
        "account": {"id": "p07e1l8cdif9dl", "name": "Green\x1b[2JThumbs"},
        "ends": "2027-03-02T13:59:30Z",
        "format_version": "1.0",
        "kind": "login",
        "missing_scopes": [],
        "not_renewed": None,
        "refresh_token": "rotating",
        "scopes": ["campaign_data", "offline_access"],
        "serves_ci": "shared-store",
        "source": "ccops auth login",
        "unused_until": "2027-08-28T14:00:00Z",
        "where": "/state/token.sqlite3",
    }
