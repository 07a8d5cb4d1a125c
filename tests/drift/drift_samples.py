"""Drifts by hand and at random, for the tests of their renderers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from ccops.errors import Place
from ccops.model import NOW, Account
from ccops.planning.drift import Compared, Drift, DriftField, DriftItem, DriftState, Moved
from ccops.planning.plan import Verdict
from tests.render.hostile import hostile

AS_OF = datetime(2027, 3, 1, 14, tzinfo=UTC)
AT = datetime(2027, 3, 9, 14, tzinfo=UTC)
WROTE = AS_OF - timedelta(days=3)
ACCOUNT = Account(id="p07e1l8cdif9dl", name="Fern & Field Co.", zone="America/New_York")
STATE = DriftState


def item(campaign: str, state: DriftState, *fields: DriftField, line: int = 1) -> DriftItem:
    """An item with a manifest, a journal and a send ahead."""
    return DriftItem(
        state=state,
        campaign=campaign,
        campaign_id="b6e5a7e0",
        activity_id="9c41e07b",
        zone="America/New_York",
        place=Place(file="campaigns/spring.yaml", line=line, column=11),
        verdict=Verdict.IN_SYNC,
        fields=fields,
        reason="what was found",
        remedy="what can be done",
        applied_at=WROTE,
        soonest=AT,
    )


def drift(*items: DriftItem, in_sync: int = 0) -> Drift:
    return Drift(
        account=ACCOUNT,
        origin="https://api.cc.email",
        zone="America/New_York",
        as_of=AS_OF,
        items=items,
        in_sync=in_sync,
        requests=9,
    )


def mixed() -> Drift:
    """One of every state and of every field, and a selection."""
    moved = DriftField(
        compared=Compared.SEND_AT,
        moved=Moved.ACCOUNT,
        declared=AT,
        applied=AT,
        live=AT + timedelta(days=1),
    )
    people = DriftField(
        compared=Compared.RECIPIENTS,
        moved=Moved.BOTH,
        declared="Donors",
        applied="Board, Donors",
    )
    unseen = replace(moved, moved=Moved.UNKNOWN, declared=NOW, applied=None, live=None)
    content = DriftField(
        compared=Compared.CONTENT,
        moved=Moved.ACCOUNT,
        applied="another text",
        live='"Gift guide!!" from Fern <news@fern.example>',
    )
    sent = DriftField(
        compared=Compared.SENDS, moved=Moved.ACCOUNT, live="sent on Monday to 12 contacts"
    )
    renamed = DriftField(
        compared=Compared.CAMPAIGN,
        moved=Moved.ACCOUNT,
        declared="Old",
        applied="Old",
        live="New",
    )
    subject = replace(content, compared=Compared.SUBJECT, declared="Gift guide")
    stranger = replace(
        item("Flash Sale", STATE.UNMANAGED, replace(unseen, declared=None, live=AT)),
        place=None,
        verdict=None,
        applied_at=None,
    )
    return replace(
        drift(
            item("Moved", STATE.CHANGED, moved, people),
            replace(item("Not Known", STATE.CHANGED, unseen, line=7), applied_at=None),
            replace(item("Another Email", STATE.CHANGED, subject, content), owner="@marketing"),
            item("Sent Twice", STATE.CHANGED, sent),
            item("Old", STATE.CHANGED, renamed),
            item("Trashed", STATE.MISSING, replace(moved, live="no such campaign")),
            stranger,
            item("A/B Test", STATE.NEEDS_PERSON),
            item("Lost Answer", STATE.UNKNOWN),
            item("To Apply", STATE.PENDING, replace(moved, moved=Moved.GIT, live=AT)),
            replace(item("Too Late", STATE.STALLED), soonest=None),
            item("Stopped", STATE.HALTED),
            in_sync=4,
        ),
        selection=("name:*",),
        commit="4f2c9ab",
    )


sides = st.one_of(st.none(), st.just(NOW), hostile, st.sampled_from([AT, AT + timedelta(days=30)]))
fields = st.builds(
    DriftField,
    compared=st.sampled_from(Compared),
    moved=st.sampled_from(Moved),
    declared=sides,
    applied=sides,
    live=sides,
)
items = st.builds(
    DriftItem,
    state=st.sampled_from([one for one in DriftState if one is not STATE.IN_SYNC]),
    campaign=hostile,
    campaign_id=hostile,
    activity_id=hostile,
    zone=st.sampled_from(["America/New_York", "UTC", "Nowhere/Land"]),
    place=st.none() | st.builds(Place, file=hostile, line=st.just(3), column=st.just(1)),
    verdict=st.none() | st.sampled_from(Verdict),
    fields=st.lists(fields, max_size=3).map(tuple),
    reason=hostile,
    remedy=hostile,
    applied_at=st.sampled_from([None, WROTE]),
    soonest=st.sampled_from([None, AT]),
    owner=st.none() | hostile,
)
drifts = st.builds(
    lambda name, zone, origin, many, selection, fresh, commit: replace(
        drift(*many),
        account=Account(id=name, name=zone, zone=zone),
        zone=zone,
        origin=origin,
        selection=tuple(selection),
        fresh=fresh,
        commit=commit,
    ),
    hostile,
    st.sampled_from(["America/New_York", "UTC", "\x1b[2J"]),
    hostile,
    st.lists(items, max_size=4),
    st.lists(hostile, max_size=2),
    st.booleans(),
    hostile,
)
