"""Rows S-04, S-05, S-06, S-09 and S-22 where the bytes are: the real client on real sockets.

What one layer alone refuses is tested with that layer, under the same row's name.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.applying.outcome import Kind, classify
from ccops.constantcontact import reader, wire
from ccops.constantcontact.client import TRIES, Client, client
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.strict import MAX_DEPTH
from ccops.constantcontact.writes import APPLY_WRITES
from ccops.errors import Blocked, CcopsError, InvalidInput, VendorFault
from ccops.manifest.settings import read_settings
from ccops.model import CampaignRow, Status
from ccops.ports import Call
from ccops.transport import open_transport
from tests.constantcontact.vendor_builders import ACTIVITY, OneDayMeter
from tests.transport.scripted_server import Server, http, serving

TOKEN = "canary.eyJhbGciOi"
READ = wire.get_call("/emails")
WHEN = datetime(2026, 10, 6, 13, tzinfo=UTC)
POST = wire.schedule_step(ACTIVITY, WHEN)
READING = http("200 OK", b"{}")
SCHEMAS = Path(__file__).parents[2] / "schemas"


@contextmanager
def login(server: Server) -> Iterator[Client]:
    with open_transport(server.origin) as send:
        yield client(
            send,
            token=Secret(TOKEN),
            origin=server.origin,
            writes=APPLY_WRITES,
            meter=OneDayMeter(),
            gap=timedelta(0),
            per_day=10_000,
            today=lambda: date(2026, 10, 6),
            sleep=lambda _: None,
        )


# --- S-04: links -------------------------------------------------------------------------------

LINKS = [
    "http://{sink}/v3/emails?next=a",
    "https://{sink}/v3/emails?next=a",
    "//{sink}/v3/emails?next=a",
    "/\\\\{sink}/v3/emails?next=a",
    "\\\\\\\\{sink}/v3/emails?next=a",
    "http:\\\\{sink}/v3/emails?next=a",
    "http://{own}@{sink}/v3/emails?next=a",
    "http://{own}%2F@{sink}/v3/emails?next=a",
    "http://{own}.{sink}/v3/emails?next=a",
    "http://{sink}#{own}/v3/emails?next=a",
    "https://{own}/v3/emails?next=a",
    "http://{own}:80/v3/emails?next=a",
    "/v3/emails/../emails?next=a",
    "/v3/../v3/emails?next=a",
    "/v3/contacts?next=a",
    "/v3/emails/activities?next=a",
    "/v3/emails?next=a#b",
    "/v3/emails?next=a\\u0000",
    "/v3/emails?next=a\\r\\nHost: {sink}",
    "/v3/emails?next=" + "a" * 100_000,
]


@pytest.mark.parametrize("link", LINKS, ids=range(len(LINKS)))
def test_s04_a_link_astray_is_not_followed(link: str) -> None:
    """Nobody is ever connected to but the API, and there nothing else is asked for."""
    pages: list[bytes] = []
    with (
        serving() as sink,
        serving(lambda connection: connection.sendall(pages[0])) as server,
        login(server) as send,
    ):
        pages.append(listing(link.format(sink=sink.origin[7:], own=server.origin[7:])))
        with pytest.raises(VendorFault, match="CC512"):
            reader.read_campaigns(send, origin=server.origin)
    assert server.lines == ["GET /v3/emails?limit=500 HTTP/1.1"]
    assert (server.connections, sink.connections) == (1, 0)


def listing(href: str) -> bytes:
    """A page of campaigns that names this as the next one."""
    return http("200 OK", b'{"campaigns": [], "_links": {"next": {"href": "%s"}}}' % href.encode())


def test_s04_only_the_cursor_of_a_link_goes_on() -> None:
    """An own link is followed on the pinned origin; whatever the cursor holds stays a value."""
    href = "/v3/emails?limit=500&next=a%26b%3D%2F%2F%3Fx%20y%0D%0A"
    last = http("200 OK", b'{"campaigns": []}')
    with serving(listing(href), last) as server, login(server) as send:
        assert reader.read_campaigns(send, origin=server.origin) == ()
    assert server.lines[1:] == [
        "GET /v3/emails?limit=500&next=a%26b%3D%2F%2F%3Fx%20y%0D%0A HTTP/1.1"
    ]
    assert server.connections == 1


# --- S-05: redirects ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", range(300, 309))
def test_s05_a_redirected_reading_is_a_fault(status: int) -> None:
    """Neither followed nor tried again; the token is shown to nobody else."""
    with serving() as sink:
        redirect = http(f"{status} Go", b"{}", f"Location: {sink.origin}/v3/emails")
        with (
            serving(redirect) as server,
            login(server) as send,
            pytest.raises(VendorFault, match="CC516"),
        ):
            send(READ)
    assert (len(server.requests), sink.connections) == (1, 0)


@pytest.mark.parametrize("status", range(300, 309))
def test_s05_a_redirected_write_proves_nothing(status: int) -> None:
    """It may have taken effect: the protocol looks before it does anything else."""
    with serving() as sink:
        redirect = http(f"{status} Go", b"", f"Location: {sink.origin}/x")
        with serving(READING, redirect) as server, login(server) as send:
            send(READ)
            reply = send(wire.step_call(POST))
    assert classify(POST, WHEN, reply).kind is Kind.AMBIGUOUS
    assert (server.heads("POST"), len(server.requests), sink.connections) == (1, 2, 0)


# --- S-06: where a token may go ------------------------------------------------------------------


@pytest.mark.parametrize("key", ["base_url", "base-url", "origin", "api", "url", "proxy"])
def test_s06_a_repository_cannot_name_the_place_that_a_token_goes_to(key: str) -> None:
    """Whoever may propose a commit must not get the token: only the command line names a place."""
    schema = json.loads((SCHEMAS / "workspace.schema.json").read_text(encoding="utf-8"))
    text = f"version: 1\naccount: p07e1l8cdif9dl\n{key}: http://127.0.0.1:8080\n"
    with pytest.raises(InvalidInput, match="CC101"):
        read_settings("ccops.yaml", text, schema=schema, loopback=True)


# --- S-09: answers made to hurt ----------------------------------------------------------------

HURTING = {
    "endless nesting": b"[" * 100_000,
    "nesting that ends": b"[" * 100_000 + b"]" * 100_000,
    "one level too deep": b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2),
    "a key twice": b'{"campaigns": [], "campaigns": []}',
    "a key twice, written otherwise": b'{"next": 1, "n\\u0065xt": 2}',
    "no number": b'{"count": NaN}',
    "infinity": b'{"count": -Infinity}',
    "a number of a million digits": b"9" * 1_000_000,
    "no UTF-8": b'{"name": "\xff"}',
    "two documents": b"{}{}",
    "a mark before it": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("name", HURTING)
def test_s09_an_answer_made_to_hurt_is_a_fault(name: str) -> None:
    """Tried three times, then nothing is concluded from it."""
    with (
        serving(*[http("200 OK", HURTING[name])] * TRIES) as server,
        login(server) as send,
        pytest.raises(VendorFault, match="CC510"),
    ):
        send(READ)
    assert server.heads("GET") == TRIES


@pytest.mark.parametrize("name", HURTING)
def test_s09_a_write_answered_so_proves_nothing(name: str) -> None:
    """It is sent once; what became of it is for a reading to tell."""
    with serving(READING, http("201 Created", HURTING[name])) as server, login(server) as send:
        send(READ)
        reply = send(wire.step_call(POST))
    assert classify(POST, WHEN, reply).kind is Kind.AMBIGUOUS
    assert server.heads("POST") == 1


# --- S-22: ids ---------------------------------------------------------------------------------

HOSTILE = [
    "",
    ".",
    "..",
    "../contacts",
    "/",
    f"{ACTIVITY}/..",
    f"{ACTIVITY}/schedules",
    f"{ACTIVITY}?x=1",
    f"{ACTIVITY}#x",
    f"{ACTIVITY};x",
    f"{ACTIVITY}\\..",
    f"{ACTIVITY}%2f..",
    f"%2e%2e/{ACTIVITY}",
    f" {ACTIVITY}",
    f"{ACTIVITY}\n",
    f"{ACTIVITY}\x00",
    ACTIVITY.replace("-", "/", 1),
    ACTIVITY.replace("4", "\u0664"),
    ACTIVITY[:-1],
    f"{ACTIVITY}0",
    f"https://evil.example/{ACTIVITY}",
    f"@evil.example/{ACTIVITY}",
]


def _by_its_campaign(send: Client, hostile: str) -> object:
    return reader.read_campaign(send, hostile)


def _by_its_activity(send: Client, hostile: str) -> object:
    row = CampaignRow(campaign_id=ACTIVITY, name="x", status=Status.DRAFT, activity_id=hostile)
    return reader.read_live(send, row, wants_history=lambda _: True)


def _by_a_schedule(send: Client, hostile: str) -> object:
    return send(wire.step_call(wire.schedule_step(hostile, WHEN)))


def _by_an_unschedule(send: Client, hostile: str) -> object:
    return send(wire.step_call(wire.unschedule_step(hostile)))


def _past_the_wire(send: Client, hostile: str) -> object:
    """A step that was not made by the wire module."""
    step = replace(POST, path=f"/emails/activities/{hostile}/schedules")
    return send(wire.step_call(step))


WAYS = [_by_its_campaign, _by_its_activity, _by_a_schedule, _by_an_unschedule, _past_the_wire]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_s22_an_id_that_is_none_makes_no_request(
    way: Callable[[Client, str], object], hostile: str
) -> None:
    """Refused before any connection, wherever it comes from."""
    with serving() as server, login(server) as send, pytest.raises((InvalidInput, Blocked)):
        way(send, hostile)
    assert server.connections == 0


@settings(max_examples=40)
@given(st.text(st.sampled_from("/.?#%2eE@:\\;0a-\n"), max_size=12))
def test_s22_no_id_makes_another_path(text: str) -> None:
    """Put in any place of a true id."""
    for hostile in (text, f"{ACTIVITY}{text}", f"{text}{ACTIVITY}", f"{ACTIVITY[:8]}{text}"):
        if hostile != ACTIVITY:
            for way in WAYS:
                with pytest.raises(CcopsError):
                    way(_unreachable(), hostile)


def _unreachable() -> Client:
    """A client that must not be made to speak."""

    def send(call: Call) -> object:
        raise AssertionError(call)

    return client(
        send,  # type: ignore[arg-type]  # it never returns
        token=Secret(TOKEN),
        origin="https://api.cc.email",
        writes=APPLY_WRITES,
        meter=OneDayMeter(),
        gap=timedelta(0),
        per_day=1,
        today=lambda: date(2026, 10, 6),
        sleep=lambda _: None,
    )
