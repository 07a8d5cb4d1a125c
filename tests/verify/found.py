"""What a verification may find, by hand and at random, for the tests of its renderers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from ccops.model import NOW, Account
from ccops.planning.delivery import Delivery, DeliveryState
from ccops.render.delivering import Verification
from tests.render.hostile import hostile

AS_OF = datetime(2027, 3, 9, 16, tzinfo=UTC)
SINCE = AS_OF - timedelta(days=7)
AT = datetime(2027, 3, 9, 14, tzinfo=UTC)
ACCOUNT = Account(id="p07e1l8cdif9dl", name="Fern & Field Co.", zone="America/New_York")


def delivery(campaign: str, state: DeliveryState, detail: str = "") -> Delivery:
    return Delivery(
        campaign=campaign,
        activity_id="9c41e07b",
        state=state,
        when=AT,
        detail=detail,
        write_id="20270301T140000Z-a1b2c3:9c41e07b:1",
        run="20270301T140000Z-a1b2c3",
        instant=AT,
    )


def ran(one: Delivery, count: int, reason: int = 0) -> Delivery:
    return replace(one, ran_at=AT, count=count, reason=reason)


def found(*deliveries: Delivery) -> Verification:
    return Verification(
        account=ACCOUNT,
        origin="https://api.cc.email",
        zone="America/New_York",
        since=SINCE,
        as_of=AS_OF,
        deliveries=deliveries,
        requests=9,
    )


def mixed() -> Verification:
    """One of every state, and a selection."""
    state = DeliveryState
    later = replace(
        delivery("Next Week", state.TO_COME),
        when=AT + timedelta(days=7),
        instant=AT + timedelta(days=7),
    )
    stranger = replace(delivery("Flash Sale", state.ELSEWHERE), when=None, write_id="", run="")
    first = replace(ran(delivery("Recall", state.SENT), 6), when=NOW)
    reason = "the sender's address could not be authenticated"
    held = "it is held in staging for a review by Constant Contact"
    return replace(
        found(
            first,
            ran(delivery("First Try", state.RETRIED, reason), 0, 9),
            delivery("Just Now", state.DUE),
            delivery("Right Now", state.SENDING),
            later,
            delivery("Summer Teaser", state.WITHDRAWN),
            delivery(
                "Refused", state.NOT_SCHEDULED, "Constant Contact shows: a draft, not scheduled"
            ),
            ran(delivery("Empty List", state.NOBODY), 0, 12),
            ran(delivery("Wrong Sender", state.FAILED, reason), 0, 9),
            ran(delivery("Under Review", state.HELD, held), 0, 5),
            delivery("Vanished", state.GONE, "it is not scheduled any more"),
            delivery(
                "Moved",
                state.CHANGED,
                "it is scheduled for Wed 2027-03-10 09:00 America/New_York instead",
            ),
            delivery("Stuck", state.OVERDUE, "it is still scheduled, though its time has passed"),
            ran(replace(stranger, detail="no request of ccops asked for it"), 1200),
            replace(
                delivery("Lost", state.UNKNOWN, "Constant Contact shows: a draft, not scheduled"),
                noted="the request to schedule was made, but no reading shows it",
            ),
        ),
        selection=("name:*",),
    )


deliveries = st.builds(
    Delivery,
    campaign=hostile,
    activity_id=hostile,
    state=st.sampled_from(DeliveryState),
    when=st.sampled_from([None, NOW, AT, AT + timedelta(days=30)]),
    ran_at=st.sampled_from([None, AT]),
    count=st.none() | st.integers(0, 10_000),
    reason=st.none() | st.integers(0, 99),
    detail=hostile,
    noted=hostile,
    write_id=hostile,
    run=hostile,
    instant=st.sampled_from([AT, AT + timedelta(days=30)]),
)
verifications = st.builds(
    lambda name, zone, origin, many, selection, fresh: replace(
        found(*many),
        account=Account(id=name, name=zone, zone=zone),
        zone=zone,
        origin=origin,
        selection=tuple(selection),
        fresh=fresh,
    ),
    hostile,
    st.sampled_from(["America/New_York", "UTC", "Nowhere/Land", "\x1b[2J"]),
    hostile,
    st.lists(deliveries, max_size=4),
    st.lists(hostile, max_size=2),
    st.booleans(),
)
