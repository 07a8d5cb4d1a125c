"""S-23, field by field: whatever changed in the account since a plan was saved makes it stale."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from ccops.errors import ExitCode
from ccops.model import Live
from ccops.sandbox.furnish import AB_TEST, PastSend, abtest_of
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.records import Activity
from ccops.sandbox.world import World
from tests.e2e.stage import START, Stage, manifest

IDENTITY = {"campaign_id", "activity_id"}
"""What names the activity: another one is another campaign, not a change of this one."""
MEMBERS, DONORS = list_id_of("Members"), list_id_of("Donors")
LAST_MONTH = START - timedelta(days=28)
MARCH_9, MARCH_10 = START + timedelta(days=8), START + timedelta(days=9)

Edit = Callable[[World], object]


def primary(world: World) -> Activity:
    return world.primary(world.campaigns[world.campaign_by_name["Spring"]])


def edited(**values: object) -> Edit:
    return lambda world: world.put_activity(replace(primary(world), **values))  # type: ignore[arg-type]  # by name


def of_campaign(**values: object) -> Edit:
    def edit(world: World) -> None:
        campaign = world.campaigns[world.campaign_by_name["Spring"]]
        world.put_campaign(replace(campaign, **values))  # type: ignore[arg-type]  # by name

    return edit


def sent_once_more(world: World) -> None:
    history = (*primary(world).history, *_one_send(world))
    world.put_activity(replace(primary(world), history=history))


def _one_send(world: World) -> tuple[object, ...]:
    other = world.add_campaign("Elsewhere", history=[PastSend(run_date=START - timedelta(days=7))])
    return world.primary(world.campaigns[other.campaign_id]).history


def made_an_ab_test(world: World) -> None:
    of_campaign(type_code=AB_TEST)(world)
    edited(abtest=abtest_of("Spring"))(world)


EDITS: Mapping[str, Edit] = {
    "name": of_campaign(name="Summer"),
    "role": edited(role="permalink"),
    "status": edited(status="EXECUTING"),
    "ab_test": made_an_ab_test,
    "format_type": edited(format_type=4),
    "recipients": edited(contact_list_ids=(DONORS,)),
    "subject": edited(subject="Another subject"),
    "from_name": edited(from_name="Somebody else"),
    "from_email": edited(from_email="else@sandbox.example"),
    "reply_to": edited(reply_to_email="else@sandbox.example"),
    "preheader": edited(preheader="Another preheader"),
    "schedules": edited(scheduled=MARCH_9 + timedelta(minutes=1)),
    "history": sent_once_more,
}


@pytest.fixture
def scheduled(stage: Stage) -> Stage:
    """A campaign that was sent once and is scheduled again; both are to move by a day."""
    stage.world.add_campaign(
        "Spring", lists=[MEMBERS], history=[LAST_MONTH], scheduled=MARCH_9, format_type=3
    )
    first = LAST_MONTH.strftime("%Y-%m-%dT%H:%M:%SZ")
    second = MARCH_10.strftime("%Y-%m-%dT%H:%M:%SZ")
    stage.write(manifest("Spring", "Members", send_at=first, resend_to_new_contacts=[second]))
    assert stage.run("plan", "--save", "plan.json").code == 0
    return stage


def test_s23_every_live_field_is_tried() -> None:
    """A field that is new in `Live` needs a row here."""
    assert set(EDITS) | IDENTITY == {one.name for one in fields(Live)}


def test_s23_unchanged_it_is_applied(scheduled: Stage) -> None:
    """So that the rows below prove something."""
    assert scheduled.run("apply", "plan.json", "--yes").code == 0
    assert scheduled.writes() == ["DELETE Spring", "POST Spring 2027-03-10T14:00:00.000Z"]


@pytest.mark.parametrize("field", EDITS)
def test_s23_a_changed_field_is_stale(scheduled: Stage, field: str) -> None:
    """Exit 7 for each field that a reviewer may have looked at, and not one write."""
    EDITS[field](scheduled.world)
    done = scheduled.run("apply", "plan.json", "--yes")
    assert (done.code, scheduled.writes()) == (ExitCode.STALE, []), done


@pytest.mark.parametrize("field", EDITS)
def test_s23_a_changed_field_stops_the_others_too(scheduled: Stage, field: str) -> None:
    """A plan is applied whole or not at all: the untouched campaign beside it waits as well."""
    scheduled.world.add_campaign("Autumn")
    text = manifest("Autumn", "Donors", send_at="Tue 2027-03-09 09:00")
    scheduled.write(text, name="two.yaml")
    scheduled.run("plan", "--save", "plan.json")
    EDITS[field](scheduled.world)
    done = scheduled.run("apply", "plan.json", "--yes")
    assert (done.code, scheduled.writes()) == (ExitCode.STALE, []), done


def test_s23_a_campaign_that_is_gone_is_stale(scheduled: Stage) -> None:
    """Deleted since: not absent, and nothing else either."""
    scheduled.world.trash_campaign(scheduled.world.campaign_by_name["Spring"])
    done = scheduled.run("apply", "plan.json", "--yes")
    assert (done.code, scheduled.writes()) == (ExitCode.STALE, [])
