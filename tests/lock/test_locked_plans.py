"""Plans with a lock: fewer requests, and nothing that was exchanged behind a name."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.sandbox.ids import activity_id_of, campaign_id_of, list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import START, Stage, account, manifest, on_stage

MEMBERS = list_id_of("Members")
MARCH_9 = "Tue 2027-03-09 09:00"
FEBRUARY_28 = "Sun 2027-02-28 09:00"
UNSCHEDULED = "unscheduled"


@pytest.fixture
def locked(stage: Stage) -> Stage:
    """A draft to a list, a scheduled campaign to a segment, one that was sent; and their lock."""
    stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.world.add_campaign("Survey", segments=[101], scheduled=START + timedelta(days=8))
    stage.world.add_campaign("Sent", lists=[MEMBERS], history=[START - timedelta(days=1)])
    stage.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("Survey", segment="Active", send_at=MARCH_9),
        manifest("Sent", "Members", send_at=FEBRUARY_28),
    )
    assert stage.run("lock").code == 0
    stage.world.log.clear()
    return stage


def paths(stage: Stage, *arguments: str) -> list[str]:
    """Run a command; the paths that it asked for, in order."""
    stage.world.log.clear()
    stage.run(*arguments)
    return [one.path for one in stage.world.requests]


def rename_list(world: World) -> None:
    world.lists[MEMBERS] = replace(world.lists[MEMBERS], name="Former members")


def rename_and_replace_list(world: World) -> None:
    rename_list(world)
    world.add_list("Members", list_id="11111111-1111-4111-8111-111111111111")


def recreate_list(world: World) -> None:
    world.delete_list(MEMBERS)
    world.add_list("Members")


def delete_list(world: World) -> None:
    world.delete_list(MEMBERS)


def rename_segment(world: World) -> None:
    world.segments[101] = replace(world.segments[101], name="Inactive")


def delete_segment(world: World) -> None:
    world.delete_segment(101)


def recreate_segment(world: World) -> None:
    world.delete_segment(101)
    world.add_segment("Active", segment_id=999)


def rename_campaign(world: World) -> None:
    campaign = world.campaigns[campaign_id_of("Spring")]
    world.put_campaign(replace(campaign, name="Spring (copy)"))


def recreate_campaign(world: World) -> None:
    world.trash_campaign(campaign_id_of("Spring"))
    world.add_campaign(
        "Spring",
        lists=[MEMBERS],
        campaign_id="11111111-1111-4111-8111-111111111111",
        activity_id="22222222-2222-4222-8222-222222222222",
    )


def exchange_campaign(world: World) -> None:
    rename_campaign(world)
    world.add_campaign(
        "Spring",
        lists=[MEMBERS],
        campaign_id="11111111-1111-4111-8111-111111111111",
        activity_id="22222222-2222-4222-8222-222222222222",
    )


EXCHANGES: dict[Callable[[World], None], tuple[str, str]] = {
    rename_list: ("CC321", 'is now called "Former members"'),
    rename_and_replace_list: ("CC321", 'is now called "Former members"'),
    recreate_list: ("CC320", "which was deleted, and is now"),
    delete_list: ("CC322", 'pins as "Members" was deleted'),
    rename_segment: ("CC321", 'is now called "Inactive"'),
    delete_segment: ("CC322", 'pins as "Active" was deleted'),
    recreate_segment: ("CC320", "it was 101, which was deleted, and is now 999"),
    rename_campaign: ("CC321", 'is now called "Spring (copy)"'),
    recreate_campaign: ("CC320", "which is gone, and is now"),
    exchange_campaign: ("CC321", 'is now called "Spring (copy)"'),
}


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("command", [("plan",), ("plan", "--locked"), ("apply", "--yes")])
def test_what_was_exchanged_behind_a_name_blocks(
    locked: Stage, exchange: Callable[[World], None], command: tuple[str, ...]
) -> None:
    """Exit code 6, with what happened and what to do; no plan is made and nothing is written."""
    code, words = EXCHANGES[exchange]
    exchange(locked.world)
    done = locked.run(*command)
    assert (done.code, done.out) == (6, "")
    assert code in done.err
    assert words in done.err
    assert "ccops lock" in done.err
    assert locked.writes() == []


@pytest.mark.parametrize("exchange", [recreate_list, recreate_segment, recreate_campaign])
def test_a_new_lock_lifts_the_block(locked: Stage, exchange: Callable[[World], None]) -> None:
    """A person looked at it, and the change of the lock is reviewed."""
    exchange(locked.world)
    relocked = locked.run("lock")
    assert (relocked.code, "! " in relocked.err) == (0, True)
    assert locked.run("plan", "--locked", "--format", "json").document["status"] != ""


def test_a_segment_that_still_answers_is_gone_all_the_same(locked: Stage) -> None:
    """Its item answers 200 after it was deleted (spec); so ccops never asks for the item."""
    locked.world.delete_segment(101)
    asked = paths(locked, "plan")
    assert "/v3/segments" in asked
    assert [path for path in asked if path.startswith("/v3/segments/")] == []


def test_a_lock_saves_the_look_ups_of_campaigns(locked: Stage) -> None:
    """One request for each that is not over; what each request is for otherwise stays the same."""
    with_lock = paths(locked, "plan")
    (locked.folder / "ccops.lock").unlink()
    without = paths(locked, "plan")
    looked_up = [f"/v3/emails/{campaign_id_of(name)}" for name in ("Spring", "Survey")]
    assert Counter(without) - Counter(with_lock) == Counter(looked_up)
    assert Counter(with_lock) - Counter(without) == Counter()
    for name in ("Spring", "Survey"):
        assert f"/v3/emails/activities/{activity_id_of(name)}" in with_lock


@pytest.mark.parametrize("count", [1, 20])
def test_the_saving_grows_with_the_campaigns(tmp_path: Path, count: int) -> None:
    """Of 3 requests for a draft, 2 are left; account, collections and facts stay 5 in all."""
    world = account()
    for number in range(count):
        world.add_campaign(f"Draft {number}", lists=[MEMBERS])
    with on_stage(tmp_path / "workspace", world) as stage:
        stage.write(*(manifest(f"Draft {n}", "Members", send_at=MARCH_9) for n in range(count)))
        stage.run("lock")
        assert len(paths(stage, "plan", "--locked")) == 5 + 2 * count
        (stage.folder / "ccops.lock").unlink()
        assert len(paths(stage, "plan")) == 5 + 3 * count


def test_a_pinned_activity_and_a_lock_save_a_sent_campaigns_reading(stage: Stage) -> None:
    """The lock tells its campaign, and the listing that it is over."""
    stage.world.add_campaign("Sent", lists=[MEMBERS], history=[START - timedelta(days=1)])
    pin = activity_id_of("Sent")
    stage.write(manifest("Sent", "Members", send_at=FEBRUARY_28, activity=pin))
    without = paths(stage, "plan")
    stage.run("lock")
    assert (len(without), len(paths(stage, "plan"))) == (5, 2)


def test_a_lock_changes_no_plan(locked: Stage) -> None:
    """It says what a name means, and nothing else. Of what is over, it also tells the activity."""
    with_lock = locked.run("plan", "--format", "json").document
    (locked.folder / "ccops.lock").unlink()
    without = locked.run("plan", "--format", "json").document
    assert with_lock["changes"][:2] == without["changes"][:2]
    assert [one["verdict"] for one in with_lock["changes"]] == ["schedule", "in-sync", "sent"]
    assert with_lock["changes"][2]["activity_id"] == activity_id_of("Sent")


def test_a_name_beside_the_lock_is_resolved_unless_it_is_forbidden(locked: Stage) -> None:
    """A new manifest can be planned before it is locked; not in CI."""
    locked.world.add_campaign("New")
    locked.write(manifest("New", "Donors", send_at=MARCH_9), name="new.yaml")
    assert locked.run("plan").code == 0
    done = locked.run("plan", "--locked")
    assert (done.code, done.err.count("CC323")) == (3, 1)
    named = locked.run("plan", "--locked", "--select", "name:Spring")
    assert named.code == 0


def test_every_name_beside_the_lock_is_told(locked: Stage) -> None:
    """Also of recipients, each at its place, together with names that lead nowhere."""
    locked.write(manifest("Spring", "Members", "Board", "Zebra", send_at=MARCH_9))
    done = locked.run("plan", "--locked")
    assert (done.code, done.err.count("CC323")) == (3, 2)
    again = locked.run("plan")
    assert (again.code, again.err.count("CC301")) == (3, 1)


def test_without_a_lock_nothing_can_be_locked(stage: Stage) -> None:
    """And no request is made to find that out."""
    stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    for command in ("plan", "apply"):
        done = stage.run(command, "--locked")
        assert (done.code, "CC325" in done.err) == (3, True)
    assert stage.world.requests == ()


def test_a_saved_plan_is_locked_when_it_is_made(locked: Stage) -> None:
    """As selection and permissions, it is frozen in the plan."""
    locked.run("plan", "--locked", "--save", "plan.json")
    done = locked.run("apply", "plan.json", "--locked", "--yes")
    assert (done.code, "CC612" in done.err) == (3, True)
    assert locked.run("apply", "plan.json", "--yes").code == 0


def test_an_apply_with_a_lock_does_what_one_without_does(locked: Stage) -> None:
    """The pinned activity is what is written to."""
    assert locked.run("apply", "--locked", "--yes").code == 0
    assert locked.effects() == ["POST Spring 2027-03-09T14:00:00.000Z"]
    assert locked.run("plan", "--locked", "--detailed-exitcode").code == 0


def test_an_activity_of_another_campaign_blocks(locked: Stage) -> None:
    """A lock that somebody edited: what the account answers counts."""
    path = locked.folder / "ccops.lock"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(activity_id_of("Spring"), activity_id_of("Survey")), "utf-8")
    done = locked.run("plan")
    assert (done.code, done.err.count("CC324")) == (6, 1)


def test_another_pin_in_the_manifest_blocks(locked: Stage) -> None:
    """The manifest's and the lock's must be one."""
    pin = activity_id_of("Survey")
    locked.write(manifest("Spring", "Members", send_at=MARCH_9, activity=pin))
    done = locked.run("plan")
    assert (done.code, "CC320" in done.err) == (6, True)


def test_a_campaign_that_is_gone_is_the_plans_own_matter(locked: Stage) -> None:
    """No other has its name: it needs a person, and the others go on."""
    locked.world.trash_campaign(campaign_id_of("Spring"))
    plan = locked.run("plan", "--locked", "--format", "json")
    verdicts = {one["campaign"]: one["verdict"] for one in plan.document["changes"]}
    assert verdicts == {"Spring": "blocked", "Survey": "in-sync", "Sent": "sent"}


def test_no_name_or_token_but_those_of_the_manifests_is_in_a_lock(locked: Stage) -> None:
    """Neither people nor secrets: it is committed."""
    text = (locked.folder / "ccops.lock").read_text(encoding="utf-8")
    assert "@" not in text
    assert locked.environment["CCOPS_ACCESS_TOKEN"] not in text
