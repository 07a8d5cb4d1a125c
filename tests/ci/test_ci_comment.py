"""The comment of a plan never looks current when it is not: failures, nothing left, two of them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ccops.planning.review import read_mark
from ccops.sandbox.ids import list_id_of
from tests.ci.runner import MARCH_9, Scene, Step
from tests.e2e.stage import manifest
from tests.forge.github_double import BOT

SPRING = manifest("Spring", "Members", send_at=MARCH_9)
RECALL = manifest("Recall", "Members", send_at="now")
ALLOWED = ("--allow", "send-now=Recall", "--reason", "a wrong price")
OUTDATED = "This plan is out of date: [the newer one]"


def only(scene: Scene, number: int = 7) -> str:
    """The one comment in the pull request."""
    (body,) = scene.hub.bodies(number)
    return body


def outdated(scene: Scene) -> list[bool]:
    """Which comments only lead to a newer one, oldest first."""
    return [OUTDATED in one for one in scene.hub.bodies(7)]


# No plan can be made.


def broken_manifest(scene: Scene) -> Step:
    scene.push("campaign: [\n")
    return scene.on_pull("plan")


def broken_settings(scene: Scene) -> Step:
    scene.settings("account: twice")
    scene.push(SPRING)
    return scene.on_pull("plan")


def no_login(scene: Scene) -> Step:
    scene.push(SPRING)
    return scene.on_pull("plan", CCOPS_ACCESS_TOKEN="")


def no_account(scene: Scene) -> Step:
    scene.push(SPRING)
    scene.stage.fault("500_before", "GET", times=99)
    return scene.on_pull("plan")


@pytest.mark.parametrize("fail", [broken_manifest, broken_settings, no_login, no_account])
def test_a_plan_that_cannot_be_made_replaces_the_one_that_was(scene: Scene, fail: object) -> None:
    """The older plan would look as if it held; the reasons stand in its place."""
    scene.on_pull("plan")
    assert callable(fail)
    step = fail(scene)
    body = only(scene)
    assert (step.done.code, step.outputs["status"]) != (0, "changes")
    assert "## ccops ci plan: " in body
    assert "There is no plan of the newest commits" in body
    assert body.count("- **error**") >= 1
    assert "## ccops plan for" not in body
    assert "(https://github.example/acme/email/actions/runs/42)" in body


def test_the_next_plan_takes_its_place_again(scene: Scene) -> None:
    """In the same comment, as long as it is harmless."""
    scene.on_pull("plan")
    broken_manifest(scene)
    scene.push(SPRING)
    scene.on_pull("plan")
    assert "## ccops plan for" in only(scene)


def test_after_a_failure_what_cannot_be_undone_is_posted_anew(scene: Scene) -> None:
    """People were told of no plan since."""
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    scene.on_pull("plan")
    broken_manifest(scene)
    scene.push(SPRING, RECALL)
    scene.on_pull("plan", *ALLOWED)
    assert outdated(scene) == [True, False]


def test_a_failure_of_older_commits_replaces_nothing(scene: Scene) -> None:
    """Another job shows what is there now."""
    scene.on_pull("plan")
    before = only(scene)
    variables = {"GITHUB_EVENT_PATH": str(scene.stage.folder.parent / "event.json")}
    scene.stage.write("campaign: [\n")
    scene.hub.pulls[7]["head"]["sha"] = "1" * 40
    step = scene.step("plan", GITHUB_EVENT_NAME="pull_request", **variables)
    assert (step.done.code, only(scene)) == (3, before)


def test_a_failure_that_cannot_be_told_is_a_failure_all_the_same(scene: Scene) -> None:
    """The reason stands in the log; the notice says that the comment is as it was."""
    scene.on_pull("plan")
    scene.push("campaign: [\n")
    scene.hub.down = True
    step = scene.on_pull("plan")
    assert step.done.code == 3
    assert "the plan is not shown in the pull request" in step.said("notice")[0]
    assert step.said("error")


def test_a_failure_was_no_plan_to_merge_by(scene: Scene) -> None:
    """Whatever is planned after such a merge is riskier than what was reviewed."""
    scene.on_pull("plan")
    broken_manifest(scene)
    scene.stage.write(SPRING)
    scene.merge()
    step = scene.on_main("plan")
    assert (step.done.code, step.outputs["status"]) == (7, "stale")


# Nothing is selected.


def base(scene: Scene) -> str:
    """The branch before the pull request."""
    return f"changed:{scene.head()}"


def test_nothing_changed_is_nothing_to_do(scene: Scene) -> None:
    """It is said in the log, on the page and in the outputs; nobody is bothered with a comment."""
    step = scene.on_pull("plan", "--select", base(scene))
    assert step.done.code == 0
    assert step.done.out.startswith("No manifest matches changed:")
    assert step.page.startswith("## ccops: nothing to do")
    assert {key: step.outputs[key] for key in ("status", "changes", "checksum", "risk")} == {
        "status": "clean",
        "changes": "false",
        "checksum": "",
        "risk": "R0",
    }
    assert scene.hub.bodies(7) == []
    assert step.said("error") == []


def test_nothing_left_replaces_the_plan_that_was(scene: Scene) -> None:
    """Who takes a change back must not leave its plan behind."""
    before = base(scene)
    scene.push(manifest("Spring", "Donors", send_at=MARCH_9))
    scene.on_pull("plan", "--select", before)
    assert "`Donors`" in only(scene)
    scene.push(SPRING)
    step = scene.on_pull("plan", "--select", before)
    mark = read_mark(only(scene))
    assert step.done.code == 0
    assert "nothing to do" in only(scene)
    assert "`Donors`" not in only(scene)
    assert mark is not None
    assert (mark.risk, mark.status) == ("R0", "no changes")


def test_a_deleted_manifest_is_told_of(scene: Scene) -> None:
    """Nothing is written for it, and what is scheduled still goes out."""
    scene.stage.world.add_campaign("Other")
    scene.stage.write(manifest("Other", "Members", send_at=MARCH_9), name="two.yaml")
    scene.commit()
    before = base(scene)
    (scene.stage.folder / "campaigns" / "two.yaml").unlink()
    scene.hub.push(7, scene.commit())
    step = scene.on_pull("plan", "--select", before)
    assert step.done.code == 0
    for text in (step.done.out, step.page):
        assert "campaigns/two.yaml was deleted" in text
        assert "still goes out" in text


@pytest.mark.parametrize("selector", ["state:resend", "sends<1h", "state:sent"])
def test_an_apply_of_nothing_is_done(scene: Scene, selector: str) -> None:
    """An hourly job has nothing to do most of the time."""
    step = scene.on_main("apply", "--select", selector, GITHUB_EVENT_NAME="schedule")
    assert (step.done.code, step.outputs["status"], step.outputs["changes"]) == (
        0,
        "clean",
        "false",
    )
    assert scene.stage.writes() == []


@pytest.mark.parametrize("command", ["plan", "apply"])
@pytest.mark.parametrize(
    "selectors", [("name:Sprnig",), ("name:Sprnig", "state:resend"), ("tag:none", "sends<1h")]
)
def test_a_misspelt_selection_is_a_mistake(
    scene: Scene, command: str, selectors: tuple[str, ...]
) -> None:
    """What never matches anything is not the same as nothing to do today."""
    words = [word for one in selectors for word in ("--select", one)]
    step = scene.on_main(command, *words)
    assert (step.done.code, step.outputs["status"]) == (3, "error")
    assert "CC287" in step.page


def test_a_commit_that_is_not_there_is_a_mistake(scene: Scene) -> None:
    """A first push has nothing before it: nobody can say what it changed."""
    for lacking in ("0" * 40, "1" * 40):
        step = scene.on_main("plan", "--select", f"changed:{lacking}")
        assert (step.done.code, step.outputs["status"]) == (3, "error")
        assert "CC292" in step.page


# More than one of them.


def second(scene: Scene) -> Path:
    """A second workspace of the same account, in a folder of the same repository."""
    folder = scene.stage.folder / "second"
    folder.mkdir()
    shutil.copy(scene.stage.folder / "ccops.yaml", folder)
    (folder / "campaigns").mkdir()
    scene.stage.world.add_campaign("Second")
    text = manifest("Second", "Donors", send_at=MARCH_9)
    (folder / "campaigns" / "one.yaml").write_text(text, "utf-8")
    return folder


def test_two_workspaces_have_two_comments(scene: Scene) -> None:
    """Also of one account: the plan of one must not hide the other's."""
    folder = second(scene)
    for _ in range(2):
        scene.on_pull("plan")
        scene.on_pull("plan", "-C", str(folder))
    bodies = scene.hub.bodies(7)
    assert [("`Spring`" in one, "`Second`" in one) for one in bodies] == [
        (True, False),
        (False, True),
    ]


def test_two_of_ours_are_one_too_many(scene: Scene) -> None:
    """As two jobs at once can leave them: the newest is kept, and the older leads to it."""
    scene.on_pull("plan")
    scene.hub.add_comment(7, BOT, only(scene))
    scene.push(manifest("Spring", "Donors", send_at=MARCH_9))
    scene.on_pull("plan")
    assert outdated(scene) == [True, False]
    assert "`Donors`" in scene.hub.bodies(7)[1]


def test_ours_is_found_behind_many_others(scene: Scene) -> None:
    """On the second page as on the first, and behind a copy of it."""
    for number in range(120):
        scene.hub.add_comment(7, "eve", f"comment {number}")
    scene.on_pull("plan")
    mine = scene.hub.bodies(7)[120]
    scene.hub.add_comment(7, "eve", mine)
    scene.push(manifest("Spring", "Donors", send_at=MARCH_9))
    scene.on_pull("plan")
    assert len(scene.hub.bodies(7)) == 122
    assert "`Donors`" in scene.hub.bodies(7)[120]
    assert scene.hub.bodies(7)[121] == mine


def test_ours_is_found_behind_long_ones(scene: Scene) -> None:
    """Whoever may comment could make a page longer than any answer that is read."""
    scene.on_pull("plan")
    for _ in range(40):
        scene.hub.add_comment(7, "eve", "\U0001f4a3" * 40_000)
    scene.push(manifest("Spring", "Donors", send_at=MARCH_9))
    step = scene.on_pull("plan")
    assert step.said("notice") == []
    assert "`Donors`" in scene.hub.bodies(7)[0]


def test_ours_was_deleted(scene: Scene) -> None:
    """Then it is posted again."""
    scene.on_pull("plan")
    scene.hub.comments.clear()
    scene.on_pull("plan")
    assert "`Spring`" in only(scene)


def test_a_plan_is_not_shown_after_the_merge(scene: Scene) -> None:
    """A late job would leave a plan that nobody reviewed where a reviewed one stood."""
    scene.on_pull("plan")
    before = only(scene)
    scene.hub.merge(7, "2" * 40)
    for one in tuple(scene.stage.world.activities.values()):
        scene.stage.world.put_activity(replace(one, contact_list_ids=(list_id_of("Donors"),)))
    step = scene.on_pull("plan")
    assert (step.done.code, only(scene)) == (0, before)
    assert "was merged" in step.said("notice")[0]


@pytest.mark.parametrize("trouble", ["exhausted", "lacking"])
def test_github_asks_for_patience_or_for_a_permission(scene: Scene, trouble: str) -> None:
    """One notice each, which says what it is; the exit code is that of the plan."""
    if trouble == "exhausted":
        scene.hub.exhausted = True
    else:
        scene.hub.lacking.add("pulls:read")
    step = scene.on_pull("plan")
    (notice,) = step.said("notice")
    assert step.done.code == 0
    assert ("CC571" in notice) is (trouble == "exhausted")
    assert ("CC570" in notice) is (trouble == "lacking")
    assert scene.hub.writes() == []


# Who can read it.


def in_repository(scene: Scene, private: object) -> dict[str, str]:
    """An event that says so of its repository, beside the pull request."""
    file = scene.stage.folder.parent / "other-event.json"
    event = {"pull_request": scene.hub.pulls[7], "repository": {"private": private}}
    file.write_text(json.dumps(event), "utf-8")
    return {"GITHUB_EVENT_PATH": str(file)}


@pytest.mark.parametrize(("private", "shown"), [(False, False), (True, True), (None, True)])
def test_in_a_public_repository_no_recipient_is_named(
    scene: Scene, private: object, shown: bool
) -> None:
    """Neither in the comment, which is mailed to strangers, nor on the page, in the log, or beside."""
    report = scene.stage.folder.parent / "c.html"
    around = in_repository(scene, private)
    step = scene.on_pull("plan", "--report", str(report), **around)
    assert step.done.code == 0
    for text in (only(scene), step.page, step.done.out, report.read_text("utf-8")):
        assert "Spring" in text
        assert ("Members" in text) is shown
    assert step.outputs["checksum"] in only(scene)


def test_a_place_leads_to_the_manifest(scene: Scene) -> None:
    """At the commit that was pushed, from the root of the repository."""
    scene.on_pull("plan", GITHUB_WORKSPACE=str(scene.stage.folder.parent))
    link = f"https://github.example/acme/email/blob/{scene.head()}/checkout/campaigns/one.yaml#L1"
    assert f"({link})" in only(scene)
