"""What an answer to a write proves: the whole table, row by row and for each kind of write."""

import json
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.applying.outcome import Kind, Outcome, classify
from ccops.constantcontact.wire import schedule_step, unschedule_step, update_step
from ccops.errors import Diagnostic, ExitCode, NoReply
from ccops.model import NOW, Step, When
from ccops.ports import Reply
from tests.simulation.campaign import ACTIVITY, BOARD, DRAFT, HOUR
from tests.simulation.vendor import START

WHEN = START + HOUR
DELETE, PUT = unschedule_step(ACTIVITY), update_step(DRAFT, BOARD)
POST, POST_NOW = schedule_step(ACTIVITY, WHEN), schedule_step(ACTIVITY, NOW)
STEPS: dict[str, tuple[Step, When | None]] = {
    "DELETE": (DELETE, WHEN),
    "PUT": (PUT, WHEN),
    "POST": (POST, WHEN),
    "POST now": (POST_NOW, NOW),
}
PAGE = b"<html><body>Bad gateway</body></html>"
ACCEPTED, REJECTED, AMBIGUOUS, DENIED = Kind.ACCEPTED, Kind.REJECTED, Kind.AMBIGUOUS, Kind.DENIED
THROTTLED, QUOTA, NOT_SENT = Kind.THROTTLED, Kind.QUOTA, Kind.NOT_SENT


def envelope(key: str) -> bytes:
    """The API's own shape of a refusal: an array (spec)."""
    return json.dumps([{"error_key": key, "error_message": "It says why."}]).encode()


def single(key: str) -> bytes:
    """The same as one object, as 401, 403 and 429 come (spec, docs)."""
    return json.dumps({"error_key": key, "error_message": "It says why."}).encode()


def gateway(message: str) -> bytes:
    """What the gateway in front of the API says (probe)."""
    return json.dumps({"message": message}).encode()


def answer(status: int, body: bytes = b"") -> Reply:
    return Reply(status=status, headers={}, body=body)


def no_reply(*, maybe_sent: bool) -> NoReply:
    return NoReply(Diagnostic(code="CC502", message="it was cut off"), maybe_sent=maybe_sent)


def to(name: str, reply: Reply | NoReply) -> Outcome:
    step, when = STEPS[name]
    return classify(step, when, reply)


# --- no complete answer, and refusals: the same for every kind of write -----------------------

REFUSALS: list[tuple[Reply | NoReply, Kind, ExitCode]] = [
    (no_reply(maybe_sent=False), NOT_SENT, ExitCode.UNEXPECTED),
    (no_reply(maybe_sent=True), AMBIGUOUS, ExitCode.UNEXPECTED),
    (answer(429, single("throttled")), THROTTLED, ExitCode.THROTTLED),
    (answer(429, envelope("throttled")), THROTTLED, ExitCode.THROTTLED),
    (answer(429, PAGE), THROTTLED, ExitCode.THROTTLED),
    (answer(429), THROTTLED, ExitCode.THROTTLED),
    (answer(403, single("mashery.not.authorized.over.qps")), THROTTLED, ExitCode.THROTTLED),
    (answer(429, single("quota_exceeded")), QUOTA, ExitCode.THROTTLED),
    (answer(403, single("mashery.not.authorized.over.ratelimit")), QUOTA, ExitCode.THROTTLED),
    (answer(401, single("unauthorized")), AMBIGUOUS, ExitCode.ACCESS),
    (answer(401, PAGE), AMBIGUOUS, ExitCode.ACCESS),
    (answer(403, envelope("access_denied")), DENIED, ExitCode.ACCESS),
    (answer(403, single("access_denied")), DENIED, ExitCode.ACCESS),
    (answer(403, gateway("Forbidden")), DENIED, ExitCode.ACCESS),
    (answer(403, PAGE), AMBIGUOUS, ExitCode.ACCESS),
    (answer(403), AMBIGUOUS, ExitCode.ACCESS),
    *[
        (answer(status, envelope("no.way")), REJECTED, ExitCode.UNEXPECTED)
        for status in (400, 404, 409, 415)
    ],
    *[(answer(status, PAGE), AMBIGUOUS, ExitCode.UNEXPECTED) for status in (400, 404, 409, 415)],
    *[
        (answer(status, body), AMBIGUOUS, ExitCode.UNEXPECTED)
        for status, body in product(
            (500, 502, 503, 504), (b"", PAGE, envelope("server.error"), gateway("Oops"), b'[{"err')
        )
    ],
    *[(answer(status, PAGE), AMBIGUOUS, ExitCode.UNEXPECTED) for status in (301, 302, 307, 308)],
    (answer(405, envelope("method")), AMBIGUOUS, ExitCode.UNEXPECTED),
    (answer(418, envelope("teapot")), AMBIGUOUS, ExitCode.UNEXPECTED),
    (answer(199, b""), AMBIGUOUS, ExitCode.UNEXPECTED),
]


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(("reply", "kind", "code"), REFUSALS)
def test_only_the_vendors_own_words_refuse_for_certain(
    reply: Reply | NoReply, kind: Kind, code: ExitCode, name: str
) -> None:
    """Everything that a proxy, a crash or a cut line could say proves nothing."""
    found = to(name, reply)
    assert (found.kind, found.answered_2xx) == (kind, False)
    assert found.exit_code is code


# --- 2xx ----------------------------------------------------------------------------------------


def dates(*texts: str) -> bytes:
    return json.dumps([{"scheduled_date": text} for text in texts]).encode()


RIGHT = "2026-10-06T13:00:00.000Z"
WRONG = "2026-10-06T14:00:00.000Z"
DEEP = b"[" * 100_000
SUCCESSES: list[tuple[str, bytes, Kind]] = [
    ("DELETE", b"", ACCEPTED),
    ("DELETE", PAGE, ACCEPTED),
    ("PUT", b'{"subject": "Will you help?"}', ACCEPTED),
    ("PUT", b"{}", ACCEPTED),
    ("PUT", b"[]", AMBIGUOUS),
    ("PUT", b"", AMBIGUOUS),
    ("PUT", PAGE, AMBIGUOUS),
    ("PUT", b'{"subject": ', AMBIGUOUS),
    ("PUT", b"\xff\xfe", AMBIGUOUS),
    ("PUT", DEEP, AMBIGUOUS),
    ("POST", dates(RIGHT), ACCEPTED),
    ("POST", dates("2026-10-06T09:00:00-04:00"), ACCEPTED),
    ("POST", dates("2026-10-06T13:00:00.999Z"), ACCEPTED),
    ("POST", dates(WRONG), AMBIGUOUS),
    ("POST", dates(RIGHT, RIGHT), AMBIGUOUS),
    ("POST", b"[]", AMBIGUOUS),
    ("POST", b"{}", AMBIGUOUS),
    ("POST", b"", AMBIGUOUS),
    ("POST", PAGE, AMBIGUOUS),
    ("POST", dates("soon"), AMBIGUOUS),
    ("POST", DEEP, AMBIGUOUS),
    ("POST now", b"[]", ACCEPTED),
    ("POST now", dates(WRONG), ACCEPTED),
    ("POST now", dates(RIGHT, WRONG), AMBIGUOUS),
    ("POST now", b"", AMBIGUOUS),
    ("POST now", PAGE, AMBIGUOUS),
]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize(("name", "body", "kind"), SUCCESSES)
def test_a_success_is_one_only_with_its_expected_body(
    name: str, body: bytes, kind: Kind, status: int
) -> None:
    """Any 2xx will do; but what it says must fit, and it is remembered that one came."""
    found = to(name, answer(status, body))
    assert (found.kind, found.answered_2xx) == (kind, True)


# --- laws ---------------------------------------------------------------------------------------

bodies = st.one_of(
    st.binary(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=6,
    ).map(lambda document: json.dumps(document).encode()),
    st.sampled_from([envelope("throttled"), single("quota_exceeded"), gateway("No"), dates(RIGHT)]),
)


@given(st.sampled_from(list(STEPS)), st.integers(100, 599), bodies)
def test_every_answer_has_a_class(name: str, status: int, body: bytes) -> None:
    """No answer is without one; 2xx never refuses, and nothing else ever accepts."""
    found = to(name, answer(status, body))
    success = 200 <= status < 300
    assert found.answered_2xx is success
    assert (found.kind in {ACCEPTED, AMBIGUOUS}) if success else (found.kind is not ACCEPTED)
    assert str(status) in found.detail


@given(st.sampled_from(list(STEPS)), st.integers(500, 599), bodies)
def test_a_crash_refuses_nothing(name: str, status: int, body: bytes) -> None:
    """A 5xx is ambiguous, even if it bears the key of a limit."""
    assert to(name, answer(status, body)).kind is AMBIGUOUS


def test_the_vendors_words_are_quoted() -> None:
    """A person is to see what Constant Contact said."""
    said = to("POST", answer(400, envelope("scheduled_date.invalid"))).detail
    assert said == "answered 400 (scheduled_date.invalid: It says why.)"
    assert to("POST", answer(500)).detail == "answered 500"
    assert to("PUT", no_reply(maybe_sent=True)).detail == "it was cut off"


def test_a_time_is_accepted_to_the_second_only() -> None:
    """A second beside the one asked for is another time."""
    for seconds in (-1, 1):
        other = WHEN + timedelta(seconds=seconds)
        assert classify(POST, other, answer(201, dates(RIGHT))).kind is AMBIGUOUS
