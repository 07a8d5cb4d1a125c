"""`now` cannot be recalled: it leaves once, as "0", and only with its own permission."""

import json
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import Stage, manifest
from tests.e2e.terminal import at_terminal

ALLOW = ("--allow", "send-now=Recall", "--reason", "The handle can break")
SENT_ONCE = ["POST Recall 0"]


@pytest.fixture
def recall(stage: Stage) -> Stage:
    """A draft that is to be sent now, to the recipients that it has already."""
    stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    stage.write(manifest("Recall", "Members", send_at="now"))
    return stage


def saved(stage: Stage, *flags: str) -> str:
    """Save a plan; return its checksum."""
    stage.run("plan", "--save", "plan.json", *flags)
    text = (stage.folder / "plan.json").read_text(encoding="utf-8")
    return str(json.loads(text)["checksum"])


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--yes",),
        ALLOW,
        (*ALLOW, "--yes"),
    ],
    ids=["nothing", "yes", "permission", "permission-and-yes"],
)
def test_without_a_terminal_flags_alone_never_send(recall: Stage, flags: tuple[str, ...]) -> None:
    """The permission is needed, and it is not enough; `--yes` adds nothing to it."""
    assert recall.run("apply", *flags).code == 6
    assert recall.writes() == []


@pytest.mark.parametrize("flags", [(), ("--yes",)])
def test_a_saved_plan_without_its_checksum_never_sends(
    recall: Stage, flags: tuple[str, ...]
) -> None:
    """A file that happens to lie there is no review."""
    saved(recall, *ALLOW)
    assert recall.run("apply", "plan.json", *flags).code == 6
    assert recall.writes() == []


def test_a_saved_plan_without_the_permission_never_sends(recall: Stage) -> None:
    """The right checksum of a plan that nobody allowed is refused."""
    checksum = saved(recall)
    done = recall.run("apply", "plan.json", "--checksum", checksum)
    assert (done.code, recall.writes()) == (6, [])
    assert "CC402" in done.err


def test_another_checksum_never_sends(recall: Stage) -> None:
    """What was reviewed is not what lies there."""
    saved(recall, *ALLOW)
    wrong = "sha256:" + "0" * 64
    assert recall.run("apply", "plan.json", "--checksum", wrong).code == 7
    assert recall.writes() == []


@pytest.mark.parametrize("answer", ["empty", "element"])
def test_a_saved_plan_with_its_checksum_sends_exactly_once(recall: Stage, answer: str) -> None:
    """Whichever of the two documented answers comes; and no later run sends it again."""
    recall.world.set_switch("send_now_answer", answer)
    checksum = saved(recall, *ALLOW)
    again = ("apply", "plan.json", "--checksum", checksum)
    assert recall.run(*again).code == 0
    assert recall.writes() == SENT_ONCE
    assert recall.sent("Recall") == [recall.world.lists[list_id_of("Members")].members]
    assert recall.run(*again).code == 0
    assert recall.run("apply", "--yes").code == 0
    assert recall.run("plan", "--detailed-exitcode").code == 0
    assert recall.writes() == SENT_ONCE


def test_it_is_sent_once_while_it_is_still_executing(recall: Stage) -> None:
    """A send that takes an hour is seen, waited for by nobody, and not repeated."""
    recall.world.set_switch("send_seconds", 3600)
    checksum = saved(recall, *ALLOW)
    again = ("apply", "plan.json", "--checksum", checksum)
    assert [recall.run(*again).code for _ in range(3)] == [0, 0, 0]
    assert recall.writes() == SENT_ONCE


def test_recipients_are_put_before_it_is_sent(stage: Stage) -> None:
    """The audience is written and read back, then the one irrevocable request leaves."""
    stage.world.add_campaign("Recall")
    stage.write(manifest("Recall", "Donors", send_at="now"))
    checksum = saved(stage, *ALLOW)
    assert stage.run("apply", "plan.json", "--checksum", checksum).code == 0
    assert stage.writes() == ["PUT Recall [Donors]", "POST Recall 0"]
    assert stage.sent("Recall") == [stage.world.lists[list_id_of("Donors")].members]


@pytest.mark.parametrize("flags", [(), ("--yes",)])
def test_the_typed_name_sends_at_a_terminal(recall: Stage, flags: tuple[str, ...]) -> None:
    """The name is asked for with or without `--yes`."""
    done = at_terminal(recall, "apply", *ALLOW, *flags, typed="Recall\n")
    assert done.code == 0, done.err
    assert "cannot be recalled" in done.err
    assert recall.writes() == SENT_ONCE


@pytest.mark.parametrize("typed", ["recall\n", "y\n", "yes\nRecal\n", "\n\n\x04", "\x04"])
def test_anything_else_typed_sends_nothing(recall: Stage, typed: str) -> None:
    """Another spelling, a yes, nothing at all, the end of input."""
    done = at_terminal(recall, "apply", *ALLOW, "--yes", typed=typed)
    assert done.code in {6, 130}, done.err
    assert recall.writes() == []


def test_the_typed_name_is_no_permission(recall: Stage) -> None:
    """Without `--allow` nobody is even asked."""
    done = at_terminal(recall, "apply", "--yes", typed="Recall\n")
    assert (done.code, recall.writes()) == (6, [])
    assert "Type the campaign's name" not in done.err


def test_the_environment_grants_nothing(recall: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables are inherited without being read by anybody: none of them is consent."""
    checksum = saved(recall, *ALLOW)
    for prefix in ("CCOPS", "CCOPS_APPLY", "CCOPS_PLAN"):
        monkeypatch.setenv(f"{prefix}_ALLOW", "send-now=Recall")
        monkeypatch.setenv(f"{prefix}_REASON", "because")
        monkeypatch.setenv(f"{prefix}_YES", "1")
        monkeypatch.setenv(f"{prefix}_CHECKSUM", checksum)
        monkeypatch.setenv(f"{prefix}_FILE", "plan.json")
    codes = [
        recall.run("apply", *flags).code
        for flags in ((), ("--yes",), ALLOW, (*ALLOW, "--yes"), ("plan.json",))
    ]
    assert (codes, recall.writes()) == ([6] * 5, [])


def test_no_setting_grants_it(recall: Stage) -> None:
    """Neither the workspace file nor a manifest has a key for it."""
    for name, key in (
        ("ccops.yaml", "allow: [send-now=Recall]\n"),
        ("campaigns/one.yaml", "overrides: [{guard: send-now, reason: because}]\n"),
    ):
        path: Path = recall.folder / name
        kept = path.read_text(encoding="utf-8")
        path.write_text(kept + key, encoding="utf-8")
        assert recall.run("apply", "--yes").code == 3
        path.write_text(kept, encoding="utf-8")
    assert recall.writes() == []


def test_the_permission_is_for_one_campaign(recall: Stage) -> None:
    """A second `now` that nobody allowed blocks the first one, too."""
    recall.world.add_campaign("Other", lists=[list_id_of("Members")])
    recall.write(manifest("Other", "Members", send_at="now"), name="two.yaml")
    checksum = saved(recall, *ALLOW)
    assert recall.run("apply", "plan.json", "--checksum", checksum).code == 6
    assert recall.run("apply", "--allow", "send-now=Nobody", "--reason", "x").code == 3
    assert recall.writes() == []


def test_an_expired_permission_sends_nothing(recall: Stage) -> None:
    """A reviewed plan with a `now` holds for an hour of the server's clock."""
    checksum = saved(recall, *ALLOW)
    recall.world.advance(3601)
    assert recall.run("apply", "plan.json", "--checksum", checksum).code == 7
    assert recall.writes() == []


@pytest.mark.parametrize("resend", ["2027-03-09T14:00:00Z", "2027-03-01T14:05:00Z"])
@pytest.mark.parametrize("seconds", [0, 3600])
def test_a_resend_declared_after_now_is_for_another_plan(
    recall: Stage, resend: str, seconds: int
) -> None:
    """What the plan shows was done: exit 0. The later send is scheduled by a later apply."""
    recall.world.set_switch("send_seconds", seconds)
    recall.write(manifest("Recall", "Members", send_at="now", resend_to_new_contacts=[resend]))
    checksum = saved(recall, *ALLOW)
    assert recall.run("apply", "plan.json", "--checksum", checksum).code == 0
    assert recall.writes() == SENT_ONCE
