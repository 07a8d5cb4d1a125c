"""The whole way of a new user, from nothing, before an account that takes no word for a token."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ccops.sandbox.world import World
from tests.auth.browsing import CLIENT, begin, begin_device, secrets_of, visit
from tests.e2e.stage import Done, Stage, account, on_stage

INIT = re.compile(r"ccops (init --account .*)$", re.MULTILINE)
MARCH_9 = datetime(2027, 3, 9, 14, tzinfo=UTC)


def in_the_browser(stage: Stage) -> Done:
    """Log in by authorization code with PKCE: the page leads back to the command."""
    under_way = begin(stage)
    assert visit(under_way.url)[0] == 200
    return under_way.done()


def on_a_device(stage: Stage) -> Done:
    """Log in by a short code that is typed on another device."""
    under_way = begin_device(stage)
    assert visit(under_way.url)[0] == 200
    return under_way.done()


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Stage]:
    """An empty folder, and an account with a past: sent, scheduled, resent, drafted, failed."""
    world = account()
    _furnish(world)
    elsewhere = tmp_path / "served"
    with on_stage(elsewhere, world, CCOPS_ACCESS_TOKEN="", CCOPS_CLIENT_ID=CLIENT) as stage:
        world.set_switch("strict_auth", True)
        world.set_switch("device_interval", 0)
        folder = tmp_path / "mine"
        folder.mkdir()
        yield replace(stage, folder=folder)


def _furnish(world: World) -> None:
    members, board = (_list(world, name) for name in ("Members", "Board"))
    spring = world.add_campaign("Spring", lists=[members])
    world.put_activity(replace(spring, status="SCHEDULED", scheduled=MARCH_9))
    world.add_campaign('Draft: "odd" #1', lists=[members, board])
    world.add_campaign("Nobody yet")
    world.add_campaign("To a segment", segments=[101], format_type=5)


def _list(world: World, name: str) -> str:
    return next(key for key, one in world.lists.items() if one.name == name)


@pytest.mark.parametrize("log_in", [in_the_browser, on_a_device])
def test_from_nothing_to_an_applied_change(
    newcomer: Stage, log_in: Callable[[Stage], Done]
) -> None:
    """Log in, look, pull, nothing to do, change one time, one change, apply, nothing to do."""
    login = log_in(newcomer)
    assert login.code == 0, login.err
    init = INIT.search(login.err)
    assert init
    runs = [login, newcomer.process(*shlex.split(init[1]), "--bare")]
    runs += [newcomer.process(*words) for words in (("doctor",), ("pull", "--all"))]
    assert [one.code for one in runs] == [0] * 4, [one.err for one in runs]
    worth_a_look = re.findall(r"^(?:warning|FAILED|skipped) +(\w+)", runs[2].out, re.MULTILINE)
    # A device login cannot be renewed, and the doctor says so.
    assert worth_a_look == ([] if log_in is in_the_browser else ["token"]), runs[2].out
    assert "Nobody yet" in runs[3].out  # not written, and said

    runs.append(newcomer.process("plan", "--detailed-exitcode"))
    assert (runs[-1].code, "No changes" in runs[-1].out) == (0, True), runs[-1].out
    assert _writes(newcomer) == []

    _edit(newcomer.folder / "campaigns" / "spring.yaml")
    runs.append(newcomer.process("plan", "--detailed-exitcode", "--format", "json"))
    assert runs[-1].code == 2
    verdicts = {one["campaign"]: one["verdict"] for one in runs[-1].document["changes"]}
    assert [name for name, verdict in verdicts.items() if verdict != "in-sync"] == ["Spring"]
    assert verdicts["Spring"] == "reschedule"

    runs.append(newcomer.process("apply", "--yes"))
    runs.append(newcomer.process("plan", "--detailed-exitcode"))
    assert [one.code for one in runs[-2:]] == [0, 0], runs[-2].err
    assert _writes(newcomer) == ["DELETE Spring", "POST Spring 2027-03-10T15:00:00.000Z"]
    said = "".join(one.out + one.err for one in runs)
    assert not [one for one in secrets_of(newcomer.world) if one in said]


def _writes(stage: Stage) -> list[str]:
    """What was written to the account: a login is no write."""
    return [one for one in stage.writes() if "/oauth2/" not in one]


def _edit(path: Path) -> None:
    """Move one send by a day and an hour, as a person would."""
    text = path.read_text("utf-8")
    assert text.count("Tue 2027-03-09 09:00") == 1
    path.write_text(text.replace("Tue 2027-03-09 09:00", "Wed 2027-03-10 10:00"), "utf-8")
