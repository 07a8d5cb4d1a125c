"""S-03: what a bug shows holds no secret of this process, wherever the secret came from."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.secret import Secret, redacted
from ccops.session import login
from ccops.session.credentials import confidential
from tests.auth.browsing import secrets_of
from tests.auth.logins import at, ending, issue, logged_in
from tests.e2e.stage import Stage

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
texts = st.text(max_size=30)


class PlantedError(Exception):
    """A bug whose words hold what was at hand."""


@given(words, texts, texts)
def test_s03_no_secret_that_was_ever_made_is_left(word: str, before: str, after: str) -> None:
    """In plain text, as Python spells it and as JSON does; what surrounds it is kept."""
    secret = Secret(word)
    for spelled in (word, repr(word), json.dumps(word), repr([secret, word])):
        assert word not in redacted(f"{before} {spelled} {after}").replace("***", "")
        assert repr(word)[1:-1] not in redacted(spelled).replace("***", "")


def test_a_word_that_is_no_token_hides_nothing() -> None:
    """A sandbox takes any word; of a short one half a traceback would go."""
    assert Secret("ccops").reveal() == "ccops"
    assert redacted("the module ccops") == "the module ccops"
    assert redacted("given ccops", "ccops") == "given ***"


def test_a_longer_secret_goes_first() -> None:
    """Or the rest of it would stay."""
    for word in ("sesame-street", "sesame-street-and-more"):
        assert Secret(word)
    assert redacted("sesame-street-and-more!") == "***!"


def test_what_the_environment_holds_in_confidence() -> None:
    """Each value, and each word in it, for it may be quoted in pieces."""
    told = confidential({"CCOPS_ACCESS_TOKEN": "Bearer needle", "HOME": "/root"})
    assert {"Bearer needle", "needle"} <= set(told)
    assert "/root" not in told


def test_s03_stored_and_renewed_tokens_are_not_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The login that was stored, what a renewal brought, and the seed of a job."""
    logged_in(stage)
    ending(stage)

    def broken(*_: object) -> None:
        known = [*secrets_of(stage.world), json.dumps(list(stage.world.tokens))]
        raise PlantedError(f"at hand: {known}")

    monkeypatch.setattr(login, "_account", broken)
    for variables in ({}, {"CCOPS_REFRESH_TOKEN": "seed-of-a-runner"}):
        for word in variables.values():
            issue(stage, "refresh", word)
        done = at(stage, **variables).run("auth", "status")
        assert (done.code, "PlantedError: at hand" in done.err) == (1, True)
        assert not [one for one in secrets_of(stage.world) if one in done.err]


def test_s03_a_usage_error_quotes_no_confidence(stage: Stage) -> None:
    """Somebody pastes it into the command line."""
    for name in ("CCOPS_REFRESH_TOKEN", "CCOPS_STORE"):
        done = at(stage, **{name: "needle-of-a-store"}).run("plan", "needle-of-a-store")
        assert (done.code, "needle" in done.err) == (3, False)
