"""What holds for every test: a clean environment, no network but loopback, no waiting."""

import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import stamina
from coverage import Coverage
from hypothesis import settings

from tests.store.cluster import DATABASE, Cluster, cluster
from tests.store.store_backends import SERVER

TESTS = Path(__file__).parent

LEAKING = ("CCOPS_", "GITHUB_", "GITLAB_", "XDG_")
LEAKING_NAMES = frozenset(
    {
        "CI",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "FORCE_COLOR",
        "LINES",
        "NO_COLOR",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONTZPATH",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "SSLKEYLOGFILE",
        "TERM",
        "TZ",
    }
)

UNMEASURED = frozenset(
    TESTS / name
    for name in (
        "applying/test_protocol_laws.py",
        "e2e",
        "faults",
        "laws",
        "modelcheck",
        "planning/test_convergence.py",
        "planning/test_verdict_table.py",
        "processes",
        "project",
        "render/test_render_safety.py",
        "sandbox",
        "security",
        "simulation",
        "transport",
        "wire",
        "workflows",
        "workspace",
    )
)
"""Tests of the whole program, of whole worlds, and long searches: no coverage is taken of them.

What they pass through on their way is not proven by that: the tests of its own parts cover the
pure core. And to trace these would double the time that all tests take.
"""

MEASURED_ALL_THE_SAME = TESTS / "security" / "test_token_echo.py"

homes = count()

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A run in the background inherits that, and would hand it on to every process under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Stop a measurement that pytest-cov begins twice in a worker of pytest-xdist.

    It keeps what the second one finds; but the first would go on wherever that one pauses.
    """
    running = Coverage.current()
    if running and hasattr(session.config, "workerinput"):
        running.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take the coverage of tests of single parts alone."""
    for item in items:
        path = item.path
        if not UNMEASURED.isdisjoint((path, *path.parents)) and path != MEASURED_ALL_THE_SAME:
            item.add_marker("no_cover")


def leaks(name: str) -> bool:
    """Whether an environment variable of the machine could change what a test sees."""
    proxy = name.lower().endswith("_proxy")
    return proxy or name in LEAKING_NAMES or name.startswith(LEAKING)


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Hide the machine's settings; name a home of its own for each test, made when written to."""
    for name in filter(leaks, tuple(os.environ)):
        monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / f"home-{next(homes)}"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))


@pytest.fixture(autouse=True, scope="session")
def no_backoff() -> Iterator[None]:
    """Keep the retries that stamina makes, but not its waits."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[Cluster]:
    """A PostgreSQL server with an empty database; other processes find it by SERVER."""
    with cluster() as running:
        maintenance = running.address().replace(f"/{DATABASE}", "/postgres")
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(f"create database {DATABASE}")
        os.environ[SERVER] = running.address()
        yield running
        del os.environ[SERVER]
