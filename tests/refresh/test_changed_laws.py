"""A plan that reads only what changed says what a full one says; what it writes, it has read.

Random accounts, random manifests and random edits between two plans, against the sandbox's API.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ccops.model import Desired, SendTime
from ccops.planning.plan import Plan
from ccops.sandbox.ids import campaign_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import START
from tests.laws.accounts import ACCOUNTS, NAMES, Found, Wanted, furnished, manifests
from tests.refresh.worlds import (
    PLACE,
    activity_of,
    dates,
    desired_of,
    edit,
    essence,
    fleet,
    made,
    put_back,
)

KINDS = ("subject", "recipients", "format", "schedule", "unschedule", "rename", "fail", "reply")
UNSENT = ("DRAFT", "DONE", "ERROR")
DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What somebody does to the campaign of this number, and how many minutes pass before it."""

    which: int
    kind: str
    pause: int
    value: int


EDITS = st.lists(
    st.builds(
        Edit,
        which=st.integers(0, 50),
        kind=st.sampled_from(KINDS),
        pause=st.sampled_from([0, 0, 3, 10, DAY, 8 * DAY]),
        value=st.integers(0, 7),
    ),
    max_size=5,
)
SEEDS = st.integers(0, 20)


def make(world: World, change: Edit, names: Sequence[str]) -> None:
    """Edit a campaign as a person in the vendor's own pages can; each edit moves its date."""
    world.advance(60 * change.pause)
    name, value = names[change.which % len(names)], change.value
    found = activity_of(world, name)
    if world.campaigns[found.campaign_id].removed:
        return
    match change.kind:
        case "subject":
            edit(world, name, subject=f"Subject {value}")
        case "reply":
            edit(world, name, reply_to_email=f"reply{value}@sandbox.example")
        case "recipients":
            chosen = tuple(list(world.lists)[: value % 4])
            segments = () if chosen else tuple(world.segments)[:1]
            edit(world, name, contact_list_ids=chosen, segment_ids=segments)
        case "format":
            edit(world, name, format_type=1 + value % 5)
        case "schedule" if found.status in UNSENT:
            when = world.now + timedelta(minutes=(1, 5, 20, 60, DAY, 2 * DAY, 8 * DAY, 9)[value])
            edit(world, name, status="SCHEDULED", scheduled=when, previous_status=found.status)
        case "unschedule" if found.status == "SCHEDULED":
            edit(world, name, status=found.previous_status, scheduled=None)
        case "rename":
            campaign = world.campaigns[campaign_id_of(name)]
            world.put_campaign(replace(campaign, name=f"{name[:70]}!", updated_at=world.now))
        case "fail" if found.status == "DRAFT":
            edit(world, name, status="EXECUTING", executing_until=world.now + timedelta(days=90))
        case _:
            event("nothing to edit")


def rewritten(desired: Sequence[Desired], changes: Sequence[Edit]) -> tuple[Desired, ...]:
    """Other manifests: some want another time, other recipients, nothing at all, or are gone."""
    found = list(desired)
    for one in changes:
        at = one.which % len(found)
        when = START + timedelta(minutes=one.pause + DAY)
        send = SendTime(when=when, zone="America/New_York", place=PLACE)
        match one.value % 4:
            case 0:
                found[at] = replace(found[at], sends=())
            case 1:
                found[at] = replace(found[at], sends=(send,))
            case 2:
                found[at] = replace(found[at], references=desired[one.value].references)
            case _:
                del found[at]
    return tuple(found)


def told(plan: Plan) -> None:
    for change in plan.changes:
        event(f"{'remembered' if change.as_of else 'read'}: {change.verdict}")


@settings(max_examples=20)
@given(seed=SEEDS, edits=EDITS, rewrites=EDITS)
def test_a_fleet_is_as_a_full_plan_says(
    seed: int, edits: Sequence[Edit], rewrites: Sequence[Edit]
) -> None:
    """After a full plan, any edits to the account and the manifests, and any hours."""
    world, desired = fleet(45, seed)
    cache = made(world, desired).cache
    names = [one.name for one in world.campaigns.values()]
    for change in edits:
        make(world, change, names)
    second = rewritten(desired, rewrites)
    changed, full = made(world, second, cache), made(world, second)
    assert essence(changed.plan) == essence(full.plan)
    assert changed.requests < full.requests
    told(changed.plan)


@settings(max_examples=30)
@given(found=ACCOUNTS, first=manifests(now=True), second=manifests(now=True), edits=EDITS)
def test_an_account_is_as_a_full_plan_says(
    found: tuple[Found, ...],
    first: tuple[Wanted, ...],
    second: tuple[Wanted, ...],
    edits: Sequence[Edit],
) -> None:
    """Few campaigns, whatever they and their manifests are: also against the rules."""
    world = furnished(found)
    world.advance(3_600)
    cache = made(world, desired_of(one.text for one in first)).cache
    for change in edits:
        make(world, change, NAMES)
    desired = desired_of(one.text for one in second)
    changed = made(world, desired, cache)
    assert essence(changed.plan) == essence(made(world, desired).plan)


@settings(max_examples=6)
@given(seed=SEEDS, rounds=st.lists(EDITS, min_size=2, max_size=3))
def test_a_chain_of_such_plans_never_goes_astray(
    seed: int, rounds: Sequence[Sequence[Edit]]
) -> None:
    """Each is made with the cache that the one before left."""
    world, desired = fleet(30, seed)
    names = [one.name for one in world.campaigns.values()]
    cache = made(world, desired).cache
    for edits in rounds:
        for change in edits:
            make(world, change, names)
        changed = made(world, desired, cache)
        assert essence(changed.plan) == essence(made(world, desired).plan)
        cache = changed.cache


@settings(max_examples=15)
@given(seed=SEEDS, edits=EDITS, rewrites=EDITS)
def test_a_write_never_rests_on_the_cache(
    seed: int, edits: Sequence[Edit], rewrites: Sequence[Edit]
) -> None:
    """Nor when no edit moves a date: what would be written was read, and is as the account has it."""
    world, desired = fleet(30, seed)
    cache, before = made(world, desired).cache, dates(world)
    names = [one.name for one in world.campaigns.values()]
    for change in edits:
        make(world, change, names)
    put_back(world, before)
    second = rewritten(desired, rewrites)
    plan = made(world, second, cache).plan
    live = {one.target.activity_id: one.before for one in made(world, second).plan.changes}
    for change in plan.writing:
        event(f"to be written: {change.verdict}")
        assert change.as_of is None
        assert change.before == live[change.target.activity_id]
