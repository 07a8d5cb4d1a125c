"""The odd cases of a fleet: campaigns in states that are rare, and none the less real."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ccops.sandbox.furnish import AB_TEST, PastSend, abtest_of, with_history
from ccops.sandbox.records import Activity
from ccops.sandbox.world import World

ODD_RECIPIENTS = (
    'The "best" of #1: fans',
    "Les amis\u00a0d'été",
    "Friends ",
    "Cafe\u0301 regulars",
    "0042",
    "null",
    "<<",
    "R" * 200,
)
"""Names of lists and segments that are hard to write, or that only an id can stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The lists and segments of a fleet; the dead ones were deleted after campaigns named them."""

    lists: tuple[str, ...]
    segments: tuple[int, ...]
    odd_lists: tuple[str, ...]
    odd_segments: tuple[int, ...]
    dead_list: str
    dead_segment: int


Oddity = Callable[[World, Activity, Stock], None]
"""Makes a campaign, which is furnished by its status already, odd in one way."""


def _plain(_world: World, _activity: Activity, _stock: Stock) -> None:
    """Nothing is odd about it."""


def _to_odd_lists(world: World, activity: Activity, stock: Stock) -> None:
    world.put_activity(replace(activity, contact_list_ids=stock.odd_lists, segment_ids=()))


def _to_odd_segment(world: World, activity: Activity, stock: Stock) -> None:
    number = len(world.activities) % len(stock.odd_segments)
    odd = stock.odd_segments[number]
    world.put_activity(replace(activity, contact_list_ids=(), segment_ids=(odd,)))


def _to_dead_list(world: World, activity: Activity, stock: Stock) -> None:
    ids = (stock.lists[0], stock.dead_list)
    world.put_activity(replace(activity, contact_list_ids=ids, segment_ids=()))


def _to_dead_segment(world: World, activity: Activity, stock: Stock) -> None:
    ids = (stock.dead_segment,)
    world.put_activity(replace(activity, contact_list_ids=(), segment_ids=ids))


def _to_nobody(world: World, activity: Activity, _stock: Stock) -> None:
    world.put_activity(replace(activity, contact_list_ids=(), segment_ids=()))


def _to_both_kinds(world: World, activity: Activity, stock: Stock) -> None:
    lists, segments = stock.lists[:1], stock.segments[:1]
    world.put_activity(replace(activity, contact_list_ids=lists, segment_ids=segments))


def _to_two_segments(world: World, activity: Activity, stock: Stock) -> None:
    world.put_activity(replace(activity, contact_list_ids=(), segment_ids=stock.segments[:2]))


def _ab_test(world: World, activity: Activity, _stock: Stock) -> None:
    campaign = world.campaigns[activity.campaign_id]
    world.put_campaign(replace(campaign, type_code=AB_TEST))
    world.put_activity(replace(activity, abtest=abtest_of(campaign.name)))


def _sent_at(*ago: float, failed: Sequence[int] = ()) -> Oddity:
    """Further sends, so many seconds before now; those of the numbers `failed` failed."""

    def add(world: World, activity: Activity, _stock: Stock) -> None:
        sends = [
            PastSend(
                run_date=world.now - timedelta(seconds=seconds),
                send_status="ERRORED" if number in failed else "COMPLETED",
                reason_code=9 if number in failed else 0,
            )
            for number, seconds in enumerate(ago)
        ]
        past = with_history(world, replace(activity, history=()), sends)
        previous = past.previous_status
        world.put_activity(replace(past, status=activity.status, previous_status=previous))

    return add


def _at_the_second(world: World, activity: Activity, _stock: Stock) -> None:
    at = world.now + timedelta(days=3, seconds=17)
    world.put_activity(replace(activity, scheduled=at.replace(microsecond=0)))


def _at_the_change_of_clocks(world: World, activity: Activity, _stock: Stock) -> None:
    """Half past one, New York, on the night when that comes twice: the second time."""
    at = datetime(world.now.year, 11, 7, 6, 30, tzinfo=UTC)
    world.put_activity(replace(activity, scheduled=at))


def _in_two_minutes(world: World, activity: Activity, _stock: Stock) -> None:
    at = world.now + timedelta(minutes=2)
    world.put_activity(replace(activity, scheduled=at.replace(microsecond=0)))


_DAY = 86_400.0
ODDITIES: Mapping[str, tuple[Oddity, ...]] = {
    "DRAFT": (
        _plain,
        _to_odd_lists,
        _to_nobody,
        _to_odd_segment,
        _to_dead_list,
        _ab_test,
        _to_both_kinds,
        _to_dead_segment,
        _to_two_segments,
    ),
    "SCHEDULED": (
        _plain,
        _to_odd_lists,
        _sent_at(14 * _DAY, 7 * _DAY),
        _to_dead_list,
        _at_the_second,
        _sent_at(3 * _DAY, failed=[0]),
        _to_odd_segment,
        _at_the_change_of_clocks,
        _to_dead_segment,
        _in_two_minutes,
        _ab_test,
    ),
    "DONE": (
        _plain,
        _sent_at(21 * _DAY - 0.25, 14 * _DAY - 37, 7 * _DAY - 59.75),
        _to_dead_list,
        _sent_at(_DAY - 20, _DAY - 40, _DAY - 40.5, _DAY - 40.75),
        _to_odd_lists,
        _sent_at(9 * _DAY, 8 * _DAY, 2 * _DAY, failed=[0, 1]),
        _to_dead_segment,
        _to_odd_segment,
        _sent_at(5 * _DAY, 4 * _DAY, failed=[1]),
        _to_nobody,
        _ab_test,
        _to_both_kinds,
    ),
}
"""What campaigns of each status go through, in turn."""
