"""The reader, client and transport against the sandbox, over a real socket.

The sandbox is an independent witness: it was written from the vendor's facts, not from the wire
module. What both agree on is misspelt in neither.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ccops.constantcontact import reader
from ccops.constantcontact.client import Client, client
from ccops.constantcontact.privileges import APPLY_PRIVILEGES, missing_privileges
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.wire import (
    accepted_instants,
    schedule_step,
    step_call,
    unschedule_step,
    update_step,
)
from ccops.constantcontact.writes import APPLY_WRITES, NO_WRITES, WriteList
from ccops.errors import CcopsError, NoReply, Throttled, VendorFault
from ccops.model import CampaignRow, Live, Named, Recipients, Sender, Status
from ccops.sandbox.demo import demo
from ccops.sandbox.faults import read_fault
from ccops.sandbox.server import serve
from ccops.sandbox.world import World
from ccops.transport import open_transport
from tests.constantcontact.vendor_builders import OneDayMeter


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    world: World
    origin: str
    send: Client


@contextmanager
def sandbox(world: World, writes: WriteList = NO_WRITES) -> Iterator[Sandbox]:
    with ExitStack() as stack:
        origin = stack.enter_context(serve(world))
        send = client(
            stack.enter_context(open_transport(origin)),
            token=Secret("t"),
            origin=origin,
            writes=writes,
            meter=OneDayMeter(),
            gap=timedelta(0),
            per_day=10_000,
            today=lambda: date(2027, 3, 1),
            sleep=lambda _: None,
        )
        yield Sandbox(world=world, origin=origin, send=send)


def never(_: Live) -> bool:
    return False


def always(_: Live) -> bool:
    return True


def row(send: Client, name: str) -> CampaignRow:
    """Look a campaign up by name, as a survey does."""
    [listed] = [one for one in reader.read_campaigns(send) if one.name == name]
    found = reader.read_campaign(send, listed.campaign_id)
    assert found is not None
    assert replace(found, activity_id=None) == listed
    return found


def live(send: Client, name: str) -> Live:
    found = reader.read_live(send, row(send, name), wants_history=always)
    assert found is not None
    return found


def fault(world: World, kind: str, path: str, times: int = 1, after: int = 0) -> None:
    """Let a misfortune happen to the next requests of this path."""
    document = {"match": {"path": path}, "fault": kind, "times": times, "after": after}
    number = len(world.faults) + 1
    world.faults[number] = read_fault(number, document)


def test_the_demo_account_is_read_as_it_is_seeded() -> None:
    """Account, senders, privileges, lists, segments and campaigns, one request each."""
    with sandbox(demo()) as at:
        account = reader.read_account(at.send)
        senders = reader.read_senders(at.send)
        privileges = reader.read_privileges(at.send)
        lists = reader.read_lists(at.send, origin=at.origin)
        segments = reader.read_segments(at.send, origin=at.origin)
        campaigns = reader.read_campaigns(at.send, origin=at.origin)
        assert at.send.requests == len(at.world.log) == 6
    assert (account.id, account.name) == ("p07e1l8cdif9dl", "Fern & Field Co.")
    assert Sender(email="hello@fernandfield.example", confirmed=False) in senders
    assert missing_privileges(privileges, APPLY_PRIVILEGES) == ()
    assert [one.name for one in lists] == [
        "Active donors",
        "Board",
        "Customers",
        "Newsletter",
        "Newsletter — US",
    ]
    assert [(one.id, one.name) for one in segments] == [
        ("102", "Lapsed customers"),
        ("101", "Volunteers active in last 12 months"),
    ]
    names = {one.name: one for one in campaigns}
    assert "Old Gala" not in names
    assert names["Subject Line Test"].ab_test
    assert names["Board Minutes"].status is Status.DONE
    assert all(one.activity_id is None for one in campaigns)
    assert [one.name for one in campaigns] == sorted(names)


def test_a_scheduled_campaign_is_read_with_its_time() -> None:
    """One listing, one look-up, activity and schedules."""
    with sandbox(demo()) as at:
        found = reader.read_live(at.send, row(at.send, "Summer Teaser"), wants_history=never)
        assert at.send.requests == 4
    assert found is not None
    assert found.status is Status.SCHEDULED
    assert found.schedules == (datetime(2027, 6, 1, 13, tzinfo=UTC),)
    assert found.history is None
    assert len(found.recipients.lists) == 1


def test_a_sent_campaign_is_read_with_its_history() -> None:
    """As COMPLETED, with the number of contacts."""
    with sandbox(demo()) as at:
        found = live(at.send, "Welcome Series Spring")
    assert found.status is Status.DONE
    assert found.schedules == ()
    [record] = found.history or ()
    assert (record.completed, record.count, record.reason) == (True, 35, 0)


def test_pages_are_followed_to_the_end() -> None:
    """600 lists are two pages of 500, each list once."""
    world = demo()
    for number in range(600):
        world.add_list(f"List {number:03}")
    with sandbox(world) as at:
        lists = reader.read_lists(at.send, origin=at.origin)
        assert at.send.requests == 2
    assert len({one.id for one in lists}) == len(lists) == 605


def test_the_three_writes_do_what_they_say() -> None:
    """PUT keeps every other field; POST is answered with its instant; DELETE takes it away."""
    when = datetime(2027, 3, 20, 13, tzinfo=UTC)
    with sandbox(demo(), APPLY_WRITES) as at:
        before = live(at.send, "Spring Newsletter")
        board = next(one for one in reader.read_lists(at.send) if one.name == "Board")
        wanted = Recipients(lists=(board.id,))
        assert at.send(step_call(update_step(before, wanted))).status == 200
        updated = live(at.send, "Spring Newsletter")
        assert updated == replace(before, recipients=wanted)
        reply = at.send(step_call(schedule_step(before.activity_id, when)))
        assert accepted_instants(reply.body) == (when,)
        assert live(at.send, "Spring Newsletter").schedules == (when,)
        assert at.send(step_call(unschedule_step(before.activity_id))).status == 204
        assert live(at.send, "Spring Newsletter") == updated


def test_a_segment_goes_out_as_a_number_and_comes_back_as_text() -> None:
    """The only ids that change their form."""
    with sandbox(demo(), APPLY_WRITES) as at:
        before = live(at.send, "Volunteer Call")
        wanted = Recipients(segments=("101",))
        at.send(step_call(update_step(before, wanted)))
        assert live(at.send, "Volunteer Call").recipients == wanted


def test_a_removed_campaign_is_absent() -> None:
    """Not in the listing, not by id, and neither is its activity."""
    with sandbox(demo()) as at:
        found = row(at.send, "Winter Sale")
        at.world.trash_campaign(found.campaign_id)
        assert "Winter Sale" not in {one.name for one in reader.read_campaigns(at.send)}
        assert reader.read_campaign(at.send, found.campaign_id) is None
        assert reader.read_live(at.send, found, wants_history=always) is None


@pytest.mark.parametrize(
    "kind", ["drop_before", "drop_after", "503_before", "truncate", "html", "throttled", "refuse"]
)
def test_a_misfortune_while_reading_is_got_over(kind: str) -> None:
    """Twice in a row; the third try reads the same account."""
    with sandbox(demo()) as at:
        fault(at.world, kind, "/v3/contact_lists", times=2)
        lists = reader.read_lists(at.send)
        assert at.send.requests == 3
    assert Named(kind=lists[0].kind, id=lists[0].id, name="Active donors") == lists[0]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("drop_after", NoReply),
        ("500_before", VendorFault),
        ("truncate", NoReply),
        ("html", VendorFault),
        ("html502", VendorFault),
        ("redirect", VendorFault),
        ("throttled", Throttled),
        ("quota_exceeded", Throttled),
    ],
)
def test_a_misfortune_that_stays_is_an_error_and_never_absence(
    kind: str, error: type[CcopsError]
) -> None:
    """INV-25, over a real socket."""
    with sandbox(demo()) as at:
        found = row(at.send, "Winter Sale")
        fault(at.world, kind, f"/v3/emails/activities/{found.activity_id}", times=9)
        with pytest.raises(error):
            reader.read_live(at.send, found, wants_history=always)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "502_after", "truncate"])
def test_a_write_meets_misfortune_once(kind: str) -> None:
    """Whatever comes back, the server saw one request."""
    when = datetime(2027, 3, 20, 13, tzinfo=UTC)
    with sandbox(demo(), APPLY_WRITES) as at:
        found = live(at.send, "Annual Appeal")
        fault(at.world, kind, f"/v3/emails/activities/{found.activity_id}/schedules", times=9)
        before = len(at.world.log)
        write = step_call(schedule_step(found.activity_id, when))
        if kind == "502_after":
            assert at.send(write).status == 502
        else:
            with pytest.raises(NoReply) as lost:
                at.send(write)
            assert lost.value.maybe_sent
        assert len(at.world.log) == before + 1


def test_the_server_tells_its_own_time() -> None:
    """A virtual one: the demo's first of March."""
    with sandbox(demo()) as at:
        reader.read_account(at.send)
        off = at.send.clock.skew(at.world.now)
    assert abs(off) < timedelta(seconds=30)
