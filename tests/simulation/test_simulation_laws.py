"""Laws of the protocol, in thousands of hostile worlds; see `laws` for each of them."""

from collections.abc import Sequence
from functools import cache

import pytest

from ccops.applying.report import Ending
from ccops.errors import ExitCode
from ccops.ports import WriteState
from tests.simulation.laws import LAWS
from tests.simulation.luck import DOORS, FREEZES
from tests.simulation.network import Fate
from tests.simulation.residual import Residual, residuals
from tests.simulation.situations import situations
from tests.simulation.soak import soak, tally
from tests.simulation.story import COMBINATIONS, Story, story
from tests.simulation.vendor import START, Rules

SEEDS = 3_008
"""47 times every combination of the vendor's switches."""


@cache
def stories() -> Sequence[Story]:
    return tuple(story(seed) for seed in range(SEEDS))


@pytest.mark.parametrize("name", LAWS)
def test_no_misfortune_breaks_a_law(name: str) -> None:
    """Whatever fails, dies, freezes, overlaps or is edited: what must never happen does not."""
    for one in stories():
        assert list(LAWS[name](one)) == [], str(one)


def test_the_worlds_are_hostile_enough() -> None:
    """Every misfortune, ending and sequence occurs, so that no law holds of nothing."""
    told = stories()
    runs = [run for one in told for run in one.runs]
    assert {line.fate for one in told for line in one.world.writes} == set(Fate)
    assert {run.ending for run in runs} == {*Ending, None} - {Ending.NOT_STARTED}
    assert {one.name for one in told} == set(situations(START))
    assert {line.state for one in told for line in one.world.journal} == set(WriteState)
    assert sum(run.died for run in runs) > SEEDS // 3
    assert sum(bool(one.ours) for one in told) > SEEDS // 5
    assert {kind for one in told for kind in residuals(one)} >= {Residual.GONE, Residual.NOW}


def test_runs_end_in_every_way_an_apply_of_one_plan_can() -> None:
    """From done to unknown; the other exit codes belong to commands and their input."""
    codes = {run.exit_code for one in stories() for run in one.runs}
    assert codes == {
        None,
        ExitCode.DONE,
        ExitCode.UNEXPECTED,
        ExitCode.ACCESS,
        ExitCode.THROTTLED,
        ExitCode.BLOCKED,
        ExitCode.STALE,
        ExitCode.PARTIAL,
        ExitCode.LOCKED,
        ExitCode.UNKNOWN,
    }


def test_processes_freeze_everywhere_and_overlap() -> None:
    """For every span, by the fence too; while another one is at work on the same activity."""
    runs = [run for one in stories() for run in one.runs]
    spans = {till - since for run in runs for since, till in run.frozen}
    assert spans == {*FREEZES, *DOORS}
    overlaps = (
        (one, other)
        for story in stories()
        for one, other in zip(story.runs, story.runs[1:], strict=False)
        if other.began_at < one.ended_at
    )
    assert sum(1 for _ in overlaps) > SEEDS // 20
    assert sum(run.lost for run in runs) > SEEDS // 50


def test_people_halt_and_newer_plans_overtake() -> None:
    """Marks, generations and permissions are at work in the stories."""
    told = stories()
    assert sum(one.halted for one in told) > SEEDS // 20
    verdicts = {run.change.verdict for one in told for run in one.runs}
    assert "halted" in verdicts
    assert any("a newer plan was applied" in run.detail for one in told for run in one.runs)


def test_any_64_seeds_hold_every_vendor() -> None:
    """Each unknown answer of the live API, together with all the others."""
    rules = {(*_answers(one.world.vendor.rules), bool(one.seed >> 3 & 1)) for one in stories()[:64]}
    assert len(rules) == COMBINATIONS


def _answers(rules: Rules) -> tuple[bool, ...]:
    return (
        rules.past_date_sends,
        rules.second_post_overwrites,
        rules.put_half_applies,
        rules.answers_200,
        rules.answers_nothing,
    )


def test_the_same_seed_tells_the_same_story() -> None:
    """To the last effect, however often and in whatever order it is told."""
    once = [str(story(seed)) for seed in range(40)]
    assert [str(story(seed)) for seed in reversed(range(40))] == once[::-1]


def test_parts_add_up_to_the_whole() -> None:
    """What is counted does not depend on how the seeds are shared out."""
    whole, parts = tally(range(600)), soak(range(600), jobs=1)
    assert parts == whole
