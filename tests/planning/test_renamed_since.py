"""A saved plan beside the account's lists and segments: what is gone or called otherwise is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from ccops.model import Desired, Live, Named, RecipientKind, Recipients, Reference
from ccops.planning.assemble import Observation
from ccops.planning.plan import Plan, Recalled
from ccops.planning.renamed import kinds, reaching, renamed
from ccops.planning.resolve import Catalogue, resolve
from tests.planning.samples import (
    BOARD,
    CATALOGUE,
    DAY,
    DONORS,
    LIVE,
    NOW_IS,
    SEGMENT,
    desired,
    scheduled,
)
from tests.planning.strategies import planned
from tests.planning.test_redeclared import LISTED, SEGMENTED

SOON = NOW_IS + DAY
BY_NAME, BY_ID = (LISTED[0], LISTED[2]), (LISTED[1], LISTED[3])
TWIN = Named(kind=RecipientKind.LISTS, id="33333333-3333-3333-3333-333333333333", name="Donors")


def manifest(*references: Reference, when: datetime | None = SOON) -> Desired:
    return replace(desired(*([when] if when else [])), references=references or BY_NAME)


def made(wanted: Desired, live: Live = LIVE) -> Plan:
    recipients = resolve(wanted, CATALOGUE)
    return planned((Observation(desired=wanted, live=live, recipients=recipients),))


def without(identity: str) -> Catalogue:
    return Catalogue(
        lists=tuple(one for one in CATALOGUE.lists if one.id != identity),
        segments=tuple(one for one in CATALOGUE.segments if one.id != identity),
    )


def called(identity: str, name: str) -> Catalogue:
    def anew(one: Named) -> Named:
        return replace(one, name=name) if one.id == identity else one

    return Catalogue(
        lists=tuple(map(anew, CATALOGUE.lists)), segments=tuple(map(anew, CATALOGUE.segments))
    )


def twin() -> Catalogue:
    return replace(CATALOGUE, lists=(*CATALOGUE.lists, TWIN))


def told(plan: Plan, wanted: Desired, catalogue: Catalogue) -> list[str]:
    return [one.message for one in renamed(plan, [wanted], catalogue)]


@pytest.mark.parametrize("references", [BY_NAME, BY_ID, SEGMENTED[:1], SEGMENTED[1:]])
def test_nothing_is_said_of_what_is_as_it_was(references: tuple[Reference, ...]) -> None:
    """By name or id, lists or a segment."""
    wanted = manifest(*references)
    assert told(made(wanted), wanted, CATALOGUE) == []


@pytest.mark.parametrize(
    ("references", "catalogue", "words"),
    [
        (BY_NAME, without(DONORS), "was deleted"),
        (BY_ID, without(DONORS), "was deleted"),
        (BY_NAME, called(DONORS, "Staff"), 'is called "Staff" now'),
        (BY_ID, called(DONORS, "Staff"), 'is called "Staff" now'),
        (BY_NAME, twin(), "is not the only one of that name any more"),
    ],
)
def test_what_became_of_a_list(
    references: tuple[Reference, ...], catalogue: Catalogue, words: str
) -> None:
    """Told with the campaign, and where the manifest names it."""
    wanted = manifest(*references)
    (one,) = renamed(made(wanted), [wanted], catalogue)
    assert one.code == "CC616"
    assert one.message == f'the list "Donors", to which "Fall Appeal" would go, {words}'
    assert one.place == references[0].place
    assert one.help == "make a new plan, and have it reviewed"


@pytest.mark.parametrize("catalogue", [without(SEGMENT), called(SEGMENT, "Lapsed")])
def test_what_became_of_a_segment(catalogue: Catalogue) -> None:
    """It is no list."""
    wanted = manifest(SEGMENTED[0])
    (message,) = told(made(wanted), wanted, catalogue)
    assert message.startswith('the segment "Volunteers", to which')


def test_an_id_means_itself() -> None:
    """Another list of the same name takes nothing from it."""
    wanted = manifest(*BY_ID)
    assert told(made(wanted), wanted, twin()) == []


def test_a_list_whose_name_the_plan_does_not_tell() -> None:
    """It must be there; its id stands for its name."""
    wanted = manifest(LISTED[1])
    plan = made(wanted)
    bare = replace(plan, changes=tuple(replace(one, audience=None) for one in plan.changes))
    assert told(bare, wanted, called(DONORS, "Staff")) == []
    (message,) = told(bare, wanted, without(DONORS))
    assert f'"{DONORS}"' in message
    assert renamed(bare, [], without(DONORS))[0].place is None


def test_a_name_from_the_cache_is_not_read_from_it_again() -> None:
    """Another plan by the same cache would have the same name."""
    wanted = manifest()
    recalled = Recalled(listed_at=NOW_IS, names_at=NOW_IS)
    plan = replace(made(wanted), recalled=recalled)
    (one,) = renamed(plan, [wanted], without(BOARD))
    assert "without `--refresh changed`" in one.help
    fresh = replace(plan, recalled=replace(recalled, names_at=None))
    (one,) = renamed(fresh, [wanted], without(BOARD))
    assert "refresh" not in one.help


@pytest.mark.parametrize(
    ("plan", "needed"),
    [
        (lambda: made(manifest()), {RecipientKind.LISTS}),
        (lambda: made(manifest(SEGMENTED[0])), {RecipientKind.SEGMENT}),
        (lambda: made(manifest(when=None)), {RecipientKind.LISTS}),
        (lambda: made(manifest(when=None), scheduled(SOON)), set()),
        (lambda: made(manifest(*BY_NAME[:1]), scheduled(SOON)), set()),
    ],
    ids=["lists", "segment", "update", "unschedule", "in sync"],
)
def test_only_what_is_sent_to_is_looked_up(
    plan: Callable[[], Plan], needed: set[RecipientKind]
) -> None:
    """Nothing for a plan that writes nothing or only unschedules: the brake stays free."""
    assert kinds(plan()) == needed
    assert bool(reaching(plan())) is bool(needed)


def test_a_plan_without_recipients_needs_nothing() -> None:
    """Such a one is never made; somebody may have written it."""
    plan = made(manifest())
    (change,) = plan.changes
    target = replace(change.target, recipients=None)
    assert kinds(replace(plan, changes=(replace(change, target=target),))) == set()
    assert Recipients().empty
