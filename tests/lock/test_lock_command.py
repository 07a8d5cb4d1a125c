"""`ccops lock`: what it pins, what it says of it, and what it leaves alone."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ccops.errors import InvalidInput
from ccops.manifest.lockfile import HEADER, Lock
from ccops.planning.resolve import Match
from ccops.ports import Reply
from ccops.sandbox.ids import activity_id_of, campaign_id_of, list_id_of
from ccops.session.locked import _found, write
from tests.e2e.stage import START, Stage, manifest
from tests.planning.samples import desired, row

MEMBERS = list_id_of("Members")
MARCH_9 = "Tue 2027-03-09 09:00"


@pytest.fixture
def two(stage: Stage) -> Stage:
    """A campaign to lists, one to a segment."""
    stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.world.add_campaign("Survey: Q1")
    stage.write(
        manifest("Spring", "Members", "Board", send_at=MARCH_9),
        manifest("Survey: Q1", segment="Active", send_at="unscheduled"),
    )
    return stage


def text(stage: Stage) -> str:
    return (stage.folder / "ccops.lock").read_text(encoding="utf-8")


def requests(stage: Stage) -> Counter[str]:
    """The requests since the log was cleared, by the first part of their paths."""
    parts = (one.path.removeprefix("/v3/").split("/") for one in stage.world.requests)
    return Counter(f"{part[0]} item" if part[1:] else part[0] for part in parts)


def test_every_name_is_pinned(two: Stage) -> None:
    """To the ids that the account has, in one way of writing."""
    done = two.run("lock")
    assert (done.code, done.out) == (
        0,
        "ccops.lock written: 2 campaigns, 2 lists, 1 segment.\n",
    )
    spring, survey = (
        f"{{campaign: {campaign_id_of(name)}, activity: {activity_id_of(name)}}}"
        for name in ("Spring", "Survey: Q1")
    )
    assert text(two) == (
        f"{HEADER}version: 1\naccount: {two.world.encoded_account_id}\n"
        f'campaigns:\n  Spring: {spring}\n  "Survey: Q1": {survey}\n'
        f"lists:\n  Board: {list_id_of('Board')}\n  Members: {MEMBERS}\n"
        "segments:\n  Active: 101\n"
    )
    assert f'+ list "Board": {list_id_of("Board")}\n' in done.err
    assert two.writes() == []
    assert [path.name for path in two.folder.glob(".ccops.lock*")] == []


def test_a_lock_that_fits_is_left_alone(two: Stage) -> None:
    """The file is not even touched, and nothing that it pins is looked up by itself."""
    two.run("lock")
    before = (two.folder / "ccops.lock").stat()
    two.world.log.clear()
    done = two.run("lock")
    after = (two.folder / "ccops.lock").stat()
    assert (done.code, done.err) == (0, "")
    assert done.out == "ccops.lock is up to date: 2 campaigns, 2 lists, 1 segment.\n"
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert requests(two) == {"account item": 1, "emails": 1, "contact_lists": 1, "segments": 1}


def test_a_check_writes_nothing(two: Stage) -> None:
    """Exit code 2 says that the lock would change; what would, is said."""
    done = two.run("lock", "--check")
    assert (done.code, done.out) == (
        2,
        "ccops.lock would change: 2 campaigns, 2 lists, 1 segment.\n",
    )
    assert '+ campaign "Spring"' in done.err
    assert not (two.folder / "ccops.lock").exists()
    two.run("lock")
    assert two.run("lock", "--check").code == 0


def test_a_name_that_means_another_object_stands_out(two: Stage) -> None:
    """It is pinned anew only by this command, and the line for it begins with an exclamation."""
    two.run("lock")
    two.world.delete_list(MEMBERS)
    anew = two.world.add_list("Members")
    done = two.run("lock")
    assert done.code == 0
    assert f'! list "Members" means another one: {MEMBERS} → {anew}\n' in done.err
    assert f"  Members: {anew}\n" in text(two)


def test_names_that_no_manifest_has_leave_the_lock(two: Stage) -> None:
    """It holds what is needed, and nothing besides."""
    two.run("lock")
    two.write(manifest("Spring", "Members", send_at=MARCH_9))
    done = two.run("lock")
    assert done.out == "ccops.lock written: 1 campaign, 1 list, 0 segments.\n"
    assert '- segment "Active": 101\n' in done.err


def test_unknown_names_are_refused_together(two: Stage) -> None:
    """Nothing is written then."""
    two.write(manifest("Spring", "Zebra", "Quagga", send_at=MARCH_9))
    done = two.run("lock")
    assert (done.code, done.out, done.err.count("CC301")) == (3, "", 2)
    assert not (two.folder / "ccops.lock").exists()


def test_a_campaign_that_is_not_there_is_named(two: Stage) -> None:
    """The others are pinned; the exit code says that a person is needed."""
    two.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("Sprung", "Members", send_at=MARCH_9),
    )
    done = two.run("lock")
    assert (done.code, done.out) == (6, "ccops.lock written: 1 campaign, 1 list, 0 segments.\n")
    assert "CC326" in done.err


def test_time_alone_changes_no_lock(two: Stage) -> None:
    """A campaign is sent and its list deleted: the lock still fits, and so does the plan."""
    two.run("plan")
    two.run("lock")
    two.run("apply", "--yes")
    two.world.move_to(START + timedelta(days=9))
    two.world.delete_list(MEMBERS)
    assert two.run("lock", "--check").code == 0
    assert two.run("plan", "--locked").code == 0


def test_a_pinned_activity_leads_to_its_campaign(two: Stage) -> None:
    """Of two campaigns of one name, the manifest's own pin says which."""
    two.world.add_campaign("Twin", campaign_id="11111111-1111-4111-8111-111111111111")
    second = "22222222-2222-4222-8222-222222222222"
    two.world.add_campaign("Twin", campaign_id=second, activity_id=second.replace("2", "3"))
    pin = second.replace("2", "3")
    two.write(manifest("Twin", "Members", send_at="unscheduled", activity=pin))
    assert two.run("lock").code == 0
    assert f"Twin: {{campaign: {second}, activity: {pin}}}" in text(two)


@pytest.mark.parametrize(
    ("name", "pin", "told"),
    [
        ("Spring", activity_id_of("Survey: Q1"), 'belongs to "Survey: Q1"'),
        ("Spring", "22222222-2222-4222-8222-222222222222", "no campaign has the activity"),
    ],
)
def test_a_pinned_activity_of_another_campaign_is_named(
    two: Stage, name: str, pin: str, told: str
) -> None:
    """Or of none: it is not pinned."""
    two.write(manifest(name, "Members", send_at="unscheduled", activity=pin))
    done = two.run("lock")
    assert (done.code, "CC326" in done.err, told in done.err) == (6, True, True)


def test_a_campaign_that_goes_while_it_is_looked_up_is_named() -> None:
    """The listing still had it."""
    gone = b'[{"error_key": "campaign.api.not_found", "error_message": "none"}]'
    session: Any = SimpleNamespace(
        send=lambda _: Reply(status=404, headers={}, body=gone),
        workspace=SimpleNamespace(lock=None),
    )
    found = _found(session, Match(desired=desired(), row=row()), {})
    assert (found.row, found.problem) == (None, "it has no email that can be scheduled")


def test_a_lock_of_another_account_is_refused(two: Stage) -> None:
    """By every command: its ids mean nothing here."""
    two.run("lock")
    path = two.folder / "ccops.lock"
    path.write_text(text(two).replace(two.world.encoded_account_id, "other"), encoding="utf-8")
    for command in ("validate", "plan", "lock"):
        done = two.run(command)
        assert (done.code, "CC129" in done.err) == (3, True)


def test_a_broken_lock_is_told_beside_all_other_errors(two: Stage) -> None:
    """Offline, in the same run as those of the manifests."""
    (two.folder / "ccops.lock").write_text("version: 1\nversion: 1\n", encoding="utf-8")
    two.write("campaign: 3\n")
    done = two.run("validate")
    assert (done.code, "CC002" in done.err, "CC102" in done.err) == (3, True, True)


def test_a_link_is_no_lock(two: Stage) -> None:
    """Neither is it followed nor written through."""
    target = two.folder / "elsewhere"
    target.write_text("precious", encoding="utf-8")
    (two.folder / "ccops.lock").symlink_to(target)
    done = two.run("lock")
    assert (done.code, "CC204" in done.err) == (3, True)
    assert target.read_text(encoding="utf-8") == "precious"


def test_a_lock_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A folder stands in its place; what was there stays."""
    (tmp_path / "ccops.lock" / "x").mkdir(parents=True)
    with pytest.raises(InvalidInput, match="CC293"):
        write(tmp_path, Lock(account="a"))
    assert [path.name for path in tmp_path.iterdir()] == ["ccops.lock"]


def test_a_lock_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    """A list may be called << in Constant Contact, which no key of a YAML file here may be."""
    lock = replace(Lock(account="a"), lists={"<<": MEMBERS})
    with pytest.raises(InvalidInput, match="CC293"):
        write(tmp_path, lock)
    assert list(tmp_path.iterdir()) == []
