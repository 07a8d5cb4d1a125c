"""Logging in: code with PKCE, device flow, rotating refresh tokens."""

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from ccops.sandbox.world import World

OAUTH = "/oauth2/default/v1"
SCOPE = "campaign_data contact_data account_read offline_access"
BACK = "http://127.0.0.1:8765/callback"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def form(api: Any, path: str, authorization: str | None = None, **fields: Any) -> Any:
    return api(
        "POST",
        f"{OAUTH}/{path}",
        raw=urlencode(fields).encode(),
        authorization=authorization,
        content_type="application/x-www-form-urlencoded",
    )


def authorize(api: Any, **more: Any) -> Any:
    query = {
        "client_id": "app",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": SCOPE,
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return api("GET", f"{OAUTH}/authorize?{urlencode(query)}", authorization=None)


def returned(reply: Any) -> Any:
    return dict(parse_qsl(urlsplit(reply.headers["Location"]).query))


def redeem(api: Any, code: str, **more: Any) -> Any:
    fields = {"client_id": "app", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return form(api, "token", grant_type="authorization_code", **{**fields, **more})


def refresh(api: Any, token: str) -> Any:
    return form(api, "token", grant_type="refresh_token", client_id="app", refresh_token=token)


@pytest.fixture
def tokens(api: Any) -> Any:
    return redeem(api, returned(authorize(api))["code"]).document


def works(api: Any, token: str) -> Any:
    return api("GET", "/v3/emails", authorization=f"Bearer {token}").status == 200


def test_a_code_becomes_tokens_that_strict_auth_accepts_for_24_hours(
    world: World, api: Any, tokens: dict[str, Any]
) -> None:
    api.switch(strict_auth=True)
    assert (tokens["expires_in"], tokens["token_type"]) == (86400, "Bearer")
    assert works(api, tokens["access_token"])
    assert not works(api, tokens["refresh_token"])
    world.advance(86400)
    assert not works(api, tokens["access_token"])


def test_the_state_comes_back_and_the_owner_may_say_no(api: Any) -> None:
    assert returned(authorize(api))["state"] == "s"
    api.switch(consent="deny")
    assert returned(authorize(api)) == {"error": "access_denied", "state": "s"}


@pytest.mark.parametrize(
    "more",
    [
        {"redirect_uri": "https://elsewhere.example/"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"scope": ""},
        {"scope": "campaign_data+contact_data"},
    ],
)
def test_authorize_refuses_what_is_not_allowed(api: Any, more: dict[str, Any]) -> None:
    assert authorize(api, **more).status == 400


def test_a_code_is_used_once_within_five_minutes_with_its_verifier(world: World, api: Any) -> None:
    code = returned(authorize(api))["code"]
    assert redeem(api, code).status == 200
    assert redeem(api, code).document["error"] == "invalid_grant"
    for more in ({"code_verifier": "x"}, {"redirect_uri": f"{BACK}2"}, {"client_id": "other"}):
        assert redeem(api, returned(authorize(api))["code"], **more).status == 400
    late = returned(authorize(api))["code"]
    world.advance(300)
    assert redeem(api, late).status == 400


def test_each_refresh_kills_all_earlier_refresh_tokens(api: Any, tokens: dict[str, Any]) -> None:
    second = refresh(api, tokens["refresh_token"]).document
    third = refresh(api, second["refresh_token"]).document
    for dead in (tokens, second):
        reply = refresh(api, dead["refresh_token"])
        assert (reply.status, reply.document["error"]) == (400, "invalid_grant")
    assert refresh(api, third["refresh_token"]).status == 200


def test_a_lost_answer_to_a_refresh_locks_out(api: Any, tokens: dict[str, Any]) -> None:
    fault = {"match": {"path": f"{OAUTH}/token"}, "fault": "drop_after"}
    api("POST", "/__sandbox/faults", fault)
    with pytest.raises(ConnectionError):
        refresh(api, tokens["refresh_token"])
    assert refresh(api, tokens["refresh_token"]).document["error"] == "invalid_grant"


def test_a_long_lived_refresh_token_stays_until_180_days_without_use(
    world: World, api: Any, tokens: dict[str, Any]
) -> None:
    api.switch(refresh_tokens="long_lived")
    again = refresh(api, tokens["refresh_token"]).document
    assert again["refresh_token"] == tokens["refresh_token"]
    world.advance(179 * 86400)
    assert refresh(api, tokens["refresh_token"]).status == 200
    world.advance(180 * 86400)
    assert refresh(api, tokens["refresh_token"]).status == 400


def test_without_offline_access_there_is_no_refresh_token(api: Any) -> None:
    code = returned(authorize(api, scope="campaign_data"))["code"]
    granted = redeem(api, code).document
    assert "refresh_token" not in granted
    token = granted["access_token"]
    assert api("GET", "/v3/segments", authorization=f"Bearer {token}").status == 403


def test_a_device_waits_for_its_owner_and_gets_no_refresh_token(api: Any) -> None:
    asked = form(api, "device/authorize", client_id="app", scope=SCOPE).document
    poll = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": "app",
        "device_code": asked["device_code"],
    }
    assert form(api, "token", **poll).document["error"] == "authorization_pending"
    assert api("GET", asked["verification_uri_complete"], authorization=None).status == 200
    granted = form(api, "token", **poll).document
    assert "refresh_token" not in granted
    api.switch(strict_auth=True)
    assert works(api, granted["access_token"])
    assert form(api, "token", **poll).document["error"] == "invalid_grant"


def test_a_device_may_be_denied_or_forgotten(world: World, api: Any) -> None:
    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "app"}
    asked = [form(api, "device/authorize", client_id="app", scope=SCOPE).document for _ in range(2)]
    api.switch(consent="deny")
    api("GET", asked[0]["verification_uri_complete"])
    denied = form(api, "token", **poll, device_code=asked[0]["device_code"])
    assert denied.document["error"] == "access_denied"
    world.advance(600)
    expired = form(api, "token", **poll, device_code=asked[1]["device_code"])
    assert expired.document["error"] == "expired_token"
    assert api("GET", "/activate?user_code=NONE").status == 404


def asked_and_granted(api: Any) -> Any:
    """A device whose owner has consented, as the fields of its next poll."""
    asked = form(api, "device/authorize", client_id="app", scope=SCOPE).document
    api("GET", asked["verification_uri_complete"], authorization=None)
    grant_type = "urn:ietf:params:oauth:grant-type:device_code"
    return {"grant_type": grant_type, "client_id": "app", "device_code": asked["device_code"]}


def test_a_device_may_be_told_to_slow_down(api: Any) -> None:
    """As often as asked for (RFC 8628); then its polls are heard."""
    poll = asked_and_granted(api)
    api.switch(device_slow_down=2)
    assert [form(api, "token", **poll).document.get("error") for _ in range(3)] == [
        "slow_down",
        "slow_down",
        None,
    ]


def test_a_device_may_get_a_refresh_token(api: Any) -> None:
    """The references disagree, so there is a switch; and one for the interval that it is told."""
    api.switch(device_refresh=True, device_interval=0)
    granted = form(api, "token", **asked_and_granted(api)).document
    assert refresh(api, granted["refresh_token"]).status == 200
    asked = form(api, "device/authorize", client_id="app", scope=SCOPE).document
    assert asked["interval"] == 0


def test_the_token_endpoint_takes_one_request_a_second(world: World, api: Any) -> None:
    """Per client, and what is refused uses nothing up."""
    now = [100.0]
    world.monotonic = lambda: now[0]
    api.switch(token_throttle=True)
    codes = [returned(authorize(api))["code"] for _ in range(2)]
    assert redeem(api, codes[0]).status == 200
    assert redeem(api, codes[1]).status == 429
    assert form(api, "token", client_id="other", grant_type="password").status == 400
    now[0] += 1.1
    assert redeem(api, codes[1]).status == 200


def test_a_known_client_must_show_its_secret(world: World, api: Any) -> None:
    world.clients["app"] = "hush"
    code = returned(authorize(api, code_challenge=""))["code"]
    wrong = b64encode(b"app:loud").decode()
    right = b64encode(b"app:hush").decode()
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    assert form(api, "token", f"Basic {wrong}", **fields).status == 401
    assert form(api, "token", "Basic !", **fields).status == 401
    assert form(api, "token", **fields).status == 401
    assert form(api, "token", f"Basic {right}", **fields).status == 200


def test_an_unknown_grant_type_is_refused_in_oauth_manner(api: Any) -> None:
    reply = form(api, "token", client_id="app", grant_type="password")
    assert set(reply.document) == {"error", "error_description"}


def test_the_log_holds_no_secret(world: World, api: Any, tokens: dict[str, Any]) -> None:
    refresh(api, tokens["refresh_token"])
    logged = "\n".join(entry.body for entry in world.requests)
    assert tokens["refresh_token"] not in logged
    assert VERIFIER not in logged
    assert "grant_type=refresh_token" in logged
