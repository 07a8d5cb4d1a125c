"""Faults of a shared store: down, lost in the middle, a copy, or behind a pooler."""

from dataclasses import replace
from urllib.parse import quote

import psycopg
import pytest

from ccops.errors import ExitCode
from tests.e2e.stage import Stage, finish
from tests.e2e.window import Fate, window
from tests.store.cluster import PASSWORD, Cluster, free_port


def stored(stage: Stage, address: str) -> Stage:
    """The same stage, with this store."""
    return replace(stage, environment={**stage.environment, "CCOPS_STORE": address})


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes"), ("doctor",)])
def test_f44_without_the_store_nothing_is_planned_or_written(
    draft: Stage, command: tuple[str, ...]
) -> None:
    """It fails closed; and no part of the address is shown."""
    port = free_port()
    lost = stored(draft, f"postgresql://u:{quote(PASSWORD)}@127.0.0.1:{port}/d")
    done = lost.process(*command)
    assert (done.code, lost.writes()) == (ExitCode.LOCKED, [])
    assert "CC702" in done.err + done.out
    assert "canary" not in done.err + done.out


def test_f37_a_lock_that_is_lost_in_the_middle_stops_the_run(server: Cluster, moved: Stage) -> None:
    """Its session is ended between two writes; the second one never leaves."""
    here = stored(moved, server.address())
    with window(here, "DELETE", fate=Fate.DONE) as opened:
        process = here.start("apply", "--yes")
        opened.wait()
        end_holder(server, moved.url)
        opened.release()
        done = finish(process)
    assert done.code in {ExitCode.LOCKED, ExitCode.UNKNOWN}
    assert [line.split()[0] for line in here.writes()] == ["DELETE"]
    assert "Traceback" not in done.err
    assert here.process("apply", "--yes").code == ExitCode.DONE
    assert [line.split()[0] for line in here.writes()] == ["DELETE", "PUT", "POST"]


def end_holder(server: Cluster, origin: str) -> None:
    """End the session of the run that holds the lock of an account there."""
    with psycopg.connect(server.address(), autocommit=True) as person:
        ended = person.execute(
            "select pg_terminate_backend(backend, 5000) from ccops.holder where origin = %s",
            [origin],
        ).fetchall()
    assert ended == [(True,)]


def test_f58_a_pooler_is_wrong_usage(server: Cluster, draft: Stage) -> None:
    """Refused before anything is read."""
    with server.pooler() as port:
        done = stored(draft, server.address(port=port)).process("plan")
    assert done.code == ExitCode.INVALID
    assert "error[CC709]" in done.err
    assert draft.world.requests == ()


def test_f44_a_server_that_crashes_in_the_middle(server: Cluster, draft: Stage) -> None:
    """It comes back, but the session and its lock are gone: a later run finds out what happened."""
    here = stored(draft, server.address())
    with window(here, "POST", fate=Fate.DONE) as opened:
        process = here.start("apply", "--yes")
        opened.wait()
        server.stop()
        server.start()
        opened.release()
        done = finish(process)
    assert done.code == ExitCode.UNKNOWN
    assert here.process("apply", "--yes").code == ExitCode.DONE
    assert len(here.writes()) == 1
