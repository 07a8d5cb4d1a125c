"""Two versions of a workspace: whatever differs is told, and nothing else."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import Place
from ccops.manifest.lockfile import CampaignPin, Lock
from ccops.manifest.rules import Rules
from ccops.manifest.settings import Settings
from ccops.model import NOW, Desired, Expect, Limits, Override, Range, RecipientKind, Reference
from ccops.planning.based import Concern, Kind, ManifestChange, Version
from ccops.planning.declared import differences, lock_differences, settings_differences
from tests.offline_base.versions import ONE, SETTINGS, TOMORROW, beside, version
from tests.planning.samples import ACTIVITY, DAY, HOUR, NOW_IS, PLACE, desired, reference


def only(before: Version | None, after: Version) -> ManifestChange:
    (change,) = beside(before, after).manifests
    return change


def concerns(change: ManifestChange) -> list[Concern]:
    return [one.concern for one in change.notices]


names = st.sets(st.sampled_from("ABCDEFG"), max_size=7)


@given(names, names, st.permutations(range(7)))
def test_every_manifest_is_counted_once(before: set[str], after: set[str], turn: list[int]) -> None:
    """As added, removed, changed or the same, in whatever order the files stand."""
    old = version(*(desired(campaign=name) for name in sorted(before)))
    new = [desired(campaign=name) for name in sorted(after)]
    shuffled = version(*(new[at] for at in turn if at < len(new)))
    found = beside(old, shuffled)
    assert {one.campaign for one in found.of(Kind.ADDED)} == after - before
    assert {one.campaign for one in found.of(Kind.REMOVED)} == before - after
    assert (found.of(Kind.CHANGED), found.unchanged) == ((), len(after & before))
    assert found.differs == (before != after)


@given(names)
def test_what_cannot_be_compared_counts_as_changed(names: set[str]) -> None:
    """Nothing of an unreadable base is taken for known, not even that there was nothing."""
    found = beside(None, version(*(desired(campaign=name) for name in names)))
    assert {one.campaign for one in found.of(Kind.UNKNOWN)} == names
    assert {each.before for one in found.manifests for each in one.fields} <= {None}
    assert (found.unchanged, found.differs) == (0, True)


OTHER: dict[str, Desired] = {
    "campaign": replace(ONE, campaign="Other"),
    "activity_id": replace(ONE, activity_id=ACTIVITY),
    "references": replace(ONE, references=(reference("Board"),)),
    "sends": desired(TOMORROW + HOUR),
    "zone": replace(ONE, zone="Europe/Paris"),
    "expect": replace(ONE, expect=Expect(subject="Hello")),
    "tags": replace(ONE, tags=("appeal",)),
    "owner": replace(ONE, owner="@marketing"),
    "overrides": replace(ONE, overrides=(Override(guard="x", reason="y", place=PLACE),)),
}


def test_no_field_of_a_manifest_is_forgotten() -> None:
    """A field that is added to manifests must be compared, too."""
    assert {one.name for one in fields(Desired) if one.compare} == OTHER.keys()
    assert {one.name for one in fields(Expect) if one.compare} == {
        "subject",
        "from_email",
        "contacts",
    }


@pytest.mark.parametrize("name", OTHER)
def test_a_change_of_each_field_is_told(name: str) -> None:
    """With its value before and after."""
    (one,) = differences(ONE, OTHER[name])
    assert one.before != one.after
    assert one.removed or one.added


@pytest.mark.parametrize(
    ("expect", "path"),
    [
        (Expect(subject="x"), "expect.subject"),
        (Expect(from_email="a@example.org"), "expect.from"),
        (Expect(contacts=Range(least=1, most=2)), "expect.contacts"),
    ],
)
def test_each_expectation_has_its_own_path(expect: Expect, path: str) -> None:
    """As the manifest spells it."""
    (one,) = differences(ONE, replace(ONE, expect=expect))
    assert (one.path, one.before) == (path, ())


def test_a_segment_in_place_of_lists_is_two_fields() -> None:
    """A list and a segment of one name are not the same."""
    segment = replace(reference("Donors"), kind=RecipientKind.SEGMENT)
    found = {one.path: one for one in differences(ONE, replace(ONE, references=(segment,)))}
    assert found["recipients.lists"].removed == ("Donors",)
    assert found["recipients.segment"].added == ("Donors",)


def test_an_id_is_not_taken_for_a_name() -> None:
    """`{id: x}` and a list called x differ."""
    by_id = Reference(kind=RecipientKind.LISTS, id="Donors", place=PLACE)
    (one,) = differences(ONE, replace(ONE, references=(by_id,)))
    assert (one.removed, one.added) == (("Donors",), ("id Donors",))


def test_order_and_place_say_nothing() -> None:
    """Lists and tags in another order, in another file."""
    one = replace(desired(TOMORROW, names=("A", "B")), tags=("x", "y"))
    moved = replace(
        one,
        references=one.references[::-1],
        tags=("y", "x"),
        place=Place(file="b.yaml", line=9, column=1),
    )
    assert not beside(version(one), version(moved)).differs


def test_a_renamed_campaign_is_known_by_its_activity() -> None:
    """It is one change, not a removal and an addition."""
    pinned = replace(ONE, activity_id=ACTIVITY)
    change = only(version(pinned), version(replace(pinned, campaign="New")))
    assert (change.kind, [one.path for one in change.fields]) == (Kind.CHANGED, ["campaign"])


def test_campaigns_without_an_activity_are_never_taken_for_one_another() -> None:
    """Nothing says that the new one is the old one."""
    found = beside(version(ONE), version(replace(ONE, campaign="New")))
    assert {one.campaign: one.kind for one in found.manifests} == {
        "New": Kind.ADDED,
        ONE.campaign: Kind.REMOVED,
    }


def test_a_pin_that_moves_to_another_campaign_renames_nothing() -> None:
    """The name decides first: the one that kept it is compared with itself."""
    pinned, other = replace(ONE, activity_id=ACTIVITY), replace(ONE, campaign="New")
    found = beside(version(pinned), version(ONE, replace(other, activity_id=ACTIVITY)))
    assert {one.campaign: one.kind for one in found.manifests} == {
        ONE.campaign: Kind.CHANGED,
        "New": Kind.ADDED,
    }


LEAD = Limits().lead
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("when", "concern"),
    [
        (NOW_IS - SECOND, [Concern.MISSED]),
        (NOW_IS, [Concern.TOO_LATE]),
        (NOW_IS + LEAD - SECOND, [Concern.TOO_LATE]),
        (NOW_IS + LEAD, []),
    ],
)
def test_a_time_is_judged_by_this_machines_clock(when: datetime, concern: list[Concern]) -> None:
    """With the bounds of the plan's own verdicts."""
    change = only(version(), version(desired(when)))
    assert concerns(change) == concern
    assert all(one.when == when for one in change.notices)


def test_a_time_that_was_declared_before_is_not_judged() -> None:
    """Sent campaigns stay in git: only what a change brings is its concern."""
    old = desired(NOW_IS - DAY)
    change = only(version(old), version(replace(old, tags=("sent",))))
    assert change.notices == ()


def test_now_is_irreversible_and_stands_last() -> None:
    """Whatever else is declared."""
    final, later = desired(NOW), desired(TOMORROW, campaign="Z")
    found = beside(version(), version(final, later))
    assert [one.irreversible for one in found.manifests] == [False, True]
    assert concerns(found.manifests[-1]) == [Concern.SENDS_AT_ONCE]


def test_the_earliest_send_ahead_stands_first() -> None:
    """Those without one come after those with one, by name."""
    made = (
        desired(campaign="B"),
        desired(TOMORROW + DAY, campaign="C"),
        desired(NOW_IS - DAY, TOMORROW, campaign="D"),
        desired(campaign="A"),
    )
    found = beside(version(), version(*made))
    assert [one.campaign for one in found.manifests] == ["D", "C", "A", "B"]


def test_what_is_no_longer_declared_is_said_to_be_unscheduled() -> None:
    """Whoever approves it must see that it will not be sent."""
    assert concerns(only(version(ONE), version(desired()))) == [Concern.UNSCHEDULES]


def test_a_removed_manifest_is_said_to_stop_nothing() -> None:
    """It becomes unmanaged, and nothing is written."""
    change = only(version(ONE), version())
    assert (change.kind, concerns(change)) == (Kind.REMOVED, [Concern.UNMANAGED])
    assert change.sends == (TOMORROW,)


def test_a_workspace_that_was_not_there_declared_nothing() -> None:
    """All is added, and its settings are not called different."""
    found = beside(Version(), version(ONE))
    assert ([one.kind for one in found.manifests], found.workspace) == ([Kind.ADDED], ())


def test_a_workspace_without_settings_has_the_least_lead_and_utc() -> None:
    """As if nothing were written."""
    found = beside(Version(), Version(desired=(ONE,)))
    assert (found.account, found.zone, found.lead) == ("", "UTC", LEAD)


@pytest.mark.parametrize(
    ("after", "path"),
    [
        (replace(SETTINGS, account="a2"), "account"),
        (replace(SETTINGS, zone=None), "timezone"),
        (replace(SETTINGS, manifests=()), "manifests"),
        (replace(SETTINGS, approvers=frozenset({"eve"})), "approvers"),
        (replace(SETTINGS, limits=Limits(lead=HOUR)), "limits.lead"),
        (replace(SETTINGS, limits=Limits(per_day=20_000)), "limits.per_day"),
        (replace(SETTINGS, rules=Rules(max_contacts=5)), "guards: max contacts"),
    ],
)
def test_what_bears_on_all_campaigns_is_told(after: Settings, path: str) -> None:
    """Another account above all."""
    assert [one.path for one in settings_differences(SETTINGS, after)] == [path]
    assert settings_differences(after, after) == ()


def test_a_pin_that_means_something_else_is_told() -> None:
    """A name that stays while its object is exchanged is seen nowhere else."""
    pin = CampaignPin(campaign_id="c", activity_id="a")
    old = Lock(account="a1", campaigns={"X": pin}, lists={"Donors": "1"}, segments={"S": "7"})
    new = replace(old, lists={"Donors": "2"}, segments={})
    found = {one.path: (one.before, one.after) for one in lock_differences(old, new)}
    assert found == {
        "ccops.lock: list Donors": (("1",), ("2",)),
        "ccops.lock: segment S": (("7",), ()),
    }
    assert lock_differences(None, None) == ()
    assert beside(version(ONE, lock=old), version(ONE, lock=new)).differs
