"""Where the browser comes back to takes one answer, from this machine, for a bounded time."""

import socket
from urllib.parse import urlsplit

import pytest

from ccops.errors import AccessDenied, InvalidInput
from ccops.session.loopback import listening
from tests.auth.browsing import visit


def test_the_first_answer_is_the_one() -> None:
    """A second is refused, also when the first was taken already; nothing is quoted in the page."""
    with listening() as loopback:
        first = visit(f"{loopback.redirect_uri}?code=needle&state=s")
        second = visit(f"{loopback.redirect_uri}?code=other&state=s")
        assert loopback.answer(5) == "code=needle&state=s"
        third = visit(f"{loopback.redirect_uri}?code=third&state=s")
        with pytest.raises(AccessDenied, match="CC545"):
            loopback.answer(0)
    assert [one[0] for one in (first, second, third)] == [200, 409, 409]
    assert "needle" not in first[1]


@pytest.mark.parametrize(
    "path", ["/", "/favicon.ico", "/callback", "/callback/x?code=a", "/x?code=a"]
)
def test_what_a_browser_asks_for_besides_is_no_answer(path: str) -> None:
    """The icon of the page, a link opened by hand."""
    with listening() as loopback:
        link = urlsplit(loopback.redirect_uri)
        assert visit(f"http://{link.netloc}{path}")[0] == 404
        assert visit(f"{loopback.redirect_uri}?code=a")[0] == 200
        assert loopback.answer(5) == "code=a"


def test_a_connection_that_says_nothing_keeps_nobody_out() -> None:
    """Browsers open some in advance."""
    with listening() as loopback:
        link = urlsplit(loopback.redirect_uri)
        with socket.create_connection((str(link.hostname), link.port or 0), timeout=5):
            visit(f"{loopback.redirect_uri}?code=a")
            assert loopback.answer(5) == "code=a"


def test_nobody_comes() -> None:
    """Then it is said what to do."""
    with listening() as loopback, pytest.raises(AccessDenied, match="CC545") as caught:
        loopback.answer(0)
    assert "--device" in caught.value.diagnostics[0].help


def test_it_listens_on_this_machine_alone_and_not_for_longer() -> None:
    """127.0.0.1, and the port is free again at the end."""
    with listening() as loopback:
        link = urlsplit(loopback.redirect_uri)
        assert (link.hostname, link.path) == ("127.0.0.1", "/callback")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", link.port or 0), timeout=5)


@pytest.mark.parametrize("port", [70_000, -1])
def test_a_port_that_is_none(port: int) -> None:
    """A mistake of usage."""
    with pytest.raises(InvalidInput, match="CC552"), listening(port):
        pass
