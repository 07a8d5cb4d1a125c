"""The real protocol in every interleaving of small worlds: nothing wrong can happen.

And with any one guard switched off, something does: so the search can see what guards prevent.
`python -m tests.modelcheck --bound N` searches further than there is time for here.
"""

import pytest

from tests.modelcheck.__main__ import story
from tests.modelcheck.case import Case
from tests.modelcheck.cases import NEWEST_UNSCHEDULES, OFF, RESIDUAL, WHOLE
from tests.modelcheck.search import search


def names(cases: tuple[Case, ...]) -> list[str]:
    return [case.name for case in cases]


@pytest.mark.parametrize("case", WHOLE, ids=names(WHOLE))
def test_the_whole_protocol_breaks_no_law(case: Case) -> None:
    """Whatever fails, dies, freezes or is edited: no law is broken, and what is right is sent."""
    found = search(case)
    assert found.as_expected, story(found)
    assert found.residual == 0


@pytest.mark.parametrize("case", NEWEST_UNSCHEDULES, ids=names(NEWEST_UNSCHEDULES))
def test_nothing_is_sent_that_the_newest_finished_plan_unschedules(case: Case) -> None:
    """A plan that finds nothing to do is a decision like any other."""
    found = search(case)
    assert found.as_expected, story(found)


def test_only_the_known_risk_remains() -> None:
    """An edit between reading and POST, and a run that lies still until after the send."""
    found = search(RESIDUAL)
    assert found.as_expected, story(found)
    assert any(line.startswith("a person") for line in found.residue)


@pytest.mark.parametrize("case", OFF, ids=names(OFF))
def test_without_one_guard_a_law_is_broken(case: Case) -> None:
    """Each guard is needed, and the search sees what it prevents."""
    found = search(case)
    assert found.as_expected, story(found)
    assert found.trace
