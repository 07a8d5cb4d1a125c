"""Faults of the machine: two runs, killed, frozen, interrupted, full disks, damaged journals."""

import signal
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccops import resources, transport
from ccops.constantcontact import client
from ccops.errors import Diagnostic, StoreUnavailable
from ccops.planning import planfile
from ccops.ports import JournalEntry, WriteState
from ccops.store.sqlite import SqliteStore
from tests.e2e.stage import Stage, finish, manifest
from tests.e2e.window import Fate, window
from tests.faults.spring import APPLY, MARCH_10, MOVE, POST, as_wanted, edit, mails, posts

SAVED = ("apply", "plan.json", "--yes")


def test_f27_a_process_that_was_frozen_reads_again(
    draft: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten seconds pass between the look and the POST: that POST never leaves, a later one does."""
    lost, real = [0.0], time.clock_gettime
    monkeypatch.setattr(transport.time, "clock_gettime", lambda clock: real(clock) + lost[0])
    append = SqliteStore.append

    def slowly(store: SqliteStore, entry: JournalEntry) -> None:
        append(store, entry)
        if entry.state is WriteState.INTENT and not lost[0]:
            lost[0] = 10.0

    monkeypatch.setattr(SqliteStore, "append", slowly)
    done = draft.run(*APPLY)
    assert (done.code, draft.writes(), lost) == (0, [POST], [10.0])
    assert lost[0] >= client.LEASE


def test_f34_two_applies_at_once(draft: Stage) -> None:
    """The second one finds the lock held; a later one finds nothing to do."""
    with window(draft, "POST") as opened:
        first = draft.start(*APPLY)
        opened.wait()
        second = draft.process(*APPLY)
        opened.release()
        assert (second.code, finish(first).code) == (9, 0)
    assert draft.run(*APPLY).code == 0
    assert (draft.writes(), mails(draft)) == ([POST], 1)


@pytest.mark.parametrize("fate", [Fate.LOST, Fate.DONE])
def test_f36_the_holder_of_the_lock_is_killed(draft: Stage, fate: Fate) -> None:
    """Its lock is free at once; the next run looks first what became of the write."""
    with window(draft, "POST", fate=fate) as opened:
        first = draft.start(*APPLY)
        opened.wait()
        first.kill()
        finish(first)
        opened.release()
    assert draft.run(*APPLY).code == 0
    assert len(posts(draft)) == (2 if fate is Fate.LOST else 1)
    assert (as_wanted(draft), mails(draft)) == (True, 1)


@pytest.mark.parametrize("place", range(len(MOVE)))
def test_f39_killed_in_any_write(moved: Stage, place: int) -> None:
    """The table of all kill points is in tests/processes; these are the three requests."""
    method = MOVE[place].split()[0]
    with window(moved, method, fate=Fate.DONE) as opened:
        process = moved.start(*APPLY)
        opened.wait()
        process.kill()
        finish(process)
        opened.release()
    assert moved.run(*APPLY).code == 0
    assert (moved.writes(), as_wanted(moved)) == (MOVE, True)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_f40_one_signal_ends_after_what_was_begun(
    draft: Stage, number: signal.Signals, code: int
) -> None:
    """The POST is finished and verified; the next run finds nothing to do."""
    with window(draft, "POST") as opened:
        process = draft.start(*APPLY)
        opened.wait()
        process.send_signal(number)
        opened.release()
        assert finish(process).code == code
    assert draft.run("plan", "--detailed-exitcode").code == 0
    assert draft.writes() == [POST]


def test_f40_two_signals_leave_it_open(draft: Stage) -> None:
    """Whoever insists is told that the outcome is unknown; the next run finds it out."""
    with window(draft, "POST") as opened:
        process = draft.start(*APPLY)
        opened.wait()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert finish(process).code == 10
    assert draft.run(*APPLY).code == 0
    assert mails(draft) == 1


def failing(monkeypatch: pytest.MonkeyPatch, state: WriteState) -> None:
    """Let the disk be full when a line of this state is to be written."""
    append = SqliteStore.append

    def full(store: SqliteStore, entry: JournalEntry) -> None:
        if entry.state is state:
            raise StoreUnavailable(Diagnostic(code="CC702", message="the disk is full"))
        append(store, entry)

    monkeypatch.setattr(SqliteStore, "append", full)


def test_f41_without_an_intent_nothing_leaves(
    draft: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line that must stand before the request cannot be written."""
    failing(monkeypatch, WriteState.INTENT)
    assert (draft.run(*APPLY).code, draft.writes()) == (9, [])


def test_f41_a_folder_that_is_none(draft: Stage) -> None:
    """A store that cannot be opened is no store."""
    (draft.folder / ".state").write_text("no folder", encoding="utf-8")
    assert (draft.run(*APPLY).code, draft.world.requests) == (9, ())


@pytest.mark.parametrize("state", [WriteState.ACKED, WriteState.VERIFIED])
def test_f42_the_disk_is_full_after_the_request(draft: Stage, state: WriteState) -> None:
    """The record stays open and the person is told; once there is room the next run closes it."""
    with pytest.MonkeyPatch.context() as patch:
        failing(patch, state)
        done = draft.run(*APPLY)
    assert (done.code, "Spring" in done.out) == (10, True)
    assert draft.run(*APPLY).code == 0
    assert (draft.writes(), mails(draft)) == ([POST], 1)


def journal(stage: Stage) -> Path:
    """The journal's file; there is one once a run has had something to write."""
    [path] = (stage.folder / ".state").glob("journal-*.sqlite3")
    return path


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:6000])


def overwritten(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def changed(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("DROP TRIGGER journal_is_never_changed")
        database.execute("UPDATE journal SET entry = replace(entry, 'intent', 'resolved')")


def from_the_future(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    "damage",
    [cut_off, overwritten, emptied, changed, from_the_future],
    ids=lambda one: one.__name__,
)
def test_f43_a_damaged_journal_is_not_trusted(draft: Stage, damage: Any) -> None:
    """Whoever forgot what was sent must not send."""
    assert draft.run(*APPLY).code == 0
    for rest in (draft.folder / ".state").glob("journal-*-wal"):
        rest.unlink()
    damage(journal(draft))
    edit(draft, status="DRAFT", scheduled=None)
    draft.world.log.clear()
    assert (draft.run(*APPLY).code, draft.writes()) == (9, [])


# --- plans, rights and workspaces ----------------------------------------------------------------


def planned(stage: Stage) -> Path:
    assert stage.run("plan", "--save", "plan.json").code == 0
    return stage.folder / "plan.json"


def test_f45_an_edited_plan(draft: Stage) -> None:
    """One character is enough."""
    path = planned(draft)
    path.write_text(path.read_text("utf-8").replace("2027-03-10", "2027-03-11"), "utf-8")
    assert (draft.run(*SAVED).code, draft.writes()) == (7, [])


def test_f45_an_expired_plan(draft: Stage) -> None:
    """After a day the review is too old."""
    planned(draft)
    draft.world.advance(86_401)
    assert (draft.run(*SAVED).code, draft.writes()) == (7, [])


def test_f45_another_accounts_plan(draft: Stage) -> None:
    """The checksum is right; the account is not."""
    path = planned(draft)
    plan = planfile.from_json(path.read_text("utf-8"), schema=resources.schema("plan"))
    other = replace(plan, account=replace(plan.account, id="another"))
    path.write_text(planfile.to_json(other), "utf-8")
    done = draft.run(*SAVED)
    assert (done.code, draft.writes(), "CC605" in done.err) == (7, [], True)


def test_f45_a_link_to_a_plan(draft: Stage) -> None:
    """Links are not followed: what was checked must be what is applied."""
    path = planned(draft)
    path.rename(path.with_name("real.json"))
    path.symlink_to("real.json")
    assert (draft.run(*SAVED).code, draft.writes()) == (3, [])


def test_f53_the_privilege_to_send_is_missing(moved: Stage) -> None:
    """Told before the DELETE, not after it."""
    rights = moved.world.privileges
    moved.world.privileges = tuple(one for one in rights if one != "campaign:send")
    assert (moved.run(*APPLY).code, moved.writes()) == (4, [])


def test_f54_another_accounts_token(draft: Stage) -> None:
    """The workspace names the account that it is for."""
    path = draft.folder / "ccops.yaml"
    account = draft.world.encoded_account_id
    path.write_text(path.read_text("utf-8").replace(account, "another"), "utf-8")
    assert (draft.run(*APPLY).code, draft.writes()) == (4, [])


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "<<<<<<< HEAD\ncampaign: Spring\n=======\ncampaign: Summer\n>>>>>>> main\n",
        manifest("Spring", "Members", send_at=MARCH_10)[:-20],
    ],
    ids=["no file", "an empty file", "merge markers", "half a file"],
)
def test_f55_half_a_checkout(draft: Stage, text: str | None) -> None:
    """What is not there is not a wish to remove it."""
    path = draft.folder / "campaigns" / "one.yaml"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert (draft.run(*APPLY).code, draft.world.requests) == (3, ())
