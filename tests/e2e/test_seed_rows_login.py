"""The login: sent with every request, shown nowhere, and explained when it does not suffice."""

import json
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import TOKEN, Stage, account, manifest, on_stage

MARCH_9 = "Tue 2027-03-09 09:00"
EVERY_READING = (
    ("validate",),
    ("plan",),
    ("plan", "--show-requests"),
    ("plan", "--format", "json"),
    ("plan", "--format", "markdown"),
    ("plan", "--save", "plan.json", "--out", "text=plan.txt", "--out", "markdown=plan.md"),
    ("show", "plan.json", "--show-requests"),
    ("show", "plan.json", "--format", "json"),
    ("list",),
    ("list", "--format", "json"),
    ("doctor",),
    ("doctor", "--format", "json"),
    ("apply", "--dry-run"),
)


@pytest.fixture
def strict(stage: Stage) -> Stage:
    """A draft that wants two writes, in an account that accepts one token alone."""
    stage.world.add_campaign("Spring")
    stage.world.add_token(TOKEN)
    stage.world.set_switch("strict_auth", True)
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    return stage


def test_every_request_bears_the_token(strict: Stage) -> None:
    """A server that accepts no other answers all of them."""
    assert strict.run("apply", "--yes").code == 0
    assert {one.status for one in strict.world.requests} <= {200, 201}
    assert len(strict.effects()) == 2


def test_the_token_is_in_no_output_and_no_file(strict: Stage) -> None:
    """Neither stdout nor stderr, no plan, no journal and no other file that a run leaves."""
    runs = [strict.run(*arguments) for arguments in EVERY_READING]
    runs.append(strict.run("apply", "plan.json", "--yes"))
    assert {one.code for one in runs} == {0}
    assert not [one for one in runs if TOKEN in one.out + one.err]
    files = [path for path in strict.folder.rglob("*") if path.is_file()]
    assert len(files) > 6
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize("word", ["another-word", TOKEN + "\n", TOKEN + "ä", "pass word"])
def test_a_wrong_token_is_told_without_showing_it(strict: Stage, word: str) -> None:
    """Exit 4 whatever is wrong with it, and it is not repeated to the log."""
    with on_stage(strict.folder, strict.world, CCOPS_ACCESS_TOKEN=word) as other:
        done = other.run("plan")
    assert done.code == 4
    assert word.strip() not in done.out + done.err
    assert strict.writes() == []


def test_an_expired_token_is_told(strict: Stage) -> None:
    """It names the variable to set anew."""
    strict.world.advance(86_401)
    done = strict.run("plan")
    assert done.code == 4
    assert "CCOPS_ACCESS_TOKEN" in done.err


def test_no_token_is_told_before_any_request(strict: Stage) -> None:
    """An empty one is none."""
    with on_stage(strict.folder, strict.world, CCOPS_ACCESS_TOKEN="") as other:
        done = other.run("plan")
    assert done.code == 4
    assert "CCOPS_ACCESS_TOKEN" in done.err
    assert strict.world.requests == ()


@pytest.mark.parametrize(
    "privilege",
    ["account:read", "campaign:read", "contacts:lists:read", "campaign:write", "campaign:send"],
)
def test_a_missing_privilege_is_explained_before_any_write(strict: Stage, privilege: str) -> None:
    """Its name, and which role of the account has it."""
    strict.world.privileges = tuple(one for one in strict.world.privileges if one != privilege)
    done = strict.run("apply", "--yes")
    assert done.code == 4
    assert privilege in done.err
    assert "Owner and Manager" in done.err
    assert strict.writes() == []


@pytest.mark.parametrize("scope", ["account_read", "campaign_data", "contact_data"])
def test_a_missing_scope_is_explained_before_any_write(strict: Stage, scope: str) -> None:
    """Its name, and where it is asked for."""
    strict.world.scopes = tuple(one for one in strict.world.scopes if one != scope)
    done = strict.run("apply", "--yes")
    assert done.code == 4
    assert scope in done.err
    assert "when logging in" in done.err
    assert strict.writes() == []


def test_another_account_is_refused_before_it_is_read(strict: Stage) -> None:
    """One request tells whose login it is; a saved plan does not change hands either."""
    strict.run("plan", "--save", "plan.json")
    checksum = json.loads((strict.folder / "plan.json").read_text("utf-8"))["checksum"]
    text = (strict.folder / "ccops.yaml").read_text("utf-8")
    (strict.folder / "ccops.yaml").write_text(text.replace("sandbox000001", "p07e1l8cdif9dl"))
    strict.world.log.clear()
    planned = strict.run("plan")
    applied = strict.run("apply", "plan.json", "--checksum", checksum)
    assert (planned.code, applied.code) == (4, 4)
    assert "sandbox000001" in planned.err
    assert {one.path for one in strict.world.requests} == {"/v3/account/summary"}


def test_nothing_is_sent_to_an_origin_that_is_no_sandbox(tmp_path: Path) -> None:
    """A token goes to Constant Contact and to this machine, and nowhere else."""
    with on_stage(tmp_path / "workspace", account()) as stage:
        stage.world.add_campaign("Spring", lists=[list_id_of("Members")])
        stage.write(manifest("Spring", "Members", send_at=MARCH_9))
        for url in ("https://api.cc.example", "http://10.0.0.1:8025", stage.url + "/v3"):
            done = stage.run("plan", "--base-url", url)
            assert (done.code, "CC290" in done.err) == (3, True)
        assert stage.world.requests == ()
