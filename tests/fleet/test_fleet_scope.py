"""What a commit touched, whose turn it is, and in which order: what becomes work."""

import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ccops.errors import ExitCode, InvalidInput
from ccops.fleet.accounts import members
from ccops.fleet.jobs import Action
from ccops.fleet.scope import Asked, Scope, rotation, scoped
from tests.e2e.stage import START

ORIGIN = "http://127.0.0.1:9"
CAMPAIGN = "campaign: {name}\nrecipients: {{lists: [Members]}}\nsend_at: 2027-03-{day:02} 09:00\n"
GIT = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")


def client(folder: Path, name: str, *days: int) -> Path:
    """A workspace with a manifest for a send on each of these days."""
    path = folder / name
    (path / "campaigns").mkdir(parents=True)
    (path / "ccops.yaml").write_text(f"version: 1\naccount: acc-{name}\ntimezone: UTC\n", "utf-8")
    for day in days:
        campaign(path, f"{name}-{day}", day)
    return path


def campaign(path: Path, name: str, day: int) -> None:
    text = CAMPAIGN.format(name=name, day=day)
    (path / "campaigns" / f"{name}.yaml").write_text(text, "utf-8")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *GIT, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    """Three workspaces in one repository, committed."""
    folder = tmp_path / "clients"
    client(folder, "acme", 20, 9)
    client(folder, "bolt", 5)
    client(folder, "cat", 12)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    return folder


def look(
    folder: Path, action: Action = Action.PLAN, now: datetime = START, **more: object
) -> Scope:
    asked = Asked(action=action, origin=ORIGIN, now=now, **more)  # type: ignore[arg-type]  # the fields of the tests
    return scoped(members([folder], ORIGIN), asked)


def who(scope: Scope) -> list[str]:
    return [one.job.account.removeprefix("acc-") for one in scope.works]


def test_the_soonest_send_comes_first(clients: Path) -> None:
    """Of the sends that are still ahead; an account without one comes last."""
    assert who(look(clients)) == ["bolt", "acme", "cat"]
    assert who(look(clients, now=START + timedelta(days=6))) == ["acme", "cat", "bolt"]


def test_a_plain_check_reads_no_manifest(clients: Path) -> None:
    """Its own process does; so a wrong one is that process's to tell."""
    campaign(clients / "acme", "wrong", 99)
    assert who(look(clients, Action.VALIDATE)) == ["acme", "bolt", "cat"]
    scope = look(clients)
    assert who(scope) == ["bolt", "cat"]
    assert [one.exit_code for one in scope.failures] == [ExitCode.INVALID]


def test_only_what_a_commit_touched(clients: Path) -> None:
    """A manifest that was changed, and a new one that git does not know yet."""
    campaign(clients / "acme", "acme-9", 10)
    campaign(clients / "cat", "new", 30)
    scope = look(clients, since="HEAD")
    assert (who(scope), scope.untouched) == (["acme", "cat"], 1)
    assert {one.job.selectors for one in scope.works} == {("changed:HEAD",)}


@pytest.mark.parametrize("action", [Action.VALIDATE, Action.PLAN, Action.DRIFT])
def test_nothing_touched_is_nothing_to_do(clients: Path, action: Action) -> None:
    """And no mistake: most commits touch no client, or one."""
    scope = look(clients, action, since="HEAD")
    assert (scope.works, scope.failures, scope.untouched) == ((), (), 3)


LOCK = "version: 1\naccount: acc-bolt\ncampaigns: {{}}\nlists: {{{lists}}}\nsegments: {{}}\n"
PIN = "Members: 11111111-1111-4111-8111-111111111111"


def test_what_bears_on_all_touches_all(clients: Path) -> None:
    """A change of the workspace file: no other workspace, but each of its campaigns."""
    path = clients / "bolt" / "ccops.yaml"
    path.write_text(path.read_text("utf-8").replace("UTC", "Europe/Paris"), "utf-8")
    touched = look(clients, since="HEAD")
    assert (who(touched), touched.untouched, touched.failures) == (["bolt"], 2, ())


@pytest.mark.parametrize(("lists", "expected"), [(PIN, ["bolt"]), ("", [])])
def test_a_lock_touches_what_it_reads_otherwise(
    clients: Path, lists: str, expected: list[str]
) -> None:
    """The campaigns with a name that means another list now, and no others."""
    (clients / "bolt" / "ccops.lock").write_text(LOCK.format(lists=lists), "utf-8")
    touched = look(clients, since="HEAD")
    assert (who(touched), touched.failures) == (expected, ())


def test_a_manifest_that_was_deleted_is_no_work_and_is_told(clients: Path) -> None:
    """Removing a manifest never writes anything; whoever thought that it does is to hear of it."""
    campaign(clients / "bolt", "bolt-6", 6)
    git(clients, "add", ".")
    git(clients, "commit", "-qm", "one more")
    gone = clients / "bolt" / "campaigns" / "bolt-6.yaml"
    gone.unlink()
    scope = look(clients, since="HEAD")
    assert (scope.untouched, scope.deleted) == (3, (str(gone),))


def test_a_branch_that_moved_leaves_other_work(clients: Path) -> None:
    """The same words and files, and yet more to do than the run that is resumed did."""
    git(clients, "branch", "base")
    campaign(clients / "acme", "acme-9", 10)
    git(clients, "commit", "-qam", "one")
    campaign(clients / "acme", "acme-20", 21)
    git(clients, "commit", "-qam", "two")
    marks = []
    for base in ("HEAD^", "HEAD^^"):
        git(clients, "branch", "-f", "base", base)
        (one,) = look(clients, since="base").works
        marks.append(one.mark)
    assert marks[0] != marks[1]


@pytest.mark.parametrize("ref", ["no-such-branch", "--all", ""])
def test_a_commit_that_is_none_is_told_of_each(clients: Path, ref: str) -> None:
    """What cannot be compared is never taken for untouched."""
    scope = look(clients, since=ref)
    assert (scope.works, scope.untouched) == ((), 0)
    assert {one.exit_code for one in scope.failures} == {ExitCode.INVALID}


def test_each_account_has_its_day(clients: Path) -> None:
    """In a cycle of seven days all of them are looked at, each once."""
    first = date(2027, 3, 1)
    days = [look(clients, rotation=rotation(7, first + timedelta(days=one))) for one in range(7)]
    assert sorted(name for one in days for name in who(one)) == ["acme", "bolt", "cat"]
    assert [len(one.works) + one.resting for one in days] == [3] * 7
    assert rotation(None, first) is None


def test_what_cannot_be_known_never_rests(clients: Path) -> None:
    """A broken workspace is told of every day."""
    (clients / "bolt" / "ccops.yaml").write_text("account: [", "utf-8")
    for day in range(7):
        turn = rotation(7, date(2027, 3, 1) + timedelta(days=day))
        assert len(look(clients, rotation=turn).failures) == 1


def test_plans_are_saved_by_account(clients: Path, tmp_path: Path) -> None:
    """One file each; a check saves none."""
    saved = look(clients, plans=tmp_path / "plans").works
    assert {one.job.plan_file for one in saved} == {
        str(tmp_path / "plans" / f"acc-{name}.json") for name in ("acme", "bolt", "cat")
    }
    assert {one.job.plan_file for one in look(clients).works} == {None}


def test_other_files_are_other_work(clients: Path) -> None:
    """So that an earlier result does not stand for them."""
    before = {one.job.account: one.mark for one in look(clients).works}
    campaign(clients / "acme", "acme-9", 10)
    text = "version: 1\naccount: acc-cat\ncampaigns: {}\nlists: {}\nsegments: {}\n"
    (clients / "cat" / "ccops.lock").write_text(text, "utf-8")
    after = {one.job.account: one.mark for one in look(clients).works}
    assert {one for one in before if before[one] != after[one]} == {"acc-acme", "acc-cat"}


def test_no_folder_no_work(tmp_path: Path) -> None:
    """A fleet of nothing is a mistake."""
    with pytest.raises(InvalidInput, match="CC253"):
        look(tmp_path)
