"""A saved plan is held against the guards once more before it is applied."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from ccops.planning.canonical import digest
from tests.e2e.stage import START, Stage, manifest
from tests.guards.test_guard_counting import (
    DONORS,
    MARCH_9,
    MEMBERS,
    configure,
    stage,
)

__all__ = ["stage"]

APPLY = ("apply", "plan.json", "--yes")


def saved(stage: Stage, guards: dict[str, object]) -> None:
    """Save a plan that no guard blocks."""
    configure(stage, guards)
    assert stage.run("plan", "--save", "plan.json").code == 0


def test_a_list_that_grew_since_blocks(stage: Stage) -> None:
    """Nine people were approved; nobody is to mail a hundred."""
    saved(stage, {"max-contacts": 9})
    people = stage.world.add_contacts(90)
    listed = stage.world.lists[DONORS]
    stage.world.lists[DONORS] = replace(listed, members=frozenset({*listed.members, *people}))
    done = stage.run(*APPLY)
    assert (done.code, "CC414" in done.err, stage.writes()) == (6, True, [])


def test_a_campaign_that_was_scheduled_since_blocks(stage: Stage) -> None:
    """By somebody, in Constant Contact, for the same hour."""
    saved(stage, {"min-gap-same-recipients": "48 hours"})
    stage.world.add_campaign("Beside", lists=[MEMBERS], scheduled=START + timedelta(days=8))
    done = stage.run(*APPLY)
    assert (done.code, "CC417" in done.err, stage.writes()) == (6, True, [])


@pytest.mark.parametrize("overridden", [True, False])
def test_a_guard_that_was_written_since_holds(stage: Stage, overridden: bool) -> None:
    """What the plan was allowed to break stays allowed."""
    broken = [{"guard": "quiet-days", "reason": "the gala"}] if overridden else []
    more = {"overrides": broken} if broken else {}
    stage.write(manifest("Spring", "Members", "Donors", send_at=MARCH_9, **more))
    saved(stage, {"quiet-days": ["Sat"]})
    configure(stage, {"quiet-days": ["Tue"]})
    assert stage.run(*APPLY).code == (0 if overridden else 6)


def test_findings_that_were_taken_out_of_a_plan_are_made_again(stage: Stage) -> None:
    """The checksum is not over findings; whoever removes one gains nothing."""
    configure(stage, {"quiet-days": ["Tue"]})
    assert stage.run("plan", "--save", "plan.json").code == 6
    path = stage.folder / "plan.json"
    document = json.loads(path.read_text("utf-8"))
    bent = {**document, "findings": [], "status": "changes", "applyable": True}
    bent.pop("document_digest")
    path.write_text(json.dumps(bent | {"document_digest": digest(bent)}), "utf-8")
    done = stage.run(*APPLY, "--checksum", document["checksum"])
    assert (done.code, "CC411" in done.err, stage.writes()) == (6, True, [])


def test_what_holds_is_applied(stage: Stage) -> None:
    """Nothing changed: all guards are asked again, and the plan is applied."""
    saved(
        stage,
        {
            "max-contacts": 9,
            "max-growth": "20%",
            "min-gap-same-recipients": "48 hours",
            "quiet-days": ["Sat"],
        },
    )
    assert stage.run(*APPLY).code == 0
    assert len(stage.writes()) == 1


def test_a_plan_that_was_applied_already_is_no_neighbour_of_itself(stage: Stage) -> None:
    """Applied again, as after a crash, it has nothing to do, and nothing stands in its way."""
    saved(stage, {"min-gap-same-recipients": "48 hours", "max-sends-per-day": 1})
    assert stage.run(*APPLY).code == 0
    written = stage.writes()
    again = stage.run(*APPLY)
    assert (again.code, again.err, stage.writes()) == (0, "", written)
