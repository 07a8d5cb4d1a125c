"""A set of plans: bound by one checksum, and refused when it is not exactly the reviewed one."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree

import pytest

from ccops.errors import CcopsError, ExitCode, InvalidInput, StalePlan
from ccops.fleet.applying import applying
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.perform import perform
from ccops.fleet.plans import INDEX, LeftOut, PlanSet, index, prepare, read
from ccops.ports import WriteState
from ccops.store.choice import open_memory
from tests.e2e.stage import Stage, manifest
from tests.fleet.agency import CLIENT, Agency, agency
from tests.store.store_backends import entry


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A set that was made of the agency's accounts, and where it is."""

    made: Agency
    folder: Path
    set: PlanSet

    def read(self) -> PlanSet:
        return read(self.folder, origin=self.made.url, checksum=self.set.checksum)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    """A set that was made once; each test has a copy of its files."""
    with made_in(tmp_path_factory.mktemp("agency")) as saved:
        yield saved


@pytest.fixture
def saved(template: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Saved:
    """Acme wants a write; bolt wants none, as the time of its send has passed."""
    for name, value in template.made.stage.environment.items():
        monkeypatch.setenv(name, value)
    copytree(template.folder, tmp_path / "plans")
    return replace(template, folder=tmp_path / "plans")


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Saved]:
    """The same, for a test that changes the accounts."""
    with made_in(tmp_path) as saved:
        for name, value in saved.made.stage.environment.items():
            monkeypatch.setenv(name, value)
        yield saved


@contextmanager
def made_in(folder: Path) -> Iterator[Saved]:
    with agency(folder, ["acme", "bolt"]) as made:
        made.write("bolt", manifest("Spring", "Members", send_at="2027-02-01 09:00"))
        yield Saved(made=made, folder=folder / "plans", set=save(made, folder / "plans"))


def save(made: Agency, folder: Path) -> PlanSet:
    prepare(folder)
    outcomes = [planned(made, name, folder) for name in made.worlds]
    outcomes += [failed(made, "cat"), failed(made, "dog", ExitCode.DONE)]
    return index(folder, outcomes, made.folder, made.url)


def planned(made: Agency, name: str, folder: Path) -> Outcome:
    file = folder / f"acc-{name}.json"
    stage = Stage(
        folder=made.workspace(name),
        world=made.worlds[name],
        url=made.url,
        environment=made.stage.environment,
    )
    done = stage.run("plan", "--save", str(file), "--format", "json")
    job = Job(
        workspace=str(made.workspace(name)),
        action=Action.PLAN,
        account=f"acc-{name}",
        origin=made.url,
        plan_file=str(file),
    )
    counts = {"schedule": 1} if done.out else {}
    return Outcome(job=job, exit_code=ExitCode(done.code), summary="", verdicts=counts)


def failed(made: Agency, name: str, code: ExitCode = ExitCode.ACCESS) -> Outcome:
    """How an account ended of which there is no plan; DONE: nothing of it was selected."""
    job = Job(
        workspace=str(made.workspace(name)),
        action=Action.PLAN,
        account=f"acc-{name}",
        origin=made.url,
    )
    reason = "nobody \x1b is logged in" if code else ""
    return Outcome(job=job, exit_code=code, summary="nothing selected", verdicts={}, reason=reason)


def test_a_set_is_read_back_equal(saved: Saved) -> None:
    """By its checksum; workspaces are written as they stand below the folder of the command."""
    assert saved.read() == saved.set
    assert [one.workspace for one in saved.set.entries] == ["clients/acme", "clients/bolt"]
    assert [(one.workspace, one.exit_code) for one in saved.set.left_out] == [
        ("clients/cat", ExitCode.ACCESS),
        ("clients/dog", ExitCode.DONE),
    ]


def test_the_checksum_is_over_every_plan(alone: Saved) -> None:
    """Another plan for any account is another set; the same plans are the same."""
    assert save(alone.made, alone.folder).checksum == alone.set.checksum
    alone.made.write("acme", manifest("Spring", "Donors", send_at="2027-03-09 09:00"))
    assert save(alone.made, alone.folder).checksum != alone.set.checksum
    with pytest.raises(StalePlan, match="CC633"):
        alone.read()


def test_what_is_not_in_the_set_is_told(saved: Saved) -> None:
    """With the code and the reason for which it was not planned; not where nothing was to plan."""
    found = applying(saved.read(), saved.folder, saved.made.folder)
    (cat,) = found.left_out
    assert (cat.job.account, cat.exit_code) == ("acc-cat", ExitCode.ACCESS)
    assert cat.job.workspace == str(saved.made.workspace("cat"))
    assert cat.reason == "nobody \x1b is logged in"


@pytest.mark.parametrize("code", sorted(set(ExitCode) - {ExitCode.DONE}))
def test_no_apply_of_such_a_set_looks_like_a_success(saved: Saved, code: ExitCode) -> None:
    """Nor like an interruption, or a write, that this apply never saw: then a person is needed."""
    one = LeftOut(account="", workspace="clients/cat", exit_code=code, reason="x")
    found = applying(replace(saved.set, left_out=(one,)), saved.folder, saved.made.folder)
    expected = code if code in {1, 3, 4, 5, 6, 9} else ExitCode.BLOCKED
    assert [each.exit_code for each in found.left_out] == [expected]


def test_only_the_account_that_writes_is_asked(saved: Saved) -> None:
    """What needs a person is told without a request; the exit code is the plan's."""
    before = saved.made.requests()
    found = applying(saved.set, saved.folder, saved.made.folder)
    assert [one.job.account for one in found.works] == ["acc-acme"]
    assert found.works[0].job.earliest is not None
    (bolt,) = found.settled
    assert (bolt.exit_code, bolt.verdicts) == (ExitCode.BLOCKED, {"needs-person": 1})
    assert bolt.reason.startswith("Spring: ")
    assert saved.made.requests() == before


def test_an_open_write_is_always_looked_after(alone: Saved) -> None:
    """Also where the plan wants nothing more: only an apply finds out what became of it."""
    with (
        open_memory(
            None,
            alone.made.state,
            origin=alone.made.url,
            account="acc-bolt",
            key=f"{alone.made.url} {CLIENT}",
            run="a test",
        ) as memory,
        memory.store.lock(),
    ):
        memory.store.append(entry(state=WriteState.INTENT))
    found = applying(alone.set, alone.folder, alone.made.folder)
    assert [one.job.account for one in found.works] == ["acc-acme", "acc-bolt"]


def test_a_store_that_cannot_be_read_may_hide_one(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """So the account is asked, and its own process says what is wrong."""
    monkeypatch.setenv("CCOPS_STORE", "redis://x")
    assert len(applying(saved.set, saved.folder, saved.made.folder).works) == 2


def swapped(folder: Path) -> None:
    acme, bolt = folder / "acc-acme.json", folder / "acc-bolt.json"
    acme.write_bytes(bolt.read_bytes())


def changed(folder: Path) -> None:
    file = folder / "acc-acme.json"
    file.write_text(file.read_text("utf-8").replace("Spring", "Summer"), "utf-8")


def gone(folder: Path) -> None:
    (folder / "acc-acme.json").unlink()


def linked(folder: Path) -> None:
    (folder / "acc-acme.json").rename(folder / "other.json")
    (folder / "acc-acme.json").symlink_to(folder / "other.json")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (swapped, ExitCode.STALE),
        (changed, ExitCode.STALE),
        (gone, ExitCode.INVALID),
        (linked, ExitCode.INVALID),
    ],
)
def test_a_plan_that_is_not_the_reviewed_one(
    saved: Saved, damage: Callable[[Path], None], code: ExitCode
) -> None:
    """It is refused, and the other accounts are not."""
    damage(saved.folder)
    found = applying(saved.read(), saved.folder, saved.made.folder)
    assert found.works == ()
    assert {one.job.account: one.exit_code for one in found.settled} == {
        "acc-acme": code,
        "acc-bolt": ExitCode.BLOCKED,
    }


def test_another_accounts_plan_is_applied_to_nobody(saved: Saved) -> None:
    """Also where a job names it with its right checksum: nothing is started."""
    acme, bolt = saved.set.entries
    job = Job(
        workspace=str(saved.made.workspace("acme")),
        action=Action.APPLY,
        account=acme.account,
        origin=saved.made.url,
        plan_file=str(saved.folder / f"{bolt.account}.json"),
        checksum=bolt.checksum,
    )
    found = perform(job, run=lambda words: pytest.fail(f"it was started: {words}"))
    assert (found.exit_code, found.reason[:5]) == (ExitCode.STALE, "CC632")


def edited(**changes: object) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")

    return edit


def bent(**changes: object) -> Callable[[Path], None]:
    def bend(path: Path) -> None:
        document = json.loads(path.read_text("utf-8"))
        document["plans"][0] |= changes
        path.write_text(json.dumps(document), "utf-8")

    return bend


def doubled(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    document["plans"].append(document["plans"][0])
    path.write_text(json.dumps(document), "utf-8")


def text(content: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(content, "utf-8") and None


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link(path: Path) -> None:
    path.rename(path.with_name("x.json"))
    path.symlink_to(path.with_name("x.json"))


def hidden(**changes: object) -> Callable[[Path], None]:
    def hide(path: Path) -> None:
        document = json.loads(path.read_text("utf-8"))
        document["left_out"][0] |= changes
        path.write_text(json.dumps(document), "utf-8")

    return hide


DAMAGE = {
    "an account left out that is told no more": (edited(left_out=[]), "CC631"),
    "one that seems to have had nothing to plan": (hidden(exit_code=0), "CC631"),
    "another reason": (hidden(reason="nothing selected"), "CC631"),
    "another account left out": (hidden(account="acc-dog"), "CC631"),
    "a workspace left out that is no text": (hidden(workspace=1), "CC631"),
    "an exit code that is none": (hidden(exit_code=11), "CC631"),
    "an exit code that is no number": (hidden(exit_code=True), "CC631"),
    "left out that is no list": (edited(left_out=1), "CC631"),
    "a set of before, which bound less": (edited(format_version="1.0"), "CC631"),
    "no JSON": (text("{"), "CC631"),
    "no object": (text("[]"), "CC631"),
    "a key twice": (text('{"kind": 1, "kind": 2}'), "CC631"),
    "no ASCII": (text("ä"), "CC631"),
    "too deep": (text("[" * 100_000), "CC631"),
    "a key more": (edited(more=1), "CC631"),
    "another format": (edited(format_version="2.0"), "CC631"),
    "another kind": (edited(kind="plan"), "CC631"),
    "plans that are none": (edited(plans=[1]), "CC631"),
    "no plans": (edited(plans=[]), "CC631"),
    "another origin": (edited(origin="https://api.cc.email"), "CC631"),
    "another checksum": (edited(checksum="sha256:1"), "CC631"),
    "a plan of another checksum": (bent(checksum="sha256:1"), "CC631"),
    "another account": (bent(account="acc-cat"), "CC631"),
    "an account that leads elsewhere": (bent(account="../x"), "CC631"),
    "a workspace that is none": (bent(workspace=1), "CC631"),
    "another workspace, with other guards": (bent(workspace="clients/acme-lax"), "CC631"),
    "an account twice": (doubled, "CC631"),
    "gone": (Path.unlink, "CC630"),
    "a pipe": (pipe, "CC630"),
    "a link": (link, "CC630"),
}


@pytest.mark.parametrize(("damage", "code"), DAMAGE.values(), ids=DAMAGE)
def test_an_index_that_is_not_the_reviewed_one(
    saved: Saved, damage: Callable[[Path], None], code: str
) -> None:
    """Nothing of it is believed, and nothing is begun."""
    damage(saved.folder / INDEX)
    with pytest.raises(CcopsError, match=code):
        saved.read()


def test_a_set_of_another_api(saved: Saved) -> None:
    """A sandbox's plans are not applied to Constant Contact, nor the other way round."""
    with pytest.raises(StalePlan, match="CC633"):
        read(saved.folder, origin="https://api.cc.email", checksum=saved.set.checksum)


def test_an_older_set_is_replaced(alone: Saved) -> None:
    """What was planned then and not now is no longer there; a half-made set has no index."""
    prepare(alone.folder)
    with pytest.raises(InvalidInput, match="CC630"):
        alone.read()
    only = [planned(alone.made, "bolt", alone.folder)]
    made = index(alone.folder, only, alone.folder, alone.made.url)
    assert sorted(one.name for one in alone.folder.iterdir()) == ["acc-bolt.json", INDEX]
    assert made.entries[0].workspace == str(alone.made.workspace("bolt"))


@pytest.mark.parametrize("name", ["ccops.yaml", "notes.txt", "a b.json", "data"])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, name: str) -> None:
    """A set is not mixed with other files."""
    (tmp_path / name).touch()
    with pytest.raises(InvalidInput, match="CC255"):
        prepare(tmp_path)
    assert (tmp_path / name).exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "plans").touch()
    with pytest.raises(InvalidInput, match="CC255"):
        prepare(tmp_path / "plans")


def test_an_index_that_cannot_be_written(saved: Saved) -> None:
    """What is there is no set, and it is said."""
    (saved.folder / f"{INDEX}.new").mkdir()
    with pytest.raises(InvalidInput, match="CC255"):
        index(saved.folder, [], saved.folder, saved.made.url)
