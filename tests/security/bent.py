"""A server between ccops and the sandbox that answers some requests in words of its own."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccops.sandbox.app import make_app
from ccops.sandbox.server import _Server
from ccops.sandbox.world import World

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer: `headers` beside the date and the length."""

    status: str = "200 OK"
    body: bytes = b""
    headers: Sequence[tuple[str, str]] = (("Content-Type", "application/json"),)


Bend = Callable[[str, str], Said | None]
"""What to answer to a method and path; None: what the sandbox says."""
DATE = "Mon, 01 Mar 2027 14:00:00 GMT"


@contextmanager
def bent(world: World, bend: Bend) -> Iterator[str]:
    """Serve a world whose answers are bent; yield the origin."""
    inner = make_app(world)

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        said = bend(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if said is None:
            return inner(environ, start_response)
        start_response(said.status, [("Date", DATE), *said.headers])
        return [said.body]

    server = _Server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
