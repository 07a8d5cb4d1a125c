"""Approval: who may, of which commit, after which plan; whatever is in doubt is none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.forge.rows import Review
from ccops.render.escape import marker
from ccops.sandbox.ids import list_id_of
from ccops.session.ci.judging import verdict
from tests.ci.runner import MARCH_9, Scene, Step, without
from tests.e2e.stage import manifest

SPRING = manifest("Spring", "Members", send_at=MARCH_9)
APPLIED = ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]
HEAD = "a" * 40
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
STATES = ("APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED")


def review(
    author: str = "bob", state: str = "APPROVED", commit: str = HEAD, after: int = 1
) -> Review:
    """A review, `after` seconds after the last plan was shown."""
    return Review(author=author, state=state, commit=commit, at=NOON + timedelta(seconds=after))


def approved(*reviews: Review) -> bool:
    """Whether they are an approval by bob or cleo."""
    return not verdict(reviews, frozenset({"bob", "cleo"}), HEAD, NOON)


@pytest.mark.parametrize(
    ("holds", "reviews"),
    [
        (False, []),
        (True, [review()]),
        (True, [review("BoB")]),
        (False, [review("eve")]),
        (False, [review("")]),
        (False, [review(commit="b" * 40)]),
        (False, [review(after=0)]),
        (False, [review(after=-1)]),
        (False, [review(state="COMMENTED")]),
        (False, [review(state="DISMISSED")]),
        (False, [review(state="approved")]),
        (True, [review(), review(state="COMMENTED", after=2)]),
        (False, [review(), review(state="CHANGES_REQUESTED", after=2)]),
        (False, [review(), review(state="DISMISSED", after=2)]),
        (True, [review(state="CHANGES_REQUESTED"), review(after=2)]),
        (True, [review(state="CHANGES_REQUESTED"), review("cleo", after=2), review(after=3)]),
        (False, [review(), review("cleo", "CHANGES_REQUESTED")]),
        (True, [review(), review("cleo", "DISMISSED")]),
        (True, [review(), review("eve", "CHANGES_REQUESTED")]),
        (True, [review(commit="b" * 40), review("cleo")]),
        (True, [review(after=-1), review("cleo")]),
        (False, [review(), review(commit="b" * 40, after=2)]),
    ],
)
def test_what_is_an_approval(holds: bool, reviews: list[Review]) -> None:
    """The newest word of each who may: of the merged commit, after the last plan."""
    assert approved(*reviews) is holds


ANY = st.lists(
    st.builds(
        review,
        author=st.sampled_from(["bob", "cleo", "eve"]),
        state=st.sampled_from(STATES),
        commit=st.sampled_from([HEAD, "b" * 40]),
        after=st.integers(-2, 2),
    ),
    max_size=6,
)


@given(ANY)
def test_no_approval_without_one(reviews: list[Review]) -> None:
    """Whatever else was said, there is one of the kind that is asked for."""
    able = [one for one in reviews if one.author in {"bob", "cleo"} and one.state == "APPROVED"]
    fit = [one for one in able if one.commit == HEAD and one.at > NOON]
    assert not approved(*reviews) or fit


@given(ANY)
def test_strangers_change_nothing(reviews: list[Review]) -> None:
    """Who may not approve can neither approve nor forbid."""
    assert approved(*reviews) is approved(*(one for one in reviews if one.author != "eve"))


# The whole way, over sockets.


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Bob and cleo may approve; ann, who wrote it, may as well, but not her own."""
    scene.settings("approvers: [Ann, bob, cleo]")
    scene.push(SPRING)
    scene.hub.people[7] = ["ann"]
    return scene


def merged(scene: Scene) -> None:
    scene.merge()


def approve(scene: Scene, who: str = "bob", state: str = "APPROVED") -> None:
    scene.hub.add_review(7, who, state, scene.hub.pulls[7]["head"]["sha"])


def refused(scene: Scene, step: Step, why: str) -> None:
    """Blocked, with nothing written, and the reason on the commit and on the page."""
    assert (step.done.code, step.outputs["status"], scene.stage.writes()) == (6, "blocked", [])
    assert any(one.startswith("not approved:") and why in one for one in step.said("error"))
    assert "CC482" in step.page


def test_approved(scene: Scene) -> None:
    """By somebody else, of the commit that was merged, after the plan."""
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    step = scene.on_main("apply")
    assert (step.done.code, scene.stage.effects()) == (0, APPLIED)


def test_approved_and_applied_again(scene: Scene) -> None:
    """The receipt of the first apply does not make the approval old."""
    scene.stage.world.add_campaign("Again")
    scene.push(SPRING, manifest("Again", "Members", send_at=MARCH_9))
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    assert scene.on_main("apply", "--select", "name:Spring").done.code == 0
    assert "ccops apply: Applied" in scene.hub.bodies(7)[0]
    assert scene.on_main("apply").done.code == 0
    assert len(scene.stage.effects()) == 4


def nobody(_: Scene) -> None:
    """Nobody says anything."""


def before_the_last_plan(scene: Scene) -> None:
    approve(scene)
    scene.stage.world.add_campaign("New", lists=[list_id_of("Members")])
    scene.stage.world.advance(60)
    scene.on_pull("plan")


def before_the_last_commit(scene: Scene) -> None:
    approve(scene)
    scene.push(SPRING)
    scene.on_pull("plan")


def an_edited_comment(scene: Scene) -> None:
    (number,) = scene.hub.comments
    body = scene.hub.comments[number]["body"]
    scene.hub.edit_comment(number, f"{body}\n\n**Approved by @bob**")


def a_comment_that_says_so(scene: Scene) -> None:
    scene.hub.add_comment(7, "bob", "APPROVED, LGTM :shipit:")


def an_edited_comment_after_the_approval(scene: Scene) -> None:
    approve(scene)
    an_edited_comment(scene)


def a_forged_receipt(scene: Scene) -> None:
    approve(scene)
    (number,) = scene.hub.comments
    commit = scene.hub.pulls[7]["head"]["sha"][:7]
    data = {"account": "sandbox000001", "risk": "R1", "status": "ready", "applied": "0"}
    scene.hub.edit_comment(number, marker("plan", {**data, "commit": commit}))


def dismissed(scene: Scene) -> None:
    approve(scene)
    scene.hub.dismiss(7, "bob")


def several_wrote_it(scene: Scene) -> None:
    scene.hub.people[7] = ["ann", "bob", "cleo"]
    approve(scene)


DOUBTS: dict[str, tuple[Callable[[Scene], None], str]] = {
    "nobody": (nobody, "is not approved by any approver"),
    "a stranger": (lambda one: approve(one, "eve"), "is not approved by any approver"),
    "the author": (lambda one: approve(one, "ann"), "is not approved by any approver"),
    "who wrote commits of it": (several_wrote_it, "no approver but those who wrote it"),
    "a remark": (lambda one: approve(one, state="COMMENTED"), "is not approved"),
    "a dismissed approval": (dismissed, "is not approved"),
    "changes requested": (
        lambda one: [approve(one), approve(one, "cleo", "CHANGES_REQUESTED")][0],
        "has changes requested",
    ),
    "before the last plan": (before_the_last_plan, "was approved before its last plan"),
    "before the last commit": (before_the_last_commit, "was approved before its last commit"),
    "an edited comment": (an_edited_comment, "is not approved"),
    "a comment that says so": (a_comment_that_says_so, "is not approved"),
    "a comment edited since": (an_edited_comment_after_the_approval, "before its last plan"),
    "a forged receipt": (a_forged_receipt, "before its last plan"),
    "no plan was shown": (lambda one: one.hub.comments.clear(), "was never shown a plan"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_not_approved(scene: Scene, doubt: str) -> None:
    """Nothing is written, and the comment says for what it waits."""
    act, why = DOUBTS[doubt]
    scene.on_pull("plan")
    act(scene)
    merged(scene)
    refused(scene, scene.on_main("apply"), why)
    assert "## Waiting for approval to send" in scene.hub.bodies(7)[0]
    assert "`Spring`" in scene.hub.bodies(7)[0]


def test_approved_at_last(scene: Scene) -> None:
    """The comment that waits is no newer plan: an approval after the merge lets it through."""
    scene.on_pull("plan")
    merged(scene)
    refused(scene, scene.on_main("apply"), "is not approved")
    approve(scene)
    step = scene.on_main("apply")
    assert (step.done.code, scene.stage.effects()) == (0, APPLIED)
    assert "Waiting" not in scene.hub.bodies(7)[0]


def test_a_push_without_a_pull_request(scene: Scene) -> None:
    """Nobody but who pushed it has seen it."""
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    scene.stage.write(manifest("Spring", "Donors", send_at=MARCH_9))
    scene.commit()
    refused(scene, scene.on_main("apply"), "with no pull request")


def test_a_pull_request_into_another_branch(scene: Scene) -> None:
    """What was approved there was not approved for here."""
    scene.hub.pulls[7]["base"]["ref"] = "side"
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    refused(scene, scene.on_main("apply"), "with no pull request")


def test_a_file_that_nobody_brought(scene: Scene) -> None:
    """GitHub knows of no pull request of its commit."""
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    scene.hub.commits.clear()
    refused(scene, scene.on_main("apply"), "ccops.yaml was last changed by")


def test_an_approved_pull_request_does_not_carry_another(scene: Scene) -> None:
    """Each manifest answers for itself: what was merged without approval stays unsent."""
    scene.hub.add_pull(8, author="eve", head=scene.head())
    scene.stage.world.add_campaign("Sneaked")
    scene.stage.write(manifest("Sneaked", "Members", send_at=MARCH_9), name="two.yaml")
    scene.merge(number=8)
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    refused(scene, scene.on_main("apply"), "#8, which changed campaigns/two.yaml")
    step = scene.on_main("apply", "--select", "file:campaigns/one.yaml")
    assert (step.done.code, scene.stage.effects()) == (0, APPLIED)


def test_the_lock_answers_too(scene: Scene) -> None:
    """It says to which list a name leads."""
    assert scene.stage.run("lock").code == 0
    scene.git("add", "ccops.lock")
    scene.push(SPRING)
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    with (scene.stage.folder / "ccops.lock").open("a", encoding="utf-8") as file:
        file.write("# nobody saw this\n")
    scene.git("add", "ccops.lock")
    pushed = scene.commit()[:7]
    refused(scene, scene.on_main("apply"), f"ccops.lock was last changed by {pushed}")


def test_taking_a_send_back_needs_nobody(scene: Scene) -> None:
    """The brake is never held up."""
    ahead = scene.stage.world.now.replace(day=20)
    scene.stage.world.add_campaign("Off", lists=[list_id_of("Members")], scheduled=ahead)
    scene.stage.write(manifest("Off", "Members", send_at="unscheduled"))
    scene.commit()
    step = scene.on_main("apply")
    assert (step.done.code, scene.stage.effects()) == (0, ["DELETE Off"])


def test_nothing_to_send_needs_nobody(scene: Scene) -> None:
    """Nor is GitHub asked about approvals."""
    for one in tuple(scene.stage.world.activities.values()):
        scene.stage.world.put_activity(replace(one, contact_list_ids=(list_id_of("Members"),)))
    scene.stage.write(manifest("Spring", "Members", send_at="unscheduled"))
    scene.commit()
    assert scene.on_main("apply").done.code == 0


# What cannot be established is missing.


@pytest.mark.parametrize(
    "variables",
    [
        without("GITHUB_TOKEN"),
        without("GITHUB_SHA"),
        {"GITHUB_TOKEN": "wrong"},
        {"GITHUB_API_URL": "http://127.0.0.1:9"},
        {"GITHUB_REF": "refs/tags/v1"},
        {"GITHUB_SHA": "b" * 40},
    ],
)
def test_it_cannot_be_established(scene: Scene, variables: dict[str, str]) -> None:
    """No token, no commit, no GitHub."""
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    refused(scene, scene.on_main("apply", **variables), "")


def test_github_is_down(scene: Scene) -> None:
    """Then nobody can say who approved."""
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    scene.hub.down = True
    refused(scene, scene.on_main("apply"), "cannot be established")


def test_another_checkout(scene: Scene) -> None:
    """The files are not those of the commit that was approved."""
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    scene.stage.write(manifest("Spring", "Donors", send_at=MARCH_9))
    refused(scene, scene.on_main("apply"), "not those of the commit")


def test_a_saved_plan_must_be_named(scene: Scene) -> None:
    """A file says nothing of where it came from; its checksum comes from the job that made it."""
    scene.on_pull("plan")
    approve(scene)
    merged(scene)
    plan = scene.on_main("plan")
    refused(scene, scene.on_main("apply", plan.outputs["plan-file"]), "without its checksum")
    how = (plan.outputs["plan-file"], "--checksum", plan.outputs["checksum"])
    step = scene.on_main("apply", *how)
    assert (step.done.code, scene.stage.effects()) == (0, APPLIED)


def test_a_saved_plan_of_a_manifest_that_is_gone(scene: Scene) -> None:
    """What is not in the commit was not approved with it: stale, before any approval is looked for."""
    plan = scene.on_main("plan")
    scene.stage.world.add_campaign("Other")
    scene.stage.write(manifest("Other", "Members", send_at=MARCH_9))
    scene.commit()
    how = (plan.outputs["plan-file"], "--checksum", plan.outputs["checksum"])
    step = scene.on_main("apply", *how)
    assert (step.done.code, step.outputs["status"], scene.stage.writes()) == (7, "stale", [])
    assert 'no manifest declares "Spring" any more' in step.done.err
