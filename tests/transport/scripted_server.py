"""A real server on a real socket that answers as it is told, byte by byte."""

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Reads(StrEnum):
    """How much of a request is taken off the connection before it is dealt with."""

    NOTHING = "nothing"
    HEAD = "its head"
    ALL = "all of it"


Deed = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Early:
    """Act when a whole head has come, having read no more than this."""

    reads: Reads
    act: Deed


Answer = bytes | Deed | Early
"""Bytes are sent and the connection stays open; a deed does as it likes, then it is closed."""

PLAIN_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
"""What is answered when a script is at its end, so that whatever comes is taken and seen."""


class Script(Protocol):
    """Says how each request is answered."""

    def early(self, head: bytes) -> Early | None:
        """What to do when the head has come; None: read all of the request first."""
        ...

    def answer(self, request: bytes) -> Answer:
        """What to do now that all of the request has come."""
        ...


class InOrder:
    """One answer after another, whatever the requests; then always a plain one."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.left = list(answers)

    def early(self, _: bytes) -> Early | None:
        """The next answer, if it is an early one."""
        if self.left and isinstance(early := self.left[0], Early):
            self.left.pop(0)
            return early
        return None

    def answer(self, _: bytes) -> Answer:
        """The next answer."""
        return self.left.pop(0) if self.left else PLAIN_ANSWER


@dataclass(slots=True)
class Server:
    """What came in: whole requests, in order, the bytes as they came, and the connections.

    `received` also holds what was seen to have come and was never read.
    """

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)
    connections: int = 0
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    awaited: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        return [one.split(b"\r\n")[0].decode() for one in self.requests]

    def all_ended(self) -> bool:
        """Wait until every connection so far is closed on this side."""
        while self.awaited < self.connections:
            if not self.ended.acquire(timeout=5):
                return False
            self.awaited += 1
        return True

    def heads(self, method: str) -> int:
        """How many requests of a method began, counted in the bytes that arrived."""
        return len(re.findall(rb"%s /\S* HTTP/1\.1\r\n" % method.encode(), self.received))


def http(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """Write an answer; `length` is announced instead of the true one."""
    told = len(body) if length is None else length
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {told}", *headers])
    return f"{head}\r\n\r\n".encode() + body


def hang_up(_: socket.socket) -> None:
    """Close without a word."""


def reset(connection: socket.socket) -> None:
    """Close with a RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def then_hang_up(answer: bytes) -> Answer:
    """Send this much, then close."""
    return lambda connection: connection.sendall(answer)


@contextmanager
def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Play these answers on a free port of this machine until the block ends."""
    with playing(InOrder(answers), tls=tls) as server:
        yield server


@contextmanager
def playing(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Play a script on a free port of this machine until the block ends."""
    server = Server()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(listener, server, script, tls))
        thread.start()
        try:
            yield server
        finally:
            # A connection wakes the waiting `accept`; closing alone does not, on Linux.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(
    listener: socket.socket, server: Server, script: Script, tls: ssl.SSLContext | None
) -> None:
    threads = []
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            server.connections += 1
            threads.append(threading.Thread(target=_serve, args=(connection, server, script, tls)))
            threads[-1].start()
    for thread in threads:
        thread.join()


def _serve(
    plain: socket.socket, server: Server, script: Script, tls: ssl.SSLContext | None
) -> None:
    with suppress(OSError), plain:
        connection = tls.wrap_socket(plain, server_side=True) if tls else plain
        with connection:
            while _answered(connection, server, script):
                """Until it is closed by one side or the other."""
    server.ended.release()


def _answered(connection: socket.socket, server: Server, script: Script) -> bool:
    """Deal with the next request; whether the connection is still open."""
    # What has come cannot be looked at through TLS without being read.
    head = b"" if isinstance(connection, ssl.SSLSocket) else _glimpse(connection)
    answer: Answer | None = script.early(head) if head else None
    if answer is None:
        request = _request(connection)
        server.received += request
        if not request:
            return False
        server.requests.append(request)
        answer = script.answer(request)
    if isinstance(answer, bytes):
        connection.sendall(answer)
        return True
    if isinstance(answer, Early):
        server.received += head
        _take(connection, head, answer.reads)
        answer = answer.act
    answer(connection)
    return False


def _glimpse(connection: socket.socket) -> bytes:
    """Return what has come when a whole head has, without taking it; empty at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        data = connection.recv(65536, socket.MSG_PEEK)
        if not data:
            break
    return data


def _take(connection: socket.socket, head: bytes, reads: Reads) -> None:
    match reads:
        case Reads.NOTHING:
            return
        case Reads.HEAD:
            connection.recv(head.index(b"\r\n\r\n") + 4)
        case Reads.ALL:
            _request(connection)


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    while len(body) < _length(head.split(b"\r\n")):
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


def _length(lines: Sequence[bytes]) -> int:
    lengths = [line for line in lines if line.lower().startswith(b"content-length:")]
    return int(lengths[0].split(b":")[1]) if lengths else 0
