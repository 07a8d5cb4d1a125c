"""`ccops ci drift`: one issue, for as long as something has drifted."""

from dataclasses import replace

import pytest

from ccops.sandbox.ids import list_id_of
from tests.ci.runner import MARCH_9, Scene, Step
from tests.e2e.stage import manifest
from tests.forge.github_double import BOT, GitHub

SPRING = manifest("Spring", "Members", send_at=MARCH_9)


@pytest.fixture
def calm(scene: Scene) -> Scene:
    """All is as it was applied."""
    assert scene.on_main("apply").done.code == 0
    return scene


def nightly(scene: Scene, *options: str, **variables: str) -> Step:
    return scene.on_main("drift", *options, GITHUB_EVENT_NAME="schedule", **variables)


def edit(scene: Scene, *lists: str) -> None:
    """Somebody changes the recipients in Constant Contact."""
    for one in tuple(scene.stage.world.activities.values()):
        chosen = tuple(list_id_of(name) for name in lists)
        scene.stage.world.put_activity(replace(one, contact_list_ids=chosen))


def issues(hub: GitHub) -> list[tuple[int, str]]:
    """The issues that are none of a pull request: number and state."""
    return [
        (one["number"], one["state"])
        for one in hub.issues.values()
        if "labels" in one and "pull_request" not in one
    ]


def test_no_drift_no_issue(calm: Scene) -> None:
    """A page and outputs, and nothing else."""
    step = nightly(calm)
    assert (step.done.code, step.outputs["status"], issues(calm.hub)) == (0, "clean", [])
    assert "ccops drift" in step.page


def test_the_life_of_an_issue(calm: Scene) -> None:
    """Opened, left alone, brought up to date, told of anew, closed, opened again."""
    edit(calm, "Board")
    step = nightly(calm)
    assert (step.outputs["status"], issues(calm.hub)) == ("drift", [(8, "open")])
    assert "`Spring`" in calm.hub.issues[8]["body"]
    nightly(calm)
    assert (issues(calm.hub), calm.hub.bodies(8)) == ([(8, "open")], [])
    ahead = calm.stage.world.now.replace(day=20)
    calm.stage.world.add_campaign("Stranger", lists=[list_id_of("Board")], scheduled=ahead)
    nightly(calm)
    assert "`Stranger`" in calm.hub.issues[8]["body"]
    assert len(calm.hub.bodies(8)) == 1
    edit(calm, "Members")
    calm.stage.write(SPRING, manifest("Stranger", "Members", send_at="2027-03-20 10:00"))
    nightly(calm)
    assert issues(calm.hub) == [(8, "closed")]
    edit(calm, "Donors")
    nightly(calm)
    assert issues(calm.hub) == [(8, "open")]


def test_a_part_says_nothing_about_the_rest(calm: Scene) -> None:
    """The issue is left alone; the page has it."""
    edit(calm, "Board")
    step = nightly(calm, "--select", "name:Spring")
    assert (step.outputs["status"], issues(calm.hub)) == ("drift", [])
    assert "`Spring`" in step.page


def test_somebody_elses_issue_is_not_ours(calm: Scene) -> None:
    """Whoever copies its text and its label."""
    edit(calm, "Board")
    nightly(calm)
    calm.hub.issues[8]["user"]["login"] = "eve"
    edit(calm, "Members")
    nightly(calm)
    assert issues(calm.hub) == [(8, "open")]


@pytest.mark.parametrize("trouble", ["down", "readers"])
def test_github_cannot_be_told(calm: Scene, trouble: str) -> None:
    """One notice; the exit code is that of the drift."""
    edit(calm, "Board")
    if trouble == "down":
        calm.hub.down = True
    else:
        calm.hub.readers.add(BOT)
    step = nightly(calm)
    assert (step.done.code, step.outputs["status"]) == (0, "drift")
    assert "the issue about drift is as it was" in step.said("notice")[0]
