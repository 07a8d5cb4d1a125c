"""Manifests meet the account: campaigns by name or pin, recipients by name or id."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import InvalidInput
from ccops.model import (
    NOW,
    CampaignRow,
    Named,
    RecipientKind,
    Recipients,
    Reference,
    Status,
    When,
)
from ccops.planning.resolve import Catalogue, already_sent, match, needs, resolve
from tests.planning.samples import (
    ACTIVITY,
    BOARD,
    CATALOGUE,
    DAY,
    DONORS,
    NAME,
    NOW_IS,
    PLACE,
    SEGMENT,
    desired,
    reference,
    row,
)


def segment_of(name: str) -> Reference:
    return reference(name, RecipientKind.SEGMENT)


def named(identity: str, name: str) -> Named:
    return Named(kind=RecipientKind.LISTS, id=identity, name=name)


@given(st.permutations([row(NAME), row("Other", "2"), row("Fall appeal", "3")]))
def test_a_name_finds_its_one_campaign(rows: list[CampaignRow]) -> None:
    """Exactly, whatever the order of the listing; a differently written one is another."""
    (found,) = match([desired(NOW_IS)], rows)
    assert (found.row, found.problem) == (row(NAME), "")


def test_a_name_is_found_however_its_accents_are_composed() -> None:
    """NFC on both sides; nothing else is folded."""
    (found,) = match([desired(NOW_IS, campaign="Cafe\u0301")], [row("Caf\u00e9")])
    assert found.row == row("Caf\u00e9")


def test_a_missing_campaign_is_guessed_at() -> None:
    """A near name is shown, with what makes it different."""
    (found,) = match([desired(NOW_IS, campaign="Fall - Appeal")], [row("Fall \u2014 Appeal")])
    assert found.row is None
    assert found.problem == (
        "Constant Contact has no campaign of this name; did you mean "
        '"Fall \u2014 Appeal"? (it has an em dash)'
    )


def test_nothing_near_is_no_guess() -> None:
    """A guess far off would only mislead."""
    (found,) = match([desired(NOW_IS)], [row("Zebra")])
    assert found.problem == "Constant Contact has no campaign of this name"


def test_many_missing_campaigns_are_guessed_at_by_folding_only() -> None:
    """Letter-by-letter comparison stops after twenty; other alphabets' look-alikes do not."""
    wanted = [desired(NOW_IS, campaign=f"Missing {number}") for number in range(20)]
    wanted += [desired(NOW_IS, campaign="Fall Apeal"), desired(NOW_IS, campaign="fall appeal")]
    found = match(wanted, [row(NAME)])
    assert "did you mean" not in found[-2].problem
    assert found[-1].problem.endswith('did you mean "Fall Appeal"? (upper and lower case differ)')


def test_two_campaigns_of_one_name_need_a_pin() -> None:
    """Their ids are listed, sorted."""
    (found,) = match([desired(NOW_IS)], [row(NAME, "2"), row(NAME, "1")])
    assert found.row is None
    assert found.problem == "2 campaigns have this name (1, 2); pin one with `activity:`"


def test_a_deleted_campaign_gives_way_to_a_living_one() -> None:
    """A deleted row counts only where no living one has the name."""
    gone = row(NAME, "1", Status.REMOVED)
    assert match([desired(NOW_IS)], [gone, row(NAME, "2")])[0].row == row(NAME, "2")
    assert match([desired(NOW_IS)], [gone])[0].row == gone


def test_a_pin_is_followed_by_its_id_alone() -> None:
    """The name is checked once the activity was read; until then there is no row to trust."""
    pinned = replace(desired(NOW_IS), activity_id=ACTIVITY)
    (unknown,) = match([pinned], [row(NAME)])
    assert (unknown.row, unknown.problem) == (None, "")
    listed = replace(row("Another name"), activity_id=ACTIVITY)
    assert match([pinned], [row(NAME), listed])[0].row == listed


@pytest.mark.parametrize(
    ("status", "sends", "over"),
    [
        (Status.DONE, (NOW_IS,), True),
        (Status.DONE, (NOW_IS - DAY,), True),
        (Status.DONE, (NOW,), True),
        (Status.DONE, (NOW_IS + DAY,), False),
        (Status.DONE, (), False),
        (Status.DONE, (NOW_IS - 2 * DAY, NOW_IS - DAY), False),
        (Status.SCHEDULED, (NOW_IS - DAY,), False),
    ],
)
def test_the_listing_tells_what_is_over(
    status: Status, sends: tuple[When, ...], over: bool
) -> None:
    """One declared send that lies behind a campaign that is Done: nothing more is read."""
    assert already_sent(desired(*sends), row(status=status), NOW_IS) is over


def test_an_ab_test_is_never_simply_over() -> None:
    """The table has to refuse it, in words."""
    done = replace(row(status=Status.DONE), ab_test=True)
    assert not already_sent(desired(NOW_IS), done, NOW_IS)


def test_only_catalogues_that_are_named_are_read() -> None:
    """Lists and segments cost requests."""
    segmented = replace(desired(NOW_IS), references=(segment_of("Volunteers"),))
    assert needs([]) == frozenset()
    assert needs([desired(NOW_IS)]) == {RecipientKind.LISTS}
    assert needs([desired(NOW_IS), segmented]) == set(RecipientKind)


@given(st.permutations(["Donors", "Board", "Donors"]))
def test_names_become_sorted_ids(names: list[str]) -> None:
    """Equal sets of names are equal recipients."""
    assert resolve(desired(names=tuple(names)), CATALOGUE) == Recipients(lists=(DONORS, BOARD))


def test_a_segment_becomes_its_id() -> None:
    """Segments are looked up among segments."""
    segmented = replace(desired(), references=(segment_of("Volunteers"),))
    assert resolve(segmented, CATALOGUE) == Recipients(segments=(SEGMENT,))


def test_an_id_must_be_alive() -> None:
    """An id is taken as it is, if the account has it."""
    by_id = Reference(kind=RecipientKind.LISTS, id=BOARD, place=PLACE)
    assert resolve(replace(desired(), references=(by_id,)), CATALOGUE).lists == (BOARD,)
    dead = Reference(kind=RecipientKind.LISTS, id="404", place=PLACE)
    with pytest.raises(InvalidInput) as caught:
        resolve(replace(desired(), references=(dead,)), CATALOGUE)
    (one,) = caught.value.diagnostics
    assert (one.code, one.message) == ("CC303", "no list has the id 404")
    assert (one.place, one.label) == (PLACE, "deleted, or of another account")


def test_all_wrong_names_are_told_at_once() -> None:
    """Unknown and ambiguous, each at its place, with what to write instead."""
    twice = Catalogue(lists=(*CATALOGUE.lists, named("9", "Board"), named("8", "News \u2014 US")))
    references = (reference("News - US", line=3), reference("Board", line=4), reference("Donors"))
    with pytest.raises(InvalidInput) as caught:
        resolve(replace(desired(), references=references), twice)
    unknown, ambiguous = caught.value.diagnostics
    assert (unknown.code, unknown.message) == ("CC301", 'unknown list "News - US"')
    assert unknown.help == 'did you mean "News \u2014 US"? (it has an em dash)'
    assert unknown.place is not None
    assert unknown.place.line == 3
    assert (ambiguous.code, ambiguous.message) == ("CC302", '2 lists are called "Board"')
    assert ambiguous.help == f"write {{id: {BOARD}}} or {{id: 9}}"


def test_an_unknown_name_without_a_neighbour_still_gets_help() -> None:
    """There is always something to do."""
    with pytest.raises(InvalidInput) as caught:
        resolve(desired(names=("Zebra",)), CATALOGUE)
    help_line = caught.value.diagnostics[0].help
    assert help_line.startswith("create the list in Constant Contact")
