"""A write of which nobody knows what became: every plan says so, and the apply that finds out too."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ccops.sandbox.ids import activity_id_of, list_id_of
from tests.e2e.stage import START, Done, Stage, account, manifest, on_stage

MARCH_9 = "Tue 2027-03-09 09:00"
OPEN = "Nobody knows yet what became of 1 earlier write: `ccops apply` looks first"
WHICH = 'hat became of an earlier write to "{}" is not known yet: to {}, begun Mon 2027-03-01'
SETTLED = "an earlier run's request to {}, begun Mon 1 Mar 2027, 09:00 EST (14:00 UTC), took effect"
FORMATS = ("text", "markdown", "json", "jsonl")


@pytest.fixture
def blind(tmp_path: Path) -> Iterator[Stage]:
    """A POST that took effect, in a run that could not look any more; and one other campaign."""
    world = account()
    members = list_id_of("Members")
    world.add_campaign("Spring", lists=[members])
    world.add_campaign("Summer", lists=[members])
    with on_stage(tmp_path / "workspace", world) as stage:
        stage.write(manifest("Spring", "Members", send_at=MARCH_9))
        cut_off(stage, "apply", "--yes")
        yield stage


def cut_off(stage: Stage, *command: str) -> None:
    """Apply, so that the POST is not answered and nothing can be read after it."""
    stage.fault("drop_after", "POST")
    stage.fault("500_before", "GET", "*/schedules", times=99)
    assert stage.run(*command).code == 10
    stage.world.faults.clear()


def arrives_late(stage: Stage, campaign: str) -> None:
    """A request to send at once takes effect after all."""
    found = stage.world.activities[activity_id_of(campaign)]
    stage.world.put_activity(replace(found, status="SCHEDULED", scheduled=START))
    stage.world.advance(3600)
    assert stage.world.activities[activity_id_of(campaign)].status == "DONE"


def each(stage: Stage, *command: str) -> dict[str, Done]:
    """One command in every format, each from the same journal."""
    done = {}
    for form in FORMATS:
        state = stage.folder / f".state-{form}"
        shutil.copytree(stage.folder / ".state", state)
        copy = replace(stage, environment={**stage.environment, "CCOPS_STATE_DIR": str(state)})
        done[form] = copy.run(*command, "--format", form)
    return done


def test_every_plan_says_it(blind: Stage) -> None:
    """On the screen, in the comment, for programs; the exit code is that of the plan."""
    which = WHICH.format("Spring", "schedule it for Tue 2027-03-09 09:00 America/New_York")
    for form in ("text", "markdown", "github"):
        done = blind.run("plan", "--format", form)
        assert (done.code, OPEN in done.out, which in done.out) == (0, True, True), form
    document = blind.run("plan", "--format", "json", "--detailed-exitcode").document
    (found,) = document["findings"]
    assert (found["guard"], found["campaign"], found["blocking"]) == ("open-write", "Spring", False)
    assert found["diagnostic"]["code"] == "CC716"
    assert document["status"] == "clean"


def test_a_saved_plan_keeps_it(blind: Stage) -> None:
    """It is read back by the schema, shown again, and applied all the same."""
    blind.write(manifest("Summer", "Members", send_at=MARCH_9), name="two.yaml")
    assert blind.run("plan", "--save", "plan.json").code == 0
    assert OPEN in blind.run("show", "plan.json").out
    done = blind.run("apply", "plan.json", "--yes")
    assert (done.code, blind.effects()[-1]) == (0, "POST Summer 2027-03-09T14:00:00.000Z")
    assert "Spring" in done.out


def test_the_calendar_says_it(blind: Stage) -> None:
    """In text and on the page; also of a campaign that has no card any more."""
    blind.write(manifest("Summer", "Members", send_at=MARCH_9))
    which = WHICH.format("Spring", "schedule it for Tue 2027-03-09 09:00 America/New_York")
    assert OPEN in blind.run("calendar").out
    assert which in blind.run("calendar").out
    page = blind.run("calendar", "--format", "html").out.replace("&#34;", '"')
    assert (OPEN in page, which in page) == (True, True)


def test_the_apply_that_finds_out_says_so(blind: Stage) -> None:
    """Once in each format; the manifest is as declared, and nothing is changed."""
    at = "schedule it for Tue 9 Mar 2027, 09:00 EST (14:00 UTC)"
    done = each(blind, "apply", "--yes")
    assert {one.code for one in done.values()} == {0}
    for form in ("text", "markdown"):
        assert done[form].out.count(SETTLED.format(at)) == 1
        assert "0 campaigns changed, 1 earlier write settled, 0 writes" in done[form].out
    (one,) = done["json"].document["settled"]
    (event,) = (
        event
        for event in map(json.loads, done["jsonl"].out.splitlines())
        if event["type"] == "settled"
    )
    assert event == {"kind": "event", "format_version": "1.0", "type": "settled", **one}
    assert (one["campaign"], one["became"], one["write"]["kind"]) == (
        "Spring",
        "took-effect",
        "schedule",
    )


def test_afterwards_nobody_speaks_of_it(blind: Stage) -> None:
    """Neither a plan nor the next apply."""
    assert "SETTLED  Spring" in blind.run("apply", "--yes").out
    assert OPEN not in blind.run("plan").out
    again = blind.run("apply", "--yes").out
    assert again.startswith("Done. 0 campaigns changed, 0 writes")


def test_what_a_person_decided_is_not_unknown(blind: Stage) -> None:
    """The way out of exit 10 ends the warning, too."""
    name = blind.run("journal", "show", "--format", "json").document["open"][0]["write_id"]
    blind.run("journal", "resolve", name, "--took-effect", "--reason", "I looked")
    assert OPEN not in blind.run("plan").out
    assert "SETTLED" not in blind.run("apply", "--yes").out


def test_a_send_at_once_that_went_out(blind: Stage) -> None:
    """The receipt names it: that no campaign was changed is not all there is to say."""
    blind.run("apply", "--yes")
    blind.write(manifest("Summer", "Members", send_at="now"))
    allow = ("--allow", "send-now=Summer", "--reason", "It is summer")
    blind.run("plan", *allow, "--save", "plan.json")
    plan = json.loads((blind.folder / "plan.json").read_text("utf-8"))
    blind.fault("drop_before", "POST")
    assert blind.run("apply", "plan.json", "--checksum", plan["checksum"]).code == 10
    arrives_late(blind, "Summer")
    assert WHICH.format("Summer", "send it at once") in blind.run("plan").out
    assert WHICH.format("Summer", "send it at once") in blind.run("calendar").out
    done = blind.run("apply", "--yes")
    assert (done.code, len(blind.sent("Summer"))) == (0, 1)
    assert f"SETTLED  Summer: {SETTLED.format('send it at once')}" in done.out
