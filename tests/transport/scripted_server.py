"""A real server on a real socket that plays one answer per request, byte by byte."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = bytes | Callable[[socket.socket], None]
"""Bytes are sent and the connection stays open; a function does as it likes, then it is closed."""


@dataclass(slots=True)
class Server:
    """What came in: whole requests, in order, and the number of connections."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        return [one.split(b"\r\n")[0].decode() for one in self.requests]


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
    server, script = Server(), list(answers)
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
    listener: socket.socket, server: Server, script: list[Answer], tls: ssl.SSLContext | None
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
    plain: socket.socket, server: Server, script: list[Answer], tls: ssl.SSLContext | None
) -> None:
    with suppress(OSError), plain:
        connection = tls.wrap_socket(plain, server_side=True) if tls else plain
        with connection:
            while request := _request(connection):
                server.requests.append(request)
                answer = script.pop(0)
                if not isinstance(answer, bytes):
                    answer(connection)
                    return
                connection.sendall(answer)


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    while len(body) < _length(head.split(b"\r\n")):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _length(lines: Sequence[bytes]) -> int:
    lengths = [line for line in lines if line.lower().startswith(b"content-length:")]
    return int(lengths[0].split(b":")[1]) if lengths else 0
