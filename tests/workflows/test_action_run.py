"""What each command of the action does to the account, and what it tells the next step."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stage import Stage, manifest
from tests.workflows.stepping import (
    FEBRUARY_28,
    MARCH_2,
    MARCH_3,
    MARCH_9,
    ODD,
    Runner,
    on_runner,
    other,
)


@pytest.fixture
def runner(tmp_path: Path, python: Path) -> Iterator[Runner]:
    with on_runner(tmp_path, python) as runner:
        yield runner


def test_a_push_applies_what_it_changed_and_nothing_else(runner: Runner) -> None:
    """Near differs from the account as well, but nobody's push of today brought that."""
    other(runner, MARCH_9)
    before = runner.push()
    planned = runner.run("plan", since=before)
    assert planned.code == 0, planned.said
    assert (planned.outputs["changes"], planned.outputs["exit-code"]) == ("true", "0")
    assert Path(planned.outputs["plan-file"]).is_relative_to(runner.temporary)
    assert Path(planned.outputs["report-file"]).is_file()
    assert runner.stage.writes() == []
    applied = runner.run("apply", since=before, checksum=planned.outputs["checksum"])
    assert (applied.code, applied.outputs["status"]) == (0, "applied"), applied.said
    assert [one.split()[1] for one in runner.stage.effects()] == ["Other"]


def test_another_checksum_applies_nothing(runner: Runner) -> None:
    """Nor does none: what is approved is one plan."""
    other(runner, MARCH_9)
    before = runner.push()
    assert runner.run("plan", since=before).code == 0
    assert runner.run("apply", since=before, checksum="sha256:" + "0" * 64).code == 7
    assert runner.run("apply", since=before).code == 3
    assert runner.stage.writes() == []


def test_a_push_that_changes_no_manifest_plans_nothing(runner: Runner) -> None:
    """It ends well, and says so to the next job."""
    (runner.stage.folder / "README.md").write_text("new", encoding="utf-8")
    before = runner.push()
    ran = runner.run("plan", since=before)
    assert (ran.code, ran.outputs["changes"], ran.outputs["status"]) == (0, "false", "clean")
    assert "nothing to do" in ran.page


def test_a_removed_manifest_plans_nothing(runner: Runner) -> None:
    """It becomes unmanaged."""
    (runner.stage.folder / "campaigns" / "near.yaml").unlink()
    before = runner.push()
    ran = runner.run("plan", since=before)
    assert (ran.code, ran.outputs["changes"]) == (0, "false"), ran.said


def test_a_mistake_is_not_taken_for_nothing_to_do(runner: Runner) -> None:
    """The one error that means it is told apart from all others."""
    (runner.stage.folder / "campaigns" / "near.yaml").write_text("campaign: [", encoding="utf-8")
    before = runner.push()
    ran = runner.run("plan", since=before)
    assert (ran.code, ran.outputs["exit-code"], "CC001" in ran.said) == (3, "3", True)
    assert "changes" not in ran.outputs or ran.outputs["changes"] == "false"


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("main", "full commit id"),
        ("--output=x", "full commit id"),
        ("0" * 40, "made the branch"),
        ("1" * 40, "not in this checkout"),
    ],
)
def test_what_is_no_commit_before_is_refused(runner: Runner, since: str, said: str) -> None:
    """Nobody can say then what was pushed, so that nothing is applied."""
    ran = runner.run("plan", since=since)
    assert (ran.code, said in ran.said, runner.stage.writes()) == (3, True, [])


def test_after_a_forced_push_nothing_is_planned(runner: Runner) -> None:
    """What was there before is no ancestor."""
    other(runner, MARCH_9)
    runner.push()
    lost = runner.git("rev-parse", "HEAD")
    runner.git("reset", "--quiet", "--hard", "HEAD^1")
    runner.push()
    ran = runner.run("plan", since=lost)
    assert (ran.code, "overwritten" in ran.said) == (3, True)


def test_a_run_that_was_overtaken_brings_nothing_back(runner: Runner) -> None:
    """A later push took the send away; the earlier one waited for its approval, or is run again."""
    other(runner, MARCH_9)
    before = runner.push()
    planned = runner.run("plan", since=before)
    earlier = runner.git("rev-parse", "HEAD")
    other(runner, "unscheduled")
    runner.push()
    runner.git("checkout", "--quiet", earlier)
    applied = runner.run("apply", since=before, checksum=planned.outputs["checksum"])
    assert (applied.code, "has changed since" in applied.said) == (3, True)
    assert runner.run("plan", since=before).code == 3
    resent = runner.run("resend", event="schedule")
    assert (resent.code, resent.outputs["changes"], "::notice" in resent.said) == (0, "false", True)
    assert runner.stage.writes() == []


def test_a_later_push_of_something_else_does_not_hinder(runner: Runner) -> None:
    """Each brings its own."""
    other(runner, MARCH_9)
    before = runner.push()
    earlier = runner.git("rev-parse", "HEAD")
    runner.stage.write(manifest("Near", "Members", send_at=MARCH_3), name="near.yaml")
    runner.push()
    runner.git("checkout", "--quiet", earlier)
    planned = runner.run("plan", since=before)
    assert (planned.code, planned.outputs["changes"]) == (0, "true"), planned.said


def test_the_hourly_run_resends_and_never_sends_first(runner: Runner) -> None:
    """Near is due as well, and Constant Contact has not got it: that is for its own push."""
    runner.stage.write(manifest("Near", "Members", send_at=MARCH_2), name="near.yaml")
    again = manifest("Sent", "Members", send_at=FEBRUARY_28, resend_to_new_contacts=[MARCH_2])
    runner.stage.write(again, name="sent.yaml")
    runner.push()
    ran = runner.run("resend", event="schedule")
    assert ran.code == 0, ran.said
    assert runner.stage.effects() == ["POST Sent 2027-03-02T14:00:00.000Z"]
    once_more = runner.run("resend", event="schedule")
    assert (once_more.code, once_more.outputs["status"]) == (0, "clean"), once_more.said
    assert len(runner.stage.effects()) == 1


def test_a_resend_that_is_far_waits(runner: Runner) -> None:
    """And costs no reading of its campaign."""
    again = manifest("Sent", "Members", send_at=FEBRUARY_28, resend_to_new_contacts=[MARCH_9])
    runner.stage.write(again, name="sent.yaml")
    runner.push()
    ran = runner.run("resend", event="schedule")
    assert (ran.code, ran.outputs["changes"], runner.stage.writes()) == (0, "false", [])


def test_send_now_is_permitted_for_exactly_one_campaign(runner: Runner) -> None:
    """Whatever its name does to a shell or a pattern; and it must be applied with its checksum."""
    runner.stage.write(manifest(ODD, "Members", send_at="now"), name="odd.yaml")
    runner.push()
    assert runner.run("plan", event="workflow_dispatch", campaign=ODD).code == 3
    inputs: dict[str, Any] = {"campaign": ODD, "reason": "the gala is tonight"}
    planned = runner.run("plan", event="workflow_dispatch", **inputs)
    assert planned.code == 0, planned.said
    assert (planned.outputs["irreversible"], planned.outputs["risk"]) == ("true", "R3")
    assert not (runner.stage.folder / "ran").exists()
    checksum = planned.outputs["checksum"]
    assert runner.run("apply", event="workflow_dispatch", checksum=checksum).code == 0
    assert [one.split(" Gala")[0] for one in runner.stage.effects()] == ["POST"]


def test_a_push_never_sends_at_once(runner: Runner) -> None:
    """`now` that is merged is blocked, and waits for its own workflow."""
    runner.stage.write(manifest(ODD, "Members", send_at="now"), name="odd.yaml")
    before = runner.push()
    ran = runner.run("plan", since=before)
    assert (ran.code, ran.outputs["changes"]) == (6, "false")


def test_a_pull_request_is_compared_offline(runner: Runner) -> None:
    """Without a login: the page has the fields, and the exit code is that of the check."""
    other(runner, MARCH_9)
    runner.push()
    environment = dict(runner.stage.environment)
    environment.pop("CCOPS_ACCESS_TOKEN")
    fork = Runner(
        stage=Stage(
            folder=runner.stage.folder,
            world=runner.stage.world,
            url=runner.stage.url,
            environment=environment,
        ),
        temporary=runner.temporary,
    )
    asked = len(runner.stage.world.requests)
    ran = fork.run("validate", event="push", since="HEAD^1")
    assert (ran.code, ran.outputs["exit-code"]) == (0, "0"), ran.said
    assert "+ send_at: Tue 9 Mar 2027, 09:00 EST" in ran.page
    assert len(runner.stage.world.requests) == asked
    (fork.stage.folder / "campaigns" / "near.yaml").write_text("campaign: [", encoding="utf-8")
    assert fork.run("validate", event="push", since="HEAD^1").code == 3


def test_the_login_is_kept_alive_and_sends_are_verified(runner: Runner) -> None:
    """Both only read."""
    assert runner.run("keepalive", event="schedule").code == 0
    assert runner.run("verify", event="schedule").code == 0
    assert runner.stage.writes() == []


@pytest.mark.parametrize(
    "inputs", [{"command": "send"}, {"command": "plan", "locked": "maybe"}, {"command": "ci; ls"}]
)
def test_what_is_no_input_is_refused(runner: Runner, inputs: dict[str, Any]) -> None:
    """Nothing else can be run by it."""
    assert runner.run(**inputs).code == 3
