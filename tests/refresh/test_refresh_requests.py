"""How many requests a plan makes that reads only what may have changed: counted, never timed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ccops.model import Desired
from ccops.planning.plan import Verdict
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import START, account, manifest
from tests.refresh.worlds import (
    activity_of,
    desired_of,
    edit,
    essence,
    hand_edit,
    made,
    manifest_of,
    reread,
)

MEMBERS = list_id_of("Members")
DAY = timedelta(days=1)
OLD = START - 30 * DAY


def furnished(idle: int, scheduled: int, sent: int, *, wanted: int = 0) -> World:
    """Drafts as they are wanted, scheduled campaigns, campaigns sent twice, drafts to be scheduled."""
    world = account()
    for number in range(idle):
        world.add_campaign(f"Idle {number:04}", lists=[MEMBERS], updated_at=dated(number))
    for number in range(scheduled):
        at, old = START + (8 + number % 50) * DAY, dated(number)
        world.add_campaign(f"Ahead {number:04}", lists=[MEMBERS], scheduled=at, updated_at=old)
    for number in range(sent):
        past, old = [OLD - 9 * DAY, OLD - DAY], dated(number)
        world.add_campaign(f"Sent {number:04}", lists=[MEMBERS], history=past, updated_at=old)
    for number in range(wanted):
        world.add_campaign(f"Wanted {number:04}", lists=[MEMBERS], updated_at=dated(number))
    return world


def dated(number: int) -> datetime:
    return OLD - number * timedelta(hours=1)


def manifests_of(world: World, *, pinned: bool = False) -> tuple[Desired, ...]:
    later = "Tue 2027-03-09 09:00"
    return desired_of(
        manifest(one.name, "Members", send_at=later)
        if one.name.startswith("Wanted")
        else manifest_of(world, one.name, pinned=pinned)
        for one in world.campaigns.values()
    )


def touched(world: World, names: Sequence[str]) -> None:
    for name in names:
        edit(world, name, subject=f"New subject of {name}")


def kinds(world: World) -> Counter[str]:
    """The requests, by the last word of their path that is no id."""
    words = (one.path.removeprefix("/v3/").split("/") for one in world.requests)
    return Counter([part for part in path if "-" not in part][-1] for path in words)


def test_one_percent_of_a_thousand() -> None:
    """At most 2 + 0.02 N + 2 S: the account, the changes, two for each change and each schedule.

    Sent campaigns changed, which cost an activity and a history each.
    """
    world = furnished(idle=600, scheduled=150, sent=200, wanted=50)
    desired = manifests_of(world)
    size, scheduled = len(desired), 200
    first = made(world, desired)
    world.advance(3_600)
    touched(world, [f"Sent {number:04}" for number in range(0, 200, 20)])
    changed = made(world, desired, first.cache)
    assert size == 1_000
    assert changed.requests <= 2 + 0.02 * size + 2 * scheduled
    assert first.requests > 5 * changed.requests
    assert changed.plan.changes[0].as_of is None
    assert len(changed.plan.remembered) == 790


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("name", ["Idle", "Ahead", "Sent", "Wanted"])
def test_the_bound_holds_whichever_campaigns_change(name: str, *, pinned: bool) -> None:
    """Also where it is the scheduled ones, which cost their history then."""
    world = furnished(idle=50, scheduled=20, sent=20, wanted=10)
    desired = manifests_of(world, pinned=pinned)
    first = made(world, desired)
    world.advance(3_600)
    touched(world, [f"{name} 0003"])
    changed = made(world, desired, first.cache)
    assert changed.requests <= 2 + 0.02 * len(desired) + 2 * 30


def test_what_it_asks_for() -> None:
    """Nothing of what is quiet; of what waits, its activity and schedule; of changes, all."""
    world = furnished(idle=5, scheduled=3, sent=2, wanted=1)
    desired = manifests_of(world)
    cache = made(world, desired).cache
    world.advance(3_600)
    touched(world, ["Idle 0001", "Ahead 0001"])
    made(world, desired, cache)
    assert kinds(world) == {
        "summary": 1,
        "emails": 1,
        "activities": 3 + 1 + 1,
        "schedules": 3,
        "send_history": 1 + 1,
    }
    (asked,) = [one.query for one in world.requests if one.path == "/v3/emails"]
    assert asked == "limit=500&after_date=2027-01-30T13%3A55%3A00.000Z"


def test_nothing_changed_and_nothing_waits() -> None:
    """The account and the list of changes."""
    world = furnished(idle=20, scheduled=0, sent=20)
    desired = manifests_of(world)
    cache = made(world, desired).cache
    world.advance(3_600)
    assert made(world, desired, cache).requests == 2


def test_a_name_that_the_cache_does_not_know_is_looked_up() -> None:
    """Once, for all manifests; and a kind that no manifest named before."""
    world = furnished(idle=3, scheduled=0, sent=0)
    cache = made(world, manifests_of(world)).cache
    world.advance(3_600)
    world.add_list("New", 3)
    texts = [manifest(f"Idle {number:04}", "New", send_at="unscheduled") for number in range(2)]
    made(world, desired_of(texts), cache)
    assert kinds(world)["contact_lists"] == 1
    segment = manifest("Idle 0002", segment="Active", send_at="unscheduled")
    plan = made(world, desired_of([segment]), cache).plan
    assert kinds(world)["segments"] == 1
    assert kinds(world)["contact_lists"] == 0
    assert plan.changes[0].fields[0].before == "Members"


def test_a_new_campaign_is_found_and_read() -> None:
    """One that was made since, and one that no manifest named before."""
    world = furnished(idle=3, scheduled=0, sent=0)
    desired = manifests_of(world)
    cache = made(world, desired[:2]).cache
    world.advance(3_600)
    world.add_campaign("Just made", lists=[MEMBERS])
    more = desired_of([manifest("Just made", "Members", send_at="unscheduled")])
    changed = made(world, [*desired, *more], cache)
    assert [one.as_of is None for one in changed.plan.changes] == [False, False, True, True]
    assert kinds(world)["activities"] == 2


def test_a_campaign_that_is_gone_is_believed_after_all_were_listed() -> None:
    """A removal is in no list of changes; a manifest that finds nothing makes it seen."""
    world = furnished(idle=3, scheduled=0, sent=0)
    desired = manifests_of(world)
    cache = made(world, desired).cache
    world.advance(3_600)
    edit(world, "Idle 0001")
    world.trash_campaign(next(one.campaign_id for one in world.campaigns.values()))
    missing = desired_of([manifest("Nowhere", "Members", send_at="unscheduled")])
    changed = made(world, [*desired, *missing], cache)
    reasons = {one.campaign: one.reason for one in changed.plan.changes}
    assert "no campaign of this name" in reasons["Idle 0000"]
    assert kinds(world)["emails"] == 2
    assert changed.cache.listed_at == world.now


def test_an_email_that_is_another_ones_is_not_believed() -> None:
    """A cache that somebody bent: the campaign is asked for its email, as without a cache."""
    world = furnished(idle=0, scheduled=2, sent=0)
    desired = manifests_of(world)
    cache = made(world, desired).cache
    world.advance(3_600)
    (first, one), (_, other) = cache.readings.items()
    stolen = replace(one, live=replace(one.live, activity_id=other.live.activity_id))
    bent = replace(cache, readings={**cache.readings, first: stolen})
    changed = made(world, desired, reread(world, bent))
    assert essence(changed.plan) == essence(made(world, desired).plan)
    assert changed.requests == 2 + 3 + (1 + 3) + 2


def test_a_scheduled_campaign_that_is_gone_is_seen() -> None:
    """What waits is read, whatever the listing says."""
    world = furnished(idle=0, scheduled=2, sent=0)
    desired = manifests_of(world)
    cache = made(world, desired).cache
    world.advance(3_600)
    world.trash_campaign(activity_of(world, "Ahead 0000").campaign_id)
    plan = made(world, desired, cache).plan
    gone = next(one for one in plan.changes if one.campaign == "Ahead 0000")
    assert (gone.verdict, gone.as_of) == (Verdict.BLOCKED, None)
    assert gone.reason == "Constant Contact has no such campaign"


def test_an_edit_by_hand_of_what_is_quiet_is_not_seen() -> None:
    """What the vendor does not date, no list of changes shows: the plan says what it did not read."""
    world = furnished(idle=2, scheduled=0, sent=0)
    desired = manifests_of(world)
    cache = made(world, desired).cache
    world.advance(3_600)
    hand_edit(world, "Idle 0000", contact_list_ids=())
    assert len(made(world, desired, cache).plan.writing) == 0
    assert len(made(world, desired, reread(world, cache)).plan.remembered) == 2
    assert len(made(world, desired).plan.writing) == 1
