"""CCOPS_STORE says which store it is; whatever is wrong with it ends a command before it begins."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ccops.errors import ExitCode, InvalidInput
from ccops.store.choice import open_memory
from tests.e2e.stage import Stage, account, manifest, on_stage
from tests.store.cluster import Cluster
from tests.store.store_backends import DAY, entry

CANARY = "canary-never-to-be-shown"


def use(address: str | None, folder: Path) -> str:
    """Open, write and read both parts; return the store's name."""
    whose = {"origin": str(folder), "account": "a", "key": str(folder), "run": "run-1"}
    with open_memory(address, folder, **whose) as memory:
        with memory.store.lock():
            memory.store.append(entry())
        assert memory.store.entries() == (entry(),)
        assert memory.meter.spend(DAY, 9) == 1
        return memory.store.name


def test_without_an_address_it_is_files(tmp_path: Path) -> None:
    """In the folder, and named by their path."""
    assert Path(use(None, tmp_path / "state")).is_relative_to(tmp_path / "state")


def test_an_address_of_postgresql_is_a_database(server: Cluster, tmp_path: Path) -> None:
    """By either of libpq's words for it; no file is made."""
    folder = tmp_path / "state"
    for number, scheme in enumerate(("postgresql://", "postgres://")):
        address = server.address().replace("postgresql://", scheme)
        assert use(address, folder / str(number)) == f"PostgreSQL at 127.0.0.1:{server.port}/store"
    assert not folder.exists()


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://u:{CANARY}@host/d",
        f"postgresql:/u:{CANARY}@host/d",
        f"POSTGRESQL://u:{CANARY}@host/d",
        f"host=h password={CANARY}",
        f"/var/lib/{CANARY}",
        CANARY,
    ],
)
def test_anything_else_is_refused_and_not_quoted(address: str, tmp_path: Path) -> None:
    """It may be a password that stands in the wrong place."""
    with pytest.raises(InvalidInput, match="CC707") as caught:
        use(address, tmp_path)
    [diagnostic] = caught.value.diagnostics
    assert "postgresql://" in diagnostic.help
    assert CANARY not in f"{diagnostic}"
    assert list(tmp_path.iterdir()) == []


def test_an_empty_one_is_refused(tmp_path: Path) -> None:
    """A runner that did not get its secret must not go on with a store of its own."""
    with pytest.raises(InvalidInput, match="CC707: CCOPS_STORE is set, and empty"):
        use("", tmp_path)


def test_what_the_extra_brings_is_asked_for_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CC708 tells the command that installs it; no other store needs it."""
    for module in [one for one in sys.modules if one.startswith("ccops.store.postgres")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidInput, match="CC708") as caught:
        use(f"postgresql://u:{CANARY}@h/d", tmp_path)
    assert caught.value.diagnostics[0].help == "pip install 'ccops[postgres]'"
    assert use(None, tmp_path)


# Whole commands


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with on_stage(tmp_path / "workspace", account()) as stage:
        stage.world.add_campaign("First")
        stage.write(manifest("First", "Members", send_at="Tue 2027-03-09 09:00"))
        yield stage


def stored(stage: Stage, address: str) -> Stage:
    return replace(stage, environment={**stage.environment, "CCOPS_STORE": address})


def test_runs_on_two_machines_share_what_they_remember(server: Cluster, stage: Stage) -> None:
    """The second one, with an empty disk, knows what the first one did, and does not repeat it."""
    first = stored(stage, server.address())
    assert first.process("apply", "--yes").code == ExitCode.DONE
    writes = first.writes()
    assert len(writes) == 2
    state = Path(first.environment["CCOPS_STATE_DIR"])
    assert not state.exists()
    second = replace(first, environment={**first.environment, "CCOPS_STATE_DIR": f"{state}-2"})
    assert second.run("plan", "--detailed-exitcode").code == ExitCode.DONE
    [activity] = [one for one in stage.world.activities.values() if one.scheduled]
    unscheduled = replace(activity, status="DRAFT", scheduled=None)
    stage.world.activities[activity.activity_id] = unscheduled
    assert "unscheduled-elsewhere" in second.run("plan", "--format", "json").out
    assert second.writes() == writes


def test_a_run_elsewhere_keeps_this_one_out(server: Cluster, stage: Stage) -> None:
    """Exit code 9, and the other is named."""
    whose = {"origin": stage.url, "account": stage.world.encoded_account_id, "key": "k"}
    here = stored(stage, server.address())
    with open_memory(server.address(), stage.folder, **whose, run="other-run") as memory:
        with memory.store.lock():
            done = here.process("apply", "--yes")
        assert (done.code, here.writes()) == (ExitCode.LOCKED, [])
        assert "error[CC701]" in done.err
        assert "run other-run on " in done.err


def test_doctor_names_the_store_without_its_password(server: Cluster, stage: Stage) -> None:
    """And the library's own way of hiding it is not relied on."""
    done = stored(stage, server.address()).process("doctor")
    assert done.code == ExitCode.DONE
    assert f"PostgreSQL at 127.0.0.1:{server.port}/store" in done.out
    assert "canary" not in done.out + done.err
