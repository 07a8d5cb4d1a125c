"""`ccops ci verify`: one issue, for as long as a send is not as it was applied."""

import pytest

from tests.ci.runner import Scene, Step
from tests.ci.test_ci_drift import calm, edit, issues
from tests.forge.github_double import BOT

__all__ = ["calm"]


def nightly(scene: Scene, *options: str, **variables: str) -> Step:
    return scene.on_main("verify", *options, GITHUB_EVENT_NAME="schedule", **variables)


def test_as_applied_no_issue(calm: Scene) -> None:
    """A page and outputs, and nothing else."""
    step = nightly(calm)
    assert (step.done.code, step.outputs["status"], issues(calm.hub)) == (0, "clean", [])
    assert "ccops verify" in step.page


def test_the_life_of_an_issue(calm: Scene) -> None:
    """Opened, left alone, closed when it is as applied again, opened again."""
    held = calm.stage.world.activities.copy()
    edit(calm, "Board")
    step = nightly(calm)
    assert (step.done.code, step.outputs["status"], issues(calm.hub)) == (
        6,
        "trouble",
        [(8, "open")],
    )
    assert step.outputs["summary"] == "1 not as applied"
    assert "`Spring`" in calm.hub.issues[8]["body"]
    nightly(calm)
    assert (issues(calm.hub), calm.hub.bodies(8)) == ([(8, "open")], [])
    for one in held.values():
        calm.stage.world.put_activity(one)
    assert nightly(calm).done.code == 0
    assert issues(calm.hub) == [(8, "closed")]
    edit(calm, "Donors")
    nightly(calm)
    assert issues(calm.hub) == [(8, "open")]


def test_it_has_an_issue_of_its_own(calm: Scene) -> None:
    """Drift is another matter: neither closes the other's."""
    edit(calm, "Board")
    nightly(calm)
    calm.on_main("drift", GITHUB_EVENT_NAME="schedule")
    assert issues(calm.hub) == [(8, "open"), (9, "open")]
    titles = {calm.hub.issues[number]["title"] for number in (8, 9)}
    assert titles == {"Constant Contact differs from git", "Not everything was sent as applied"}


def test_a_part_says_nothing_about_the_rest(calm: Scene) -> None:
    """The issue is left alone; the page has it."""
    edit(calm, "Board")
    step = nightly(calm, "--select", "name:Spring")
    assert (step.done.code, issues(calm.hub), "`Spring`" in step.page) == (6, [], True)


@pytest.mark.parametrize("trouble", ["down", "readers"])
def test_github_cannot_be_told(calm: Scene, trouble: str) -> None:
    """One notice; the exit code is that of the deliveries."""
    edit(calm, "Board")
    if trouble == "down":
        calm.hub.down = True
    else:
        calm.hub.readers.add(BOT)
    step = nightly(calm)
    assert (step.done.code, step.outputs["status"]) == (6, "trouble")
    assert "the issue about deliveries is as it was" in step.said("notice")[0]
