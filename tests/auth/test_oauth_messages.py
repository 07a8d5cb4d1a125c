"""The messages of a login: what is sent, and what is made of each answer."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ccops.constantcontact import oauth
from ccops.constantcontact.authz import Authz
from ccops.constantcontact.denials import Refusal, refused
from ccops.constantcontact.grants import Grant
from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied, CcopsError, Diagnostic, NoReply, Throttled, VendorFault
from ccops.ports import Call, Reply, Send

AUTHZ = Authz(origin="https://authz.constantcontact.com")
NOW = datetime(2027, 3, 1, 14, tzinfo=UTC)
NEEDLE = "needle-of-a-secret"
GRANTED = json.dumps({"access_token": "a", "expires_in": 60, "refresh_token": "r"}).encode()
DEVICE = {
    "device_code": NEEDLE,
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://identity.example/activate",
    "expires_in": 600,
}


class Heard:
    """A `Send` that answers the same to everything, and remembers what it was sent."""

    def __init__(self, status: int, body: bytes) -> None:
        self.calls: list[Call] = []
        self._reply = Reply(status=status, headers={}, body=body)

    def __call__(self, call: Call) -> Reply:
        self.calls.append(call)
        return self._reply

    @property
    def form(self) -> dict[str, str]:
        """The one request's fields."""
        [call] = self.calls
        assert call.body is not None
        return dict(parse_qsl(call.body.decode(), strict_parsing=True))


def redeem(send: Send) -> Grant | Refusal:
    return oauth.redeem(
        send,
        AUTHZ,
        client_id="app",
        code=Secret(NEEDLE),
        redirect_uri="http://127.0.0.1:1/callback",
        verifier=Secret("v" * 64),
        now=NOW,
    )


def refresh(send: Send) -> Grant | Refusal:
    return oauth.refresh(send, AUTHZ, client_id="app", token=Secret(NEEDLE), scopes=("a",), now=NOW)


def begin(send: Send) -> oauth.Device | Refusal:
    return oauth.begin_device(send, AUTHZ, client_id="app")


def poll(send: Send) -> Grant | Refusal:
    device = oauth.Device(
        code=Secret(NEEDLE), user_code="", uri="", whole_uri="", life=1, interval=1
    )
    return oauth.poll_device(send, AUTHZ, device, client_id="app", now=NOW)


ASKING: dict[str, Callable[[Send], Any]] = {
    "redeem": redeem,
    "refresh": refresh,
    "begin": begin,
    "poll": poll,
}


def test_the_page_to_open() -> None:
    """A hash of the verifier and not the verifier; no blank in a scope is a `%2B`."""
    url = oauth.authorize_url(
        AUTHZ, client_id="a&b", redirect_uri="http://127.0.0.1:1/callback", state="s", verifier="v"
    )
    query = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
    challenge = urlsafe_b64encode(sha256(b"v").digest()).decode().rstrip("=")
    assert url.startswith("https://authz.constantcontact.com/oauth2/default/v1/authorize?")
    assert query == {
        "response_type": "code",
        "client_id": "a&b",
        "redirect_uri": "http://127.0.0.1:1/callback",
        "scope": "campaign_data contact_data account_read offline_access",
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert "%2B" not in url.upper()


@pytest.mark.parametrize(
    ("ask", "form"),
    [
        (
            "redeem",
            {
                "grant_type": "authorization_code",
                "client_id": "app",
                "code": NEEDLE,
                "redirect_uri": "http://127.0.0.1:1/callback",
                "code_verifier": "v" * 64,
            },
        ),
        (
            "refresh",
            {"grant_type": "refresh_token", "client_id": "app", "refresh_token": NEEDLE},
        ),
        (
            "poll",
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                "client_id": "app",
                "device_code": NEEDLE,
            },
        ),
    ],
)
def test_what_is_sent_for_a_token(ask: str, form: dict[str, str]) -> None:
    """In the body alone, once, with no bearer, no secret and no lease."""
    heard = Heard(200, GRANTED)
    assert isinstance(ASKING[ask](heard), Grant)
    [call] = heard.calls
    assert heard.form == form
    assert (call.method, call.path, call.query, call.lease) == ("POST", AUTHZ.token, (), None)
    assert set(call.headers) == {"accept", "content-type", "user-agent"}
    assert NEEDLE not in repr(call.headers)


def test_what_a_device_asks_for() -> None:
    """And what it is told; the interval is five seconds where none is said (RFC 8628)."""
    heard = Heard(200, json.dumps(DEVICE).encode())
    device = begin(heard)
    assert isinstance(device, oauth.Device)
    assert heard.form["scope"] == "campaign_data contact_data account_read offline_access"
    assert (heard.calls[0].path, device.interval, device.life) == (AUTHZ.device, 5, 600)
    assert (device.uri, device.whole_uri) == (DEVICE["verification_uri"],) * 2
    assert NEEDLE not in repr(device)


@pytest.mark.parametrize(
    "changes",
    [
        {"verification_uri": "file:///etc/passwd"},
        {"verification_uri": "http://elsewhere.example/activate"},
        {"verification_uri_complete": "javascript:alert(1)"},
        {"verification_uri": 1},
        {"device_code": ""},
        {"interval": "5"},
        {"expires_in": None},
    ],
)
def test_a_device_answer_that_is_none(changes: dict[str, object]) -> None:
    """Nobody is sent to a page that is none, and the answer is not quoted."""
    with pytest.raises(VendorFault, match="CC542") as caught:
        begin(Heard(200, json.dumps({**DEVICE, **changes}).encode()))
    assert caught.value.__context__ is None


@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize(
    "word", [*(one for one in Refusal if one is not Refusal.OTHER), "a stranger's word", NEEDLE]
)
def test_every_refusal_is_a_value(ask: str, word: str) -> None:
    """A word that stands in no book is OTHER, and is not repeated."""
    body = json.dumps({"error": word, "error_description": NEEDLE}).encode()
    for status in (400, 401, 403):
        answer = ASKING[ask](Heard(status, body))
        assert answer == (word if word in set(Refusal) else Refusal.OTHER)
        assert NEEDLE not in str(refused(answer, "try again"))


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (Refusal.ACCESS_DENIED, "CC544"),
        (Refusal.INVALID_GRANT, "CC541"),
        (Refusal.EXPIRED_TOKEN, "CC541"),
        (Refusal.INVALID_CLIENT, "CC540"),
        (Refusal.OTHER, "CC540"),
    ],
)
def test_every_refusal_says_what_to_do(word: Refusal, code: str) -> None:
    """With the command that repairs it."""
    [told] = refused(word, "run `ccops auth login`").diagnostics
    assert told.code == code
    assert "run `ccops auth login`" in told.help


UNUSABLE = [
    (200, b""),
    (200, b"<html>"),
    (200, b"[]"),
    (200, b'{"access_token": "' + NEEDLE.encode() + b'"}'),
    (200, b'{"access_token": "' + NEEDLE.encode() + b' x", "expires_in": 60}'),
    (204, b""),
    (302, b""),
    (400, b"not json"),
    (404, b'{"error": "x"}'),
    (500, b'{"error": "server_error"}'),
    (502, b"<html>"),
]


@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize(("status", "body"), UNUSABLE)
def test_any_other_answer_says_nothing(ask: str, status: int, body: bytes) -> None:
    """What was shown may be used up; the answer is not quoted."""
    with pytest.raises(VendorFault, match="CC542") as caught:
        ASKING[ask](Heard(status, body))
    assert NEEDLE not in str(caught.value)


@pytest.mark.parametrize("ask", ASKING)
def test_a_limit_is_no_refusal(ask: str) -> None:
    """One request a second (docs·support)."""
    with pytest.raises(Throttled, match="CC530"):
        ASKING[ask](Heard(429, b""))


@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize("maybe", [True, False])
def test_no_answer_is_told_in_our_own_words(ask: str, maybe: bool) -> None:
    """The HTTP library quotes what it cannot read; nothing was read before anything left."""

    def lost(_: Call) -> Reply:
        word = f"got {NEEDLE}" if maybe else "refused"
        raise NoReply(
            Diagnostic(code="CC502" if maybe else "CC501", message=word), maybe_sent=maybe
        )

    with pytest.raises(NoReply) as caught:
        ASKING[ask](lost)
    assert caught.value.maybe_sent is maybe
    assert caught.value.diagnostics[0].code == ("CC542" if maybe else "CC501")
    assert NEEDLE not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("code=abc&state=s", "abc"),
        ("code=a%2Bb&state=s&iss=x", "a+b"),
        ("error=access_denied&state=s", Refusal.ACCESS_DENIED),
        ("error=access_denied&error_description=x&state=s", Refusal.ACCESS_DENIED),
        ("error=invalid_scope&state=s", Refusal.INVALID_SCOPE),
        ("error=server_error&state=s", Refusal.OTHER),
        ("state=s", Refusal.OTHER),
    ],
)
def test_what_the_browser_brings(query: str, answer: str) -> None:
    """A code, or why there is none."""
    found = oauth.read_redirect(query, "s")
    assert (found.reveal() if isinstance(found, Secret) else found) == answer


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=abc",
        "code=abc&state=",
        "code=abc&state=S",
        "code=abc&state=t",
        "code=abc&state=s&state=t",
        "code=abc&code=def&state=s",
        "code=a%20b&state=s",
        "code=a%0d%0ab&state=s",
        "error=access_denied&state=t",
        "error=access_denied",
        "code=%ff&state=t",
    ],
)
def test_what_is_not_for_this_login(query: str) -> None:
    """Another state, none, or something ambiguous: nothing of it is used."""
    with pytest.raises(AccessDenied, match="CC543"):
        oauth.read_redirect(query, "s")


def test_an_error_has_its_exit_code() -> None:
    """A login that came to nothing is exit 4."""
    error: CcopsError = refused(Refusal.OTHER, "x")
    assert error.exit_code == 4
