"""What somebody who may write to the repository, and not approve, could try. Nothing is sent."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ccops.render.escape import marker
from ccops.sandbox.ids import list_id_of
from tests.ci.runner import MARCH_9, Scene, Step
from tests.e2e.stage import manifest
from tests.e2e.terminal import at_terminal
from tests.forge.github_double import BOT, MOST_COMMITS

SPRING = manifest("Spring", "Members", send_at=MARCH_9)
APPLIED = ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]
NOW = ("--allow", "send-now=Recall", "--reason", "a wrong price")
ASKED = "approvers: [bob, cleo]"


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Bob and cleo may approve what ann opened; nobody has yet."""
    scene.settings(ASKED)
    scene.push(SPRING)
    scene.hub.people[7] = ["ann"]
    return scene


@pytest.fixture
def approved(scene: Scene) -> Scene:
    """Shown, approved by bob, merged."""
    scene.on_pull("plan")
    approve(scene)
    scene.merge()
    return scene


def approve(scene: Scene, who: str = "bob", number: int = 7) -> None:
    scene.hub.add_review(number, who, "APPROVED", scene.hub.pulls[number]["head"]["sha"])


def refused(scene: Scene, step: Step, why: str) -> None:
    assert (step.done.code, step.outputs["status"], scene.stage.writes()) == (6, "blocked", [])
    assert [one for one in step.said("error") if why in one]


def applied(scene: Scene, step: Step) -> None:
    assert (step.done.code, scene.stage.effects()) == (0, APPLIED)


def another(scene: Scene, number: int, author: str, write: Callable[[], None]) -> None:
    """Open another pull request from what is there, show its plan, and merge nothing yet."""
    write()
    scene.hub.add_pull(number, author=author, head=scene.head())
    scene.hub.push(number, scene.commit())
    scene.on_pull("plan", number=number)


def approvers(scene: Scene, line: str) -> Callable[[], None]:
    """Write another line in place of the approvers."""
    file = scene.stage.folder / "ccops.yaml"

    def write() -> None:
        kept = [one for one in file.read_text("utf-8").splitlines() if "approvers" not in one]
        file.write_text("\n".join([*kept, line, ""]), "utf-8")

    return write


# Who may approve.

WEAKENED = {
    "taken away": "",
    "somebody else": "approvers: [eve]",
    "somebody more": "approvers: [bob, cleo, eve]",
    "fewer": "approvers: [bob]",
}


@pytest.mark.parametrize("line", WEAKENED.values(), ids=WEAKENED)
def test_who_may_approve_is_for_those_who_could_before(approved: Scene, line: str) -> None:
    """A pull request cannot name its own judges, nor do without them."""
    approve(approved, "eve")
    another(approved, 8, "eve", approvers(approved, line))
    approve(approved, "eve", 8)
    approved.merge(8)
    refused(approved, approved.on_main("apply"), "changed who may approve")
    approve(approved, "bob", 8)
    applied(approved, approved.on_main("apply"))


def test_two_steps_are_no_way_around(approved: Scene) -> None:
    """First away, then back with another name: the first step is still one that nobody approved."""
    another(approved, 8, "eve", approvers(approved, ""))
    approved.merge(8)
    another(approved, 9, "ann", approvers(approved, "approvers: [eve]"))
    approve(approved, "eve", 9)
    approved.merge(9)
    refused(approved, approved.on_main("apply"), "changed who may approve")


def test_a_later_word_of_theirs_heals_it(approved: Scene) -> None:
    """Who could approve before may agree to the file as it is now, in a later pull request."""
    another(approved, 8, "eve", approvers(approved, "approvers: [bob, cleo, dan]"))
    approved.merge(8)
    another(approved, 9, "ann", approvers(approved, "approvers: [bob, cleo, dan] # as agreed"))
    approve(approved, "cleo", 9)
    approved.merge(9)
    applied(approved, approved.on_main("apply"))


def test_who_may_approve_was_changed_without_a_pull_request(approved: Scene) -> None:
    """Nobody can have approved that."""
    approvers(approved, "")()
    approved.commit()
    refused(approved, approved.on_main("apply"), "changed who may approve")


def test_nothing_was_ever_asked(scene: Scene) -> None:
    """Then nothing is asked of GitHub about it."""
    approvers(scene, "")()
    scene.git("checkout", "--quiet", "--orphan", "fresh")
    scene.git("branch", "--quiet", "-D", "main")
    scene.git("branch", "--quiet", "-m", "main")
    scene.commit()
    applied(scene, scene.on_main("apply", GITHUB_TOKEN=""))


def shallow(scene: Scene) -> None:
    """Check out as `actions/checkout` does by itself."""
    (scene.stage.folder / ".git" / "shallow").write_text(scene.head(), "utf-8")


def test_a_shallow_checkout_hides_who_changed_what(approved: Scene) -> None:
    """It is refused, and the message says how to fetch the rest."""
    shallow(approved)
    refused(approved, approved.on_main("apply"), "fetch-depth: 0")


def test_a_shallow_checkout_without_approvers_is_noted(scene: Scene) -> None:
    """Nobody asks for approval there, and nobody can know whether somebody did."""
    approvers(scene, "")()
    scene.commit()
    shallow(scene)
    step = scene.on_main("apply")
    applied(scene, step)
    assert any("taken away" in one for one in step.said("notice"))


# What our own comment says.


def forged(scene: Scene, who: str) -> None:
    """Make the newest plan look like a receipt of the first one."""
    number = max(scene.hub.comments)
    commit = scene.hub.pulls[7]["head"]["sha"][:7]
    data = {"account": "sandbox000001", "risk": "R1", "status": "ready", "applied": "0"}
    scene.hub.edit_comment(number, marker("plan", {**data, "commit": commit}), who)


def replanned(scene: Scene) -> None:
    """The plan changes after the approval: somebody edits the campaign in Constant Contact."""
    scene.stage.world.advance(60)
    scene.on_pull("plan")


@pytest.mark.parametrize("who", ["eve", "ann", ""])
def test_a_receipt_forged_after_the_merge(scene: Scene, who: str) -> None:
    """It says nothing of when the last plan was shown; its editor is not us."""
    scene.on_pull("plan")
    approve(scene)
    replanned(scene)
    scene.merge()
    forged(scene, who)
    refused(scene, scene.on_main("apply"), "was approved before its last plan")


def test_a_receipt_of_our_own_does_not_hide_the_last_plan(scene: Scene) -> None:
    """Nor when another workflow of the repository writes as the same app."""
    scene.on_pull("plan")
    approve(scene)
    replanned(scene)
    scene.merge()
    forged(scene, BOT)
    refused(scene, scene.on_main("apply"), "was approved before its last plan")


def stopped(scene: Scene) -> None:
    """The first apply fails, and leaves its receipt."""
    scene.stage.fault("500_before", "PUT", times=9)
    assert scene.on_main("apply").done.code != 0
    scene.stage.world.faults.clear()
    assert "## ccops apply:" in scene.hub.bodies(7)[0]


def test_an_edit_of_the_receipt_needs_a_new_word(approved: Scene) -> None:
    """Whoever edits our comment makes approvals old, and never new."""
    stopped(approved)
    forged(approved, "eve")
    refused_still = approved.on_main("apply")
    assert (refused_still.done.code, approved.stage.effects()) == (6, [])
    assert "was approved before its last plan" in refused_still.page
    approve(approved)
    assert approved.on_main("apply").done.code == 0


def test_the_newest_plan_was_deleted(scene: Scene) -> None:
    """Whoever deletes it does not bring back the approval of an older one."""
    scene.on_pull("plan")
    approve(scene)
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    scene.push(SPRING, manifest("Recall", "Members", send_at="now"))
    scene.on_pull("plan", *NOW)
    del scene.hub.comments[max(scene.hub.comments)]
    scene.merge()
    refused(scene, scene.on_main("apply", "--select", "name:Spring"), "was never shown a plan")


def test_the_last_commit_was_shown_no_plan(scene: Scene) -> None:
    """Approved and merged before its job had come that far."""
    scene.on_pull("plan")
    scene.push(manifest("Spring", "Donors", send_at=MARCH_9))
    approve(scene)
    scene.merge()
    refused(scene, scene.on_main("apply"), "was not shown the plan of its last commit")
    assert "## Waiting for approval" in scene.hub.bodies(7)[1]
    approve(scene)
    assert scene.on_main("apply").done.code == 0


def test_the_history_of_the_comment_is_not_told(approved: Scene) -> None:
    """Then it cannot be established when the last plan was shown."""
    stopped(approved)
    approved.hub.lacking.add("history:read")
    step = approved.on_main("apply")
    assert (step.done.code, approved.stage.effects()) == (6, [])
    assert any("cannot be established" in one for one in step.said("error"))
    approved.hub.lacking.clear()
    applied(approved, approved.on_main("apply"))


# What was approved is what is sent.


def test_the_plan_became_irreversible_after_the_approval(scene: Scene) -> None:
    """It counts as new: it is posted anew, and only an approval after that lets it through."""
    recall = manifest("Recall", "Members", send_at="now")
    ahead = scene.stage.world.now.replace(day=20)
    scene.stage.world.add_campaign("Recall", lists=[list_id_of("Members")], scheduled=ahead)
    scene.push(recall)
    scene.on_pull("plan")
    approve(scene)
    scene.merge()
    for one in tuple(scene.stage.world.activities.values()):
        scene.stage.world.put_activity(replace(one, status="DRAFT", scheduled=None))
    hand = {"GITHUB_EVENT_NAME": "workflow_dispatch"}
    plan = scene.on_main("plan", *NOW, **hand)
    assert plan.outputs["irreversible"] == "true"
    how = (plan.outputs["plan-file"], "--checksum", plan.outputs["checksum"])
    refused(scene, scene.on_main("apply", *how, **hand), "this one cannot")
    old, new = scene.hub.bodies(7)
    assert "This plan is out of date" in old
    assert "## Waiting for approval to send" in new
    approve(scene)
    assert scene.on_main("apply", *how, **hand).done.code == 0
    assert scene.stage.sent("Recall")


def test_an_approved_change_does_not_carry_another_of_its_file(scene: Scene) -> None:
    """The file is not what bob has seen: eve's part of it was merged in between."""
    scene.stage.write(SPRING + "tags: [a]\n", name="one.yaml")
    scene.hub.push(7, scene.commit())
    scene.on_pull("plan")
    approve(scene)
    seen = scene.head()
    scene.git("checkout", "--quiet", "-b", "side", f"{seen}^")
    scene.stage.world.add_campaign("Sneaked")
    text = "---\n" + manifest("Sneaked", "Donors", send_at=MARCH_9)
    with (scene.stage.folder / "campaigns" / "one.yaml").open("a", encoding="utf-8") as file:
        file.write(text)
    sneaked = scene.commit()
    scene.hub.add_pull(8, author="eve", head=sneaked)
    scene.hub.push(8, sneaked)
    scene.hub.merge(8, sneaked)
    scene.git("checkout", "--quiet", "-B", "main", "side")
    scene.stage.write(SPRING + "tags: [a]\n", text.removeprefix("---\n"))
    scene.merge()
    refused(scene, scene.on_main("apply"), "#8, which changed campaigns/one.yaml")
    scene.on_pull("plan", number=8)
    scene.hub.pulls[8]["merged_at"] = None
    scene.on_pull("plan", number=8)
    scene.hub.merge(8, sneaked)
    approve(scene, "cleo", 8)
    assert scene.on_main("apply").done.code == 0


def test_a_merge_that_takes_an_old_side_hides_nothing(approved: Scene) -> None:
    """What was approved once, and taken back since, is not brought back by a clever merge."""
    old = approved.head()
    another(
        approved,
        8,
        "ann",
        lambda: approved.stage.write(manifest("Spring", "Members", send_at="unscheduled")),
    )
    approve(approved, "bob", 8)
    approved.merge(8)
    tip = approved.head()
    approved.git("checkout", "--quiet", "-b", "side", old)
    approved.git("merge", "--quiet", "-s", "ours", "-m", "x", tip)
    head = approved.head()
    approved.git("checkout", "--quiet", "main")
    approved.git("merge", "--quiet", "--no-ff", "-m", "x", "side")
    approved.hub.add_pull(9, author="eve", head=head)
    approved.hub.push(9, head)
    approved.hub.merge(9, approved.head())
    refused(approved, approved.on_main("apply"), "#9, which changed campaigns/one.yaml")


def test_a_commit_of_long_ago_hides_nothing(approved: Scene) -> None:
    """Its date is whatever its author wrote; the order of the branch is not."""
    base = approved.head()
    approved.git("checkout", "--quiet", "-b", "side")
    approved.stage.write(manifest("Spring", "Donors", send_at=MARCH_9))
    approved.git("add", "campaigns")
    approved.git("-c", "user.name=E", "commit", "--quiet", "--date=1980-01-01T00:00:00Z", "-m", "x")
    head = approved.head()
    approved.git("checkout", "--quiet", "-B", "main", base)
    approved.git("merge", "--quiet", "--no-ff", "-m", "x", "side")
    approved.hub.add_pull(9, author="eve", head=head)
    approved.hub.push(9, head)
    approved.hub.merge(9, approved.head())
    refused(approved, approved.on_main("apply"), "#9, which changed campaigns/one.yaml")


def test_the_lock_was_taken_away(scene: Scene) -> None:
    """Then names would mean what they mean today: that needs approval like any change of it."""
    assert scene.stage.run("lock").code == 0
    scene.git("add", "ccops.lock")
    scene.push(SPRING)
    scene.on_pull("plan")
    approve(scene)
    scene.merge()
    (scene.stage.folder / "ccops.lock").unlink()
    scene.git("rm", "--quiet", "--cached", "ccops.lock")
    scene.commit()
    refused(scene, scene.on_main("apply"), "ccops.lock was last changed by")


def test_a_plan_of_another_commit(approved: Scene) -> None:
    """A saved plan is applied for the commit that it was made for."""
    plan = approved.on_main("plan")
    how = (plan.outputs["plan-file"], "--checksum", plan.outputs["checksum"])
    approved.merge()
    refused(approved, approved.on_main("apply", *how), "the plan was made for another commit")


# Who wrote it.


@pytest.mark.parametrize(
    "trailer",
    [
        "Co-authored-by: Bob <7+bob@users.noreply.github.com>",
        "co-authored-by: B <bob@users.noreply.github.com>",
        "Co-Authored-By: Bob <cleo@example.org>\nCo-authored-by: x <bob@users.noreply.github.com>",
    ],
)
def test_a_co_author_cannot_approve(scene: Scene, trailer: str) -> None:
    """Whom only the message names has written it all the same."""
    scene.hub.messages[7] = f"words\n\n{trailer}"
    scene.on_pull("plan")
    approve(scene)
    scene.merge()
    refused(scene, scene.on_main("apply"), "is not approved by any approver who did not write it")


def test_more_commits_than_github_tells_of(scene: Scene) -> None:
    """Then it cannot be established who wrote them."""
    scene.hub.people[7] = ["ann"] * (MOST_COMMITS + 1)
    scene.on_pull("plan")
    approve(scene)
    scene.merge()
    refused(scene, scene.on_main("apply"), "cannot be established")


def test_who_wrote_it_may_still_ask_for_changes(scene: Scene) -> None:
    """An approver who cannot approve can forbid."""
    scene.hub.people[7] = ["ann", "cleo"]
    scene.on_pull("plan")
    approve(scene)
    scene.hub.add_review(7, "cleo", "CHANGES_REQUESTED", scene.hub.pulls[7]["head"]["sha"])
    scene.merge()
    refused(scene, scene.on_main("apply"), "has changes requested")


def test_an_app_cannot_approve(scene: Scene) -> None:
    """Nor can its review stand for anybody's."""
    scene.on_pull("plan")
    approve(scene, BOT)
    approve(scene, "bob[bot]")
    scene.merge()
    refused(scene, scene.on_main("apply"), "is not approved")


@pytest.mark.parametrize("lacking", ["contents:read", "pulls:read"])
def test_a_token_that_may_not_look(approved: Scene, lacking: str) -> None:
    """What it may not see is missing."""
    approved.hub.lacking.add(lacking)
    step = approved.on_main("apply")
    assert (step.done.code, step.outputs["status"], approved.stage.writes()) == (6, "blocked", [])


# When, and how.


def test_an_old_job_that_is_run_again(scene: Scene) -> None:
    """It would bring back what a later commit took away, with or without approvers."""
    approvers(scene, "")()
    scene.git("checkout", "--quiet", "--orphan", "fresh")
    scene.git("branch", "--quiet", "-D", "main")
    scene.git("branch", "--quiet", "-m", "main")
    old = scene.commit()
    scene.stage.write(manifest("Spring", "Members", send_at="unscheduled"))
    scene.commit()
    scene.git("checkout", "--quiet", old)
    step = scene.on_main("apply")
    assert (step.done.code, step.outputs["status"], scene.stage.writes()) == (7, "stale", [])
    assert "campaigns/one.yaml has changed on main" in step.said("error")[0]


def test_a_later_commit_of_something_else_holds_nobody_up(approved: Scene) -> None:
    """Only what the plan rests on matters."""
    mine = approved.head()
    (approved.stage.folder / "README.md").write_text("words\n", "utf-8")
    approved.git("add", "README.md")
    approved.commit()
    approved.git("checkout", "--quiet", mine)
    applied(approved, approved.on_main("apply"))


def test_a_file_that_no_commit_brought(approved: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git cannot find was approved by nobody."""
    monkeypatch.setattr("ccops.session.ci.approval.history_of", lambda *_: ())
    refused(approved, approved.on_main("apply"), "no commit of this branch brought ccops.yaml")


def test_a_pull_request_is_not_applied(scene: Scene) -> None:
    """Nobody has merged it yet; the account is not even asked."""
    scene.on_pull("plan")
    approve(scene)
    before = len(scene.stage.world.requests)
    step = scene.on_pull("apply")
    assert (step.done.code, len(scene.stage.world.requests)) == (3, before)
    assert "CC233" in step.done.err


@pytest.mark.parametrize("how", ["yes", "checksum"])
def test_an_apply_by_hand_looks_for_no_approval(approved: Scene, how: str) -> None:
    """So it is refused where nobody can be asked, whatever else was agreed to."""
    plan = approved.on_main("plan")
    words = {
        "yes": ("--yes",),
        "checksum": (plan.outputs["plan-file"], "--checksum", plan.outputs["checksum"]),
    }
    done = approved.stage.run("apply", *words[how])
    assert (done.code, approved.stage.writes()) == (6, [])
    assert "CC484" in done.err
    assert approved.stage.run("apply", "--dry-run").code == 0


def test_the_brake_works_by_hand(approved: Scene) -> None:
    """To take a send back, nobody's approval is asked for."""
    ahead = approved.stage.world.now.replace(day=20)
    approved.stage.world.add_campaign("Off", lists=[list_id_of("Members")], scheduled=ahead)
    approved.stage.write(manifest("Off", "Members", send_at="unscheduled"))
    assert approved.stage.run("apply", "--yes").code == 0
    assert approved.stage.effects() == ["DELETE Off"]


@pytest.mark.parametrize(("typed", "code"), [("Sandbox", 0), ("yes", 6)])
def test_a_person_may_apply_by_hand(approved: Scene, typed: str, code: int) -> None:
    """Who types the account's name knows that nobody has looked for an approval."""
    name = approved.stage.world.account.organization_name
    done = at_terminal(
        approved.stage, "apply", "--yes", typed=f"{typed.replace('Sandbox', name)}\n\x04"
    )
    assert "ccops.yaml asks for approval by bob or cleo" in done.err
    assert (done.code == code, bool(approved.stage.effects())) == (True, code == 0)
