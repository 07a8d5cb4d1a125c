"""The one door to the network, against real sockets."""

import gzip
import os
import socket
import ssl
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import httpx
import pytest

from ccops import transport, trust
from ccops.errors import NoReply
from ccops.ports import Call, Reply
from ccops.transport import MAX_BODY, MAX_HEAD, open_transport
from tests.transport.scripted_server import (
    Answer,
    Server,
    hang_up,
    http,
    reset,
    serving,
    then_hang_up,
)

CANARY = "canary.eyJhbGciOi"
PEM = Path(__file__).with_name("localhost.pem")
EXPIRED = Path(__file__).with_name("expired.pem")
READING = http("200 OK", b"{}")
GET = Call(method="GET", path="/v3/emails", headers={"authorization": f"Bearer {CANARY}"})
POST = Call(
    method="POST",
    path="/v3/x",
    headers={"authorization": f"Bearer {CANARY}", "content-type": "application/json"},
    body=b'{"scheduled_date":"0"}',
    lease=5.0,
)
PUT = Call(method="PUT", path="/v3/x", body=b"{}", lease=5.0)
DELETE = Call(method="DELETE", path="/x", lease=5.0)
WRITES = [POST, PUT, DELETE]
VERBS = [GET, *WRITES]


@contextmanager
def answering(*answers: Answer, call: Call = GET) -> Iterator[Server]:
    """Serve these answers to `call`; a write is preceded by the reading that it needs."""
    before = [] if call.method == "GET" else [READING]
    with serving(*before, *answers) as server:
        yield server
    if before:
        assert server.requests.pop(0).startswith(b"GET /v3/emails ")


def exchange(server: Server, call: Call = GET) -> Reply:
    with open_transport(server.origin) as send:
        if call.method != "GET":
            send(GET)
        return send(call)


def failure(server: Server, call: Call = GET) -> NoReply:
    with pytest.raises(NoReply) as caught:
        exchange(server, call)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert CANARY not in shown
    return caught.value


def code(error: NoReply) -> str:
    return error.diagnostics[0].code


def test_a_call_goes_out_and_its_reply_comes_back_whole() -> None:
    """Method, path, query, headers and body as given; header names in lower case."""
    answer = http("201 Created", b'{"a":1}', "X-Two: 1", "X-TWO: 2", "Date: now")
    query = (("next", "a b=&+é"), ("limit", "500"))
    call = replace(PUT, query=query, headers={"x-own": "1"})
    with answering(answer, call=call) as server:
        reply = exchange(server, call)
    assert reply == Reply(
        status=201,
        headers={"content-length": "7", "x-two": "1, 2", "date": "now"},
        body=b'{"a":1}',
    )
    [request] = server.requests
    assert request.startswith(b"PUT /v3/x?next=a%20b%3D%26%2B%C3%A9&limit=500 HTTP/1.1\r\n")
    assert b"x-own: 1\r\n" in request
    assert b"accept-encoding: gzip\r\n" in request
    assert request.endswith(b"\r\n\r\n{}")


def test_one_connection_serves_several_calls() -> None:
    """Kept alive between them."""
    with serving(*[http("200 OK", b"{}")] * 3) as server, open_transport(server.origin) as send:
        assert [send(GET).status for _ in range(3)] == [200] * 3
    assert server.connections == 1


@pytest.mark.parametrize("call", VERBS, ids=lambda call: call.method)
@pytest.mark.parametrize("place", ["{sink}/r", "/r", "//localhost:1/r", ""])
@pytest.mark.parametrize("status", range(300, 309))
def test_s05_a_redirect_is_a_reply_and_is_not_followed(call: Call, status: int, place: str) -> None:
    """S-05: neither elsewhere nor on the same host, whatever the number."""
    with serving() as sink:
        location = place.format(sink=sink.origin)
        redirect = http(f"{status} Go there", b"", f"Location: {location}")
        with answering(redirect, call=call) as server:
            reply = exchange(server, call)
    assert (reply.status, reply.headers["location"]) == (status, location)
    assert (len(server.requests), server.connections, sink.connections) == (1, 1, 0)


FAILURES: list[tuple[str, Answer]] = [
    ("nothing", hang_up),
    ("reset", reset),
    ("half a status line", then_hang_up(b"HTTP/1.1 2")),
    ("no HTTP", then_hang_up(b"SSH-2.0-OpenSSH\r\n\r\n")),
    ("headers alone", then_hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")),
    ("half a body", then_hang_up(http("201 Created", b'[{"sch', length=60))),
    ("half a chunk", then_hang_up(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab")),
    ("endless headers", then_hang_up(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000)),
]


@pytest.mark.parametrize("call", VERBS, ids=lambda call: call.method)
@pytest.mark.parametrize("answer", [one for _, one in FAILURES], ids=[name for name, _ in FAILURES])
def test_a_lost_answer_is_no_reply_and_was_perhaps_sent_once(call: Call, answer: Answer) -> None:
    """A write whose answer is lost is never sent again, and neither is a GET at this level."""
    with answering(answer, call=call) as server:
        error = failure(server, call)
    assert (code(error), error.maybe_sent) == ("CC502", True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [hang_up, reset])
def test_a_write_on_a_connection_that_dies_is_sent_once(answer: Answer) -> None:
    """The kept-alive connection, where other clients send again."""
    with (
        serving(http("200 OK", b"{}"), answer, http("200 OK")) as server,
        open_transport(server.origin) as send,
    ):
        send(GET)
        with pytest.raises(NoReply) as caught:
            send(POST)
    assert caught.value.maybe_sent
    assert server.lines == ["GET /v3/emails HTTP/1.1", "POST /v3/x HTTP/1.1"]


def test_no_connection_means_that_nothing_was_sent() -> None:
    """The name, the network or the handshake failed."""
    with serving() as server:
        pass
    error = failure(server)
    assert (code(error), error.maybe_sent) == ("CC501", False)
    assert "127.0.0.1" in str(error)


def wait(connection: socket.socket) -> None:
    """Say nothing until the client gives up."""
    connection.recv(1)


def test_a_silent_server_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that times out may have been sent."""
    limits = transport._TIMEOUT
    assert (limits.connect, limits.read, limits.write, limits.pool) == (5, 20, 10, 5)
    monkeypatch.setattr(transport, "_TIMEOUT", httpx.Timeout(5, read=1.0))
    with answering(wait, call=POST) as server:
        error = failure(server, POST)
    assert (code(error), error.maybe_sent) == ("CC502", True)
    assert "timed out" in str(error)
    assert server.heads("POST") == 1


@pytest.mark.parametrize("body", [b"{}", b""])
def test_s09_a_slow_body_ends_at_the_deadline(body: bytes) -> None:
    """S-09: by the monotonic clock, from the start of the request; also one without a byte."""
    ticks = chain([100.0], repeat(130.1))
    with (
        serving(http("200 OK", body)) as server,
        open_transport(server.origin, monotonic=lambda: next(ticks)) as send,
        pytest.raises(NoReply) as caught,
    ):
        send(GET)
    assert (code(caught.value), caught.value.maybe_sent) == ("CC503", True)


def test_the_last_second_before_the_deadline_counts() -> None:
    """Thirty seconds are not too long."""
    ticks = chain([100.0], repeat(130.0))
    with (
        serving(http("200 OK", b"{}")) as server,
        open_transport(server.origin, monotonic=lambda: next(ticks)) as send,
    ):
        assert send(GET).body == b"{}"


def chunked(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n"


def endless(connection: socket.socket) -> None:
    """Send chunks until the client has had enough."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(chunked(b"x" * 65536))


BOMB = gzip.compress(b"0" * (64 * 1024 * 1024), mtime=0)


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b"x" * (MAX_BODY + 1)),
        http("200 OK", BOMB, "Content-Encoding: gzip"),
        endless,
    ],
    ids=["long", "bomb", "endless"],
)
def test_s09_a_body_that_is_too_long_is_not_read_to_its_end(answer: Answer) -> None:
    """S-09: counted after unpacking."""
    with serving(answer) as server:
        error = failure(server)
    assert (code(error), error.maybe_sent) == ("CC504", True)


@pytest.mark.parametrize("call", [GET, POST], ids=lambda call: call.method)
def test_s09_a_head_that_is_too_long_is_no_answer(call: Call) -> None:
    """S-09: 64 KiB of headers are read, a byte more is not."""
    spare = MAX_HEAD - len("content-length2") - len("x")
    for length, accepted in ((spare, True), (spare + 1, False)):
        with answering(http("200 OK", b"{}", f"X: {'a' * length}"), call=call) as server:
            if accepted:
                assert exchange(server, call).status == 200
            else:
                error = failure(server, call)
                assert (code(error), error.maybe_sent) == ("CC504", True)
        assert len(server.requests) == 1


@pytest.mark.parametrize("encoding", ["identity", "gzip", "GZIP"])
def test_the_longest_body_is_read(encoding: str) -> None:
    """The bound itself is accepted, packed or not."""
    body = os.urandom(1024) * (MAX_BODY // 1024)
    sent = body if encoding == "identity" else gzip.compress(body, mtime=0)
    with serving(http("200 OK", sent, f"Content-Encoding: {encoding}")) as server:
        assert exchange(server).body == body


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"{}", "br"),
        (b"{}", "gzip, gzip"),
        (b"{}", "deflate"),
        (b"{}", "gzip"),
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip"),
        (gzip.compress(b"{}", mtime=0)[:-1] + b"!", "gzip"),
        (gzip.compress(b"{}", mtime=0) * 2, "gzip"),
        (gzip.compress(b"{}", mtime=0) + b"!", "gzip"),
    ],
)
def test_what_cannot_be_unpacked_is_no_reply(body: bytes, encoding: str) -> None:
    """Nor is half of it, or more than it."""
    with serving(http("200 OK", body, f"Content-Encoding: {encoding}")) as server:
        error = failure(server)
    assert (code(error), error.maybe_sent) == ("CC505", True)


def test_an_empty_body_needs_no_unpacking() -> None:
    """A 204 may name an encoding all the same."""
    empty = b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"
    with serving(empty) as server:
        assert exchange(server).body == b""


def test_no_cookie_is_kept() -> None:
    """Each request stands for itself."""
    with (
        serving(http("200 OK", b"", "Set-Cookie: a=b; Path=/"), http("200 OK")) as server,
        open_transport(server.origin) as send,
    ):
        send(GET)
        send(GET)
    assert not any(b"cookie" in request.lower() for request in server.requests)


PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def test_s07_no_proxy_or_netrc_of_the_environment_has_a_say(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """S-07: proxies would get the token, a netrc would replace it."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login evil password evil\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving() as proxy, answering(READING, call=POST) as server:
        for name in PROXIES:
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.setenv("NO_PROXY", "example.org")
        exchange(server, POST)
    assert proxy.connections == 0
    assert f"authorization: Bearer {CANARY}\r\n".encode() in server.requests[0]


def test_s07_the_environment_cannot_add_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    """S-07: OpenSSL would take the certificates that SSL_CERT_FILE names for the system's."""
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    monkeypatch.setenv("SSL_CERT_DIR", str(PEM.parent))
    with serving(tls=presenting(PEM)) as server:
        origin = f"https://localhost:{server.port}"
        with httpx.Client(verify=trust.trusting(origin), trust_env=False) as swayed:
            assert swayed.get(origin).status_code == 200
        with open_transport(origin) as send, pytest.raises(NoReply, match="CC501"):
            send(GET)
    assert server.heads("GET") == 1
    assert os.environ["SSL_CERT_FILE"] == str(PEM)


def test_s07_the_environment_cannot_ask_for_the_keys(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """S-07: whoever has the session's keys can read the token off the network."""
    careless, own = tmp_path / "careless", tmp_path / "own"
    with serving(tls=presenting(PEM)) as server:
        origin = f"https://localhost:{server.port}"
        monkeypatch.setenv("SSLKEYLOGFILE", str(careless))
        with httpx.Client(verify=trusting(PEM), trust_env=False) as client:
            client.get(origin)
        assert careless.read_text(encoding="ascii")
        monkeypatch.setenv("SSLKEYLOGFILE", str(own))
        with open_transport(origin) as send, pytest.raises(NoReply, match="CC501"):
            send(GET)
    assert not own.exists()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x",
        "@evil.example/",
        ".evil.example/",
        ":81/x",
        "?x",
        "#x",
        "/x?y",
        "/x#y",
        "\\evil.example",
        "/" + "a" * 100_000,
        "/a\x00b",
        "/a\nb",
        "/..//x",
        "/v3/./x",
        "/v3/emails/../contacts",
        "/v3/emails/%2e%2E/contacts",
        "/v3/emails/.%2e",
    ],
    ids=range(18),
)
def test_s22_a_path_that_may_become_another_one_is_no_call(path: str) -> None:
    """INV-22: checked on the URL that would be requested, before any connection."""
    with (
        serving() as server,
        open_transport(server.origin) as send,
        pytest.raises(ValueError, match="a call's path must"),
    ):
        send(Call(method="GET", path=path, headers=GET.headers))
    assert server.connections == 0


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "/@evil.example", "/..x"])
def test_a_hostile_path_stays_on_its_origin(path: str) -> None:
    """Whatever it looks like, it is a path."""
    with serving(http("404 Not Found")) as server:
        assert exchange(server, Call(method="GET", path=path)).status == 404
    assert server.connections == 1


def test_a_header_with_a_line_break_is_not_sent_and_not_shown() -> None:
    """The library's error would quote it."""
    call = Call(method="GET", path="/", headers={"authorization": f"Bearer {CANARY}\n"})
    with serving(http("200 OK")) as server:
        error = failure(server, call)
    assert "LocalProtocolError" in str(error)
    assert server.requests == []


def trusting(pem: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pem))


def presenting(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_trusted_certificate_is_accepted() -> None:
    """The context given is the one used."""
    with (
        serving(http("200 OK", b"{}"), tls=presenting(PEM)) as server,
        open_transport(f"https://localhost:{server.port}", ssl_context=trusting(PEM)) as send,
    ):
        assert send(GET).status == 200
    assert server.requests


CERTIFICATES: dict[str, tuple[str, Path, Callable[[], ssl.SSLContext | None]]] = {
    "self-signed": ("localhost", PEM, lambda: None),
    "another host": ("127.0.0.1", PEM, lambda: trusting(PEM)),
    "expired": ("localhost", EXPIRED, lambda: trusting(EXPIRED)),
}
REASONS = {"self-signed": "self", "another host": "IP address mismatch", "expired": "has expired"}


@pytest.mark.parametrize("case", CERTIFICATES)
def test_s08_a_certificate_that_proves_nothing_gets_no_byte(case: str) -> None:
    """S-08: a self-signed one, one for another name, and one of the past."""
    host, pem, context = CERTIFICATES[case]
    with (
        serving(tls=presenting(pem)) as server,
        open_transport(f"https://{host}:{server.port}", ssl_context=context()) as send,
        pytest.raises(NoReply, match="CC501") as caught,
    ):
        send(GET)
    assert not caught.value.maybe_sent
    assert REASONS[case] in str(caught.value)
    assert (bytes(server.received), server.connections) == (b"", 1)


def test_s08_tls_1_1_gets_no_byte() -> None:
    """S-08: a server that can do no better, and with an older client does."""
    with serving(tls=outdated(presenting(PEM))) as server:
        origin = f"https://localhost:{server.port}"
        with httpx.Client(verify=outdated(trusting(PEM)), trust_env=False) as client:
            assert client.get(origin).status_code == 200
        with open_transport(origin) as send, pytest.raises(NoReply, match="CC501") as caught:
            send(GET)
    assert not caught.value.maybe_sent
    assert "VERSION" in str(caught.value)
    assert server.heads("GET") == 1


def outdated(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a context speak TLS 1.1 and nothing newer."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def test_s08_tls_begins_at_1_2() -> None:
    """And verification has no switch."""
    context = trust.trusting("https://api.cc.email")
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_no_trust_store_is_read_for_a_plain_loopback_origin() -> None:
    """The sandbox pays nothing, and this context would trust nobody."""
    context = trust.trusting("http://127.0.0.1")
    assert context.get_ca_certs() == []
    assert context.verify_mode is ssl.CERT_REQUIRED


def subclasses(kind: type[httpx.TransportError]) -> set[type[httpx.TransportError]]:
    return {kind}.union(*(subclasses(one) for one in kind.__subclasses__()))


KINDS = {kind.__name__: kind for kind in subclasses(httpx.TransportError)}


@pytest.mark.parametrize("kind", [KINDS[name] for name in sorted(KINDS)], ids=sorted(KINDS))
def test_every_error_of_the_library_is_ours(kind: type[httpx.TransportError]) -> None:
    """Only the four that come before a connection say "not sent"."""
    error = transport._no_reply(httpx.Request("GET", "http://127.0.0.1/x"), kind("why"))
    before = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"}
    assert error.maybe_sent is (kind.__name__ not in before)
    assert code(error) == ("CC502" if error.maybe_sent else "CC501")
