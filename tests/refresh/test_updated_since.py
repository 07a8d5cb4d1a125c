"""What changed since an instant: the listing with a bound, against the sandbox."""

from datetime import timedelta

import pytest

from ccops.constantcontact.reader import read_updated
from ccops.model import Status
from ccops.sandbox.ids import campaign_id_of
from tests.e2e.stage import START, account
from tests.refresh.worlds import ORIGIN, asking

HOUR = timedelta(hours=1)


def test_only_what_changed_since_is_listed_newest_first() -> None:
    """With its name, status and date as in a whole listing."""
    world = account()
    for hours in (3, 1, 2):
        world.add_campaign(f"{hours} h ago", updated_at=START - hours * HOUR)
    found = read_updated(asking(world), START - 2 * HOUR, origin=ORIGIN)
    assert [one.name for one in found] == ["1 h ago", "2 h ago"]
    assert [one.updated_at for one in found] == [START - HOUR, START - 2 * HOUR]
    (asked,) = world.requests
    assert asked.query == "limit=500&after_date=2027-03-01T12%3A00%3A00.000Z"


@pytest.mark.parametrize("listed", [False, True])
def test_removed_campaigns_are_told_where_the_vendor_tells_them(*, listed: bool) -> None:
    """The description lists them, recordings do not: whoever knows them must forget them."""
    world = account()
    world.set_switch("removed_listed", listed)
    world.add_campaign("Gone", updated_at=START)
    world.trash_campaign(campaign_id_of("Gone"))
    found = read_updated(asking(world), START - HOUR, origin=ORIGIN)
    assert [one.status for one in found] == ([Status.REMOVED] if listed else [])


def test_many_changes_come_in_pages() -> None:
    """As few as the documented limit allows, and each campaign once."""
    world = account()
    for number in range(501):
        world.add_campaign(f"Campaign {number}", updated_at=START)
    found = read_updated(asking(world), START - HOUR, origin=ORIGIN)
    assert len({one.campaign_id for one in found}) == len(found) == 501
    assert len(world.requests) == 2
