"""Where the browser comes back to: one answer, on a port of this machine, within bounded time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from socketserver import TCPServer
from threading import Lock, Thread
from typing import ClassVar, cast

from ccops.errors import AccessDenied, Diagnostic, InvalidInput

HOST = "127.0.0.1"
"""Never a name, that could lead elsewhere, and never all interfaces (RFC 8252 §8.3)."""

PATH = "/callback"
_SLOWEST = 10.0
_NAP = 0.5
_PAGE = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>ccops</title></head>"
    "<body><p>{}</p></body></html>"
)
_TAKEN = "ccops has the answer. What came of it stands in the terminal; this page can be closed."
_SECOND = "ccops has an answer already. This one was not used."
_ELSEWHERE = "There is nothing here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Loopback:
    """A listener. `redirect_uri` is its address; `answer` waits for the query that comes back."""

    redirect_uri: str
    answers: "Queue[str]"

    def answer(self, seconds: float) -> str:
        """Wait for the one answer and return its query, unread.

        Raises:
            AccessDenied: CC545, none came within `seconds`.
        """
        until = time.monotonic() + seconds
        # In short waits: a Ctrl-C that the listener's thread is told of wakes nobody here.
        while (left := until - time.monotonic()) > 0:
            with suppress(Empty):
                return self.answers.get(timeout=min(left, _NAP))
        message = f"nobody finished the login in the browser within {seconds:.0f} s"
        remedy = "run `ccops auth login` again; without a browser here, `ccops auth login --device`"
        raise AccessDenied(Diagnostic(code="CC545", message=message, help=remedy))


class _Handler(BaseHTTPRequestHandler):
    timeout: ClassVar[float | None] = _SLOWEST

    def do_GET(self) -> None:
        """Take the first answer; the page says nothing of it, for it is not judged here."""
        path, _, query = self.path.partition("?")
        if path != PATH or not query:
            self._say(404, _ELSEWHERE)
            return
        server = cast("_Server", self.server)
        if server.taken.acquire(blocking=False):
            self._say(200, _TAKEN)
            server.answers.put(query)
        else:
            self._say(409, _SECOND)

    def _say(self, status: int, text: str) -> None:
        body = _PAGE.format(text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        # The code stands in this page's address: it goes to no other site.
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing: the address holds the code."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False

    def __init__(self, port: int) -> None:
        self.answers: Queue[str] = Queue()
        self.taken = Lock()  # by the one answer, and never given back
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as HTTPServer does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away."""


@contextmanager
def listening(port: int = 0) -> Iterator[Loopback]:
    """Listen on a port of 127.0.0.1, 0: any that is free, until the end of the block.

    Raises:
        InvalidInput: CC552, the port is taken or may not be used.
    """
    try:
        server = _Server(port)
    except (OSError, OverflowError) as error:
        message = f"cannot listen on port {port} of {HOST}"
        remedy = "choose another --port that the application's redirect URIs name"
        raise InvalidInput(Diagnostic(code="CC552", message=message, help=remedy)) from error
    with server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            redirect_uri = f"http://{HOST}:{server.server_port}{PATH}"
            yield Loopback(redirect_uri=redirect_uri, answers=server.answers)
        finally:
            server.shutdown()
            thread.join()
