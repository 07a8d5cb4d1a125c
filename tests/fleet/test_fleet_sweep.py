"""A whole fleet asked at once: jobs for a queue, notes, what an earlier run saves."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccops.errors import InvalidInput, StalePlan
from ccops.fleet.jobs import Action
from ccops.fleet.plans import INDEX
from ccops.fleet.scope import Asked
from ccops.fleet.sweep import for_queue, set_for_queue
from ccops.store.files import file_name
from tests.e2e.stage import START, manifest
from tests.fleet.agency import Agency, agency

GIT = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agency]:
    """Two accounts, whose sends are a day apart."""
    with agency(tmp_path, ["bolt", "acme"]) as made:
        for name, value in made.stage.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def asked(made: Agency, **more: object) -> Asked:
    values = {"action": Action.PLAN, "origin": made.url, "now": START, **more}
    return Asked(**values)  # type: ignore[arg-type]  # the fields of the tests


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *GIT, *words], cwd=folder, check=True, capture_output=True)


def test_a_queue_gets_the_jobs_in_their_order(clients: Agency, tmp_path: Path) -> None:
    """The soonest send first; nobody is asked anything."""
    jobs = for_queue([tmp_path / "clients"], asked(clients)).jobs
    assert [one.account for one in jobs] == ["acc-bolt", "acc-acme"]
    assert [one.locked for one in jobs] == [False, False]
    locked = for_queue([tmp_path / "clients"], asked(clients, locked=True)).jobs
    assert [one.locked for one in locked] == [True, True]
    assert clients.requests() == 0


def test_a_queue_gets_nothing_of_a_broken_fleet(clients: Agency, tmp_path: Path) -> None:
    """It has no place for what is wrong: that is told here, where somebody reads it."""
    clients.write("acme", "campaign: [", file="two.yaml")
    with pytest.raises(InvalidInput, match="CC259"):
        for_queue([tmp_path / "clients"], asked(clients))
    with pytest.raises(InvalidInput, match="CC286"):
        for_queue([tmp_path / "clients"], asked(clients, selectors=("x",)))


def test_a_plan_is_made_again_only_where_it_is_missing(
    clients: Agency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same set, without a request for the account that has its plan."""
    monkeypatch.chdir(tmp_path)
    first = clients.run("plan", "clients", "--out", "plans", "--format", "json").document
    (tmp_path / "plans" / "acc-bolt.json").write_text("{", "utf-8")
    before = {name: len(world.requests) for name, world in clients.worlds.items()}
    again = clients.run("plan", "clients", "--out", "plans", "--resume", "--format", "json")
    assert (again.code, again.document["checksum"]) == (0, first["checksum"])
    assert "1 account done by an earlier run" in again.err
    after = {name: len(world.requests) for name, world in clients.worlds.items()}
    assert (after["acme"] == before["acme"], after["bolt"] > before["bolt"]) == (True, True)

    jobs = set_for_queue(tmp_path / "plans", clients.url, first["checksum"]).jobs
    assert [(one.action, one.account) for one in jobs] == [
        (Action.APPLY, "acc-bolt"),
        (Action.APPLY, "acc-acme"),
    ]
    assert {one.workspace for one in jobs} == {
        str(clients.workspace(name)) for name in ("acme", "bolt")
    }
    with pytest.raises(StalePlan, match="CC633"):
        set_for_queue(tmp_path / "plans", clients.url, "sha256:1")
    (tmp_path / "plans" / "acc-bolt.json").write_text("{", "utf-8")
    left = set_for_queue(tmp_path / "plans", clients.url, first["checksum"])
    assert [one.account for one in left.jobs] == ["acc-acme"]
    assert [(one.job.account, one.exit_code) for one in left.settled] == [("acc-bolt", 7)]


def test_a_plan_that_was_swapped_is_made_again(
    clients: Agency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one of the same account, as sound as the one that the resumed run made."""
    monkeypatch.chdir(tmp_path)
    words = ("plan", "clients", "--out", "plans", "--format", "json")
    clients.run(*words)
    older = (tmp_path / "plans" / "acc-acme.json").read_bytes()
    clients.write("acme", manifest("Spring", "Donors", send_at="2027-03-20 09:00"))
    made = clients.run(*words).document["checksum"]
    (tmp_path / "plans" / "acc-acme.json").write_bytes(older)
    assert clients.run(*words, "--resume").document["checksum"] == made


def test_nothing_touched_is_said_and_is_no_failure(clients: Agency, tmp_path: Path) -> None:
    """Most commits touch no account."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "clients")
    git(tmp_path, "commit", "-qm", "all")
    done = clients.run("plan", "clients", "--changed", "HEAD", "--out", "plans")
    assert (done.code, "0 accounts: nothing to do. Exit 0." in done.out) == (0, True)
    assert "2 accounts not touched since HEAD, and left out" in done.err
    assert "gone since" not in done.err
    assert (tmp_path / "plans" / INDEX).exists()
    assert clients.requests() == 0


def test_a_manifest_that_is_gone_is_said(clients: Agency, tmp_path: Path) -> None:
    """Its campaign is not taken back by that, and nobody is asked about it."""
    clients.write("acme", "campaign: x\nrecipients: {lists: [Members]}\nsend_at: unscheduled\n", file="two.yaml")  # fmt: skip
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "clients")
    git(tmp_path, "commit", "-qm", "all")
    (clients.workspace("acme") / "campaigns" / "two.yaml").unlink()
    done = clients.run("plan", "clients", "--changed", "HEAD")
    assert (done.code, "two.yaml is gone since HEAD: its campaigns stay" in done.err) == (0, True)


def test_who_rests_is_said(clients: Agency) -> None:
    """With the turn that it is."""
    words = ("--rotate", "366", "--date", "2027-03-01", "--budget", "0")
    done = clients.run("drift", "clients", *words)
    assert "2 accounts left out: it is the turn of 1/366 of the accounts on 2027-03-01" in done.err
    assert clients.requests() == 0


def test_a_result_that_cannot_be_kept_is_told(clients: Agency) -> None:
    """And changes nothing else: it only saves work."""
    clients.state.mkdir(exist_ok=True)
    (clients.state / "fleet").touch()
    done = clients.run("validate", "clients")
    assert (done.code, done.err.count("is not kept: ")) == (0, 2)


def test_a_store_that_is_damaged_is_told_of_its_account_alone(clients: Agency) -> None:
    """The others stand as they stand, and are done as ever."""
    journal = clients.state / file_name("journal", clients.url, "acc-acme")
    clients.run("status", "clients")
    journal.write_bytes(b"no database at all, and long enough to be looked at" * 20)
    done = clients.run("status", "clients", "--format", "json")
    acme, bolt = done.document["accounts"]
    assert (done.code, acme["trouble"][:5], bolt["stuck"]) == (9, "CC703", False)
    planned = clients.run("plan", "clients", "--format", "json")
    assert [one["exit_code"] for one in planned.document["accounts"]] == [0, 9]
