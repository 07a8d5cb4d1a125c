"""Play the simulation: `python -m tests.simulation --seeds 200000` (make simulate SEEDS=…)."""

import sys
from pathlib import Path

import click

from tests.simulation.guards import Guard
from tests.simulation.safety import TAKEN_AWAY, page, summary
from tests.simulation.soak import cores, kills, timed
from tests.simulation.story import story

ENOUGH = 50_000
"""How many stories are played at most in search of what a missing guard breaks."""


@click.command()
@click.option("--seeds", default=10_000, show_default=True, help="How many stories.")
@click.option("--first", default=0, show_default=True, help="The first seed.")
@click.option("--jobs", default=cores(), help="How many processes (default: one per core).")
@click.option(
    "--off",
    multiple=True,
    type=click.Choice([one.value for one in Guard]),
    help="Take a guard away.",
)
@click.option("--tell", is_flag=True, help="Tell each story first.")
@click.option("--report", type=click.Path(path_type=Path), help="Write the page of safety here.")
def main(
    *, seeds: int, first: int, jobs: int, off: tuple[str, ...], tell: bool, report: Path | None
) -> None:
    """Play stories, and tell what went wrong; exit 1 if anything did."""
    without, numbers = frozenset(map(Guard, off)), range(first, first + seeds)
    for seed in numbers if tell else ():
        click.echo(f"{story(seed, without)}\n")
    total, seconds = timed(numbers, jobs=jobs, off=without)
    click.echo(summary(total, seconds, without))
    if report is not None:
        found = list(kills(list(TAKEN_AWAY), range(min(seeds, ENOUGH)), jobs=jobs))
        report.write_text(page(total, numbers, found), encoding="utf-8")
    sys.exit(1 if total.violations else 0)


if __name__ == "__main__":
    main()
