"""A client for tests: the pretended API as a WSGI callable, and over a real socket."""

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest

from ccops.sandbox.app import make_app
from ccops.sandbox.server import serve
from ccops.sandbox.world import World

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Api:
    """Calls a world in process: `api("GET", "/v3/emails")`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = make_app(world)

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        authorization: str | None = "Bearer t",
        content_type: str = "application/json",
        raw: bytes | None = None,
    ) -> Reply:
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(data)),
            "wsgi.input": BytesIO(data),
        }
        if authorization is not None:
            environ["HTTP_AUTHORIZATION"] = authorization
        said: list[Any] = []
        parts = self.app(environ, lambda status, headers, _=None: said.append((status, headers)))  # type: ignore[arg-type]
        status, headers = said[0]
        return Reply(status=int(status.split()[0]), headers=dict(headers), body=b"".join(parts))

    def move_to(self, instant: str) -> Reply:
        return self("POST", "/__sandbox/clock", {"now": instant})

    def switch(self, **values: object) -> Reply:
        return self("POST", "/__sandbox/switches", values)

    def schedule(self, activity: Any, date: object) -> Reply:
        return self("POST", f"{url_of(activity)}/schedules", {"scheduled_date": date})

    def status(self, activity: Any) -> str:
        return str(self("GET", url_of(activity)).document["current_status"])


def url_of(activity: Any) -> str:
    return f"/v3/emails/activities/{activity.activity_id}"


@pytest.fixture
def world() -> World:
    """An account at noon on 2027-03-01, with ten contacts, standing still."""
    world = World(NOON, frozen=True)
    world.add_sender("news@sandbox.example")
    world.add_contacts(10)
    return world


@pytest.fixture
def api(world: World) -> Api:
    return Api(world)


@pytest.fixture
def api_of() -> Callable[[World], Api]:
    return Api


@pytest.fixture
def socket_of() -> Iterator[Callable[[World], http.client.HTTPConnection]]:
    """Serve a world and return a connection to it; all is closed at the end of the test."""
    servers: list[Any] = []
    connections: list[http.client.HTTPConnection] = []

    def connect(world: World) -> http.client.HTTPConnection:
        server = serve(world)
        where = urlsplit(server.__enter__())
        servers.append(server)
        connections.append(http.client.HTTPConnection(where.netloc, timeout=5))
        return connections[-1]

    yield connect
    for connection in connections:
        connection.close()
    for server in servers:
        server.__exit__(None, None, None)
