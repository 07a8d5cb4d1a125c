"""The socket: connections that stay open, and nobody but this machine."""

import http.client
import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from ccops.sandbox.server import serve, serve_forever
from ccops.sandbox.world import World

HEADERS = {"Authorization": "Bearer t", "Content-Type": "application/json"}


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: object = None) -> Any:
    connection.request(method, path, None if body is None else json.dumps(body), HEADERS)
    reply = connection.getresponse()
    return reply.status, reply.read()


def test_one_connection_carries_many_requests_also_after_204(
    world: World, socket_of: Callable[[World], http.client.HTTPConnection]
) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    url = f"/v3/emails/activities/{activity.activity_id}/schedules"
    connection = socket_of(world)
    assert ask(connection, "GET", "/v3/emails")[0] == 200
    first = connection.sock
    assert ask(connection, "POST", url, {"scheduled_date": "2027-03-02T09:00:00Z"})[0] == 201
    assert ask(connection, "DELETE", url) == (204, b"")
    assert ask(connection, "GET", url) == (200, b"[]")
    assert connection.sock is first


def test_a_body_that_nobody_read_does_not_spoil_the_connection(
    world: World, socket_of: Callable[[World], http.client.HTTPConnection]
) -> None:
    connection = socket_of(world)
    assert ask(connection, "POST", "/v3/nothing", {"x": "y" * 100_000})[0] == 404
    assert ask(connection, "GET", "/v3/emails")[0] == 200


def test_a_204_has_no_content_length_and_the_type_of_json(
    world: World, socket_of: Callable[[World], http.client.HTTPConnection]
) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    connection = socket_of(world)
    body = json.dumps({"email_addresses": ["a@x.example"]})
    path = f"/v3/emails/activities/{activity.activity_id}/tests"
    connection.request("POST", path, body, HEADERS)
    reply = connection.getresponse()
    reply.read()
    assert (reply.status, reply.getheader("Content-Length")) == (204, None)
    assert reply.getheader("Content-Type") == "application/json"
    assert reply.getheader("Date") == "Mon, 01 Mar 2027 12:00:00 GMT"


def test_a_body_in_chunks_is_read_like_any_other(
    world: World, socket_of: Callable[[World], http.client.HTTPConnection]
) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    url = f"/v3/emails/activities/{activity.activity_id}/schedules"
    chunks = iter([b'{"scheduled_date"', b': "2027-03-02T09:00:00Z"}'])
    connection = socket_of(world)
    connection.request("POST", url, chunks, HEADERS, encode_chunked=True)
    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (
        201,
        b'[{"scheduled_date": "2027-03-02T09:00:00.000Z"}]',
    )
    assert ask(connection, "GET", "/v3/emails")[0] == 200


@pytest.mark.parametrize("head", [b"Content-Length: x", b"Transfer-Encoding: chunked"])
def test_a_body_of_nonsense_length_is_400_and_the_end_of_the_connection(
    world: World, head: bytes
) -> None:
    with (
        serve(world) as url,
        socket.create_connection((urlsplit(url).hostname, urlsplit(url).port or 0), 5) as raw,
    ):
        raw.sendall(b"POST /v3/emails HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\nzz\r\n")
        raw.shutdown(socket.SHUT_WR)
        with raw.makefile("rb") as answer:
            assert answer.readline().split()[1] == b"400"
    assert world.requests == ()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", "::", ""])
def test_only_loopback_addresses_are_served(world: World, host: str) -> None:
    with pytest.raises(ValueError, match="loopback"), serve(world, host):
        pass


def test_localhost_and_a_chosen_port_are_served(world: World) -> None:
    with serve(world, "localhost") as url:
        port = urlsplit(url).port or 0
        assert url == f"http://127.0.0.1:{port}"
        with pytest.raises(OSError, match="in use"), serve(world, port=port):
            pass


def test_leaving_closes_open_connections(world: World) -> None:
    with serve(world) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        ask(connection, "GET", "/v3/emails")
        sock = connection.sock
    assert sock.recv(1) == b""
    connection.close()


def test_serving_forever_tells_when_it_is_ready() -> None:
    ready, urls = threading.Event(), []

    def tell(url: str) -> None:
        urls.append(url)
        ready.set()

    options = {"ready": tell}
    threading.Thread(target=serve_forever, args=(World(),), kwargs=options, daemon=True).start()
    assert ready.wait(5)
    connection = http.client.HTTPConnection(urlsplit(urls[0]).netloc, timeout=5)
    assert ask(connection, "GET", "/v3/emails") == (200, b'{"campaigns": []}')
    connection.close()


def test_many_clients_at_once_are_counted_one_by_one(
    world: World, socket_of: Callable[[World], http.client.HTTPConnection]
) -> None:
    activity = world.add_campaign("A", lists=[world.add_list("L", 3)])
    url = f"/v3/emails/activities/{activity.activity_id}/schedules"
    netloc = f"127.0.0.1:{socket_of(world).port}"
    statuses = []

    def client() -> None:
        connection = http.client.HTTPConnection(netloc, timeout=5)
        body = {"scheduled_date": "2027-03-02T09:00:00Z"}
        statuses.append(ask(connection, "POST", url, body)[0])
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [400] * 7
