"""From nothing to a plan: who begins has no workspace, and does not know the account's id."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auth.browsing import (
    CLIENT,
    LOGIN,
    asked_for_tokens,
    begin_device,
    log_in,
    secrets_of,
    visit,
)
from tests.auth.logins import at
from tests.e2e.stage import Done, Stage, account, on_stage

INIT = re.compile(r"(ccops init --account .*)$", re.MULTILINE)


@pytest.fixture
def nothing(tmp_path: Path) -> Iterator[Stage]:
    """An empty folder, and an account that takes no word for a token."""
    with on_stage(
        tmp_path / "other", account(), CCOPS_ACCESS_TOKEN="", CCOPS_CLIENT_ID=CLIENT
    ) as stage:
        stage.world.set_switch("strict_auth", True)
        stage.world.set_switch("device_interval", 0)
        stage.world.add_campaign("My first campaign")
        stage.world.add_list("Newsletter", ())
        folder = tmp_path / "empty"
        folder.mkdir()
        yield Stage(folder=folder, world=stage.world, url=stage.url, environment=stage.environment)


def by_device(stage: Stage) -> Done:
    under_way = begin_device(stage)
    assert visit(under_way.url)[0] == 200
    return under_way.done()


def tokens_at(stage: Stage) -> list[str]:
    """The files of the store that hold a token, by name."""
    words = [one.encode() for one in stage.world.tokens]
    files = Path(stage.environment["CCOPS_STATE_DIR"]).rglob("*")
    return [path.name for path in files if any(one in path.read_bytes() for one in words)]


@pytest.mark.parametrize("way", [log_in, by_device])
def test_the_login_tells_what_to_run_and_that_is_all_it_takes(nothing: Stage, way: object) -> None:
    """The account's name, id and zone; then `init` as it stands there, and nobody logs in again."""
    assert callable(way)
    done = way(nothing)
    assert (done.code, "Sandbox, sandbox000001" in done.out) == (0, True), done.err
    found = INIT.search(done.err)
    assert found
    words = shlex.split(found[1])[1:]
    assert words == ["init", "--account", "sandbox000001", "--timezone", "America/New_York"]
    runs = [nothing.run(*words), nothing.run("auth", "status"), nothing.run("plan")]
    assert [one.code for one in runs] == [0, 0, 0], runs[2].err
    grants = [("authorization_code", 200)] if way is log_in else []
    assert [one for one in asked_for_tokens(nothing.world) if "device" not in one[0]] == grants
    assert len(tokens_at(nothing)) == 1
    said = "".join(one.out + one.err for one in (done, *runs))
    assert not [one for one in secrets_of(nothing.world) if one in said]


def test_in_a_workspace_nothing_is_said_of_init(stage: Stage) -> None:
    """There is one."""
    done = log_in(stage)
    assert (done.code, "ccops init" in done.err) == (0, False)


def test_a_second_login_replaces_the_first(nothing: Stage) -> None:
    """Under the same account, as soon as it is known."""
    assert [log_in(nothing).code for _ in range(2)] == [0, 0]
    assert len(tokens_at(nothing)) == 1


def test_an_account_that_cannot_be_asked_for_keeps_no_login(nothing: Stage) -> None:
    """What nobody can name is not left lying about."""
    nothing.fault("503", "GET", "/v3/account/summary", times=3)
    done = log_in(nothing)
    assert (done.code, tokens_at(nothing)) == (1, [])
    assert log_in(nothing).code == 0


def test_a_hostile_account_s_name_runs_nothing(nothing: Stage) -> None:
    """The command that is shown is quoted, and does nothing to the terminal."""
    nothing.world.account = type(nothing.world.account)(
        **{**_fields(nothing.world.account), "time_zone_id": "Etc/UTC; rm -rf ~\x1b[2J"}
    )
    done = log_in(nothing)
    assert "\x1b" not in done.err + done.out
    assert "Etc/UTC; rm" not in done.err or "'Etc/UTC; rm" in done.err


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]  # one of the sandbox's values


def test_a_broken_workspace_is_no_missing_one(nothing: Stage) -> None:
    """A login for whoever comes is not what was meant."""
    (nothing.folder / "ccops.yaml").write_text("version: 2\n", "utf-8")
    assert nothing.run(*LOGIN).code == 3
    assert nothing.world.requests == ()


def test_with_a_shared_store(nothing: Stage, server: object) -> None:
    """An agency's pipelines then need no token: the row is under the account."""
    shared = at(nothing, CCOPS_STORE=server.address())  # type: ignore[attr-defined]  # the cluster of tests/store
    assert log_in(shared).code == 0
    words = ("init", "--account", "sandbox000001", "--timezone", "UTC")
    assert shared.run(*words).code == 0
    shown = shared.run("auth", "status", "--format", "json")
    assert (shown.code, "PostgreSQL" in shown.document["where"]) == (0, True)
    assert tokens_at(nothing) == []


def test_the_sandbox_says_how_to_begin(nothing: Stage) -> None:
    """With --strict-auth it takes a login, without it any word; what it says works."""
    for flags, wanted in (((), "CCOPS_ACCESS_TOKEN=sandbox"), (("--strict-auth",), "auth login")):
        process = nothing.start("sandbox", "--listen", "127.0.0.1:0", *flags)
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2 + len(flags))]
        found = re.search(r"CCOPS_BASE_URL=(\S+)", lines[1])
        assert found
        there = at(nothing, CCOPS_BASE_URL=found[1], CCOPS_CLIENT_ID="sandbox")
        done = (
            log_in(there)
            if flags
            else at(there, CCOPS_ACCESS_TOKEN="sandbox").run("auth", "status")
        )
        process.terminate()
        process.communicate(timeout=30)
        assert wanted in "".join(lines)
        assert ("CCOPS_ACCESS_TOKEN=sandbox" in "".join(lines)) is not bool(flags)
        # Without a login there is no workspace to show the status of: a mistake of usage.
        assert done.code == (0 if flags else 3), done.err
