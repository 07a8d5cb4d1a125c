"""A session whose requests reach the sandbox without a socket, for accounts of a thousand."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from ccops.ports import Call, Reply, Send
from ccops.sandbox.app import make_app
from ccops.sandbox.world import World
from ccops.session.loading import load
from ccops.session.wiring import Session, connected
from tests.e2e.stage import Stage


def direct(world: World) -> Send:
    """Call a pretended account as its server would."""
    app = make_app(world)

    def send(call: Call) -> Reply:
        said: list[Any] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": call.method,
            "PATH_INFO": call.path,
            "QUERY_STRING": urlencode(call.query),
            "HTTP_AUTHORIZATION": call.headers.get("authorization", ""),
            "HTTP_HOST": "127.0.0.1",
            "wsgi.input": BytesIO(call.body or b""),
        }
        body = b"".join(app(environ, lambda *head: said.append(head)))  # type: ignore[arg-type]  # no write()
        status, headers = said[0][:2]
        kept = {name.lower(): value for name, value in headers}
        return Reply(status=int(status.split()[0]), headers=kept, body=body)

    return send


@contextmanager
def nearby(stage: Stage) -> Iterator[Session]:
    """Connect a stage's workspace, as it is now, to its account in this process."""
    with mock.patch.dict(os.environ, stage.environment):
        space = load(stage.folder, stage.url, bare=True)
        with connected(space, stage.url) as session:
            session.transport = direct(stage.world)
            session.__post_init__()
            yield session
