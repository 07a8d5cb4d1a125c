"""`ccops halt`: what is selected goes out no more, and no plain apply brings it back."""

import json
from datetime import timedelta

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Stage, manifest
from tests.e2e.terminal import at_terminal
from tests.halt.conftest import HALT, MANIFESTS, REWRITTEN, standings, text_of
from tests.project.pure_core import ROOT

DELETES = ["DELETE Soon", "DELETE Again", "DELETE Later"]
WHOLE = {
    "Soon": "unscheduled",
    "Later": "unscheduled",
    "New": "held",
    "Again": "unscheduled",
    "Past": "over",
    "Off": "over",
}


def test_everything_is_halted(several: Stage) -> None:
    """Also in its last minutes and without its list; the manifests say so; nothing else is written."""
    done = several.run(*HALT, "--yes", "--format", "json")
    assert (done.code, standings(done.document)) == (0, WHOLE)
    assert several.writes() == DELETES
    assert text_of(several) == REWRITTEN
    several.world.advance(90 * 86_400)
    assert {one.campaign_name for one in several.world.sends} == {"Stranger"}


def test_a_second_halt_finds_nothing_to_do(several: Stage) -> None:
    """And takes no mark away: the old manifests still bring nothing back."""
    several.run(*HALT, "--yes")
    again = several.run(*HALT, "--yes", "--format", "json")
    assert (again.code, set(standings(again.document).values())) == (0, {"over"})
    assert several.writes() == DELETES
    several.write(MANIFESTS[0].replace("09:02", "11:00"), *MANIFESTS[2:4])
    assert several.run("apply", "--yes").code == 6
    posts = [one for one in several.writes() if one.startswith("POST")]
    assert posts == ["POST Soon 2027-03-01T16:00:00.000Z"]


def test_a_plain_apply_restores_nothing(several: Stage) -> None:
    """Not with the manifests as they were: somebody else's checkout does not know of the halt."""
    several.run(*HALT, "--yes")
    several.write(*MANIFESTS[2:4])
    done = several.run("apply", "--yes", "--format", "json")
    assert {one["verdict"] for one in done.document["results"]} == {"halted"}
    assert (done.code, several.writes()) == (6, DELETES)


def test_a_permission_restores_it(several: Stage) -> None:
    """With a reason, by name."""
    several.run(*HALT, "--yes")
    several.write(*MANIFESTS[2:4])
    permission = ("--allow", "halted=New", "--reason", "the link works again")
    assert several.run("apply", "--yes", *permission).code == 6
    assert several.writes()[3:] == ["PUT New [Donors]", "POST New 2027-03-10T14:00:00.000Z"]


def test_the_rewritten_manifests_are_in_sync(several: Stage) -> None:
    """Committing what the halt wrote leaves nothing to do but the drafts' recipients."""
    several.run(*HALT, "--yes")
    several.write(*(one for one in text_of(several).split("---\n") if "nobody" not in one))
    assert several.run("apply", "--yes").code == 0
    assert several.writes()[3:] == ["PUT New [Donors]"]


def test_only_what_is_selected(several: Stage) -> None:
    """By the selectors of `plan`; then nothing needs to be confirmed."""
    done = several.run(*HALT, "--select", "name:S*", "--format", "json")
    assert (done.code, standings(done.document)) == (0, {"Soon": "unscheduled"})
    assert several.writes() == ["DELETE Soon"]
    assert text_of(several) == "---\n".join(MANIFESTS).replace(
        '"2027-03-01 09:02"', "unscheduled  # was 2027-03-01 09:02"
    )


def test_a_live_schedule_that_nobody_declared(stage: Stage) -> None:
    """It is stopped too, and what it was scheduled for counts as stopped in other checkouts."""
    lists = [list_id_of("Members")]
    stage.world.add_campaign("Moved", lists=lists, scheduled=START + timedelta(days=9))
    stage.write(manifest("Moved", "Members", send_at="2027-03-09 09:00"))
    assert stage.run(*HALT, "--yes").code == 0
    stage.write(manifest("Moved", "Members", send_at="2027-03-10 09:00"))
    assert stage.run("apply", "--yes").code == 6
    assert stage.writes() == ["DELETE Moved"]


def test_a_dry_run_does_nothing(several: Stage) -> None:
    """It says what would be done, with a client that cannot write."""
    done = several.run(*HALT, "--dry-run", "--format", "json")
    assert (done.code, standings(done.document)) == (0, WHOLE)
    assert all(one["manifest"]["rewritten"] for one in done.document["campaigns"][:4])
    assert (several.writes(), text_of(several)) == ([], "---\n".join(MANIFESTS))
    several.write(MANIFESTS[2])
    assert several.run("apply", "--yes").code == 0


def test_a_dry_run_in_words(several: Stage) -> None:
    """Nobody takes it for the real one: all that is scheduled goes out."""
    done = several.run(*HALT, "--dry-run")
    words = (
        "would be unscheduled; it goes out Mon 1 Mar 2027, 09:02 EST (14:02 UTC), in 2 min",
        "is not scheduled yet; would be kept from being scheduled",
        "Nothing was done. 3 campaigns still go out as scheduled. 4 campaigns would be halted.",
        "Exit code 0: a halt would stop all that was selected; nothing is stopped yet.",
    )
    assert [one for one in words if one not in done.out] == []
    assert not any(one in done.out for one in ("NOT be sent", "was to be sent", "nothing of what"))


def test_a_dry_run_says_the_same_as_a_document(several: Stage) -> None:
    """What goes out all the same, and when; after the halt nothing does."""
    dry = several.run(*HALT, "--dry-run", "--format", "json").document
    assert {one["campaign"]: one["goes_out_at"] for one in dry["campaigns"]} == {
        "Soon": "2027-03-01T14:02:00Z",
        "Later": "2027-03-09T14:00:00Z",
        "New": None,
        "Again": "2027-03-02T14:00:00Z",
        "Past": None,
        "Off": None,
    }
    text = several.run(*HALT, "--dry-run").out
    assert dry["in_words"] in text
    assert dry["exit_in_words"] in text
    done = several.run(*HALT, "--yes", "--format", "json").document
    assert {one["goes_out_at"] for one in done["campaigns"]} == {None}
    assert (done["in_words"][:8], done["dry_run"]) == ("Halted. ", False)


def test_a_report_in_words(several: Stage) -> None:
    """What was stopped, what it was, what to commit, how to send it after all."""
    done = several.run(*HALT, "--yes")
    words = (
        "unscheduled: it will NOT be sent; it was to be sent Mon 1 Mar 2027, 09:02 EST",
        "is kept from being scheduled",
        "Commit these manifests",
        '--allow halted="Soon"',
        "Reason: the link is wrong",
        "4 campaigns halted; 3 writes",
    )
    assert [one for one in words if one not in done.out] == []


def test_times_are_told_in_the_zone_of_the_manifest(stage: Stage) -> None:
    """As a plan shows them: London's clock, though the workspace is New York's."""
    stage.world.add_campaign("Abroad")
    stage.write(manifest("Abroad", "Members", send_at="2027-03-10 10:00 Europe/London"))
    told = "Wed 10 Mar 2027, 10:00 GMT (10:00 UTC)"
    assert told in stage.run("plan").out
    assert stage.run("apply", "--yes").code == 0
    assert told in stage.run(*HALT, "--dry-run").out
    assert told in stage.run(*HALT, "--yes").out


def test_every_key_of_the_document_is_described(several: Stage) -> None:
    """docs/halt.md names each one, so that programs can rely on it."""
    page = (ROOT / "docs" / "halt.md").read_text("utf-8")
    document = several.run(*HALT, "--dry-run", "--format", "json").document
    first = document["campaigns"][0]
    keys = {key for one in (document, first, first["manifest"]) for key in one}
    assert {key for key in keys if f"`{key}`" not in page} == set()


def test_nobody_can_be_asked(several: Stage) -> None:
    """All of a workspace is not halted by a slip in a script."""
    done = several.run(*HALT)
    assert (done.code, several.writes()) == (3, [])
    assert "--yes" in done.err


@pytest.mark.parametrize(("typed", "code"), [("halt all\n", 0), ("y\n", 6)])
def test_a_person_types_it(several: Stage, typed: str, code: int) -> None:
    """At a terminal, in words that no reflex types."""
    done = at_terminal(several, *HALT, typed=typed)
    assert (done.code, len(several.writes())) == (code, 3 if code == 0 else 0)
    assert "6 campaigns" in done.err


@pytest.mark.parametrize("reason", [(), ("--reason", "  "), ("--reason", "…")])
def test_a_reason_is_needed(several: Stage, reason: tuple[str, ...]) -> None:
    """Whoever finds the mark must know why."""
    done = several.run("halt", "--yes", *reason)
    assert (done.code, several.writes()) == (3, [])
    assert "--reason" in done.err


def test_a_selection_of_nothing(several: Stage) -> None:
    """A slip in a selector must not look like a halt."""
    assert several.run(*HALT, "--select", "name:soon").code == 3


def test_an_older_saved_plan_is_refused(several: Stage) -> None:
    """Whatever it was going to do: the halt is the newer decision."""
    several.write(MANIFESTS[2])
    several.run("plan", "--save", "plan.json")
    plan = json.loads((several.folder / "plan.json").read_text("utf-8"))
    several.world.advance(60)
    several.run(*HALT, "--yes")
    applied = several.run("apply", "plan.json", "--checksum", plan["checksum"])
    assert (applied.code, several.writes()) == (7, [])


def test_hostile_names(stage: Stage) -> None:
    """What a stranger called a campaign moves no terminal and gives no order to a log."""
    name = "::error::x \u202e ##[add-mask]a ' \" $(rm)"
    stage.world.add_campaign(name)
    escaped = name.replace("\u202e", "\\u202e").replace('"', '\\"')
    stage.write(
        f'campaign: "{escaped}"\nrecipients: {{lists: [Members]}}\nsend_at: 2027-03-09 09:00\n'
    )
    done = stage.run("halt", "--reason", "\x1b[2J ::stop-commands::x", "--yes")
    assert done.code == 0
    assert all(bad not in done.out + done.err for bad in ("\u202e", "\x1b", "##["))
    assert not any(line.startswith("::") for line in (done.out + done.err).splitlines())
    assert "unscheduled  # was 2027-03-09 09:00" in text_of(stage)
