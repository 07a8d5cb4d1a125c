"""What every other test relies on: no network, no settings of the machine."""

import os
import socket
from pathlib import Path

import platformdirs
import pytest
from pytest_socket import SocketConnectBlockedError


def test_no_test_reaches_the_network() -> None:
    """A connection to anywhere but loopback is refused before a packet leaves."""
    with pytest.raises((SocketConnectBlockedError, UserWarning)):
        socket.create_connection(("192.0.2.1", 443), timeout=0.01)


def test_loopback_is_allowed() -> None:
    """Real sockets are used where users have them."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_no_setting_of_the_machine_is_seen() -> None:
    """Proxies, colours, time zone and ccops's own variables are gone."""
    seen = {name.upper() for name in os.environ}
    assert not {name for name in seen if name.startswith("CCOPS_") or name.endswith("_PROXY")}
    assert seen.isdisjoint({"CI", "NO_COLOR", "FORCE_COLOR", "TZ", "GITHUB_ACTIONS"})


def test_each_test_has_a_state_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No journal of one test is seen by another, nor one of the person who runs them."""
    state = Path(platformdirs.user_state_dir("ccops"))
    assert state.is_relative_to(tmp_path_factory.getbasetemp())
    assert not state.exists()
