"""The command: what it prints, what it writes, and that nothing but the seed decides."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.simulation.__main__ import main
from tests.simulation.laws import LAWS
from tests.simulation.safety import TAKEN_AWAY, named, page, summary
from tests.simulation.soak import Kill, Tally, tally

ROOT = Path(__file__).parents[2]


def simulated(*args: str, hashing: str = "0") -> tuple[int, list[str]]:
    """Run it as a process; without the line that counts seconds."""
    environment = {**os.environ, "PYTHONHASHSEED": hashing}
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *args],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()[1:]


def test_neither_hashing_nor_the_number_of_jobs_changes_a_story() -> None:
    """A seed found on one machine is the same seed on another; here one that goes wrong."""
    broken = ["--first", "600", "--seeds", "600", "--off", "serial"]
    one = simulated(*broken, "--jobs", "1", hashing="1")
    other = simulated(*broken, "--jobs", "2", hashing="2")
    assert one == other
    assert one[0] == 1
    assert any(line.startswith("seed ") for line in one[1])


def test_a_run_without_a_violation_ends_well() -> None:
    """And tells no story."""
    done = CliRunner().invoke(main, ["--seeds", "64", "--jobs", "1"])
    assert done.exit_code == 0
    assert "violations: 0" in done.stdout
    assert "seed " not in done.stdout


def test_the_page_tells_of_every_law_switch_and_guard() -> None:
    """Nothing that was counted is left out."""
    total = tally(range(64))
    kills = [Kill(off=off, tried=9, seed=8, laws=("I1",)) for off in TAKEN_AWAY]
    text = page(total, range(64), kills)
    assert all(f"| {law} | 0 |" in text for law in LAWS)
    assert all(f"| {named(off)} |" in text for off in TAKEN_AWAY)
    assert "| a second POST overwrites | 32 | 0 |" in text
    assert "9: I1 | none in 9 |" in text


def test_the_first_story_that_went_wrong_is_told_whole() -> None:
    """With its seed, its runs and what people got."""
    total = Tally(seeds=1, violations={"I1": 1}, broken={"I1": 7})  # type: ignore[arg-type]  # a dict counts as well
    text = summary(total, 1.0, TAKEN_AWAY[0])
    assert "I1: 1, first by seed 7" in text
    assert "seed 7: " in text
    assert "without lead" in text


def test_any_story_can_be_told() -> None:
    """Also one in which nothing goes wrong."""
    done = CliRunner().invoke(main, ["--first", "5", "--seeds", "1", "--jobs", "1", "--tell"])
    assert done.exit_code == 0
    assert done.stdout.startswith("seed 5: ")


@pytest.mark.parametrize("off", ["nothing", "LEAD"])
def test_only_guards_can_be_taken_away(off: str) -> None:
    """A word that is none is refused."""
    assert CliRunner().invoke(main, ["--off", off]).exit_code == 2
