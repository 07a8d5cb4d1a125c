"""A queue for a test: a database of its own on the tests' server, and jobs to put into it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count

import psycopg

from ccops.errors import ExitCode
from ccops.fleet import queue
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.perform import Run
from tests.store.cluster import DATABASE, Cluster

ORIGIN = "https://api.cc.email"
_numbers = count(1)


@contextmanager
def fresh_database(server: Cluster) -> Iterator[str]:
    """Make an empty database, and drop it at the end, whoever is still connected."""
    name = f"queue{next(_numbers)}"
    maintenance = server.address().replace(f"/{DATABASE}", "/postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        try:
            yield server.address().replace(f"/{DATABASE}", f"/{name}")
        finally:
            connection.execute(f"drop database {name} with (force)".encode())


@contextmanager
def fresh_queue(server: Cluster) -> Iterator[str]:
    """Make a database with an empty queue."""
    with fresh_database(server) as address:
        queue.make(address)
        yield address


def job(
    account: str = "a1",
    action: Action = Action.PLAN,
    earliest: datetime | None = None,
    **more: str,
) -> Job:
    """Make a job of an account."""
    return Job(
        workspace=f"/work/{account}",
        action=action,
        account=account,
        origin=ORIGIN,
        earliest=earliest,
        **more,  # type: ignore[arg-type]  # plan_file and checksum are text
    )


def ending(code: ExitCode, reason: str = "") -> Callable[[Job, Run], Outcome]:
    """Return a way to do a job that ends it like this, and does nothing."""
    return lambda done, _run: Outcome(
        job=done, exit_code=code, summary="as told", verdicts={}, reason=reason
    )


def ask(address: str, statement: str) -> list[tuple[object, ...]]:
    """Ask the database; the queue's tables need no schema before their names."""
    with _session(address) as connection:
        return list(connection.execute(statement.encode()).fetchall())


def tell(address: str, statement: str) -> None:
    """Change the database."""
    with _session(address) as connection:
        connection.execute(statement.encode())


@contextmanager
def _session(address: str) -> Iterator[psycopg.Connection]:
    path = "-csearch_path=ccops_queue,public,pg_catalog"
    with psycopg.connect(address, autocommit=True, options=path) as connection:
        yield connection
