"""The server's clock, as far as its replies tell."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.serverclock import ServerClock, parse_http_date
from ccops.errors import VendorFault
from ccops.ports import Call, Reply
from tests.constantcontact.vendor_builders import DATE

READ = Call(method="GET", path="/v3/emails")
WRITE = Call(method="POST", path="/v3/emails")
NOON = datetime(2026, 10, 6, 13, tzinfo=UTC)


def answer(date: str | None = DATE, status: int = 200) -> Reply:
    return Reply(status=status, headers={} if date is None else {"date": date}, body=b"")


@given(st.floats(0, 1e6), st.floats(0, 30), st.floats(0, 1e6))
def test_it_runs_with_monotonic_time_from_the_start_of_the_request(
    started: float, took: float, later: float
) -> None:
    """Rather late than early: a lead is never overestimated."""
    clock = ServerClock(lambda: started + took + later)
    clock.hear(READ, answer(), started)
    passed = clock.now() - NOON
    assert abs(passed - timedelta(seconds=took + later)) < timedelta(milliseconds=1)


def test_the_last_date_counts() -> None:
    """Also one from an error, and one that moves backward."""
    clock = ServerClock(lambda: 0.0)
    clock.hear(READ, answer(), 0.0)
    clock.hear(WRITE, answer("Tue, 06 Oct 2026 12:00:00 GMT", 500), 0.0)
    assert clock.now() == NOON - timedelta(hours=1)


def test_an_answer_that_was_overtaken_does_not_count() -> None:
    """It took longer than the newer one, and would put the clock ahead by as much."""
    clock = ServerClock(lambda: 21.0)
    clock.hear(READ, answer("Tue, 06 Oct 2026 13:00:20 GMT"), 20.0)
    clock.hear(READ, answer("Tue, 06 Oct 2026 13:00:19 GMT"), 0.0)
    assert clock.now() == NOON + timedelta(seconds=21)


def test_before_any_answer_there_is_no_time() -> None:
    """The machine's clock does not stand in."""
    with pytest.raises(VendorFault, match="CC517"):
        ServerClock(lambda: 0.0).now()


@pytest.mark.parametrize("date", [None, "", "today", "Tue, 06 Oct 2026 13:00:00 -0000"])
def test_an_answer_without_a_date_ends_the_trust(date: str | None) -> None:
    """F-24: no time, no writes."""
    clock = ServerClock(lambda: 0.0)
    clock.hear(READ, answer(), 0.0)
    clock.hear(READ, answer(date), 0.0)
    with pytest.raises(VendorFault, match="CC517"):
        clock.skew(NOON)


@pytest.mark.parametrize(("call", "status"), [(READ, 502), (READ, 404), (WRITE, 201), (WRITE, 502)])
def test_a_dateless_error_or_write_changes_nothing(call: Call, status: int) -> None:
    """It may come from a proxy; and between two writes the clock must not be lost."""
    clock = ServerClock(lambda: 0.0)
    clock.hear(READ, answer(), 0.0)
    clock.hear(call, answer(None, status), 0.0)
    assert clock.now() == NOON


def test_skew_is_positive_when_this_machine_is_ahead() -> None:
    """In the direction that a person would say it."""
    clock = ServerClock(lambda: 0.0)
    clock.hear(READ, answer(), 0.0)
    assert clock.skew(NOON + timedelta(seconds=130)) == timedelta(seconds=130)


@given(st.text(max_size=40))
def test_no_header_breaks_it(text: str) -> None:
    """An instant in UTC, or none."""
    instant = parse_http_date(text)
    assert instant is None or instant.tzinfo is UTC
