"""Plans that are not read in full, as files: read back equal, and never mistaken for full ones."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops import resources
from ccops.errors import StalePlan
from ccops.planning.canonical import digest
from ccops.planning.document import document
from ccops.planning.plan import Budget, Plan, Recalled, Refresh
from ccops.planning.planfile import checksum, from_json, refuse_if_unfit, to_json
from ccops.render.headline import headline, made_with, partial
from tests.planning.samples import ACCOUNT, HOUR, NOW_IS
from tests.planning.strategies import instants, planned, plans
from tests.planning.test_plan_files import sealed

SCHEMA = resources.schema("plan")
FIT = {
    "account_id": ACCOUNT.id,
    "origin": "https://api.cc.email",
    "now": NOW_IS,
    "version": "0.1.0",
    "tzdata": "2026b",
}


@st.composite
def partial_plans(draw: st.DrawFn) -> Plan:
    """Plans of which some changes, and some names, are the cache's."""
    plan = draw(plans())
    ages = st.none() | instants
    return replace(
        plan,
        changes=tuple(replace(one, as_of=draw(ages)) for one in plan.changes),
        refresh=draw(st.sampled_from([Refresh.CHANGED, Refresh.NONE])),
        recalled=Recalled(listed_at=draw(instants), names_at=draw(ages)),
        budget=draw(st.none() | st.builds(Budget, used=st.integers(0, 9), limit=st.just(10))),
    )


@settings(max_examples=40)
@given(partial_plans())
def test_a_partial_plan_read_back_is_the_plan(plan: Plan) -> None:
    """With all that it says of its reading; none of that is what a reviewer approves."""
    again = from_json(to_json(plan), schema=SCHEMA)
    assert again == plan
    assert again.budget == plan.budget
    changes = tuple(replace(one, as_of=None) for one in plan.changes)
    full = replace(plan, changes=changes, refresh=Refresh.FULL, recalled=None)
    assert checksum(full) == checksum(plan)
    assert document(plan)["complete"] is False


@settings(max_examples=40)
@given(partial_plans())
def test_every_headline_of_a_partial_plan_says_so(plan: Plan) -> None:
    """Whatever else it comes to; and what follows are whole sentences."""
    found = headline(plan, now=NOW_IS)
    assert found.status.endswith(", partial")
    assert " Partial: " in found.detail
    assert found.title != "No changes."
    sentences = list(partial(plan, now=NOW_IS))
    assert len(sentences) >= 2
    assert all(not one[0].islower() and one.endswith(".") for one in sentences)


def test_a_full_plan_has_nothing_to_say() -> None:
    """Its headline is what it was."""
    assert list(partial(planned([]), now=NOW_IS)) == []
    assert headline(planned([]), now=NOW_IS).title == "No changes."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "deleted campaigns were not looked for"),
        ({"names_at": NOW_IS}, "deleted campaigns were not looked for, nor names of lists and"),
    ],
)
def test_a_plan_that_read_every_campaign_is_partial_too(
    changes: dict[str, object], words: str
) -> None:
    """The listing and the names may be old."""
    recalled = Recalled(listed_at=NOW_IS - HOUR, **changes)  # type: ignore[arg-type]  # by name
    plan = replace(planned([]), refresh=Refresh.CHANGED, recalled=recalled)
    assert f" Partial: {words}" in headline(plan, now=NOW_IS).detail


def test_what_is_recalled_must_fit_how_much_was_read() -> None:
    """A full plan has nothing from the cache, and no other one is without."""
    recalled = {
        "campaigns": 0,
        "oldest": None,
        "listed_at": "2026-10-06T12:00:00Z",
        "names_at": None,
    }
    for values in ({"recalled": recalled}, {"refresh": "none"}, {"refresh": "changed"}):
        with pytest.raises(StalePlan) as caught:
            from_json(sealed(document(planned([])) | values), schema=SCHEMA)
        assert caught.value.diagnostics[0].code == "CC603"


def test_a_file_cannot_hide_how_old_it_is() -> None:
    """The counts of what was recalled follow from the changes."""
    recalled = Recalled(listed_at=NOW_IS, names_at=None)
    plan = replace(planned([]), refresh=Refresh.CHANGED, recalled=recalled)
    found = json.loads(to_json(plan))
    found["recalled"]["campaigns"] = 1
    rest = {key: value for key, value in found.items() if key != "document_digest"}
    with pytest.raises(StalePlan) as caught:
        from_json(json.dumps(rest | {"document_digest": digest(rest)}), schema=SCHEMA)
    assert caught.value.diagnostics[0].code == "CC604"


def test_a_plan_that_read_nothing_is_fit_for_nothing() -> None:
    """Whatever else is right about it."""
    plan = planned([])
    refuse_if_unfit(plan, **FIT)  # type: ignore[arg-type]  # by name
    recalled = Recalled(listed_at=NOW_IS - timedelta(days=1))
    offline = replace(plan, refresh=Refresh.NONE, recalled=recalled)
    with pytest.raises(StalePlan) as caught:
        refuse_if_unfit(offline, **FIT)  # type: ignore[arg-type]  # by name
    assert [one.code for one in caught.value.diagnostics] == ["CC615"]


def test_requests_are_told_where_they_are_known() -> None:
    """None are told of a plan that no one counted, but those of one that made none."""
    plan = planned([], requests=3)
    assert made_with(plan) == "Made with 3 requests."
    counted = replace(plan, budget=Budget(used=1_250, limit=10_000))
    assert made_with(counted) == "Made with 3 requests. 1,250 of 10,000 are used today (UTC)."
    assert made_with(planned([])) == ""
    offline = replace(planned([]), refresh=Refresh.NONE, recalled=Recalled(listed_at=NOW_IS))
    assert made_with(offline) == "Made with 0 requests."
