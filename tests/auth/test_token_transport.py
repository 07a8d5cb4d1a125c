"""Two doors: one for requests for tokens, which opens to nothing else, and the fenced one."""

import pytest

from ccops.ports import Call
from ccops.transport import open_transport
from tests.transport.scripted_server import serving

TOKEN = "/oauth2/default/v1/token"
SEND_NOW = "/v3/emails/activities/4c08372c-957a-48b5-bc45-72c7f00796cd/schedules"


def test_a_token_request_leaves_unleased() -> None:
    """There is no reading before a login."""
    with (
        serving() as server,
        open_transport(server.origin, only_posts_to=frozenset({TOKEN})) as send,
    ):
        assert send(Call(method="POST", path=TOKEN, body=b"a=b")).status == 200
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "call",
    [
        Call(method="GET", path=TOKEN),
        Call(method="GET", path="/v3/emails"),
        Call(method="PUT", path=TOKEN, body=b""),
        Call(method="DELETE", path=TOKEN),
        Call(method="POST", path=f"{TOKEN}/", body=b""),
        Call(method="POST", path=TOKEN, body=b"", lease=5.0),
        Call(method="POST", path=SEND_NOW, body=b'{"scheduled_date":"0"}'),
        Call(method="POST", path=SEND_NOW, body=b'{"scheduled_date":"0"}', lease=5.0),
    ],
)
def test_nothing_else_leaves_by_that_door(call: Call) -> None:
    """No write to the account goes unfenced by way of a login, also on a sandbox's origin."""
    with (
        serving() as server,
        open_transport(server.origin, only_posts_to=frozenset({TOKEN})) as send,
        pytest.raises(ValueError, match="token requests"),
    ):
        send(call)
    assert server.connections == 0


def test_no_token_request_leaves_by_the_other() -> None:
    """The connection to the API sends no POST without a lease."""
    with (
        serving() as server,
        open_transport(server.origin) as send,
        pytest.raises(ValueError, match="lease"),
    ):
        send(Call(method="POST", path=TOKEN, body=b"a=b"))
    assert server.connections == 0
