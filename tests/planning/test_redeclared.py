"""A saved plan beside its manifests: whatever they declare otherwise by now is told, and only that."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ccops.errors import Place
from ccops.manifest.lockfile import CampaignPin, Lock
from ccops.model import Desired, Expect, Live, RecipientKind, Reference, SendTime, Status, When
from ccops.planning.assemble import Observation
from ccops.planning.locking import UNPINNED, Pins
from ccops.planning.names import plain
from ccops.planning.plan import Plan
from ccops.planning.redeclared import redeclared, takes_back
from ccops.planning.resolve import resolve
from tests.planning.samples import (
    ACCOUNT,
    ACTIVITY,
    BOARD,
    CAMPAIGN_ID,
    CATALOGUE,
    DAY,
    DONORS,
    HOUR,
    LIVE,
    NAME,
    NOW_IS,
    PLACE,
    SEGMENT,
    desired,
    scheduled,
)
from tests.planning.strategies import lives, planned

SOON, LATER = NOW_IS + DAY, NOW_IS + 2 * DAY
OTHER = "99999999-9999-4999-8999-999999999999"


def reference(kind: RecipientKind, **named: str) -> Reference:
    return Reference(kind=kind, place=Place(file=PLACE.file, line=3, column=5), **named)


LISTED = tuple(
    reference(RecipientKind.LISTS, **one)
    for one in ({"name": "Donors"}, {"id": DONORS}, {"name": "Board"}, {"id": BOARD})
)
SEGMENTED = tuple(
    reference(RecipientKind.SEGMENT, **one) for one in ({"name": "Volunteers"}, {"id": SEGMENT})
)
references = st.one_of(
    st.lists(st.sampled_from(LISTED), min_size=1, max_size=4, unique=True).map(tuple),
    st.sampled_from(SEGMENTED).map(lambda one: (one,)),
)


def with_sends(manifest: Desired, times: Sequence[When]) -> Desired:
    return replace(manifest, sends=desired(*times).sends)


ahead = st.integers(2, 60).map(lambda one: NOW_IS + one * HOUR)


@st.composite
def manifests(draw: st.DrawFn) -> Desired:
    """A manifest of the one campaign: some sends, some recipients by name or id."""
    times = draw(st.lists(ahead, max_size=3, unique=True).map(sorted))
    return replace(desired(*times), references=draw(references))


@st.composite
def writing(draw: st.DrawFn) -> tuple[Plan, Desired]:
    """A plan that writes, and the manifest that it was made of."""
    wanted = draw(manifests())
    drawn = draw(lives(NAME, statuses=(Status.DRAFT, Status.SCHEDULED)))
    live = replace(LIVE, recipients=drawn.recipients, format_type=drawn.format_type)
    plan = made(wanted, replace(live, status=drawn.status, schedules=drawn.schedules))
    assume(plan.writing)
    return plan, wanted


def made(wanted: Desired, live: Live = LIVE) -> Plan:
    """Plan one campaign."""
    recipients = resolve(wanted, CATALOGUE)
    return planned((Observation(desired=wanted, live=live, recipients=recipients),))


def codes(plan: Plan, *manifests: Desired, pins: Pins = UNPINNED) -> list[str]:
    return [one.code for one in redeclared(plan, manifests, pins)]


def meant(manifest: Desired) -> tuple[object, object]:
    return tuple(one.when for one in manifest.sends), resolve(manifest, CATALOGUE)


@given(writing())
def test_nothing_is_said_of_the_manifest_that_the_plan_was_made_of(
    made_of: tuple[Plan, Desired],
) -> None:
    """However its recipients are named, and whatever the plan does."""
    plan, wanted = made_of
    assert codes(plan, wanted) == []


@given(writing(), manifests())
@settings(max_examples=200)
def test_every_other_meaning_is_told(made_of: tuple[Plan, Desired], now: Desired) -> None:
    """Other sends or other recipients, each at its place; another spelling of the same is none."""
    plan, wanted = made_of
    (change,) = plan.writing
    told = redeclared(plan, [now], UNPINNED)
    assert {one.code for one in told} <= {"CC617"}
    assert all(one.place is not None and one.place.file == PLACE.file for one in told)
    if not takes_back(change):
        assert len(told) == sum(
            one != other for one, other in zip(meant(wanted), meant(now), strict=True)
        )


@given(writing(), manifests())
def test_taking_back_gives_way_to_nothing_but_the_very_send(
    made_of: tuple[Plan, Desired], now: Desired
) -> None:
    """The brake stays free: other recipients, other times and a lost manifest are not in its way."""
    plan, _ = made_of
    (change,) = plan.writing
    assert change.before is not None
    again = change.before.schedules
    if not takes_back(change):
        assert codes(plan) == ["CC617"]
        return
    assert codes(plan) == []
    assert codes(plan, with_sends(now, ())) == []
    assert codes(plan, with_sends(now, again)) == ["CC617"]


def test_a_plan_that_takes_back() -> None:
    """The law above is about something."""
    plan = made(desired(), scheduled(SOON))
    assert [takes_back(one) for one in plan.writing] == [True]
    assert codes(plan, desired(LATER)) == []
    (told,) = redeclared(plan, [desired(SOON)], UNPINNED)
    assert told.label == "the plan takes the send back that is declared now"


def test_a_campaign_that_is_not_written_is_not_looked_at() -> None:
    """It is in sync: whatever its manifest says now, this plan leaves it alone."""
    plan = made(desired(SOON), scheduled(SOON))
    assert plan.writing == ()
    assert codes(plan, desired(LATER)) == codes(plan) == []


def test_the_words() -> None:
    """Which campaign, where, what was planned, what is declared, and what to do."""
    plan = made(desired(SOON))
    sent = replace(desired(LATER, names=("Board",)), expect=Expect(subject="Other", place=PLACE))
    times, people, expected = redeclared(plan, [sent], UNPINNED)
    assert times.message == '"Fall Appeal" is declared otherwise now than when the plan was made'
    assert times.label == (
        "the plan was made for Wed 2026-10-07 08:00 America/New_York; "
        "declared is Thu 2026-10-08 08:00 America/New_York"
    )
    assert people.label == "the plan was made for Donors; declared is Board"
    assert people.place == sent.references[0].place
    assert "expect" in expected.label
    assert {one.help for one in (times, people, expected)} == {
        "plan again, and have that plan reviewed"
    }
    (stopped,) = redeclared(plan, [desired()], UNPINNED)
    assert stopped.label.endswith("declared is unscheduled")
    (volunteers,) = redeclared(plan, [replace(desired(SOON), references=SEGMENTED[:1])], UNPINNED)
    assert volunteers.label == "the plan was made for Donors; declared is segment Volunteers"
    (gone,) = redeclared(plan, [], UNPINNED)
    assert (
        gone.message == 'no manifest declares "Fall Appeal" any more, for which the plan was made'
    )


def test_the_place_is_that_of_the_new_send() -> None:
    """Of several sends the one that was not there."""
    plan = made(desired(SOON))
    place = replace_line(7)
    first = desired(SOON).sends
    now = replace(desired(), sends=(*first, SendTime(when=LATER, zone="UTC", place=place)))
    (told,) = redeclared(plan, [now], UNPINNED)
    assert told.place == place


def replace_line(line: int) -> Place:
    return Place(file=PLACE.file, line=line, column=1)


def test_a_missing_expectation_is_told_at_the_manifest() -> None:
    """There is no other place for what is not there any more."""
    plan = made(replace(desired(SOON), expect=Expect(subject="Will you help?", place=PLACE)))
    (told,) = redeclared(plan, [replace(desired(SOON), place=replace_line(9))], UNPINNED)
    assert told.place == replace_line(9)


def test_another_email_of_the_same_name() -> None:
    """Pinned by the manifest or by the lock."""
    plan = made(desired(SOON))
    assert codes(plan, replace(desired(SOON), activity_id=ACTIVITY)) == []
    assert codes(plan, replace(desired(SOON), activity_id=OTHER)) == ["CC617"]
    for activity, wrong in ((ACTIVITY, []), (OTHER, ["CC617"])):
        pin = CampaignPin(campaign_id=CAMPAIGN_ID, activity_id=activity)
        lock = Lock(account=ACCOUNT.id, campaigns={plain(NAME): pin})
        assert codes(plan, desired(SOON), pins=Pins(lock=lock)) == wrong


def test_a_lock_that_was_written_anew() -> None:
    """A name means what it pins now."""
    plan = made(desired(SOON))
    for identity, wrong in ((DONORS, []), (BOARD, ["CC617"])):
        lock = Lock(account=ACCOUNT.id, lists={"Donors": identity})
        assert codes(plan, desired(SOON), pins=Pins(lock=lock)) == wrong


def test_a_plan_that_shows_no_names_fits_no_name() -> None:
    """Names are no part of the checksum: whoever takes them out of a plan gains nothing."""
    plan = made(desired(SOON))
    (change,) = plan.changes
    bare = replace(plan, changes=(replace(change, audience=None),))
    assert codes(bare, desired(SOON)) == ["CC617"]
    assert codes(bare, replace(desired(SOON), references=(LISTED[1],))) == []
    nobody = replace(change, audience=None, target=replace(change.target, recipients=None))
    assert codes(replace(plan, changes=(nobody,)), desired(SOON)) == ["CC617"]
