"""A fleet of campaigns for tests and benchmarks of hundreds and thousands."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ccops.sandbox.furnish import PastSend, executing, with_history
from ccops.sandbox.oddities import ODD_RECIPIENTS, ODDITIES, Stock
from ccops.sandbox.records import Activity
from ccops.sandbox.world import World

START = datetime(2027, 3, 1, 14, tzinfo=UTC)
"""When a fleet begins, unless told otherwise."""

STATUSES = ("DRAFT", "SCHEDULED", "DONE", "ERROR", "EXECUTING", "REMOVED")
"""The statuses that a fleet goes through, in turn."""

ODD_NAMES = (
    "NO",
    "9:30",
    "010",
    "Donors #2024",
    "null",
    "- dash first",
    "Quote \"this\" and 'that'",
    "Tab\\tand backslash \\\\",
    "<script>alert(1)</script>",
    "| pipe | and `tick` |",
    "Crème brûlée à la carte",
    "Zero\u200bwidth",
    "مرحبا بالربيع",
    "春のお知らせ",
    "🌱 Spring 🌷",
    "= 1 + 1",
    "@marketing",
    "Trailing colon:",
    "N" * 80,
    "Leading: #hash, then - dash",
    "Café du matin",
    "Trailing backslash \\",
    "{braces} and [brackets]",
    "Gone: in the trash",
    "No\u00a0break\u00a0space",
    "Cafe\u0301 du matin",
    " Leading blank",
    "007",
    "~",
    "*alias",
    "&anchor !tag",
    "Trailing no-break\u00a0",
    "<<",
    "? question",
    "%directive",
    "...",
    "CON",
    "Two\u2028lines",
    "👩\u200d🚀 to the 🌙",
    "0x1F",
    "1e3",
    "2027-03-01",
    "Sale!",
    "sale?",
    "SALE",
    "true",
    "off",
    "Straße",
)
"""Names that a YAML reader, a table, a terminal or a file system may trip over.

Two of them are one name in composed form (NFC), and some no manifest can write: outer blanks, a
line separator, the merge key. Those of the drafts are plain enough to be quoted as in JSON.
"""


def generated(count: int, seed: int, now: datetime | None = None) -> World:
    """Return a world of `count` campaigns in every status; equal arguments give equal worlds.

    The first campaigns bear the odd names. After them every status has its odd cases, each in
    its turn, beginning with another one for another seed. The clock stands still at `now`.
    """
    world = World(now or START, frozen=True)
    world.add_sender("news@sandbox.example", roles=("CONTACT",))
    stock = _stock(world, seed)
    for index in range(count):
        _add(world, index, seed, stock)
    world.delete_list(stock.dead_list)
    world.delete_segment(stock.dead_segment)
    return world


def _stock(world: World, seed: int) -> Stock:
    people = world.add_contacts(200)
    twin = "List of one name"
    return Stock(
        lists=tuple(world.add_list(f"List {n:02d}", _some(people, n + seed)) for n in range(20)),
        segments=tuple(world.add_segment(f"Segment {n}", _some(people, n)) for n in range(5)),
        odd_lists=tuple(world.add_list(name, people[:5]) for name in (*ODD_RECIPIENTS, twin, twin)),
        odd_segments=tuple(world.add_segment(name, people[5:9]) for name in ODD_RECIPIENTS),
        dead_list=world.add_list("Deleted list", people[:3]),
        dead_segment=world.add_segment("Deleted segment", people[:3]),
    )


def _some(people: Sequence[str], turn: int) -> Sequence[str]:
    """A third of the people, a different one each turn, in a fixed order."""
    return [person for place, person in enumerate(people) if (place * 31 + turn * 17) % 3 == 0]


def _add(world: World, index: int, seed: int, stock: Stock) -> None:
    status, turn = STATUSES[index % len(STATUSES)], index * 7 + seed
    in_segment = turn % 5 == 0
    activity = world.add_campaign(
        _name(index),
        subject=f"Subject of {index}",
        format_type=(3, 4, 5)[turn % 3],
        lists=[] if in_segment else stock.lists[turn % len(stock.lists) :][:2],
        segments=[stock.segments[turn % len(stock.segments)]] if in_segment else [],
        preheader=f"Preheader of {index}" if turn % 2 else None,
        updated_at=world.now - timedelta(minutes=index + 1),
    )
    _FATES[status](world, activity, index)
    odd = ODDITIES.get(status, ())
    if index >= len(ODD_NAMES) and odd:
        known = world.activities[activity.activity_id]
        odd[(index // len(STATUSES) + seed) % len(odd)](world, known, stock)


def _name(index: int) -> str:
    return ODD_NAMES[index] if index < len(ODD_NAMES) else f"Campaign {index:05d}"


def _draft(_world: World, _activity: Activity, _index: int) -> None:
    """Leave it as it is."""


def _scheduled(world: World, activity: Activity, index: int) -> None:
    at = (world.now + timedelta(days=1 + index % 90)).replace(microsecond=0)
    world.put_activity(replace(activity, status="SCHEDULED", scheduled=at))


def _done(world: World, activity: Activity, index: int) -> None:
    past = with_history(world, activity, [world.now - timedelta(days=1 + index % 90)])
    world.put_activity(replace(past, status="DONE"))


def _error(world: World, activity: Activity, index: int) -> None:
    at = world.now - timedelta(days=1 + index % 90)
    send = PastSend(run_date=at, send_status="ERRORED", reason_code=9)
    past = with_history(world, activity, [send])
    world.put_activity(replace(past, status="ERROR"))


def _executing(world: World, activity: Activity, _index: int) -> None:
    world.put_activity(executing(world, replace(activity, status="EXECUTING")))


def _removed(world: World, activity: Activity, _index: int) -> None:
    world.trash_campaign(activity.campaign_id)


_FATES: dict[str, Callable[[World, Activity, int], None]] = {
    "DRAFT": _draft,
    "SCHEDULED": _scheduled,
    "DONE": _done,
    "ERROR": _error,
    "EXECUTING": _executing,
    "REMOVED": _removed,
}
