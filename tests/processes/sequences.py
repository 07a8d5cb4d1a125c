"""Every sequence of writes that ccops makes, each with an account in which it is due.

The pretended vendor is the most dangerous one that its documents allow: a second POST would take
effect, and so would one for a time that has passed.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ccops.sandbox.ids import list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import START, Stage, account, manifest, on_stage, workspace
from tests.processes.nursery import STORE, Nursery

MARCH_9 = "Tue 2027-03-09 09:00"
MARCH_10 = "Wed 2027-03-10 09:00"
NEXT_WEEK = START + timedelta(days=8)
YESTERDAY = START - timedelta(days=1)
MEMBERS = list_id_of("Members")
APPLY = ("apply", "--yes")
PUT = "PUT Spring [Donors]"
POST = "POST Spring 2027-03-10T14:00:00.000Z"
DELETE = "DELETE Spring"
NOW = "POST Spring 0"

End = Mapping[str, tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One sequence: the account before it, what is declared, and the writes that it takes."""

    name: str
    furnish: Callable[[World], object]
    declared: tuple[str, ...]
    writes: tuple[str, ...]

    @property
    def now(self) -> bool:
        """Whether it needs a reviewed plan, as everything that cannot be recalled does."""
        return NOW in self.writes


def spring(*lists: str, send_at: str = MARCH_10, **more: Any) -> str:
    return manifest("Spring", *lists, send_at=send_at, **more)


def draft(world: World) -> None:
    world.add_campaign("Spring", lists=[MEMBERS])


def scheduled(world: World) -> None:
    world.add_campaign("Spring", lists=[MEMBERS], scheduled=NEXT_WEEK)


def sent(world: World) -> None:
    world.add_campaign("Spring", format_type=3, lists=[MEMBERS], history=[YESTERDAY])
    world.set_members(MEMBERS, [*world.lists[MEMBERS].members, "c010", "c011"])


def several(world: World) -> None:
    world.add_campaign("New")
    world.add_campaign("Moved", lists=[MEMBERS], scheduled=NEXT_WEEK)
    world.add_campaign("Off", lists=[MEMBERS], scheduled=NEXT_WEEK)


def resend(*lists: str) -> str:
    return spring(*lists, send_at="Sun 2027-02-28 09:00", resend_to_new_contacts=[MARCH_10])


CASES = (
    Case(name="schedule", furnish=draft, declared=(spring("Members"),), writes=(POST,)),
    Case(
        name="schedule for others", furnish=draft, declared=(spring("Donors"),), writes=(PUT, POST)
    ),
    Case(
        name="update a draft",
        furnish=draft,
        declared=(spring("Donors", send_at="unscheduled"),),
        writes=(PUT,),
    ),
    Case(
        name="update a scheduled one",
        furnish=scheduled,
        declared=(spring("Donors"),),
        writes=(DELETE, PUT, POST),
    ),
    Case(
        name="reschedule", furnish=scheduled, declared=(spring("Members"),), writes=(DELETE, POST)
    ),
    Case(
        name="unschedule",
        furnish=scheduled,
        declared=(spring("Members", send_at="unscheduled"),),
        writes=(DELETE,),
    ),
    Case(name="resend", furnish=sent, declared=(resend("Members"),), writes=(POST,)),
    Case(name="resend to others", furnish=sent, declared=(resend("Donors"),), writes=(PUT, POST)),
    Case(
        name="send now",
        furnish=draft,
        declared=(spring("Members", send_at="now"),),
        writes=(NOW,),
    ),
    Case(
        name="send now to others",
        furnish=draft,
        declared=(spring("Donors", send_at="now"),),
        writes=(PUT, NOW),
    ),
    Case(
        name="three campaigns",
        furnish=several,
        declared=(
            manifest("New", segment="Active", send_at=MARCH_9),
            manifest("Moved", "Donors", send_at=MARCH_10),
            manifest("Off", "Members", send_at="unscheduled"),
        ),
        writes=(
            "DELETE Moved",
            "PUT Moved [Donors]",
            "POST Moved 2027-03-10T14:00:00.000Z",
            "PUT New [Active]",
            "POST New 2027-03-09T14:00:00.000Z",
            "DELETE Off",
        ),
    ),
)
NAMES = [case.name for case in CASES]


def case_named(name: str) -> Case:
    return CASES[NAMES.index(name)]


@contextmanager
def staged(case: Case, folder: Path, **limits: str) -> Iterator[Stage]:
    """Serve the account of a case, with its manifests in a workspace."""
    world = account()
    case.furnish(world)
    world.set_switch("schedule_scheduled", "overwrite")
    world.set_switch("schedule_past", "send")
    world.set_switch("put_scheduled", "half")
    with on_stage(folder, world, CCOPS_STATE_DIR=str(folder / STORE)) as stage:
        workspace(folder, world, **limits)
        stage.write(*case.declared)
        yield stage


def arguments(case: Case, stage: Stage, nursery: Nursery) -> tuple[str, ...]:
    """Tell how the case is applied: `now` by a saved plan and its checksum alone."""
    if not case.now:
        return APPLY
    allow = ("--allow", "send-now=Spring", "--reason", "the handle can break")
    planned = nursery.run(stage, "plan", "--save", "plan.json", *allow)
    assert planned.code == 0, planned.err
    plan = json.loads((stage.folder / "plan.json").read_text("utf-8"))
    return ("apply", "plan.json", "--checksum", plan["checksum"])


def ending(world: World) -> End:
    """Status, send time and recipients of every campaign, and whom the next months mail.

    The clock is moved; a second mail of one campaign at one time fails here.
    """
    live = [world.primary(campaign) for campaign in world.campaigns.values()]
    states = {
        world.campaigns[one.campaign_id].name: (
            one.status,
            one.scheduled,
            one.contact_list_ids,
            one.segment_ids,
        )
        for one in live
    }
    world.advance(90 * 86_400)
    sends = {f"send {one.campaign_name} {one.time}": one.contacts for one in world.sends}
    assert len(sends) == len(world.sends)
    return {**states, **sends}
