"""The account of the examples: Fern & Field Co., on the first of March 2027."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from ccops.sandbox.furnish import AB_TEST, PastSend
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.records import Account, Activity
from ccops.sandbox.world import World

START = datetime(2027, 3, 1, 14, tzinfo=UTC)
"""When the demo begins, unless told otherwise."""

ACCOUNT_ID = "p07e1l8cdif9dl"
"""The `encoded_account_id` of the demo."""

_ADDRESS = {
    "address_line1": "12 Meadow Lane",
    "city": "Rhinebeck",
    "state_code": "NY",
    "postal_code": "12572",
    "country_code": "US",
}


def demo(now: datetime | None = None) -> World:
    """Return the demo account; its clock stands still until moved."""
    world = World(now or START, frozen=True)
    world.account = Account(
        encoded_account_id=ACCOUNT_ID,
        organization_name="Fern & Field Co.",
        contact_email="news@fernandfield.example",
        website="https://fernandfield.example",
        physical_address=_ADDRESS,
    )
    world.add_sender("news@fernandfield.example", roles=("CONTACT", "REPLY_TO"))
    world.add_sender("events@fernandfield.example", roles=("OTHER",))
    world.add_sender("hello@fernandfield.example", confirmed=False)
    _add_recipients(world)
    _add_drafts(world)
    _add_scheduled(world)
    _add_sent(world)
    _date(world)
    return world


def _add_recipients(world: World) -> None:
    people = world.add_contacts(60)
    world.add_list("Newsletter", people[:40])
    world.add_list("Active donors", people[20:45])
    world.add_list("Board", people[:7])
    world.add_list("Customers", people[30:60])
    world.add_list("Newsletter — US", people[:12])
    world.delete_list(world.add_list("Old prospects", people[50:55]))
    world.add_segment("Volunteers active in last 12 months", people[10:19], 101)
    world.add_segment("Lapsed customers", people[45:56], 102)
    world.delete_segment(world.add_segment("Press", people[:3], 103))


def _adder(world: World) -> Callable[..., Activity]:
    return partial(
        world.add_campaign, from_email="news@fernandfield.example", from_name="Fern & Field Co."
    )


def _add_drafts(world: World) -> None:
    add, donors = _adder(world), list_id_of("Active donors")
    add("Spring Newsletter", subject="What grows in March", preheader="Seeds, soil and a sale")
    add("Annual Appeal", subject="Will you help us reach 500 families?", lists=[donors])
    add("Volunteer Call", subject="Hands wanted on April 10", format_type=3)
    add("Member Survey", subject="Five questions for you", format_type=4)
    add("Product Recall", subject="Please stop using the Fern trowel")
    add("Winter Sale", subject="Everything warm, a third off")
    add("Subject Line Test", subject="Which one would you open?", format_type=4, type_code=AB_TEST)
    world.trash_campaign(add("Old Gala", subject="An evening in green").campaign_id)


def _add_scheduled(world: World) -> None:
    add = _adder(world)
    add(
        "Summer Teaser",
        subject="Summer is closer than you think",
        lists=[list_id_of("Customers")],
        scheduled=datetime(2027, 6, 1, 13, tzinfo=UTC),
    )
    add(
        "Autumn Preview",
        subject="A first look at autumn",
        lists=[list_id_of("Newsletter")],
        scheduled=datetime(2027, 9, 14, 13, tzinfo=UTC),
    )


def _add_sent(world: World) -> None:
    """Of the Newsletter's 40 members the last five joined after the welcome mail went out."""
    add, people = _adder(world), tuple(world.contacts)
    welcome = PastSend(run_date=datetime(2027, 2, 2, 14, tzinfo=UTC), contacts=people[:35])
    add(
        "Welcome Series Spring",
        subject="Welcome to Fern & Field",
        format_type=3,
        lists=[list_id_of("Newsletter")],
        history=[welcome],
    )
    add(
        "Board Minutes",
        subject="Minutes of the February meeting",
        lists=[list_id_of("Board")],
        history=[datetime(2027, 2, 16, 15, 30, tzinfo=UTC)],
    )


def _date(world: World) -> None:
    """Give every campaign its own `updated_at`, so that the listing has one order."""
    for minute, campaign in enumerate(list(world.campaigns.values())):
        at = datetime(2027, 2, 20, 15, minute, tzinfo=UTC)
        world.put_campaign(replace(campaign, created_at=at, updated_at=at))
