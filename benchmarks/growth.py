"""How the time grows with the number of campaigns: the exponent of a fit in logarithms."""

from collections.abc import Mapping
from math import log

from benchmarks.manifests import measured
from benchmarks.measuring import Row, Spent, row, shown

SIZES = (10, 100, 1_000, 10_000)
NAMES = ("validate", "plan --offline", "walk")


def rows() -> list[Row]:
    spent = {count: measured(count, runs=3) for count in (1, *SIZES)}
    return [_row(name, spent) for name in NAMES]


def _row(name: str, spent: Mapping[int, Mapping[str, Spent]]) -> Row:
    """Give two exponents: of the whole process, and of its last step without the start-up.

    Start-up hides growth while there is little to do: without it, 1 is proportional.
    """
    start = spent[1][name].seconds
    times = {count: spent[count][name].seconds for count in SIZES}
    last = exponent({count: times[count] - start for count in SIZES[-2:]})
    seconds = ", ".join(f"{count:,}: {shown(times[count])}" for count in SIZES)
    what = "the floor, `walk.py`" if name == "walk" else f"`ccops {name}`"
    found = f"{exponent(times):.2f}; from 1,000 on, without start-up, {last:.2f}"
    return row(f"{what}, exponent from 10 to 10,000", found, seconds)


def exponent(times: Mapping[int, float]) -> float:
    """Fit time = constant × count ** exponent by least squares of the logarithms."""
    points = [(log(count), log(seconds)) for count, seconds in times.items()]
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    covered = sum((x - middle_x) * (y - middle_y) for x, y in points)
    return covered / sum((x - middle_x) ** 2 for x, _ in points)
