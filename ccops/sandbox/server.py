"""The socket: a threaded HTTP/1.1 server on a loopback address, with connections that stay open."""

import ipaddress
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase, BytesIO
from socketserver import TCPServer
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from ccops.sandbox.app import make_app
from ccops.sandbox.faults import ConnectionCutError
from ccops.sandbox.world import World

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

_LINE = 65_536
_NO_BODY = {"204", "304"}


class _Reply:
    """What the WSGI callable said so far."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def start(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return BytesIO().write

    def promised(self) -> int | None:
        lengths = [int(value) for name, value in self.headers if name == "Content-Length"]
        return lengths[0] if lengths else None


class _Body:
    """The request's body: no more than announced, and what was not read is drained later."""

    def __init__(self, stream: BufferedIOBase, length: int) -> None:
        self._stream = stream
        self._left = length
        self.length = length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._stream.read(wanted) if wanted else b""
        self._left -= len(data)
        return data


def _length(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _unchunked(stream: BufferedIOBase) -> bytes:
    parts = []
    while size := int(stream.readline(_LINE).partition(b";")[0], 16):
        parts.append(stream.read(size))
        stream.readline(_LINE)
    while stream.readline(_LINE).strip():
        """Trailers say nothing here."""
    return b"".join(parts)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def _sandbox(self) -> "_Server":
        return cast("_Server", self.server)

    def setup(self) -> None:
        super().setup()
        self._sandbox.opened(self.connection)

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
        self._sandbox.closed(self.connection)

    def log_message(self, *_args: object) -> None:
        """Say nothing: the world keeps its own log."""

    def _serve(self) -> None:
        try:
            body, reply = self._body(), _Reply()
        except ValueError:
            self.close_connection = True
            self.send_error(400)
            return
        try:
            data = b"".join(self._sandbox.app(self._environ(body), reply.start))
        except ConnectionCutError:
            self.close_connection = True
            return
        body.read()
        self._write(reply, data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 (found by these names)

    def _body(self) -> _Body:
        if "Transfer-Encoding" not in self.headers:
            return _Body(self.rfile, _length(self.headers.get("Content-Length", "0")))
        # Answering without reading would reset the connection under a client that still writes.
        data = _unchunked(self.rfile)
        return _Body(BytesIO(data), len(data))

    def _write(self, reply: _Reply, data: bytes) -> None:
        code, _, phrase = reply.status.partition(" ")
        self.send_response_only(int(code), phrase)
        for name, value in reply.headers:
            self.send_header(name, value)
        promised = reply.promised()
        if promised is None and code not in _NO_BODY:
            self.send_header("Content-Length", str(len(data)))
        # Fewer bytes than promised: only the end of the connection can tell the client.
        lying = promised is not None and promised != len(data)
        self.close_connection = self.close_connection or lying
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def _environ(self, body: _Body) -> "WSGIEnvironment":
        path, _, query = self.path.partition("?")
        names = {name: self.headers[name] for name in self.headers}
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "iso-8859-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(body.length),
            "SERVER_NAME": self._sandbox.server_name,
            "SERVER_PORT": str(self._sandbox.server_port),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": body,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        environ.update({f"HTTP_{n.upper().replace('-', '_')}": v for n, v in names.items()})
        return environ


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, app: "WSGIApplication") -> None:
        self.app = app
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as HTTPServer does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, so that closing the server closes it, too."""
        with self._guard:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._guard:
            self._connections.discard(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about clients that went away; show everything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def server_close(self) -> None:
        super().server_close()
        with self._guard:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def _open(world: World, host: str, port: int) -> _Server:
    if not _is_loopback(host):
        raise ValueError(f"the sandbox serves loopback addresses only, not {host!r}")
    return _Server("127.0.0.1" if host == "localhost" else host, port, make_app(world))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _url(server: _Server) -> str:
    host = f"[{server.server_name}]" if ":" in server.server_name else server.server_name
    return f"http://{host}:{server.server_port}"


@contextmanager
def serve(world: World, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve a world in the background; yield its URL, e.g. `http://127.0.0.1:49152`.

    Port 0 takes a free one. On leaving, open connections are closed too.

    Raises:
        ValueError: the host is no loopback address.
        OSError: the port is taken.
    """
    server = _open(world, host, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield _url(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def serve_forever(
    world: World,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready: Callable[[str], object] = lambda _url: None,
) -> None:
    """Serve a world until interrupted; `ready` is called with the URL once it answers.

    Raises:
        ValueError: the host is no loopback address.
        OSError: the port is taken.
    """
    server = _open(world, host, port)
    try:
        ready(_url(server))
        server.serve_forever()
    finally:
        server.server_close()
