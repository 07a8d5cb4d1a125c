"""Everything that a server can do to a request which makes some client send it again."""

import socket
from collections.abc import Iterator

from tests.transport.scripted_server import (
    Answer,
    Deed,
    Early,
    Reads,
    hang_up,
    http,
    reset,
    then_hang_up,
)

TEMPTING = (408, 421, 425, 429, 500, 502, 503, 504)
"""Statuses that invite to try again, some of them "for safe methods only"."""

_DETOURS = (300, 301, 302, 303, 305, 306, 307, 308)
_ASKING = {
    401: ("WWW-Authenticate: Basic realm=x", "WWW-Authenticate: Bearer", "WWW-Authenticate: NTLM"),
    407: ("Proxy-Authenticate: Basic realm=x",),
    417: ("Expect: nothing",),
    426: ("Upgrade: h2c", "Connection: Upgrade"),
    511: ("Location: /login",),
}
_THROTTLED = b'{"error_key":"throttled","error_message":"Slow down."}'

_PARTS = {
    "half a status line": b"HTTP/1.1 2",
    "a status line": b"HTTP/1.1 201 Created\r\n",
    "half a head": b"HTTP/1.1 201 Created\r\nContent-Type: appl",
    "a head": http("201 Created", length=50),
    "half a body": http("201 Created", b'[{"sch', length=50),
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab",
    "a chunk of nonsense": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "half an archive": http("200 OK", b"\x1f\x8b\x08", "Content-Encoding: gzip"),
}
_GARBAGE = {
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "zeros": b"\0" * 64,
    "HTTP/2, going away": b"\0\0\x08\x07\0\0\0\0\0" + b"\0" * 8,
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "a header without a colon": b"HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "TLS": b"\x15\x03\x03\x00\x02\x02\x46",
}
_INTERIM = {
    "100, then the answer": b"HTTP/1.1 100 Continue\r\n\r\n" + http("200 OK", b"{}"),
    "100 ten times, then the answer": b"HTTP/1.1 100 Continue\r\n\r\n" * 10 + http("200 OK", b"{}"),
    "103, then the answer": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http("200 OK"),
    "102, then nothing": b"HTTP/1.1 102 Processing\r\n\r\n",
    "100, then nothing": b"HTTP/1.1 100 Continue\r\n\r\n",
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
}


def _then_reset(answer: bytes) -> Deed:
    def act(connection: socket.socket) -> None:
        connection.sendall(answer)
        reset(connection)

    return act


def _closings() -> Iterator[tuple[str, Answer]]:
    for reads in Reads:
        for name, act in (("closed", hang_up), ("reset", reset)):
            yield f"{name}, having read {reads}", act if reads is Reads.ALL else Early(reads, act)


def _cut() -> Iterator[tuple[str, Answer]]:
    for name, part in (_PARTS | _GARBAGE | _INTERIM).items():
        yield f"{name}, then closed", then_hang_up(part)
        yield f"{name}, then reset", _then_reset(part)


def _refusals() -> Iterator[tuple[str, Answer]]:
    for status in TEMPTING:
        for name, headers in (
            ("", ()),
            (" and Retry-After: 0", ("Retry-After: 0",)),
            (" and Retry-After: 1, closing", ("Retry-After: 1", "Connection: close")),
        ):
            answer = http(f"{status} No", _THROTTLED if status == 429 else b"", *headers)
            yield f"{status}{name}", answer
    for status, asks in _ASKING.items():
        yield f"{status}", http(f"{status} No", b"", *asks)


def _detours() -> Iterator[tuple[str, Answer]]:
    for status in _DETOURS:
        for place in ("/v3/elsewhere", ""):
            yield (
                f"{status} to {place or 'itself'}",
                http(f"{status} Go", b"", f"Location: {place}"),
            )


TRICKS: dict[str, Answer] = dict([*_closings(), *_cut(), *_refusals(), *_detours()])
"""Each is played in answer to one request; what comes after it is answered plainly."""
