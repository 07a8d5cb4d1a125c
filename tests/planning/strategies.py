"""Hypothesis strategies for what planning reads: activities, manifests, observations, plans."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from ccops.errors import Place
from ccops.model import (
    NOW,
    Desired,
    Expect,
    Live,
    Recipients,
    SendRecord,
    SendTime,
    Status,
    When,
)
from ccops.planning.assemble import Observation, make_plan
from ccops.planning.plan import Permission, Plan, Verdict
from tests.planning.samples import (
    ACCOUNT,
    BOARD,
    CATALOGUE,
    DONORS,
    LIMITS,
    NAME,
    NOW_IS,
    SEGMENT,
    reference,
    row,
)

MINUTE = timedelta(minutes=1)

instants = st.integers(-60 * 24 * 40, 60 * 24 * 40).map(lambda one: NOW_IS + one * MINUTE)
upcoming = st.integers(0, 60 * 24 * 40).map(lambda one: NOW_IS + one * MINUTE)
past = st.integers(-60 * 24 * 40, -1).map(lambda one: NOW_IS + one * MINUTE)
audiences = st.sampled_from(
    [
        Recipients(lists=(DONORS,)),
        Recipients(lists=(BOARD, DONORS)),
        Recipients(segments=(SEGMENT,)),
    ]
)
records = st.builds(
    SendRecord,
    ran_at=past,
    completed=st.booleans(),
    count=st.integers(0, 3_000),
    reason=st.integers(0, 13),
)


def histories(limit: int = 3) -> st.SearchStrategy[tuple[SendRecord, ...]]:
    """Send histories, oldest first."""
    return st.lists(records, max_size=limit).map(
        lambda found: tuple(sorted(found, key=lambda one: one.ran_at))
    )


def sends() -> st.SearchStrategy[tuple[When, ...]]:
    """Declared sends, strictly ascending; `now` only first."""
    mixed, ahead = (
        st.lists(one, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
        for one in (instants, upcoming)
    )
    return st.one_of(mixed, ahead, ahead.map(lambda found: (NOW, *found[:2])))


@st.composite
def lives(
    draw: st.DrawFn,
    name: str = NAME,
    identity: UUID | None = None,
    statuses: Sequence[Status] = tuple(Status),
) -> Live:
    """Activities, mostly such as the API can show."""
    status = draw(st.sampled_from(statuses))
    identity = identity or draw(st.uuids())
    schedules = (draw(upcoming),) if status is Status.SCHEDULED else ()
    return Live(
        campaign_id=str(UUID(int=identity.int ^ 1)),
        activity_id=str(identity),
        name=name,
        role=draw(st.sampled_from(["primary_email"] * 5 + ["permalink"])),
        status=status,
        ab_test=draw(st.sampled_from([False] * 5 + [True])),
        format_type=draw(st.integers(1, 5)),
        recipients=draw(audiences),
        subject=draw(st.sampled_from(["Will you help?", "", "Ünïcode \u202e"])),
        from_name="Fern & Field",
        from_email="news@example.org",
        reply_to="reply@example.org",
        preheader=draw(st.sampled_from([None, "", "Soon"])),
        schedules=schedules,
        history=draw(st.one_of(st.none(), st.just(()), histories())),
    )


def manifest(campaign: str, times: Sequence[When], people: Recipients, line: int) -> Desired:
    """A manifest that stands at this line."""
    place = Place(file="c/all.yaml", line=line, column=1, text=f"campaign: {campaign}")
    first = reference("Volunteers" if people.segments else "Donors")
    return Desired(
        campaign=campaign,
        references=(first,),
        sends=tuple(SendTime(when=one, zone="America/New_York", place=place) for one in times),
        zone="Europe/Paris",
        expect=Expect(subject="Will you help?", from_email="x@example.org", place=place),
        tags=("fall",),
        owner="@marketing",
        place=place,
    )


@st.composite
def observations(draw: st.DrawFn) -> tuple[Observation, ...]:
    """Campaigns of unlike names, each read, or not found, or known to be sent."""
    names = draw(st.lists(st.text(min_size=1, max_size=12), max_size=5, unique=True))
    found = []
    for line, name in enumerate(names, start=1):
        people = draw(audiences)
        wanted = manifest(f"{line} {name}", draw(sends()), people, line)
        live = draw(st.one_of(st.none(), lives(wanted.campaign, UUID(int=line << 64))))
        listed = row(wanted.campaign, f"row-{line}", draw(st.sampled_from(Status)))
        found.append(
            Observation(
                desired=wanted,
                row=listed if live is None and draw(st.booleans()) else None,
                live=live,
                recipients=draw(st.sampled_from([people, None])),
                problem=draw(st.sampled_from(["", "it could not be found"])) if not live else "",
                sent=live is None and draw(st.booleans()),
            )
        )
    return tuple(found)


def planned(
    seen: Sequence[Observation],
    *,
    now: datetime = NOW_IS,
    permissions: Sequence[Permission] = (),
    **rest: object,
) -> Plan:
    """A plan made of these observations."""
    settings = {"selection": (), "commit": "", "requests": 0} | rest
    return make_plan(
        observations=seen,
        rows=[one.row for one in seen if one.row] + [row("Stranger", "s-1", Status.SCHEDULED)],
        catalogue=CATALOGUE,
        account=ACCOUNT,
        origin="https://api.cc.email",
        zone="America/New_York",
        now=now,
        limits=LIMITS,
        newest={},
        permissions=permissions,
        ccops_version="0.1.0",
        tzdata="2026b",
        **settings,
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans, some of them with permissions."""
    found = draw(observations())
    bare = planned(found)
    granted = [
        Permission(rule="send-now", campaign=change.campaign, reason="urgent")
        for change in bare.changes
        if change.verdict is Verdict.SEND_NOW and draw(st.booleans())
    ]
    granted += [
        Permission(rule="reschedule", campaign=change.campaign) for change in bare.changes[:1]
    ]
    return planned(found, permissions=granted)
