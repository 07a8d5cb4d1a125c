"""From the pull request to the receipt, in order: one story, and the three ways in which it differs.

GitHub is a server that asks for a token, a permission and a page number; the branch, the pull
request and the merge are git's own.
"""

from dataclasses import replace

import pytest

from ccops.planning.review import Mark, read_mark
from ccops.sandbox.ids import list_id_of
from tests.ci.runner import MARCH_9, Scene, Step
from tests.e2e.stage import manifest
from tests.forge.github_double import BOT

SPRING = manifest("Spring", "Members", send_at=MARCH_9)
RECALL = manifest("Recall", "Members", send_at="now")
ALLOWED = ("--allow", "send-now=Recall", "--reason", "a wrong price")
APPLIED = ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]


class Story:
    """Ann proposes, bob may approve, eve may write to the repository; main is behind a merge.

    Pull request 1 said who may approve.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene, self.hub, self.stage = scene, scene.hub, scene.stage
        self.hub.pulls.clear()
        self.hub.commits.clear()
        self.begin()
        scene.settings("approvers: [bob]")
        self.open(manifest("Spring", "Members", send_at="unscheduled"), number=1)
        scene.on_pull("plan", number=1)
        self.approve(number=1)
        self.merge(number=1)
        self.first = self.begin()
        self.hub.log.clear()

    def begin(self) -> str:
        """Begin a branch where main is, and return which commit that is."""
        self.scene.git("checkout", "--quiet", "-B", "change", "main")
        return self.scene.head()

    def open(self, *campaigns: str, number: int = 7, fork: bool = False) -> None:
        """Open the pull request with its first commit."""
        self.hub.add_pull(number, author="ann", head=self.scene.head(), fork=fork)
        self.hub.people[number] = ["ann"]
        self.push(*campaigns, number=number)

    def push(self, *campaigns: str, number: int = 7) -> None:
        """Push another commit to it."""
        self.scene.push(*campaigns, number=number)

    def approve(self, who: str = "bob", number: int = 7) -> None:
        """Approve what is there now."""
        self.hub.add_review(number, who, "APPROVED", self.hub.pulls[number]["head"]["sha"])

    def merge(self, number: int = 7) -> None:
        """Merge it into main."""
        self.scene.git("checkout", "--quiet", "main")
        self.scene.git("merge", "--quiet", "--no-ff", "-m", "merged", "change")
        self.hub.merge(number, self.scene.head())

    def plan(self, event: str = "push") -> tuple[Step, tuple[str, ...]]:
        """Plan main: what its job says, and how it is applied."""
        before = f"changed:{self.first}"
        step = self.scene.on_main("plan", "--select", before, GITHUB_EVENT_NAME=event)
        return step, (step.outputs["plan-file"], "--checksum", step.outputs["checksum"])

    def mark(self, at: int = -1, number: int = 7) -> Mark:
        """What a comment says of itself."""
        found = read_mark(self.hub.bodies(number)[at])
        assert found is not None
        return found

    def title(self, at: int = -1, number: int = 7) -> str:
        """The first line of a comment that people see."""
        return self.hub.bodies(number)[at].split("\n")[1]

    def told(self) -> list[str]:
        """What GitHub was asked to change, in order."""
        return [method for method, _ in self.hub.writes()]


@pytest.fixture
def story(scene: Scene) -> Story:
    return Story(scene)


def test_from_the_pull_request_to_the_receipt(story: Story) -> None:
    """Opened, pushed, riskier, harmless again, approved, merged, planned, applied, applied again."""
    scene, hub = story.scene, story.hub

    story.open(manifest("Spring", "Donors", send_at=MARCH_9))
    step = scene.on_pull("plan", "--select", f"changed:{story.first}")
    assert (step.done.code, step.outputs["status"], story.told()) == (0, "changes", ["POST"])
    assert (story.mark().risk, "`Donors`" in hub.bodies(7)[0]) == ("R1", True)

    story.push(SPRING)
    scene.on_pull("plan", "--select", f"changed:{story.first}")
    assert story.told() == ["POST", "PATCH"]
    assert ("`Members`" in hub.bodies(7)[0], "`Donors`" in hub.bodies(7)[0]) == (True, False)

    story.stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    story.push(SPRING, RECALL)
    step = scene.on_pull("plan", "--select", f"changed:{story.first}", *ALLOWED)
    assert (step.outputs["irreversible"], story.told()[2:]) == ("true", ["POST", "PATCH"])
    assert hub.bodies(7)[0].endswith(f"#issuecomment-{max(hub.comments)}).")
    assert story.mark().risk == "R3"

    story.approve()  # too early: the plan changes once more
    story.push(SPRING)
    scene.on_pull("plan", "--select", f"changed:{story.first}")
    assert (story.mark().risk, len(hub.bodies(7))) == ("R1", 2)
    reviewed = story.mark()

    story.merge()
    step, how = story.plan()
    assert (step.done.code, step.outputs["checksum"]) == (0, reviewed.checksum)
    assert step.page.startswith("**The same as reviewed in #7.**")

    step = scene.on_main("apply", *how)
    assert (step.done.code, step.outputs["status"]) == (6, "blocked")
    assert story.title() == "## Waiting for approval to send"
    assert story.stage.writes() == []

    story.approve()
    step = scene.on_main("apply", *how)
    assert (step.done.code, step.outputs["status"]) == (0, "applied")
    assert story.stage.effects() == APPLIED
    assert story.title() == "## ccops apply: Applied"
    assert story.mark() == replace(reviewed, applied=True)

    step = scene.on_main("apply", "--select", "state:scheduled")
    assert (step.done.code, step.outputs["changes"]) == (0, "false")
    assert (story.stage.effects(), len(hub.bodies(7))) == (APPLIED, 2)
    assert all(path.startswith("/repos/acme/email/issues/") for _, path in hub.writes())


STYLES = {
    "merge": ("merge", "--quiet", "--no-ff", "-m", "merged", "change"),
    "squash": ("merge", "--quiet", "--squash", "change"),
    "rebase": ("merge", "--quiet", "--ff-only", "change"),
}


@pytest.mark.parametrize("style", STYLES)
def test_however_it_is_merged(story: Story, style: str) -> None:
    """As a merge, as one commit, or as its own commits: the approval is of what stands there."""
    scene = story.scene
    story.open(manifest("Spring", "Donors", send_at=MARCH_9))
    story.push(SPRING)
    scene.on_pull("plan", "--select", f"changed:{story.first}")
    story.approve()
    scene.git("checkout", "--quiet", "main")
    scene.git(*STYLES[style])
    if style == "squash":
        scene.git("commit", "--quiet", "-m", "merged")
    story.hub.merge(7, scene.head())
    _, how = story.plan()
    assert scene.on_main("apply", *how).done.code == 0
    assert story.stage.effects() == APPLIED


def test_two_in_one_push(story: Story) -> None:
    """As a merge queue pushes them: each needs its own approval, and both are sent."""
    scene = story.scene
    story.stage.world.add_campaign("Other")
    story.open(SPRING)
    scene.on_pull("plan", "--select", f"changed:{story.first}")
    story.approve()
    story.merge()
    story.begin()
    story.hub.add_pull(8, author="eve", head=scene.head())
    other = manifest("Other", "Members", send_at=MARCH_9)
    story.stage.write(other, name="two.yaml")
    story.hub.push(8, scene.commit())
    scene.on_pull("plan", "--select", f"changed:{story.hub.pulls[7]['head']['sha']}", number=8)
    story.merge(8)
    _, how = story.plan()
    step = scene.on_main("apply", *how)
    assert (step.done.code, story.stage.writes()) == (6, [])
    assert "#8, which changed campaigns/two.yaml" in step.page
    story.approve(number=8)
    assert scene.on_main("apply", *how).done.code == 0
    assert len(story.stage.effects()) == 4


def test_from_a_fork(story: Story) -> None:
    """It gets no secret and writes nothing; after the merge its plan is shown for the first time."""
    scene, hub = story.scene, story.hub
    before = len(story.stage.world.requests)
    story.open(SPRING, number=8, fork=True)
    hub.readers.add(BOT)
    stranger = {"CCOPS_ACCESS_TOKEN": ""}
    assert scene.on_pull("validate", number=8, **stranger).done.code == 0
    compared = story.stage.run("plan", "--offline", "--base", story.first)
    assert "send_at" in compared.out
    step = scene.on_pull("plan", number=8, **stranger)
    assert (step.done.code, step.outputs["changes"], hub.bodies(8)) == (4, "false", [])
    assert (len(story.stage.world.requests), hub.log) == (before, [])
    story.approve(number=8)
    hub.readers.clear()

    story.merge(number=8)
    step, how = story.plan()
    step = scene.on_main("apply", *how)
    assert (step.done.code, story.stage.writes()) == (6, [])
    assert "was never shown a plan of this account" in step.page
    assert story.title(number=8) == "## Waiting for approval to send"

    story.approve(number=8)
    assert scene.on_main("apply", *how).done.code == 0
    assert story.stage.effects() == APPLIED
    assert story.title(number=8) == "## ccops apply: Applied"


def test_with_a_stale_plan(story: Story) -> None:
    """The account moved between plan and apply: nothing is written, and a new plan is needed."""
    scene = story.scene
    story.open(SPRING)
    scene.on_pull("plan", "--select", f"changed:{story.first}")
    story.approve()
    story.merge()
    _, how = story.plan()
    for one in tuple(story.stage.world.activities.values()):
        moved = replace(one, contact_list_ids=(list_id_of("Board"),))
        story.stage.world.put_activity(moved)
    step = scene.on_main("apply", *how)
    assert (step.done.code, step.outputs["status"], story.stage.writes()) == (7, "stale", [])
    assert story.title().startswith("## ccops apply: Stopped after 0 of 1 campaign")

    step, again = story.plan("workflow_dispatch")
    assert step.page.startswith("**Not the same as reviewed in #7, and no riskier.**")
    assert again[2] != how[2]
    step = scene.on_main("apply", *again, GITHUB_EVENT_NAME="workflow_dispatch")
    assert (step.done.code, story.stage.effects()) == (0, APPLIED)
    assert story.title() == "## ccops apply: Applied"


def test_with_an_edited_comment(story: Story) -> None:
    """No text is an approval: not in our comment, not in a copy of it, not in anybody's words."""
    scene, hub = story.scene, story.hub
    story.open(SPRING)
    scene.on_pull("plan", "--select", f"changed:{story.first}")
    number = max(hub.comments)
    mine = hub.bodies(7)[0]
    hub.add_comment(7, "bob", "Approved! LGTM :shipit: /approve")
    hub.add_comment(7, "eve", mine.replace("{", '{"approved":"bob",', 1))
    hub.edit_comment(number, f"{mine}\n\n> [!NOTE]\n> **Approved by @bob**", "eve")
    story.merge()
    hub.edit_comment(number, f"{hub.bodies(7)[0]}\n\n**Approved by @bob after the merge**", "eve")
    _, how = story.plan()
    step = scene.on_main("apply", *how)
    assert (step.done.code, story.stage.writes()) == (6, [])
    assert "#7, which changed campaigns/one.yaml, is not approved by any approver" in step.page
    assert "Approved by @bob" not in hub.bodies(7)[0]
    assert "Approved" in hub.bodies(7)[1]

    story.approve()
    assert scene.on_main("apply", *how).done.code == 0
    assert story.stage.effects() == APPLIED
