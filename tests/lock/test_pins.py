"""A name must lead to the pinned id, and the pinned id must have the name."""

from dataclasses import replace

import pytest

from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.lockfile import CampaignPin, Lock
from ccops.model import CampaignRow, Desired, Named, RecipientKind, Reference, Status
from ccops.planning.locking import (
    UNPINNED,
    Pins,
    astray,
    campaign_breach,
    pinned,
    recipient_breaches,
)
from ccops.planning.relock import Found, kept_pin, lock_changes, make_lock, missing
from ccops.planning.resolve import Catalogue, match
from tests.planning.samples import (
    ACTIVITY,
    BOARD,
    CAMPAIGN_ID,
    CATALOGUE,
    DONORS,
    LIVE,
    NAME,
    NOW_IS,
    PLACE,
    SEGMENT,
    desired,
    reference,
    row,
)

OTHER_ID = "33333333-3333-3333-3333-333333333333"
PIN = CampaignPin(campaign_id=CAMPAIGN_ID, activity_id=ACTIVITY)
LOCK = Lock(
    account="p07e1l8cdif9dl",
    campaigns={NAME: PIN},
    lists={"Donors": DONORS, "Board": BOARD},
    segments={"Volunteers": SEGMENT},
)
PINS, STRICT = Pins(lock=LOCK), Pins(lock=LOCK, strict=True)
BY_ACTIVITY = replace(desired(NOW_IS), activity_id=ACTIVITY)


def held(wanted: Desired, *rows: CampaignRow, pins: Pins = PINS) -> Diagnostic | None:
    (one,) = match([wanted], rows)
    return campaign_breach(one, {each.campaign_id: each for each in rows}, pins)


def code(found: Diagnostic | None) -> str | None:
    return found.code if found else None


@pytest.mark.parametrize(
    ("wanted", "rows", "pins", "told"),
    [
        (desired(), [row()], PINS, None),
        (desired(), [row(campaign_id=CAMPAIGN_ID.upper())], PINS, None),
        (BY_ACTIVITY, [row()], PINS, None),
        (desired(), [row(campaign_id=OTHER_ID)], PINS, "CC320"),
        (replace(BY_ACTIVITY, activity_id=OTHER_ID), [row()], PINS, "CC320"),
        (desired(), [row("Fall Appeal (old)")], PINS, "CC321"),
        (desired(), [row("Fall Appeal (old)"), row(campaign_id=OTHER_ID)], PINS, "CC321"),
        (BY_ACTIVITY, [row("Fall Appeal (old)")], PINS, "CC321"),
        (desired(), [], PINS, None),
        (BY_ACTIVITY, [], PINS, None),
        (desired(campaign="New"), [row("New", OTHER_ID)], PINS, None),
        (desired(campaign="New"), [row("New", OTHER_ID)], STRICT, "CC323"),
        (replace(BY_ACTIVITY, campaign="New"), [row()], STRICT, None),
        (desired(), [row()], UNPINNED, None),
    ],
)
def test_a_campaign_is_held_against_its_pin(
    wanted: Desired, rows: list[CampaignRow], pins: Pins, told: str | None
) -> None:
    """Another one of the name, or another name: blocked. Gone, or unknown to the lock: not here."""
    assert code(held(wanted, *rows, pins=pins)) == told


def test_a_campaign_that_was_made_anew_is_explained() -> None:
    """Why that matters is said too: people would get it twice."""
    found = held(desired(), row(campaign_id=OTHER_ID))
    assert found is not None
    assert found.label == f"it was {CAMPAIGN_ID}, which is gone, and is now {OTHER_ID}"
    assert "twice" in found.help
    assert found.place == PLACE


def test_a_pinned_campaign_needs_no_look_up() -> None:
    """Its activity is known from the lock, by name or by the manifest's own pin."""
    rows = {CAMPAIGN_ID: row()}
    for wanted in (desired(), BY_ACTIVITY):
        (one,) = match([wanted], rows.values())
        assert pinned(one, rows, PINS).row == replace(row(), activity_id=ACTIVITY)
        assert pinned(one, rows, UNPINNED) == one


@pytest.mark.parametrize("rows", [[], [row(), row(campaign_id=OTHER_ID)]])
def test_a_lock_settles_no_doubt(rows: list[CampaignRow]) -> None:
    """No campaign of the name, or two: the lock does not choose."""
    (one,) = match([desired()], rows)
    assert pinned(one, {each.campaign_id: each for each in rows}, PINS) == one
    assert one.problem


def test_a_pinned_activity_must_be_the_campaigns() -> None:
    """A lock that somebody edited is found out by the reading."""
    assert astray(desired(), LIVE, PINS) is None
    assert astray(desired(campaign="New"), replace(LIVE, campaign_id=OTHER_ID), PINS) is None
    assert code(astray(desired(), replace(LIVE, campaign_id=OTHER_ID), PINS)) == "CC324"


def a_list(identity: str, name: str) -> Named:
    return Named(kind=RecipientKind.LISTS, id=identity, name=name)


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ([a_list(DONORS, "Donors")], []),
        ([a_list(DONORS, "Donors"), a_list(OTHER_ID, "Donors")], []),
        ([a_list(DONORS, "Old donors")], ["CC321"]),
        ([a_list(DONORS, "Old donors"), a_list(OTHER_ID, "Donors")], ["CC321"]),
        ([a_list(OTHER_ID, "Donors")], ["CC320"]),
        ([a_list(OTHER_ID, "Others")], ["CC322"]),
    ],
)
def test_a_list_is_held_against_its_pin(lists: list[Named], told: list[str]) -> None:
    """Renamed, made anew, or gone; two of the name are told by the resolution itself."""
    found = recipient_breaches(desired(), Catalogue(lists=tuple(lists)), PINS)
    assert [one.code for one in found] == told
    assert all(one.place == desired().references[0].place for one in found)


def test_a_deleted_segment_is_gone_though_it_answers() -> None:
    """The catalogue holds living ones only."""
    volunteers = replace(desired(), references=(reference("Volunteers", RecipientKind.SEGMENT),))
    assert recipient_breaches(volunteers, CATALOGUE, PINS) == ()
    (found,) = recipient_breaches(volunteers, Catalogue(), PINS)
    assert (found.code, found.label) == ("CC322", f"its id was {SEGMENT}")


def test_only_names_are_held_against_the_lock() -> None:
    """An id means itself; a name without a pin is resolved, unless that is forbidden."""
    by_id = replace(
        desired(), references=(Reference(kind=RecipientKind.LISTS, id=OTHER_ID, place=PLACE),)
    )
    assert recipient_breaches(by_id, CATALOGUE, STRICT) == ()
    new = desired(names=("New", "Donors"))
    assert recipient_breaches(new, CATALOGUE, PINS) == ()
    assert [one.code for one in recipient_breaches(new, CATALOGUE, STRICT)] == ["CC323"]


ROW = replace(row(), activity_id=ACTIVITY)


def test_a_lock_holds_every_name() -> None:
    """Of campaigns, lists and segments; ids that manifests write themselves are no names."""
    by_id = Reference(kind=RecipientKind.LISTS, id=BOARD, place=PLACE)
    first = replace(desired(), references=(reference("Donors"), by_id))
    second = replace(
        desired(campaign="Gala"), references=(reference("Volunteers", RecipientKind.SEGMENT),)
    )
    gala = replace(row("Gala", OTHER_ID), activity_id=OTHER_ID.upper())
    made = make_lock(
        "a", [Found(desired=first, row=ROW), Found(desired=second, row=gala)], CATALOGUE, None
    )
    assert made == Lock(
        account="a",
        campaigns={NAME: PIN, "Gala": CampaignPin(campaign_id=OTHER_ID, activity_id=OTHER_ID)},
        lists={"Donors": DONORS},
        segments={"Volunteers": SEGMENT},
    )


def test_all_names_that_lead_nowhere_are_told_at_once() -> None:
    """And no lock is made of the rest."""
    found = [Found(desired=desired(names=("Zebra", "Quagga")), row=ROW)]
    with pytest.raises(InvalidInput) as caught:
        make_lock("a", found, CATALOGUE, LOCK)
    assert [one.code for one in caught.value.diagnostics] == ["CC301", "CC301"]


def test_the_recipients_of_what_was_sent_may_be_gone() -> None:
    """What was pinned stays; what never was is left out; nothing is an error."""
    done = replace(ROW, status=Status.DONE)
    sent = Found(desired=desired(NOW_IS, names=("Donors", "Zebra")), row=done)
    assert make_lock("a", [sent], Catalogue(), LOCK).lists == {"Donors": DONORS}
    assert make_lock("a", [sent], Catalogue(), None).lists == {}


def test_what_is_still_to_be_sent_decides_what_a_name_means() -> None:
    """A list made anew: the old pin of what was sent does not stand in its way."""
    done = Found(desired=desired(NOW_IS), row=replace(ROW, status=Status.DONE))
    ahead = Found(
        desired=desired(NOW_IS, campaign="Gala"),
        row=replace(row("Gala", OTHER_ID), activity_id=ACTIVITY),
    )
    anew = Catalogue(lists=(a_list(OTHER_ID, "Donors"),))
    for found in ([done, ahead], [ahead, done]):
        assert make_lock("a", found, anew, LOCK).lists == {"Donors": OTHER_ID}


def test_a_campaign_without_an_email_is_named() -> None:
    """It is not in the lock, and the others are."""
    lost = Found(desired=desired(campaign="Lost"), problem="no such campaign")
    found = [lost, Found(desired=desired(), row=ROW)]
    assert list(make_lock("a", found, CATALOGUE, None).campaigns) == [NAME]
    assert [one.code for one in missing(found)] == ["CC326"]


@pytest.mark.parametrize(
    ("wanted", "listed", "lock", "kept"),
    [
        (desired(), row(), LOCK, PIN),
        (desired(), row(), None, None),
        (desired(campaign="New"), row("New"), LOCK, None),
        (desired(), row(campaign_id=OTHER_ID), LOCK, None),
        (desired(), row("Renamed"), LOCK, None),
        (BY_ACTIVITY, row(), LOCK, PIN),
        (replace(BY_ACTIVITY, activity_id=OTHER_ID), row(), LOCK, None),
    ],
)
def test_a_pin_that_holds_is_kept(
    wanted: Desired, listed: CampaignRow, lock: Lock | None, kept: CampaignPin | None
) -> None:
    """Only what changed is looked up again."""
    (one,) = match([wanted], [listed])
    assert kept_pin(wanted, one.row, {listed.campaign_id: listed}, lock) == kept


def test_a_pin_is_not_kept_for_one_of_two() -> None:
    """A campaign found by name beside the pinned one is looked up."""
    rows = {CAMPAIGN_ID: row(), OTHER_ID: row(campaign_id=OTHER_ID)}
    assert kept_pin(desired(), rows[OTHER_ID], rows, LOCK) is None


def test_changes_are_told_by_kind_and_name() -> None:
    """New, gone, and what means another object, with both ids."""
    after = replace(LOCK, lists={"Donors": OTHER_ID, "New": BOARD}, campaigns={})
    assert lock_changes(LOCK, after) == (
        f'- campaign "{NAME}": {CAMPAIGN_ID} (email {ACTIVITY})',
        f'- list "Board": {BOARD}',
        f'! list "Donors" means another one: {DONORS} → {OTHER_ID}',
        f'+ list "New": {BOARD}',
    )
    assert lock_changes(LOCK, LOCK) == ()
    assert len(lock_changes(None, LOCK)) == 4
