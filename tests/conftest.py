"""What holds for every test: a clean environment, no network but loopback, no waiting."""

import os
import signal
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
import stamina
from hypothesis import settings

from tests.store.cluster import DATABASE, Cluster, cluster
from tests.store.store_backends import SERVER

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
        "PYTHONTZPATH",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "SSLKEYLOGFILE",
        "TERM",
        "TZ",
    }
)

homes = count()

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A run in the background inherits that, and would hand it on to every process under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


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
