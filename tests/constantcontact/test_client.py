"""The way to the API: authorized, paced, counted; reads retried, writes sent once."""

import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from ccops import __version__
from ccops.applying import protocol
from ccops.constantcontact.client import TRIES, Client, client
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.wire import get_call, schedule_step, step_call, unschedule_step
from ccops.constantcontact.writes import APPLY_WRITES, LEASE, NO_WRITES, WriteList
from ccops.errors import (
    AccessDenied,
    Blocked,
    CcopsError,
    Diagnostic,
    InvalidInput,
    NoReply,
    Throttled,
    VendorFault,
)
from ccops.model import NOW
from ccops.ports import Call, Reply, Send
from tests.constantcontact.vendor_builders import ACTIVITY, OneDayMeter, Script, error, raw, reply

CANARY = "canary.eyJhbGciOi"
TODAY = date(2026, 10, 6)
GAP = timedelta(milliseconds=300)
READ = get_call("/emails")
WHEN = datetime(2026, 10, 6, 13, tzinfo=UTC)
DELETE = step_call(unschedule_step(ACTIVITY))
POST = step_call(schedule_step(ACTIVITY, WHEN))
OK = reply({})
SENT = NoReply(Diagnostic(code="CC502", message="lost"), maybe_sent=True)
UNSENT = NoReply(Diagnostic(code="CC501", message="no connection"), maybe_sent=False)
THROTTLED = reply({"error_key": "throttled", "error_message": "x"}, 429)
QUOTA = reply({"error_key": "quota_exceeded", "error_message": "x"}, 429)


def login(
    send: Send,
    *,
    writes: WriteList = NO_WRITES,
    meter: OneDayMeter | None = None,
    per_day: int = 10_000,
    waits: list[float] | None = None,
) -> Client:
    return client(
        send,
        token=Secret(CANARY),
        origin="https://api.cc.email",
        writes=writes,
        meter=OneDayMeter() if meter is None else meter,
        gap=GAP,
        per_day=per_day,
        today=lambda: TODAY,
        sleep=([] if waits is None else waits).append,
        monotonic=lambda: 50.0,
    )


@contextmanager
def raising(kind: type[CcopsError], match: str | None = None) -> Iterator[None]:
    """Expect an error, without the token in anything that could be shown of it."""
    with pytest.raises(kind, match=match) as caught:
        yield
    shown = "".join(traceback.format_exception(caught.value))
    assert CANARY not in shown + repr(caught.value) + str(caught.value.__context__)


def test_a_request_carries_the_clients_own_headers_and_no_others() -> None:
    """A header of the caller's could change what a request means."""
    send = Script(OK)
    hostile = {"X-HTTP-Method-Override": "DELETE", "authorization": "Bearer other"}
    login(send)(replace(READ, headers=hostile))
    assert send.calls[0] == replace(
        READ,
        headers={
            "accept": "application/json",
            "authorization": f"Bearer {CANARY}",
            "user-agent": f"ccops/{__version__}",
        },
    )


def test_a_write_with_a_body_says_what_it_is() -> None:
    """JSON; a DELETE has no body and no content type."""
    send = Script(OK, OK)
    applying = login(send, writes=APPLY_WRITES)
    applying(POST)
    applying(DELETE)
    assert [call.headers.get("content-type") for call in send.calls] == ["application/json", None]
    assert [call.body for call in send.calls] == [POST.body, None]


@pytest.mark.parametrize("lease", [None, 0.0, 3_600.0])
def test_a_write_leaves_under_the_clients_own_lease(lease: float | None) -> None:
    """Whatever the caller asks for; a reading needs none."""
    send = Script(OK, OK)
    applying = login(send, writes=APPLY_WRITES)
    for call in (READ, POST):
        applying(replace(call, lease=lease))
    assert [call.lease for call in send.calls] == [None, LEASE]


def test_the_protocol_counts_on_the_same_lease() -> None:
    """It does not even ask for a write that the transport would hold back."""
    assert timedelta(seconds=LEASE) == protocol.LEASE


@given(st.text(max_size=10), st.text(max_size=40), st.none() | st.binary(max_size=20))
def test_a_read_only_client_lets_nothing_out_but_reads(
    method: str, path: str, body: bytes | None
) -> None:
    """INV-02: whatever the method, the path and the body."""
    send = Script(OK)
    meter = OneDayMeter()
    asked = Call(method=method, path=path, body=body)
    if (method, body) == ("GET", None):
        login(send, meter=meter)(asked)
    else:
        with raising(Blocked):
            login(send, meter=meter)(asked)
    assert all((call.method, call.body) == ("GET", None) for call in send.calls)
    assert len(meter.days) == len(send.calls)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "get", ""])
def test_every_method_but_get_is_refused_on_a_readable_path(method: str) -> None:
    """Even those that servers treat like a GET."""
    send = Script()
    with raising(Blocked, "CC490"):
        login(send)(replace(READ, method=method))
    assert send.calls == []


def test_a_read_with_a_body_is_no_read() -> None:
    """Nobody knows what a server makes of it."""
    with raising(Blocked):
        login(Script())(replace(READ, body=b"{}"))


def test_send_now_needs_its_own_permission() -> None:
    """Nothing leaves without it."""
    now = step_call(schedule_step(ACTIVITY, NOW))
    send = Script(OK)
    with raising(Blocked, "CC492"):
        login(send, writes=APPLY_WRITES)(now)
    assert send.calls == []
    login(send, writes=replace(APPLY_WRITES, send_now=frozenset({ACTIVITY})))(now)
    assert send.lines == [f"POST /v3/emails/activities/{ACTIVITY}/schedules"]


@pytest.mark.parametrize(
    "answer",
    [
        *[raw(b"<x>", status) for status in (301, 401, 403, 404, 409, 429, 500, 503)],
        *[OK, THROTTLED, QUOTA, raw(b""), reply([], 201), error(400)],
    ],
)
@pytest.mark.parametrize("asked", [POST, DELETE], ids=["POST", "DELETE"])
def test_a_write_is_sent_once_and_its_reply_goes_up_unchanged(asked: Call, answer: Reply) -> None:
    """Whatever the status: only the protocol may say what it means."""
    send = Script(answer, OK)
    assert login(send, writes=APPLY_WRITES)(asked) is answer
    assert len(send.calls) == 1


@pytest.mark.parametrize("lost", [SENT, UNSENT])
@pytest.mark.parametrize("asked", [POST, DELETE], ids=["POST", "DELETE"])
def test_a_write_without_a_reply_is_not_sent_again(asked: Call, lost: NoReply) -> None:
    """Not even when it certainly never left."""
    send = Script(lost, OK)
    with pytest.raises(NoReply) as caught:
        login(send, writes=APPLY_WRITES)(asked)
    assert caught.value is lost
    assert len(send.calls) == 1


def test_a_write_beyond_the_days_cap_certainly_did_not_leave() -> None:
    """The protocol hears it as such, and its GETs as Throttled."""
    send = Script()
    applying = login(send, writes=APPLY_WRITES, per_day=0)
    with raising(NoReply, "CC532"):
        applying(POST)
    with pytest.raises(NoReply) as caught:
        applying(POST)
    assert not caught.value.maybe_sent
    with raising(Throttled, "CC532"):
        applying(READ)
    assert (send.calls, applying.requests) == ([], 0)


AGAIN: list[Reply | NoReply] = [
    SENT,
    UNSENT,
    THROTTLED,
    raw(b"", 429),
    error(500),
    raw(b"<html>", 502),
    raw(b"", 503),
    raw(b'{"campaigns": ['),
    raw(b"<html>Welcome</html>"),
    raw(b""),
]
ONCE: list[tuple[Reply, type[CcopsError], str]] = [
    (QUOTA, Throttled, "CC531"),
    (error(401), AccessDenied, "CC520"),
    (error(403), AccessDenied, "CC521"),
    (reply({"message": "Forbidden"}, 403), AccessDenied, "CC522"),
    (raw(b"<html>", 403), AccessDenied, "CC523"),
    (error(400), VendorFault, "CC515"),
    (error(409), VendorFault, "CC515"),
    (raw(b"", 302), VendorFault, "CC516"),
    (raw(b"", 204), VendorFault, "CC515"),
    (replace(THROTTLED, headers={"retry-after": "86400"}), Throttled, "CC530"),
    (replace(error(503), headers={"retry-after": "3600"}), VendorFault, "CC514"),
]


@pytest.mark.parametrize("failure", AGAIN)
def test_a_read_that_failed_by_chance_is_made_again(failure: Reply | NoReply) -> None:
    """Up to three times in all."""
    send = Script(failure, failure, OK)
    reading = login(send)
    assert reading(READ) is OK
    assert reading.requests == len(send.calls) == TRIES


@pytest.mark.parametrize("failure", AGAIN)
def test_a_read_that_fails_three_times_has_failed(failure: Reply | NoReply) -> None:
    """F-11: with the error of the last try; it is never an answer."""
    send = Script(*[failure] * 4)
    with raising(CcopsError):
        login(send)(READ)
    assert len(send.calls) == TRIES


@pytest.mark.parametrize(("refused", "kind", "code"), ONCE)
def test_a_read_that_was_refused_is_not_made_again(
    refused: Reply, kind: type[CcopsError], code: str
) -> None:
    """It would be refused again; a day is not waited for."""
    send = Script(refused, OK)
    with raising(kind, code):
        login(send)(READ)
    assert len(send.calls) == 1


@pytest.mark.parametrize("missing", [error(404), raw(b"<html>", 404), reply({}, 404)])
def test_a_404_goes_up_as_it_is(missing: Reply) -> None:
    """Only the reader knows whether it means "gone"."""
    send = Script(missing)
    assert login(send)(READ) is missing


def test_every_attempt_is_paced_and_counted() -> None:
    """INV-20: retries too; each waits for its slot."""
    meter, waits = OneDayMeter(wait=0.25), list[float]()
    login(Script(SENT, THROTTLED, OK), meter=meter, waits=waits)(READ)
    assert meter.days == [TODAY] * 3
    assert meter.gaps == [GAP] * 3
    assert waits == [0.25] * 3


def test_a_free_slot_is_not_waited_for() -> None:
    """No sleep of nothing."""
    waits = list[float]()
    login(Script(OK), waits=waits)(READ)
    assert waits == []


def test_the_days_cap_ends_a_retry() -> None:
    """The tries of one GET count as well."""
    send = Script(SENT, OK)
    with raising(Throttled, "CC532"):
        login(send, per_day=1)(READ)
    assert len(send.calls) == 1


def test_it_hears_the_servers_clock() -> None:
    """From every reply."""
    reading = login(Script(OK))
    with raising(VendorFault, "CC517"):
        reading.clock.now()
    reading(READ)
    assert reading.clock.now() == WHEN
    assert reading.clock.skew(WHEN) == timedelta(0)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://api.cc.email",
        "https://api.cc.email.evil.example",
        "https://169.254.169.254",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "x",
    ],
)
def test_s06_a_client_is_not_made_for_any_other_origin(origin: str) -> None:
    """INV-22: whoever wires it; a metadata service is not on this machine."""
    with raising(InvalidInput, "CC290"):
        client(
            Script(),
            token=Secret(CANARY),
            origin=origin,
            writes=NO_WRITES,
            meter=OneDayMeter(),
            gap=GAP,
            per_day=1,
            today=lambda: TODAY,
            sleep=time.sleep,
        )


def test_nothing_shown_or_logged_holds_the_token(caplog: pytest.LogCaptureFixture) -> None:
    """INV-21: neither the client itself nor the notes about its retries."""
    caplog.set_level(logging.DEBUG)
    reading = login(Script(SENT, error(500), OK))
    reading(READ)
    assert len(caplog.records) == 2
    shown = [repr(reading), str(reading), *[str(vars(record)) for record in caplog.records]]
    assert not any(CANARY in text for text in shown)


def test_the_waits_are_those_of_the_backoff() -> None:
    """What stamina is told to wait; here it is only noted, not waited for."""
    noted: list[float] = []
    stamina.set_testing(False)
    stamina.instrumentation.set_on_retry_hooks([lambda details: noted.append(details.wait_for)])
    try:
        reading = login(Script(SENT, error(500), OK))
        reading.uniform = lambda low, high: (high - low) / 1_000_000
        reading(READ)
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
        stamina.set_testing(True, attempts=100, cap=True)
    assert noted == pytest.approx([0.000001, 0.000002])
