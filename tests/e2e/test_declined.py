"""A question that is declined or answered wrongly: nothing is done, and that is said."""

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import Stage, manifest
from tests.e2e.terminal import at_terminal

NOW = ("--allow", "send-now=Recall", "--reason", "the handle can break")


@pytest.fixture
def recall(stage: Stage) -> Stage:
    """A campaign that is to be sent at once."""
    stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    stage.write(manifest("Recall", "Members", send_at="now"))
    return stage


@pytest.fixture
def draft(stage: Stage) -> Stage:
    """A campaign that is to be scheduled."""
    stage.world.add_campaign("Spring", lists=[list_id_of("Members")])
    stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
    return stage


@pytest.mark.parametrize("typed", ["n\n", "\n"])
def test_a_no(draft: Stage, typed: str) -> None:
    """Apply: the last line says that nothing was written."""
    done = at_terminal(draft, "apply", typed=typed)
    assert (done.code, draft.writes()) == (6, [])
    assert done.err.endswith("Nothing was written.\n")


def test_another_campaigns_name(recall: Stage) -> None:
    """A send that cannot be recalled: what was typed stands beside what was asked for."""
    done = at_terminal(recall, "apply", *NOW, typed="recall\n")
    assert (done.code, recall.writes()) == (6, [])
    assert "Nothing was sent: 'recall' was typed, and not 'Recall'.\n" in done.err


def test_another_name_for_a_saved_plan(recall: Stage) -> None:
    """The same for a plan from a file, without its checksum."""
    assert recall.run("plan", *NOW, "--save", "plan.json").code == 0
    done = at_terminal(recall, "apply", "plan.json", typed="yes\n")
    assert (done.code, recall.writes()) == (6, [])
    assert "Nothing was sent: 'yes' was typed, and not 'Recall'." in done.err


def test_the_name_itself(recall: Stage) -> None:
    """And with it, it is sent."""
    done = at_terminal(recall, "apply", *NOW, typed="Recall\n")
    assert (done.code, recall.writes()) == (0, ["POST Recall 0"])
    assert "Nothing was sent" not in done.err


def test_another_account(draft: Stage) -> None:
    """Without an approval, the account's name is asked for."""
    with (draft.folder / "ccops.yaml").open("a", encoding="utf-8") as file:
        file.write("approvers: [bob]\n")
    done = at_terminal(draft, "apply", "--yes", typed="yes\n")
    assert (done.code, draft.writes()) == (6, [])
    name = draft.world.account.organization_name
    assert f"Nothing was sent: 'yes' was typed, and not {name!r}." in done.err


def test_other_words_than_halt_all(draft: Stage) -> None:
    """Whoever wanted to halt must not believe that it is done."""
    assert draft.run("apply", "--yes").code == 0
    written = draft.writes()
    done = at_terminal(draft, "halt", "--reason", "wrong link", typed="halt\x1b[2J\n")
    assert (done.code, draft.writes()) == (6, written)
    assert "Nothing was halted: 'halt" in done.err
    assert "was typed, and not 'halt all'." in done.err
