"""The exit code of a report follows from its results, by the precedence of the design.

10 > 8 > 7 > 6 > others; 130 and 143 are for a run that was interrupted with nothing open.
"""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.applying.report import Ending, Report, Result
from ccops.constantcontact.wire import unschedule_step
from ccops.errors import ExitCode
from ccops.planning.plan import Change, Verdict
from tests.simulation.campaign import ACTIVITY, NAME, PLACE, target
from tests.simulation.vendor import START

CHANGE = Change(
    campaign=NAME, verdict=Verdict.UPDATE, row=0, place=PLACE, target=target(), zone="UTC"
)
STEP = unschedule_step(ACTIVITY)
DONE, NOTHING, STOPPED = Ending.DONE, Ending.NOTHING, Ending.STOPPED
NEEDS_PERSON, NOT_STARTED, UNKNOWN = Ending.NEEDS_PERSON, Ending.NOT_STARTED, Ending.UNKNOWN
CAUSES = [None, *(ExitCode.UNEXPECTED, ExitCode.ACCESS, ExitCode.THROTTLED)]
CAUSES += [ExitCode.BLOCKED, ExitCode.STALE, ExitCode.PARTIAL]


def result(ending: Ending, code: ExitCode | None = None, writes: int = 0) -> Result:
    return Result(change=CHANGE, ending=ending, writes=(STEP,) * writes, exit_code=code)


def report(*results: Result, interrupted: ExitCode | None = None) -> Report:
    return Report(
        checksum="", started_at=START, finished_at=START, results=results, interrupted=interrupted
    )


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], ExitCode.DONE),
        ([result(NOTHING)], ExitCode.DONE),
        ([result(DONE, writes=3), result(NOTHING)], ExitCode.DONE),
        ([result(DONE, writes=3), result(NEEDS_PERSON)], ExitCode.BLOCKED),
        ([result(NEEDS_PERSON, ExitCode.BLOCKED)], ExitCode.BLOCKED),
        ([result(STOPPED, ExitCode.STALE)], ExitCode.STALE),
        ([result(STOPPED, ExitCode.STALE), result(NOT_STARTED)], ExitCode.STALE),
        ([result(STOPPED, ExitCode.ACCESS), result(STOPPED, ExitCode.STALE)], ExitCode.STALE),
        ([result(STOPPED, ExitCode.ACCESS), result(NOT_STARTED)], ExitCode.ACCESS),
        ([result(STOPPED, ExitCode.THROTTLED)], ExitCode.THROTTLED),
        ([result(STOPPED, ExitCode.UNEXPECTED)], ExitCode.UNEXPECTED),
        ([result(STOPPED)], ExitCode.UNEXPECTED),
        ([result(NOT_STARTED)], ExitCode.UNEXPECTED),
        ([result(STOPPED, ExitCode.BLOCKED), result(STOPPED, ExitCode.ACCESS)], ExitCode.BLOCKED),
        ([result(STOPPED, ExitCode.ACCESS, writes=2)], ExitCode.PARTIAL),
        ([result(DONE, writes=1), result(STOPPED, ExitCode.STALE)], ExitCode.PARTIAL),
        ([result(DONE, writes=1), result(NOT_STARTED)], ExitCode.PARTIAL),
        ([result(UNKNOWN, writes=1)], ExitCode.UNKNOWN),
        ([result(UNKNOWN), result(STOPPED, ExitCode.STALE)], ExitCode.UNKNOWN),
    ],
)
def test_one_report_has_one_exit_code(results: Sequence[Result], expected: ExitCode) -> None:
    """A table of what may come together."""
    assert report(*results).exit_code is expected


@pytest.mark.parametrize("signal", [ExitCode.INTERRUPTED, ExitCode.TERMINATED])
def test_an_interrupt_is_told_as_such_only_when_nothing_is_open(signal: ExitCode) -> None:
    """130 and 143 promise that every outcome is known."""
    assert report(result(NOT_STARTED), interrupted=signal).exit_code is signal
    assert report(result(STOPPED, writes=2), interrupted=signal).exit_code is signal
    assert report(result(UNKNOWN, writes=2), interrupted=signal).exit_code is ExitCode.UNKNOWN


def test_a_person_who_is_needed_goes_before_other_causes() -> None:
    """6 is higher than 4 and 5, however the results came about."""
    both = [result(NEEDS_PERSON), result(STOPPED, ExitCode.ACCESS)]
    assert report(*both).exit_code is ExitCode.BLOCKED


def test_a_store_that_fails_after_writes_leaves_the_run_partly_applied() -> None:
    """8 is higher than 9: that something was applied matters more than why the rest was not."""
    results = [result(DONE, writes=2), result(NOT_STARTED)]
    assert report(*results, interrupted=ExitCode.LOCKED).exit_code is ExitCode.PARTIAL
    nothing = [result(NOT_STARTED)]
    assert report(*nothing, interrupted=ExitCode.LOCKED).exit_code is ExitCode.LOCKED


results = st.builds(
    result, st.sampled_from(list(Ending)), st.sampled_from(CAUSES), st.integers(0, 3)
)


@given(st.lists(results, max_size=4))
def test_zero_means_that_all_is_well(found: list[Result]) -> None:
    """And everything that is not well has a code of its own."""
    well = all(one.ending in {DONE, NOTHING} for one in found)
    assert (report(*found).exit_code is ExitCode.DONE) is well


@given(st.lists(results, max_size=4))
def test_unknown_beats_everything(found: list[Result]) -> None:
    """Whatever else happened: a person must look."""
    unknown = any(one.ending is UNKNOWN for one in found)
    assert (report(*found).exit_code is ExitCode.UNKNOWN) is unknown


@given(st.lists(results, max_size=4))
def test_the_order_of_results_decides_nothing(found: list[Result]) -> None:
    """The code is a matter of what happened, not of which campaign comes first."""
    assert report(*reversed(found)).exit_code is report(*found).exit_code


def test_requests_are_counted() -> None:
    """Writes are those that were sent, of all changes."""
    assert report(result(DONE, writes=3), result(STOPPED, writes=1)).writes == 4


def test_every_combination_of_two_has_a_code() -> None:
    """None is forgotten, and none of them is "changes present", which only a plan can say."""
    every = [result(*one) for one in product(Ending, CAUSES, (0, 1))]
    codes = {report(one, other).exit_code for one in every for other in every}
    assert codes <= set(ExitCode) - {ExitCode.CHANGES, ExitCode.INVALID}
