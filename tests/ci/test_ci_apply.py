"""`ccops ci apply`: what is applied, and the receipt of it; GitHub can hinder neither."""

from dataclasses import replace

import pytest

from ccops.planning.review import read_mark
from ccops.sandbox.ids import list_id_of
from tests.ci.runner import MARCH_9, Scene, Step, without
from tests.e2e.stage import manifest
from tests.forge.github_double import BOT

SPRING = manifest("Spring", "Members", send_at=MARCH_9)
APPLIED = ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]
NOW = ("--allow", "send-now=Recall", "--reason", "a wrong price")


@pytest.fixture
def merged(scene: Scene) -> Scene:
    """The pull request was shown its plan, and merged."""
    scene.on_pull("plan")
    scene.merge()
    return scene


def planned(scene: Scene, *options: str) -> tuple[str, ...]:
    """Make the plan of main, and return how it is applied."""
    step = scene.on_main("plan", *options)
    return step.outputs["plan-file"], "--checksum", step.outputs["checksum"]


def title(scene: Scene) -> str:
    """The first line that people see of the one comment."""
    (body,) = scene.hub.bodies(7)
    return body.split("\n")[1]


def test_the_whole_way(merged: Scene) -> None:
    """Opened, merged, planned on main, applied by its checksum: the comment is the receipt."""
    step = merged.on_main("apply", *planned(merged))
    assert (step.done.code, merged.stage.effects()) == (0, APPLIED)
    assert title(merged) == "## ccops apply: Applied"
    assert "`Spring`: scheduled for Tue 9 Mar 2027" in merged.hub.bodies(7)[0]
    assert step.outputs["status"] == "applied"
    assert step.outputs["changes"] == "true"
    assert "`Spring`" in step.page


def test_twice_is_once(merged: Scene) -> None:
    """The receipt says that nothing was left, and still what was reviewed."""
    merged.on_main("apply")
    reviewed = read_mark(merged.hub.bodies(7)[0])
    step = merged.on_main("apply")
    assert (step.done.code, step.outputs["changes"]) == (0, "false")
    assert merged.stage.effects() == APPLIED
    assert title(merged) == "## ccops apply: Applied: nothing was left to do"
    assert read_mark(merged.hub.bodies(7)[0]) == reviewed
    assert reviewed is not None
    assert (reviewed.risk, reviewed.applied) == ("R1", True)


def test_no_comment_to_become_the_receipt(merged: Scene) -> None:
    """Then it is the first."""
    merged.hub.comments.clear()
    merged.on_main("apply")
    assert title(merged) == "## ccops apply: Applied"


@pytest.mark.parametrize("event", ["schedule", "workflow_run"])
def test_a_timers_run_leaves_the_pull_request_alone(merged: Scene, event: str) -> None:
    """What it applies may have come with another one."""
    before = merged.hub.bodies(7)
    step = merged.on_main("apply", GITHUB_EVENT_NAME=event)
    assert (step.done.code, merged.hub.bodies(7)) == (0, before)
    assert "`Spring`" in step.page


def test_a_push_without_a_pull_request(merged: Scene) -> None:
    """Without `approvers:` it is applied, and the receipt stands on the page."""
    merged.hub.commits.clear()
    step = merged.on_main("apply")
    assert (step.done.code, merged.stage.effects()) == (0, APPLIED)
    assert "no pull request brought this commit" in step.said("notice")[0]


# Endings that are none.


def test_the_outcome_is_unknown(merged: Scene) -> None:
    """A person must look, and the first line says so."""
    merged.stage.fault("drop_after", "POST")
    merged.stage.fault("500_before", "GET", "*/schedules", times=99)
    step = merged.on_main("apply")
    assert (step.done.code, step.outputs["status"]) == (10, "unknown")
    assert title(merged) == "## ccops apply: Unknown: a person must look"


def test_stopped_in_between(merged: Scene) -> None:
    """How far it came, and why not farther."""
    how = planned(merged)  # while its sender is confirmed
    merged.stage.world.set_switch("sender_check", "schedule")
    merged.stage.world.account = replace(merged.stage.world.account, senders=())
    step = merged.on_main("apply", *how)
    assert (step.done.code, step.outputs["status"]) == (8, "partial")
    assert title(merged).startswith("## ccops apply: Stopped after 0 of 1 campaign: partly applied")


def test_another_campaign_needs_a_person(scene: Scene) -> None:
    """What could be done was done."""
    scene.stage.world.add_campaign("Late")
    late = manifest("Late", "Members", send_at="Mon 2027-03-01 08:00")
    scene.push(SPRING, late)
    scene.on_pull("plan")
    scene.merge()
    step = scene.on_main("apply")
    assert (step.done.code, scene.stage.effects()) == (6, APPLIED)
    assert title(scene) == "## ccops apply: Applied, but a campaign needs a person"


# What is refused before anything.


def test_a_stale_plan(merged: Scene) -> None:
    """The account moved since: nothing is written, and the receipt says so."""
    how = planned(merged)
    for one in tuple(merged.stage.world.activities.values()):
        edited = replace(one, contact_list_ids=(list_id_of("Board"),))
        merged.stage.world.put_activity(edited)
    step = merged.on_main("apply", *how)
    assert (step.done.code, step.outputs["status"], merged.stage.writes()) == (7, "stale", [])
    assert title(merged).startswith("## ccops apply: Stopped after 0 of 1 campaign: the plan is")


def test_another_checksum(merged: Scene) -> None:
    """The plan file is another than the one that the job before named."""
    file, *_ = planned(merged)
    step = merged.on_main("apply", file, "--checksum", "sha256:" + "0" * 64)
    assert (step.done.code, step.outputs["status"], merged.stage.writes()) == (7, "stale", [])
    assert "CC613" in step.page


def recall(scene: Scene) -> None:
    """A pull request that says nothing of a send now, merged; and then there is one."""
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    scene.on_pull("plan")
    scene.stage.write(SPRING, manifest("Recall", "Members", send_at="now"))
    scene.merge()


def test_riskier_than_reviewed(scene: Scene) -> None:
    """Nothing is written because a plan turned out otherwise after its review."""
    recall(scene)
    step = scene.on_main("apply", *NOW)
    assert (step.done.code, step.outputs["status"], scene.stage.writes()) == (7, "stale", [])
    assert "riskier than the one that was reviewed in #7" in step.said("error")[0]


def test_riskier_than_reviewed_but_named(scene: Scene) -> None:
    """Whoever gives the checksum of a plan has seen this one."""
    recall(scene)
    plan = scene.on_main("plan", *NOW, GITHUB_EVENT_NAME="workflow_dispatch")
    how = (plan.outputs["plan-file"], "--checksum", plan.outputs["checksum"])
    step = scene.on_main("apply", *how)
    assert (step.done.code, step.outputs["status"]) == (0, "applied")
    assert scene.stage.sent("Recall")


def test_a_send_now_needs_a_checksum(scene: Scene) -> None:
    """As everywhere: nobody can be asked in a job."""
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    scene.push(manifest("Recall", "Members", send_at="now"))
    scene.on_pull("plan", *NOW)
    scene.merge()
    step = scene.on_main("apply", *NOW)
    assert (step.done.code, step.outputs["status"], scene.stage.writes()) == (6, "blocked", [])
    assert "CC481" in step.page


def test_a_blocked_plan(scene: Scene) -> None:
    """A missing permission blocks all of it."""
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    scene.push(SPRING, manifest("Recall", "Members", send_at="now"))
    scene.merge()
    step = scene.on_main("apply")
    assert (step.done.code, step.outputs["status"], scene.stage.writes()) == (6, "blocked", [])


# GitHub fails, and nothing of the apply changes.


def kept(scene: Scene, step: Step) -> None:
    """It was applied, its exit code stands, the failure was told, the log has the report."""
    assert (step.done.code, scene.stage.effects()) == (0, APPLIED)
    assert "the receipt is not in the pull request" in " ".join(step.said("notice"))
    assert "Spring: scheduled for" in step.done.out.replace("\x1b[1m", "").replace("\x1b[0m", "")


def test_github_is_down(merged: Scene) -> None:
    """From the beginning."""
    merged.hub.down = True
    kept(merged, merged.on_main("apply"))


def test_github_goes_down_meanwhile(merged: Scene) -> None:
    """While the requests are made."""
    merged.stage.world.sleep = lambda _: setattr(merged.hub, "down", True)
    merged.stage.fault("delay_after", "PUT", seconds=1)
    kept(merged, merged.on_main("apply"))


def test_a_token_that_may_only_read(merged: Scene) -> None:
    """The comment goes on showing the plan."""
    merged.hub.readers.add(BOT)
    kept(merged, merged.on_main("apply"))


def test_the_runners_files_cannot_be_written(merged: Scene) -> None:
    """A folder stands in their place."""
    folder = str(merged.stage.folder)
    step = merged.on_main("apply", GITHUB_OUTPUT=folder, GITHUB_STEP_SUMMARY=folder)
    assert (step.done.code, merged.stage.effects()) == (0, APPLIED)
    assert len(step.said("notice")) == 2
    assert title(merged) == "## ccops apply: Applied"


def test_a_plan_needs_its_outputs(merged: Scene) -> None:
    """Without them the next job would know nothing of it: that is a failure of the step."""
    step = merged.on_main("plan", GITHUB_OUTPUT=str(merged.stage.folder))
    assert step.done.code == 3
    assert "CC232" in step.page


def test_nothing_on_github_is_needed_to_send(merged: Scene) -> None:
    """The same apply, and no GitHub at all: `ccops ci` sends for no reason that lies there."""
    around = without("GITHUB_ACTIONS", "GITHUB_API_URL", "GITHUB_TOKEN")
    step = merged.on_main("apply", **around)
    assert (step.done.code, merged.stage.effects()) == (0, APPLIED)
    assert len(merged.hub.writes()) == 1
