"""Whole runs over many accounts, each a process on a socket; told by what the servers received."""

import json
import re
import signal
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.errors import ExitCode
from ccops.fleet.child import finished, start
from ccops.fleet.jobs import Action, Job
from ccops.fleet.outcomes import Ended
from ccops.fleet.perform import PROGRAM, perform
from ccops.ports import WriteState
from ccops.store.choice import NamedStore, open_memory
from ccops.store.files import file_name
from tests.e2e.stage import Done, finish, manifest
from tests.e2e.window import window
from tests.fleet.agency import CLIENT, Agency, agency
from tests.store.store_backends import entry, halt

SCHEDULED = ["PUT", "POST"]


@pytest.fixture
def clients(tmp_path: Path) -> Iterator[Agency]:
    """Two accounts; each has a draft that its manifest wants scheduled."""
    with agency(tmp_path, ["acme", "bolt"]) as made:
        yield made


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Agency]:
    """A fleet of a single account."""
    with agency(tmp_path, ["acme"]) as made:
        yield made


def plan(made: Agency, *options: str) -> str:
    """Save a set of plans and return its checksum."""
    done = made.run("plan", "clients", "--out", "plans", *options)
    return checksum(done)


def checksum(done: Done) -> str:
    (found,) = set(re.findall(r"sha256:[0-9a-f]{64}", done.out))
    return str(found)


def codes(done: Done) -> dict[str, int]:
    return {one["name"]: one["exit_code"] for one in done.document["accounts"]}


def foreseen(done: Done) -> int:
    found = re.search(r"About ([0-9,]+) requests?", done.err)
    assert found
    return int(found[1].replace(",", ""))


@contextmanager
def store(made: Agency, name: str) -> Iterator[NamedStore]:
    """The store of one account, as a run finds it."""
    with open_memory(
        None,
        made.state,
        origin=made.url,
        account=f"acc-{name}",
        key=f"{made.url} {CLIENT}",
        run="a test",
    ) as memory:
        yield memory.store


def test_apply_twice_is_apply_once(clients: Agency) -> None:
    """Plan, review, apply; again, and again where it left off: each request once."""
    before = clients.requests()
    planned = clients.run("plan", "clients", "--out", "plans", "--detailed-exitcode")
    assert (planned.code, clients.writes()) == (2, {"acme": [], "bolt": []})
    assert 0 < clients.requests() - before <= foreseen(planned)
    reviewed = checksum(planned)

    other = clients.run("apply", "plans", "--checksum", "sha256:" + "0" * 64)
    assert (other.code, clients.writes()) == (7, {"acme": [], "bolt": []})

    before = clients.requests()
    first = clients.run("apply", "plans", "--checksum", reviewed, "--format", "json")
    assert (first.code, codes(first)) == (0, {"acme": 0, "bolt": 0})
    assert [item["verdicts"] for item in first.document["accounts"]] == [{"done": 1}] * 2
    assert 0 < clients.requests() - before <= foreseen(first)

    before = clients.requests()
    resumed = clients.run("apply", "plans", "--checksum", reviewed, "--resume")
    assert (resumed.code, clients.requests()) == (0, before)
    assert "2 accounts done by an earlier run" in resumed.err
    again = clients.run("apply", "plans", "--checksum", reviewed)
    assert again.code == 0
    assert clients.writes() == {"acme": SCHEDULED, "bolt": SCHEDULED}


def test_one_account_that_fails_stops_no_other(tmp_path: Path) -> None:
    """No login, a manifest that is wrong: the others are planned, and the worst code is told."""
    with agency(tmp_path, ["acme", "login", "wrong"]) as made:
        (made.workspace("wrong") / "campaigns" / "one.yaml").write_text("campaign: [", "utf-8")
        held = made.workspace("login") / "ccops.yaml"
        held.write_text(held.read_text("utf-8").replace("acc-login", "acc-nobody"), "utf-8")
        done = made.run("plan", "clients", "--out", "plans", "--format", "json")
        assert (done.code, codes(done)) == (4, {"acme": 0, "login": 4, "wrong": 3})
        reasons = {item["name"]: item["reason"] for item in done.document["accounts"]}
        assert reasons["login"].startswith("CC526")
        assert reasons["wrong"].startswith("CC")
        index = json.loads((tmp_path / "plans" / "fleet.index.json").read_text("utf-8"))
        assert [item["account"] for item in index["plans"]] == ["acc-acme"]
        assert [item["exit_code"] for item in index["left_out"]] == [3, 4]

        with store(made, "acme") as locked, locked.lock():
            busy = made.run("apply", "plans", "--checksum", index["checksum"], "--format", "json")
        assert (busy.code, codes(busy), made.writes()["acme"]) == (9, {"acme": 9}, [])
        assert [item["name"] for item in done.document["left_out"]] == ["wrong", "login"]

        apply = ("apply", "plans", "--checksum", index["checksum"])
        whole = made.run(*apply, "--format", "json")
        assert (whole.code, codes(whole), made.writes()["acme"]) == (4, {"acme": 0}, SCHEDULED)
        missing = {item["name"]: item for item in whole.document["left_out"]}
        assert {name: item["exit_code"] for name, item in missing.items()} == {
            "login": 4,
            "wrong": 3,
        }
        assert {name: item["reason"] for name, item in missing.items()} == {
            name: reasons[name] for name in missing
        }
        told = made.run(*apply, "--resume")
        assert (told.code, "Not in the set: 2 accounts. Exit 4." in told.out) == (4, True)
        assert reasons["login"] in told.out
        assert "Nothing is done for 2 accounts without a plan in this set." in told.err


def test_what_is_sent_at_once_is_never_sent_by_a_fleet(one: Agency) -> None:
    """Neither where nobody allowed it, nor where somebody did, for a plan put into the set."""
    one.write("acme", manifest("Spring", "Members", send_at="now"))
    reviewed = plan(one)
    done = one.run("apply", "plans", "--checksum", reviewed, "--format", "json")
    assert (done.code, codes(done)) == (6, {"acme": 6})
    assert "CC252" in done.document["accounts"][0]["reason"]

    single = replace(one.stage, folder=one.workspace("acme"))
    allowed = ("--allow", "send-now=Spring", "--reason", "recall")
    file = one.folder / "plans" / "acc-acme.json"
    saved = single.run("plan", "--save", str(file), "--format", "json", *allowed)
    assert saved.code == 0
    swapped = one.run("apply", "plans", "--checksum", reviewed, "--format", "json")
    assert (swapped.code, codes(swapped)) == (7, {"acme": 7})
    job = Job(
        workspace=str(single.folder),
        action=Action.APPLY,
        account="acc-acme",
        origin=one.url,
        plan_file=str(file),
        checksum=saved.document["checksum"],
    )
    found = perform(job, run=never)
    assert (found.exit_code, found.reason[:5]) == (ExitCode.BLOCKED, "CC252")
    assert one.writes() == {"acme": []}


def never(words: Sequence[str]) -> Ended:
    raise AssertionError(words)


def test_a_process_that_dies_is_unknown_until_it_is_done_again(
    clients: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while its write is under way: exit 10, and no second write when it is run again."""
    for name, value in clients.stage.environment.items():
        monkeypatch.setenv(name, value)
    reviewed = plan(clients)
    index = json.loads((clients.folder / "plans" / "fleet.index.json").read_text("utf-8"))
    sums = {item["account"]: item["checksum"] for item in index["plans"]}
    job = Job(
        workspace=str(clients.workspace("acme")),
        action=Action.APPLY,
        account="acc-acme",
        origin=clients.url,
        plan_file=str(clients.folder / "plans" / "acc-acme.json"),
        checksum=sums["acc-acme"],
    )
    begun = perform(job, run=lambda _: Ended(code=-9, out="", err=""))
    assert begun.exit_code is ExitCode.UNEXPECTED
    other = perform(replace(job, checksum="sha256:1"), run=never)
    assert (other.exit_code, other.reason[:5]) == (ExitCode.STALE, "CC632")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("CCOPS_STORE", "redis://x")
        unasked = perform(job, run=lambda _: Ended(code=-9, out="", err=""))
    assert unasked.exit_code is ExitCode.UNKNOWN
    assert "the journal cannot be read: CC707" in unasked.reason

    def killed(words: Sequence[str]) -> Ended:
        stage = replace(clients.stage, world=clients.worlds["acme"])
        with window(stage, "POST") as opened:
            process = start([*PROGRAM, *words])
            opened.wait()
            process.kill()
            return finished(process)

    found = perform(job, run=killed)
    assert (found.exit_code, clients.writes()["bolt"]) == (ExitCode.UNKNOWN, [])
    assert "signal 9" in found.reason
    stuck = clients.run("status", "clients")
    assert "a write is open: Spring" in stuck.out

    done = clients.run("apply", "plans", "--checksum", reviewed, "--format", "json")
    assert (done.code, codes(done)) == (0, {"acme": 0, "bolt": 0})
    assert clients.writes() == {"acme": SCHEDULED, "bolt": SCHEDULED}
    late = perform(job, run=lambda _: Ended(code=-9, out="", err=""))
    assert late.exit_code is ExitCode.PARTIAL


def test_a_signal_lets_what_was_begun_be_finished(clients: Agency) -> None:
    """The write that is under way is verified; the other account is not begun, and is next time."""
    reviewed = plan(clients)
    words = ("apply", "plans", "--checksum", reviewed, "--jobs", "1", "--format", "json")
    stage = replace(clients.stage, world=clients.worlds["acme"])
    with window(stage, "POST") as opened:
        process = stage.start("fleet", *words)
        opened.wait()
        process.send_signal(signal.SIGTERM)
        opened.release()
        done = finish(process)
    assert (done.code, codes(done)["bolt"]) == (143, 143)
    assert clients.writes() == {"acme": SCHEDULED, "bolt": []}
    assert clients.run("status", "clients", "--format", "json").document["accounts"][0]["open_writes"] == []  # fmt: skip
    again = clients.run(*words)
    assert (again.code, clients.writes()) == (0, {"acme": SCHEDULED, "bolt": SCHEDULED})


def test_a_budget_ends_a_sweep(clients: Agency) -> None:
    """It is said before anything is spent; who was not reached is named, and is next time."""
    done = clients.run("drift", "clients", "--budget", "12", "--format", "json")
    assert (done.code, codes(done)) == (5, {"acme": 0, "bolt": 5})
    assert done.err.splitlines()[0].endswith("a budget of 12, enough for the first 1.")
    assert "not reached" in done.document["accounts"][1]["reason"]
    assert 0 < clients.requests() <= 12
    assert not clients.worlds["bolt"].requests
    rest = clients.run("drift", "clients", "--budget", "12", "--resume", "--format", "json")
    assert (rest.code, codes(rest)) == (0, {"acme": 0, "bolt": 0})
    assert clients.worlds["bolt"].requests
    none = clients.run("drift", "clients", "--budget", "0", "--format", "json")
    assert (none.code, codes(none)) == (5, {"acme": 5, "bolt": 5})


def test_one_key_has_one_pace_and_one_ledger(tmp_path: Path) -> None:
    """However many accounts ask at a time: slots of all of them are reserved in one row."""
    gap = timedelta(milliseconds=25)
    began = time.time()
    with agency(tmp_path, ["a", "b"], request_gap="25 ms") as made:
        done = made.run("plan", "clients", "--jobs", "2")
        assert done.code == 0
        meter = made.state / file_name("meter", f"{made.url} {CLIENT}")
        with closing(sqlite3.connect(meter)) as connection:
            [(used,)] = connection.execute("SELECT sum(used) FROM ledger").fetchall()
            [(next_at,)] = connection.execute("SELECT next_at FROM slot").fetchall()
        assert used == made.requests() == len(made.arrivals)
        assert next_at / 1_000_000 - began >= used * gap.total_seconds()
        assert made.arrivals[-1] - made.arrivals[0] >= (used - 10) * gap.total_seconds()


def test_how_it_stands(clients: Agency) -> None:
    """Unknown outcomes, halts, what is wrong; the ledger of the key; and the exit code."""
    well = clients.run("status", "clients", "--format", "json")
    assert (well.code, [item["stuck"] for item in well.document["accounts"]]) == (0, [False] * 2)
    with store(clients, "acme") as opened, opened.lock():
        opened.append(entry(state=WriteState.INTENT))
        opened.halt(halt())
    begun = clients.run("status", "clients", "--format", "json")
    assert begun.code == 0
    with store(clients, "acme") as opened, opened.lock():
        opened.append(entry(state=WriteState.UNKNOWN))
    broken = clients.folder / "clients" / "cat"
    broken.mkdir()
    (broken / "ccops.yaml").write_text("account: [", "utf-8")
    found = clients.run("status", "clients", "--format", "json")
    acme, bolt, cat = found.document["accounts"]
    assert found.code == 10
    assert (acme["unknown"], acme["halted"]) == (["Fall Appeal"], ["Fall Appeal"])
    assert (bolt["stuck"], cat["trouble"][:2]) == (False, "CC")
    assert [item["limit"] for item in found.document["keys"]] == [10_000]
    metrics = clients.run("status", "clients", "--format", "prometheus")
    assert 'ccops_fleet_unknown_writes{account="acc-acme",workspace="acme"} 1' in metrics.out
    assert clients.requests() == 0


def test_a_locked_fleet_resolves_nothing_by_name(one: Agency) -> None:
    """Each account by its own lock; an earlier run that was not locked counts for nothing."""
    assert one.run("plan", "clients").code == 0
    for action in ("plan", "drift"):
        done = one.run(action, "clients", "--locked", "--resume", "--format", "json")
        assert done.code != 0
        assert done.document["accounts"][0]["reason"].startswith("CC325")
    single = replace(one.stage, folder=one.workspace("acme"))
    assert single.run("lock").code == 0
    for action in ("plan", "drift"):
        assert one.run(action, "clients", "--locked").code == 0


def test_a_check_of_all_needs_no_login(clients: Agency) -> None:
    """And asks nobody."""
    clients.write("bolt", "campaign: 1\n", file="two.yaml")
    done = clients.run("validate", "clients", "--format", "json")
    assert (done.code, codes(done)) == (3, {"acme": 0, "bolt": 3})
    assert clients.requests() == 0


def test_a_selection_of_nothing_at_all_is_a_mistake(clients: Agency) -> None:
    """In one account it is none."""
    nothing = clients.run("plan", "clients", "--select", "name:Sprnig")
    assert (nothing.code, "CC256" in nothing.err) == (3, True)
    assert clients.run("plan", "clients", "--select", "nme:x").code == 3


def test_a_day_on_which_nothing_is_near_is_no_mistake(clients: Agency) -> None:
    """As in one workspace: a drift of what the hour leaves empty ends with 0."""
    quiet = clients.run("drift", "clients", "--select", "sends<1h")
    assert (quiet.code, quiet.out.count("no campaign")) == (0, 2)


USAGE = (
    ("apply", "plans"),
    ("plan",),
    ("status",),
    ("plan", "no-such-folder"),
    ("drift", "clients", "--rotate", "0"),
    ("plan", "clients", "--jobs", "0"),
    ("plan", "clients", "--time-limit", "soon"),
    ("drift", "clients", "--time-limit", "59 seconds"),
    ("validate", "clients", "--time-limit", "25 hours"),
    ("validate", "clients", "--time-limit", "4 hours", "--queue", "postgresql://127.0.0.1:1/x"),
    ("plan", "clients", "--out", "clients"),
    ("plan", "clients", "--out", "plans", "--queue", "postgresql://127.0.0.1:1/x"),
    ("plan", "clients", "--budget", "0", "--queue", "postgresql://127.0.0.1:1/x"),
    ("drift", "clients", "--resume", "--queue", "postgresql://127.0.0.1:1/x"),
    ("drift", "clients", "--detailed-exitcode", "--queue", "postgresql://127.0.0.1:1/x"),
    ("validate", "clients", "--format", "json", "--queue", "postgresql://127.0.0.1:1/x"),
    ("apply", "x", "--checksum", "x", "--budget", "9", "--queue", "postgresql://127.0.0.1:1/x"),
    ("apply", "no-such-set", "--checksum", "sha256:1"),
)


@pytest.mark.parametrize("words", USAGE, ids=" ".join)
def test_wrong_use_asks_nobody(one: Agency, words: tuple[str, ...]) -> None:
    """Exit 3, before anything is begun."""
    done = one.run(*words)
    assert (done.code, one.requests()) == (3, 0)
