"""`ccops ci plan`: what a reviewer is shown, wherever GitHub lets it be shown."""

import json
from pathlib import Path

import pytest

from ccops.planning.review import read_mark
from ccops.sandbox.ids import list_id_of
from tests.ci.runner import GITHUB_TOKEN, MARCH_9, Scene, without
from tests.e2e.stage import TOKEN, manifest
from tests.forge.github_double import BOT
from tests.render.hostile import HOSTILE

SPRING = manifest("Spring", "Members", send_at=MARCH_9)
RECALL = manifest("Recall", "Members", send_at="now")
ALLOWED = ("--allow", "send-now=Recall", "--reason", "a wrong price")


def test_a_pull_request_is_shown_its_plan(scene: Scene) -> None:
    """Once, by a comment that begins with its marker, names its commit and leads to its run."""
    step = scene.on_pull("plan")
    (body,) = scene.hub.bodies(7)
    mark = read_mark(body)
    assert step.done.code == 0
    assert mark is not None
    assert (mark.risk, mark.checksum) == ("R1", step.outputs["checksum"])
    assert f"`{scene.head()[:7]}`" in body
    assert "(https://github.example/acme/email/actions/runs/42)" in body
    assert "`Spring`" in step.page
    assert "schedule" in step.done.out
    assert scene.stage.writes() == []


def test_what_the_next_steps_know(scene: Scene) -> None:
    """Exactly these outputs; the plan file is the plan, and lies outside of the checkout."""
    step = scene.on_pull("plan")
    file = Path(step.outputs["plan-file"])
    assert not file.is_relative_to(scene.stage.folder)
    assert scene.stage.run("show", str(file)).code == 0
    assert step.outputs == {
        "status": "changes",
        "changes": "true",
        "irreversible": "false",
        "checksum": json.loads(file.read_text("utf-8"))["checksum"],
        "risk": "R1",
        "apply-by": "2027-03-09T13:45:00Z",
        "next-send-at": "2027-03-09T14:00:00Z",
        "plan-file": str(file),
        "report-file": "",
        "summary": "1 to schedule.",
    }


def test_nothing_to_do_is_said_too(scene: Scene) -> None:
    """A reviewer need not guess whether the job ran."""
    scene.push(manifest("Spring", "Members", send_at="unscheduled"))
    scene.stage.run("apply", "--yes")
    step = scene.on_pull("plan")
    told = {key: step.outputs[key] for key in ("status", "changes", "risk", "apply-by")}
    assert told == {"status": "clean", "changes": "false", "risk": "R0", "apply-by": ""}
    assert "no changes" in scene.hub.bodies(7)[0]


def test_the_calendar_and_a_file_of_ones_own(scene: Scene) -> None:
    """Where they are asked for."""
    step = scene.on_pull("plan", "--save", "p.json", "--report", "c.html")
    assert (step.outputs["plan-file"], step.outputs["report-file"]) == ("p.json", "c.html")
    assert "<html" in (scene.stage.folder / "c.html").read_text("utf-8")


def test_pushed_again(scene: Scene) -> None:
    """The same comment says what holds now, in silence; the same plan is not written again."""
    scene.on_pull("plan")
    scene.push(manifest("Spring", "Donors", send_at=MARCH_9))
    scene.on_pull("plan")
    (body,) = scene.hub.bodies(7)
    assert "`Donors`" in body
    methods = [method for method, _ in scene.hub.writes()]
    scene.on_pull("plan")
    assert methods == ["POST", "PATCH"]
    assert [method for method, _ in scene.hub.writes()] == methods


def test_the_risk_rises(scene: Scene) -> None:
    """It is posted anew, so that people are told; the old comment is one line that leads there."""
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    scene.on_pull("plan")
    scene.push(SPRING, RECALL)
    step = scene.on_pull("plan", *ALLOWED)
    old, new = scene.hub.bodies(7)
    assert (step.done.code, step.outputs["irreversible"], step.outputs["risk"]) == (0, "true", "R3")
    number = max(scene.hub.comments)
    link = f"https://github.example/acme/email/pull/7#issuecomment-{number}"
    assert old.split("\n")[1:] == [f"This plan is out of date: [the newer one]({link})."]
    assert "cannot be undone" in new
    scene.push(SPRING, name_of_list(RECALL))
    scene.on_pull("plan", *ALLOWED)
    assert len(scene.hub.bodies(7)) == 2


def name_of_list(text: str) -> str:
    return text.replace("Members", "Donors")


def test_a_blocked_plan_is_annotated_on_its_line(scene: Scene) -> None:
    """With the place in the manifest, and the exit code of `ccops plan`."""
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    scene.push(RECALL)
    step = scene.on_pull("plan")
    (error,) = [one for one in step.commands if one.name == "error"]
    assert (step.done.code, step.outputs["status"]) == (6, "blocked")
    assert step.outputs["changes"] == "false"
    assert (error.properties["file"], error.properties["line"]) == ("campaigns/one.yaml", "1")
    assert "ccops CC" in error.properties["title"]


def test_a_campaign_that_needs_a_person_is_a_warning(scene: Scene) -> None:
    """The others can be applied all the same."""
    scene.stage.world.add_campaign("Late")
    scene.push(SPRING, manifest("Late", "Members", send_at="Mon 2027-03-01 08:00"))
    step = scene.on_pull("plan")
    (warning,) = step.said("warning")
    assert (step.done.code, step.outputs["status"]) == (6, "blocked")
    assert warning.startswith("'Late' needs a person: missed its send time")


def test_a_workspace_below_the_root(scene: Scene) -> None:
    """GitHub wants paths from the root of the repository."""
    scene.push("campaign: [\n")
    step = scene.on_pull("plan", GITHUB_WORKSPACE=str(scene.stage.folder.parent))
    assert [one.properties["file"] for one in step.commands if one.name == "error"] == [
        "checkout/campaigns/one.yaml"
    ]


def test_a_mistake_is_told_everywhere(scene: Scene) -> None:
    """Annotated, on the page, in the outputs; and no plan is shown."""
    scene.push("campaign: Spring\n")
    step = scene.on_pull("plan")
    assert (step.done.code, step.outputs["status"], step.outputs["changes"]) == (
        3,
        "error",
        "false",
    )
    assert step.page.startswith("## ccops ci plan: invalid manifest")
    assert "`CC102`" in step.page
    assert step.said("error")
    assert scene.hub.bodies(7) == []


# Where GitHub cannot be told.


def test_from_a_fork(scene: Scene) -> None:
    """Its jobs may not comment: the page and the log have it, and nothing is asked of GitHub."""
    scene.hub.add_pull(8, author="eve", head=scene.head(), fork=True)
    step = scene.on_pull("plan", number=8)
    (notice,) = step.said("notice")
    assert (step.done.code, step.outputs["status"], scene.hub.log) == (0, "changes", [])
    assert "from a fork" in notice
    assert "`Spring`" in step.page


def test_a_token_that_may_only_read(scene: Scene) -> None:
    """One notice; the exit code is that of the plan."""
    scene.hub.readers.add(BOT)
    step = scene.on_pull("plan")
    (notice,) = step.said("notice")
    assert step.done.code == 0
    assert "CC570: GitHub answers 403" in notice
    assert scene.hub.bodies(7) == []


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        (without("GITHUB_TOKEN"), "CC573: this job has no token"),
        (without("GITHUB_API_URL"), "CC573: this job has no repository"),
        ({"GITHUB_TOKEN": "wrong"}, "CC570: GitHub answers 401"),
        ({"GITHUB_API_URL": "http://127.0.0.1:9"}, "CC501: no connection"),
    ],
)
def test_no_way_to_github(scene: Scene, variables: dict[str, str], why: str) -> None:
    """The same."""
    step = scene.on_pull("plan", **variables)
    (notice,) = step.said("notice")
    assert (step.done.code, step.outputs["status"]) == (0, "changes")
    assert why in notice


def test_github_is_down(scene: Scene) -> None:
    """The same."""
    scene.hub.down = True
    step = scene.on_pull("plan")
    (notice,) = step.said("notice")
    assert step.done.code == 0
    assert "CC571: GitHub answers 503" in notice


def test_a_push_that_came_in_between(scene: Scene) -> None:
    """A plan of older commits does not replace that of the newer ones."""
    variables = {"GITHUB_EVENT_PATH": str(scene.stage.folder.parent / "event.json")}
    scene.on_pull("plan")
    scene.hub.pulls[7]["head"]["sha"] = "1" * 40
    before = scene.hub.bodies(7)
    step = scene.step("plan", GITHUB_EVENT_NAME="pull_request", **variables)
    assert step.done.code == 0
    assert "newer commits" in step.said("notice")[0]
    assert scene.hub.bodies(7) == before


@pytest.mark.parametrize("failing", ["comment", "marker"])
def test_nobody_elses_comment_is_touched(scene: Scene, failing: str) -> None:
    """A copied marker is somebody's text; one of ours without its marker is nobody's plan."""
    scene.on_pull("plan")
    ((number, mine),) = scene.hub.comments.items()
    if failing == "comment":
        mine["user"]["login"] = "eve"
    else:
        scene.hub.edit_comment(number, "gone")
    there = scene.hub.bodies(7)
    scene.on_pull("plan")
    assert scene.hub.bodies(7)[:1] == there
    assert len(scene.hub.bodies(7)) == 2


def test_the_older_comment_cannot_be_edited(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one was posted, and that is what matters."""
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    scene.on_pull("plan")
    scene.push(SPRING, RECALL)
    monkeypatch.setattr("ccops.session.ci.commenting.github.edit_comment", _refusing)
    step = scene.on_pull("plan", *ALLOWED)
    assert step.done.code == 0
    assert "the older plan still stands" in step.said("notice")[0]
    assert "cannot be undone" in scene.hub.bodies(7)[1]


def _refusing(*_: object) -> None:
    raise OSError("gone")


# Text that means harm, and too much of it.


def test_hostile_names(scene: Scene) -> None:
    """Outputs, annotations, page and comment say what was meant, and a runner obeys no name."""
    names = [one for one in HOSTILE if one.isprintable() and one.strip() == one]
    for name in names:
        scene.stage.world.add_campaign(name, subject=name)
        scene.stage.world.add_list(f"to {name}", 2)
    late = "Mon 2027-03-01 08:00"
    scene.push(
        *(manifest(one, f"to {one}", send_at=MARCH_9) for one in names),
        manifest("Spring", "Members", send_at=late),
        manifest("::error::gone\u2003x", "Members", send_at=late),
    )
    step = scene.on_pull("plan", "--select", "name:*")
    assert step.done.code == 6
    assert {one.name for one in step.commands} <= {"error", "warning", "notice", "add-mask"}
    assert set(step.said("add-mask")) == {GITHUB_TOKEN, TOKEN}
    assert set(step.outputs) >= {"status", "checksum", "plan-file"}
    assert len(step.outputs) == 10
    assert "##[" not in step.page + scene.hub.bodies(7)[0]


def test_a_comment_too_long(scene: Scene) -> None:
    """It is cut by whole rows, and GitHub takes it; the page has room for all."""
    many = [f"Campaign {number} {'x' * 60}" for number in range(120)]
    for name in many:
        scene.stage.world.add_campaign(name)
    scene.push(*(manifest(one, "Members", "Donors", send_at=MARCH_9) for one in many))
    step = scene.on_pull("plan")
    assert (step.done.code, step.said("notice")) == (0, [])
    (body,) = scene.hub.bodies(7)
    assert "left out to fit" in body
    assert "left out to fit" not in step.page
    assert all(one in step.page for one in many)


def test_masks_come_before_everything(scene: Scene) -> None:
    """Every secret that the job was given, and no other place that shows one."""
    step = scene.on_pull("plan", CCOPS_REFRESH_TOKEN="refresh-me")
    lines = step.done.err.splitlines()
    given = [GITHUB_TOKEN, TOKEN, "refresh-me"]
    assert lines[:3] == [f"::add-mask::{one}" for one in given]
    rest = [line for line in lines if not line.startswith("::add-mask::")]
    shown = [*rest, step.done.out, step.page, *step.outputs.values(), *scene.hub.bodies(7)]
    assert not [one for one in shown if any(secret in one for secret in given)]


def test_without_a_runner_nothing_is_masked_or_annotated(scene: Scene) -> None:
    """No log would hide what a mask names; what cannot be told to GitHub is said in words."""
    scene.hub.readers.add(BOT)
    step = scene.on_pull("plan", GITHUB_ACTIONS="")
    assert (step.done.code, step.commands) == (0, [])
    assert "note[CC572]: the plan is not shown in the pull request" in step.done.err


# A plan of a branch, beside the one that was reviewed.


@pytest.fixture
def merged(scene: Scene) -> Scene:
    """The pull request was shown its plan, and merged."""
    scene.on_pull("plan")
    scene.merge()
    return scene


def test_the_same_as_reviewed(merged: Scene) -> None:
    """It is said on the page, and the comment is left alone."""
    before = merged.hub.bodies(7)
    step = merged.on_main("plan")
    assert (step.done.code, merged.hub.bodies(7)) == (0, before)
    assert step.page.startswith("**The same as reviewed in #7.**\n\n")


def test_another_than_reviewed(merged: Scene) -> None:
    """It is told, and goes on: no riskier."""
    merged.stage.write(manifest("Spring", "Donors", send_at=MARCH_9))
    step = merged.on_main("plan")
    assert (step.done.code, step.outputs["changes"]) == (0, "true")
    assert step.page.startswith("**Not the same as reviewed in #7, and no riskier.**")


@pytest.mark.parametrize(
    ("event", "code", "status"),
    [("push", 7, "stale"), ("schedule", 0, "changes"), ("workflow_dispatch", 0, "changes")],
)
def test_riskier_than_reviewed(merged: Scene, event: str, code: int, status: str) -> None:
    """Right after a merge it is refused; once a person or a timer started the job it is told."""
    ahead = merged.stage.world.now.replace(day=8)
    merged.stage.world.add_campaign("Held", lists=[list_id_of("Members")], scheduled=ahead)
    merged.stage.write(SPRING, manifest("Held", "Donors", send_at=MARCH_9))
    step = merged.on_main("plan", GITHUB_EVENT_NAME=event)
    assert (step.done.code, step.outputs["status"]) == (code, status)
    assert step.page.startswith("**Riskier than what was reviewed in #7.**")
    assert bool(step.said("error")) is (code == 7)


@pytest.mark.parametrize("missing", ["pull", "comment", "branch"])
def test_nothing_to_compare_with(merged: Scene, missing: str) -> None:
    """Then it is not compared."""
    if missing == "pull":
        merged.hub.commits.clear()
    elif missing == "comment":
        merged.hub.comments.clear()
    ref = "refs/tags/v1" if missing == "branch" else "refs/heads/main"
    step = merged.on_main("plan", GITHUB_REF=ref)
    assert step.done.code == 0
    assert "reviewed" not in step.page


def test_github_is_down_after_the_merge(merged: Scene) -> None:
    """The plan that counts is made all the same."""
    merged.hub.down = True
    step = merged.on_main("plan")
    assert (step.done.code, step.outputs["status"]) == (0, "changes")
    assert "not compared" in step.said("notice")[0]
