"""Faults of readings: throttled, failing, cut short, dripping, misleading or foreign."""

import itertools
import socket

import pytest

from ccops.constantcontact.backoff import wait_after
from ccops.errors import NoReply
from ccops.ports import Call, Reply
from ccops.transport import open_transport
from tests.e2e.stage import TOKEN, Stage, manifest
from tests.e2e.test_faults import linking
from tests.faults.spring import APPLY, MARCH_10, POST, edit, posts
from tests.transport.scripted_server import hang_up, serving, then_hang_up

ACTIVITIES = "/v3/emails/activities/*"


@pytest.mark.parametrize(("times", "code"), [(2, 0), (9, 5)])
def test_f08_a_throttled_reading_is_tried_three_times(draft: Stage, times: int, code: int) -> None:
    """With a pause; then the run ends and nothing was written."""
    draft.fault("throttled", "GET", "/v3/contact_lists", times=times)
    assert draft.run("plan").code == code
    asked = [one for one in draft.world.requests if one.path == "/v3/contact_lists"]
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("header", "longest"),
    [
        ("2", 2.0),
        ("86400", None),
        ("Mon, 01 Mar 2027 14:00:09 GMT", 60.0),
        ("junk", 60.0),
        ("-5", 60.0),
        ("1e9", 60.0),
        ("", 60.0),
    ],
)
def test_f09_a_wish_for_patience_is_bounded(header: str, longest: float | None) -> None:
    """Up to a minute is waited for; a day never: the run ends instead."""
    headers = {"retry-after": header, "date": "Mon, 01 Mar 2027 14:00:00 GMT"}
    reply = Reply(status=429, headers=headers, body=b'[{"error_key": "throttled"}]')
    wait = wait_after(reply, 1, lambda _, high: high)
    assert wait is None if longest is None else wait is not None and 0 <= wait <= longest


def test_f10_a_quota_that_is_used_up_ends_the_run_at_once(draft: Stage) -> None:
    """Not tried again; it says when the day begins anew."""
    draft.fault("quota_exceeded", "GET", "/v3/contact_lists", times=9)
    done = draft.run(*APPLY)
    assert (done.code, draft.writes()) == (5, [])
    assert "00:00 UTC" in done.err
    assert len([one for one in draft.world.requests if one.path == "/v3/contact_lists"]) == 1


@pytest.mark.parametrize("status", ["500", "502", "503"])
@pytest.mark.parametrize(("times", "code"), [(2, 0), (3, 1)])
def test_f11_a_server_that_fails_is_asked_three_times(
    draft: Stage, status: str, times: int, code: int
) -> None:
    """Three failures are believed, and nothing is concluded from them."""
    draft.fault(f"{status}_before", "GET", "/v3/emails", times=times)
    done = draft.run(*APPLY)
    assert (done.code, posts(draft)) == (code, [POST] if code == 0 else [])


@pytest.mark.parametrize("path", ["/v3/emails", "/v3/contact_lists", ACTIVITIES, "*/schedules"])
def test_f14_a_page_of_html_is_not_an_empty_account(moved: Stage, path: str) -> None:
    """A captive portal says 200 to everything."""
    moved.fault("html", "GET", path, times=99)
    done = moved.run(*APPLY)
    assert (done.code, moved.writes()) == (1, [])
    assert "<html" not in done.out + done.err


def test_f15_an_answer_that_drips_ends() -> None:
    """However slowly it comes: a request has 30 seconds in all, by a clock that the test moves."""
    hours = itertools.count(step=3600.0)
    drip = then_hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
    call = Call(method="GET", path="/v3/emails")
    with (
        serving(drip) as server,
        open_transport(server.origin, monotonic=lambda: next(hours)) as send,
        pytest.raises(NoReply) as caught,
    ):
        send(call)
    assert (caught.value.maybe_sent, caught.value.diagnostics[0].code) == (True, "CC503")


def test_f15_an_apply_ends_too(draft: Stage) -> None:
    """A server that sends a part and no more, three times: nothing was concluded from it."""
    part = then_hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
    with serving(*[part] * 3) as server:
        done = draft.run(*APPLY, "--base-url", server.origin)
    assert (done.code, server.heads("GET"), draft.writes()) == (1, 3, [])
    assert draft.run(*APPLY).code == 0


def test_f16_a_reading_cut_short_is_tried_again(draft: Stage) -> None:
    """A body shorter than announced, twice; the third is whole."""
    draft.fault("truncate", "GET", "/v3/emails", times=2)
    assert (draft.run(*APPLY).code, posts(draft)) == (0, [POST])


def test_f16_an_answer_to_a_post_cut_short_proves_nothing(draft: Stage) -> None:
    """The account tells that it was carried out."""
    draft.fault("truncate", "POST")
    assert (draft.run(*APPLY).code, posts(draft)) == (0, [POST])


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.example/v3/emails?next=a",
        "//elsewhere.example/v3/emails?next=a",
        "/v3/contact_lists?next=a",
        "/v3/emails?next=a",
    ],
    ids=["another origin", "no scheme", "another collection", "a circle"],
)
def test_f46_a_link_astray_is_not_followed(draft: Stage, href: str) -> None:
    """Neither to another origin nor in a circle."""
    with linking(draft.world, href) as url:
        done = draft.run(*APPLY, "--base-url", url)
    assert (done.code, draft.writes()) == (1, [])


def test_f46_a_page_that_fails_is_no_end_of_the_listing(draft: Stage) -> None:
    """Half an account would look as if campaigns were missing."""
    for number in range(600):
        draft.world.add_campaign(f"Campaign {number}")
    draft.fault("500_before", "GET", "/v3/emails", after=1, times=3)
    done = draft.run("plan")
    assert (done.code, done.out) == (1, "")


@pytest.mark.parametrize(
    ("status", "verdict", "code"),
    [
        ("Draft", "schedule", 0),
        ("draft", "schedule", 0),
        ("PAUSED", "blocked", 6),
        ("", "blocked", 6),
    ],
)
def test_f47_a_status_is_folded_or_blocked(
    draft: Stage, status: str, verdict: str, code: int
) -> None:
    """Small letters are known; a word that is not, blocks; so does none at all."""
    edit(draft, status=status)
    done = draft.run("plan", "--format", "json")
    assert done.code == code
    assert [one["verdict"] for one in done.document["changes"]] == [verdict]


def test_f56_no_such_name(draft: Stage) -> None:
    """Nothing is concluded from a network that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    done = draft.run(*APPLY, "--base-url", f"http://127.0.0.1:{closed}")
    assert (done.code, draft.writes()) == (1, [])
    assert "CC501" in done.err


def test_f56_somebody_in_between(draft: Stage) -> None:
    """A server that hangs up whenever it is asked."""
    with serving(*[hang_up] * 3) as server:
        done = draft.run(*APPLY, "--base-url", server.origin)
    assert (done.code, TOKEN in done.err, server.heads("GET")) == (1, False, 3)


def test_f59_contents_are_not_read(draft: Stage) -> None:
    """200 campaigns of a megabyte each: nothing asks for their contents."""
    names = [f"Large {number}" for number in range(200)]
    for name in names:
        draft.world.add_campaign(name, html_content="x" * 1_000_000)
    draft.write(*(manifest(one, "Members", send_at=MARCH_10) for one in names))
    assert draft.run("plan").code == 0
    assert [one.path for one in draft.world.requests if "html" in one.query] == []
    assert len(draft.world.requests) > len(names)
