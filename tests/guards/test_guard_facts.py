"""What guards go by, read back and read strictly: resends beside a send, ranges, counts."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ccops import resources
from ccops.constantcontact.beside import Attached, AttachedKind, resends
from ccops.errors import StalePlan, VendorFault
from ccops.model import Expect, Range
from ccops.planning.decode import plan_of
from ccops.planning.guarding.crowding import neighbours
from ccops.planning.planfile import from_json, to_json
from tests.guards.guard_examples import TUESDAY, Situation, rules_of, scene

ENTRY = {"resend_subject": "Again", "delay_days": None, "resend_date": None}


def test_a_resend_after_minutes() -> None:
    """Of days and minutes one is told."""
    (found,) = resends([{**ENTRY, "delay_minutes": 90}])
    assert (found.delay, found.at, found.subject) == (timedelta(minutes=90), None, "Again")


@pytest.mark.parametrize(
    "odd",
    [{"delay_minutes": -1}, {"delay_days": -2}, {"resend_date": "tomorrow"}, {"delay_days": True}],
)
def test_a_resend_that_cannot_be(odd: dict[str, object]) -> None:
    """Nothing is concluded from a span below nothing, or from a date that is none."""
    with pytest.raises(VendorFault, match="CC511"):
        resends([{**ENTRY, **odd}])


@pytest.mark.parametrize("at", [TUESDAY, None])
def test_a_resend_of_which_only_the_date_is_known_is_a_neighbour(at: datetime | None) -> None:
    """Where its send has no time any more, the date is all there is to go by, if there is one."""
    scenery = scene(rules_of("{}"), Situation(words="one"))
    beside = Attached(kind=AttachedKind.NON_OPENERS, subject="Again", at=at)
    change = replace(scenery.plan.changes[0], send=None, waiting=(), attached=(beside,))
    plan = replace(scenery.plan, changes=(change,))
    assert [one.at for one in neighbours(replace(scenery, plan=plan))] == [at] * bool(at)


@pytest.mark.parametrize("expected", [Range(least=10, most=None), Range(least=0, most=20)])
def test_a_saved_plan_keeps_the_range_that_is_expected(expected: Range) -> None:
    """What was reviewed is what is applied."""
    plan = scene(rules_of("{}"), Situation(words="one", expect=Expect(contacts=expected))).plan
    again = from_json(to_json(plan), schema=resources.schema("plan"))
    assert [one.target.expect.contacts for one in again.changes] == [expected]


def test_counts_that_are_no_list() -> None:
    """A document of another shape is no plan."""
    written = json.loads(to_json(scene(rules_of("{}"), Situation(words="one")).plan))
    changes = [{**one, "audience": {**one["audience"], "counts": 3}} for one in written["changes"]]
    with pytest.raises((ValueError, StalePlan), match="counts"):
        plan_of({**written, "changes": changes})
