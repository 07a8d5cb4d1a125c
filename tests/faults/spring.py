"""The campaign that meets the faults, and how it looks to the account."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ccops.sandbox.ids import list_id_of
from ccops.sandbox.records import Activity
from tests.e2e.stage import START, Stage

MARCH_9, MARCH_10 = "Tue 2027-03-09 09:00", "Wed 2027-03-10 09:00"
AT_9, AT_10 = START + timedelta(days=8), START + timedelta(days=9)
POST = "POST Spring 2027-03-10T14:00:00.000Z"
DELETE, PUT = "DELETE Spring", "PUT Spring [Members]"
MOVE = [DELETE, PUT, POST]
MEMBERS, DONORS, BOARD = map(list_id_of, ("Members", "Donors", "Board"))
APPLY = ("apply", "--yes")


def spring(stage: Stage) -> Activity:
    """The activity as the account has it."""
    world = stage.world
    return world.primary(world.campaigns[world.campaign_by_name["Spring"]])


def edit(stage: Stage, **values: Any) -> None:
    """Somebody edits it in Constant Contact."""
    stage.world.put_activity(replace(spring(stage), **values))


def scheduled(stage: Stage) -> tuple[datetime | None, tuple[str, ...]]:
    """For when, and to whom."""
    return spring(stage).scheduled, tuple(spring(stage).contact_list_ids)


def as_wanted(stage: Stage) -> bool:
    """Scheduled for March 10, to Members."""
    return scheduled(stage) == (AT_10, (MEMBERS,))


def mails(stage: Stage, days: int = 20) -> int:
    """How many sends there are once time has passed."""
    stage.world.advance(days * 86_400)
    return len(stage.sent("Spring"))


def posts(stage: Stage) -> list[str]:
    """The POSTs that arrived."""
    return [one for one in stage.writes() if one.startswith("POST")]
