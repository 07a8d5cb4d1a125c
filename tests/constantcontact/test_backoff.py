"""How long a GET waits before it is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.backoff import jitter, retry_after, wait_after
from ccops.ports import Reply
from tests.constantcontact.vendor_builders import DATE, error, raw, reply

THROTTLED = reply({"error_key": "throttled", "error_message": "x"}, 429)
QUOTA = reply({"error_key": "quota_exceeded", "error_message": "x"}, 429)


def most(least: float, highest: float) -> float:
    assert least == 0.0
    return highest


def least(lowest: float, _: float) -> float:
    return lowest


def asking(status: int, value: str) -> Reply:
    return Reply(status=status, headers={"retry-after": value, "date": DATE}, body=b"")


@pytest.mark.parametrize(("tries", "bound"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 20), (60, 20)])
def test_the_wait_doubles_up_to_twenty_seconds(tries: int, bound: float) -> None:
    """Full jitter: anything between nothing and the bound."""
    assert jitter(tries, most) == bound
    assert jitter(tries, least) == 0


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_crash_is_tried_again(status: int) -> None:
    """Nobody refused anything."""
    assert wait_after(raw(b"", status), 2, most) == 2


def test_an_unreadable_200_is_tried_again() -> None:
    """A truncated answer may be whole the next time."""
    assert wait_after(raw(b"{"), 1, most) == 1


def test_throttled_waits_a_second_and_the_jitter() -> None:
    """The limit counts per second."""
    assert wait_after(THROTTLED, 1, least) == 1
    assert wait_after(THROTTLED, 2, most) == 3
    assert wait_after(raw(b"", 429), 1, least) == 1


@pytest.mark.parametrize(
    "answer", [QUOTA, error(400), error(401), error(403), error(404), error(409), raw(b"", 302)]
)
def test_a_refusal_is_not_asked_again(answer: Reply) -> None:
    """Least of all the daily quota."""
    assert wait_after(answer, 1, most) is None


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("2", 2.0),
        ("60", 60.0),
        ("61", None),
        ("86400", None),
        ("999999999", None),
        ("Tue, 06 Oct 2026 13:00:30 GMT", 30.0),
        ("Tue, 06 Oct 2026 14:00:00 GMT", None),
    ],
)
def test_retry_after_is_honoured_up_to_a_minute(
    status: int, value: str, wait: float | None
) -> None:
    """F-09: longer waits are the user's to make."""
    assert wait_after(asking(status, value), 1, least) == wait


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "0x10",
        "٣",
        "9999999999",
        "Mon, 05 Oct 2026 13:00:00 GMT",
        "Tue, 99",
    ],
)
def test_a_strange_retry_after_is_passed_over(value: str) -> None:
    """Junk, negative, past: the own backoff counts."""
    assert wait_after(asking(503, value), 1, most) == 1


def test_a_date_needs_the_servers_clock() -> None:
    """This machine's clock may be wrong."""
    header = {"retry-after": "Tue, 06 Oct 2026 13:00:30 GMT"}
    assert retry_after(Reply(status=503, headers=header, body=b"")) is None


@given(st.integers(1, 10), st.integers(200, 599), st.text(max_size=20), st.floats(0, 1))
def test_no_wait_is_longer_than_a_minute(tries: int, status: int, value: str, share: float) -> None:
    """Whatever a proxy asks for."""
    wait = wait_after(asking(status, value), tries, lambda low, high: low + share * (high - low))
    assert wait is None or 0 <= wait <= 60
