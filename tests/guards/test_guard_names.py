"""Forbidden lists are recognised however they are spelt; overlaps are never less than is certain."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ccops.constantcontact.beside import AttachedKind, abtest, resends
from ccops.errors import VendorFault
from ccops.manifest.rules import Guard
from ccops.model import Named, RecipientKind, Recipients
from ccops.planning.facts import Known
from ccops.planning.guarding.crowding import Pair, overlap
from ccops.planning.guarding.judge import judged
from ccops.planning.guarding.neighbours import Neighbour
from tests.guards.guard_examples import TUESDAY, Situation, rules_of, scene
from tests.planning.samples import BOARD, DONORS, LISTS, OTHER_LISTS, SEGMENTED

OTHER = "33333333-3333-3333-3333-333333333333"


def forbidden(pattern: str, name: str, recipients: Recipients = LISTS) -> bool:
    """Whether a send to a list or segment of that name is stopped."""
    scenery = scene(
        rules_of(f"forbidden-lists: ['{pattern}']"), Situation(words="", recipients=recipients)
    )
    kind = RecipientKind.SEGMENT if recipients.segments else RecipientKind.LISTS
    (identity,) = (*recipients.lists, *recipients.segments)
    named = Named(kind=kind, id=identity, name=name)
    catalogue = replace(
        scenery.catalogue,
        lists=(named,) if kind is RecipientKind.LISTS else (),
        segments=(named,) if kind is RecipientKind.SEGMENT else (),
    )
    plan = judged(replace(scenery, catalogue=catalogue))
    return any(one.guard == Guard.FORBIDDEN_LISTS and one.blocking for one in plan.findings)


@pytest.mark.parametrize(
    ("pattern", "name", "stopped"),
    [
        ("QA*", "qa team", True),
        ("QA*", "Team QA", False),
        ("*QA", "Team QA", True),
        ("[TEST]*", "[TEST] Staff", True),
        ("[TEST]*", "Supporters", False),
        ("Staff?", "Staff?", True),
        ("Staff?", "Staffs", False),
        ("Do not use*", "Do\u00a0not use: old", True),
        ("Caf\u00e9", "Cafe\u0301", True),
        ("Pre\u2013launch", "Pre-launch", True),
        ("QA*", "\u200bQA", True),
        ("*", "anything", True),
    ],
)
@pytest.mark.parametrize("recipients", [LISTS, SEGMENTED])
def test_a_pattern_means_what_it_shows(
    pattern: str, name: str, stopped: bool, recipients: Recipients
) -> None:
    """Only the star stands for other text; case, dashes and invisible letters make no difference."""
    assert forbidden(pattern, name, recipients) == stopped


def test_a_list_whose_name_nobody_knows_is_stopped() -> None:
    """A name that is not known may be a forbidden one."""
    scenery = scene(rules_of("forbidden-lists: Nothing"), Situation(words=""))
    (change,) = scenery.plan.changes
    assert change.audience is not None
    bare = replace(change, audience=replace(change.audience, items=((DONORS, ""),)))
    moments = tuple(replace(one, change=bare) for one in scenery.moments)
    catalogue = replace(scenery.catalogue, lists=())
    plan = judged(replace(scenery, moments=moments, catalogue=catalogue))
    assert [one.guard for one in plan.findings if one.blocking] == [Guard.FORBIDDEN_LISTS]


@pytest.mark.parametrize(
    ("first", "second", "members", "contacts", "shared"),
    [
        ((DONORS,), (DONORS, BOARD), {DONORS: 9, BOARD: 5}, {}, 9),
        ((DONORS, BOARD), (DONORS,), {DONORS: 9}, {}, 9),
        ((DONORS,), (BOARD,), {DONORS: 9, BOARD: 5}, {(DONORS, BOARD): 10}, 4),
        ((DONORS,), (BOARD,), {DONORS: 9, BOARD: 5}, {(DONORS, BOARD): 20}, 0),
        ((DONORS,), (BOARD,), {DONORS: 9, BOARD: 5}, {}, None),
        ((DONORS,), (BOARD,), {DONORS: 9, BOARD: 0}, {}, 0),
        (
            (DONORS, BOARD),
            (DONORS, OTHER),
            {DONORS: 7},
            {(DONORS, BOARD): 10, (DONORS, OTHER): 10, (DONORS, BOARD, OTHER): 20},
            7,
        ),
    ],
)
def test_what_two_sends_share(
    first: tuple[str, ...],
    second: tuple[str, ...],
    members: dict[str, int],
    contacts: dict[tuple[str, ...], int],
    shared: int | None,
) -> None:
    """By inclusion and exclusion; a list that both name is shared, whatever the counts say."""
    one, other = (Recipients(lists=tuple(sorted(lists))) for lists in (first, second))
    known = Known(
        members=members,
        contacts={Recipients(lists=tuple(sorted(key))): count for key, count in contacts.items()},
    )
    (moment,) = scene(rules_of("{}"), Situation(words="", recipients=OTHER_LISTS)).moments
    pair = Pair(
        moment=moment,
        other=Neighbour(campaign="News", at=TUESDAY, recipients=other),
        recipients=(one, other),
    )
    assert overlap(pair, known) == shared


def test_the_winner_of_a_test_follows_it() -> None:
    """After the hours that the test waits (spec)."""
    found = abtest({"alternative_subject": "B", "test_size": 10, "winner_wait_duration": 48})
    assert (found.kind, found.subject, found.delay) == (
        AttachedKind.AB_TEST,
        "B",
        timedelta(hours=48),
    )


@pytest.mark.parametrize("read", [lambda delay: resends([delay | {"resend_subject": "x"}]), abtest])
@pytest.mark.parametrize("amount", [-1, 10**9, 10**400])
def test_a_wild_delay_is_no_delay(read: object, amount: int) -> None:
    """Ten days are the longest (spec); nothing is reckoned with a number that leaves the calendar."""
    answer = {
        "delay_days": amount,
        "alternative_subject": "B",
        "winner_wait_duration": amount,
    }
    with pytest.raises(VendorFault, match="CC511"):
        read(answer)  # type: ignore[operator]  # a function of either table
