"""How many contacts: what is not counted is never nobody, and a number is never made up."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.model import RecipientKind, SendRecord
from ccops.planning.audience import Audience, Overlap
from ccops.planning.plan import (
    Verdict,
)
from ccops.render.headcount import (
    at_most,
    contacts,
    counted_today,
    further,
    headcount,
    moved,
    overlapping,
    sizes,
)
from ccops.render.markdown_change import addressed
from tests.render import render_builders as build

amounts = st.none() | st.integers(0, 5_000_000)
audiences = st.none() | st.builds(
    Audience,
    kind=st.sampled_from(RecipientKind),
    items=st.lists(st.tuples(st.just("l"), st.just("Board")), max_size=4).map(tuple),
    counts=st.lists(amounts, max_size=4).map(tuple),
    contacts=amounts,
    before=amounts,
)


def number(text: str) -> int | None:
    """The number that a text says; None where it says that nobody counted."""
    if "not counted" in text:
        return None
    found = re.fullmatch(r"([\d,]+)(?: contacts?)?", text)
    return 0 if text == "nobody" else int(found[1].replace(",", "")) if found else -1


@given(audiences)
def test_a_count_is_said_as_it_is(audience: Audience | None) -> None:
    """Every count can be read back from its words; no count is no number."""
    known = None if audience is None else audience.contacts
    assert number(headcount(audience)) == known
    assert number(contacts(audience)) == known


@given(audiences.filter(lambda one: one is not None))
def test_sizes_belong_to_their_lists(audience: Audience) -> None:
    """One size for each item; numbers that are not one for each item are not shown."""
    shown = sizes(audience)
    assert len(shown) == len(audience.items)
    if len(shown) > 1 and audience.counts:
        fits = len(audience.counts) == len(audience.items)
        assert tuple(map(number, shown)) == (audience.counts if fits else (None,) * len(shown))
    else:
        assert not any(shown)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (105, 100, ""),
        (106, 100, "was 100 at the last send"),
        (95, 100, ""),
        (94, 100, "was 100 at the last send"),
        (0, 1_000, "was 1,000 at the last send"),
        (1, 0, "was nobody at the last send"),
        (0, 0, ""),
        (None, 100, ""),
        (100, None, ""),
    ],
)
def test_what_moved_by_more_than_a_twentieth(
    now: int | None, before: int | None, said: str
) -> None:
    """A reviewer hears of a list that grew or shrank since the last send, and of no small change."""
    assert moved(build.held("Board", contacts=now, before=before)) == said
    assert moved(None) == ""


def test_a_resend_reaches_at_most_its_recipients() -> None:
    """Constant Contact leaves out who has had the campaign."""
    once = replace(build.scheduled(), audience=build.held("Board", contacts=9))
    again = replace(once, verdict=Verdict.RESEND)
    unknown = replace(again, audience=build.lists("Board"))
    assert [at_most(one) for one in (again, once, unknown)] == ["at most", "", ""]
    assert at_most(replace(again, audience=None)) == ""


def test_what_follows_a_completed_send_reaches_at_most_its_recipients() -> None:
    """Whatever is done about it: scheduled already, moved, or with other recipients."""
    sends = (SendRecord(ran_at=build.NOON, completed=True, count=7),)
    for made in (build.rescheduled(), build.updated(), build.in_sync(send=build.at(30, 9))):
        before = made.before or build.live(made.campaign)
        again = replace(made, before=replace(before, history=sends))
        assert further(again)
        assert not further(replace(made, before=replace(before, history=())))
        failed = (replace(sends[0], completed=False),)
        assert not further(replace(made, before=replace(before, history=failed)))


@pytest.mark.parametrize(
    ("count", "number", "phrase"),
    [
        (40, "at most 40", "at most 40 contacts"),
        (0, "nobody", "nobody"),
        (None, "not counted", "contacts not counted"),
    ],
)
def test_a_further_send_is_counted_at_most(count: int | None, number: str, phrase: str) -> None:
    """Nobody stays nobody, and what is not counted is no number."""
    audience = build.held("Board", contacts=count)
    assert headcount(audience, further=True) == number
    assert contacts(audience, further=True) == phrase


def test_a_plan_counts_when_anything_in_it_is_counted() -> None:
    """One list that is counted suffices; campaigns that stay as they are do not matter."""
    known = build.held("A", "B", counts=(None, 7), contacts=None)
    assert counted_today(build.plan([replace(build.updated(), audience=known)]))
    assert not counted_today(build.plan([replace(build.in_sync(), audience=known)]))
    assert not counted_today(build.plan([build.updated()]))
    assert not counted_today(build.plan([replace(build.updated(), audience=None)]))


def test_overlaps_in_words() -> None:
    """An overlap that nobody counted is one all the same."""
    found = (Overlap(first="A", second="B", contacts=1), Overlap(first="A", second="C"))
    plan = replace(build.plan([]), overlaps=found)
    assert [said for _, said in overlapping(plan)] == [
        "1 contact",
        "perhaps the same contacts: not counted",
    ]


def test_recipients_with_their_sizes() -> None:
    """In a list of several each has its own; of a single one the number stands beside it."""
    several = build.held("VIP", "Board", counts=(2_481, 0), contacts=2_481)
    assert addressed(several) == "`VIP` (2,481), `Board` (nobody)"
    assert addressed(build.held("VIP", counts=(3,), contacts=3)) == "`VIP`"
    assert addressed(None) == ""
