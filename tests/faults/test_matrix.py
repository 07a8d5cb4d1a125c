"""The matrix is whole: every row has its tests or says what is missing, and is documented."""

import os
import re
from functools import cache
from pathlib import Path

from tests.faults.matrix import MATRIX, Row

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "faults.md"
UPDATE = os.environ.get("CCOPS_UPDATE_GOLDEN") == "1"
_TEST = re.compile(r"^def (test_f\d\d_\w+)\(", re.MULTILINE)
_HEAD = """# What can go wrong

Every fault that ccops is built to stand, what it does then, how the process ends (the
[exit codes](../README.md#exit-codes)), and the test that proves it. *Simulated*: the fault is also part of the simulated
world in which the apply protocol is run a million times (`make simulate`, [figures](../benchmarks/safety.md)).

This page is made from `tests/faults/matrix.py`; a test keeps the two equal.

| | fault | what ccops does | exit | simulated | tests |
|---|---|---|---|---|---|
"""
_MISSING = """
## Not built yet

| | fault | why there is no test |
|---|---|---|
"""


@cache
def found() -> dict[str, str]:
    """Every test of a row, and the file it stands in."""
    files = sorted(HERE.glob("test_*.py"))
    return {
        name: file.name
        for file in files
        for name in _TEST.findall(file.read_text(encoding="utf-8"))
    }


def named_for(row: Row) -> list[str]:
    return [name for name in found() if name.startswith(row.prefix)]


def page() -> str:
    """The document, made from the matrix."""
    lines = []
    for row in (one for one in MATRIX if not one.missing):
        codes = ", ".join(map(str, row.exits))
        names = "<br>".join(f"[{one}](../tests/faults/{found()[one]})" for one in named_for(row))
        simulated = "yes" if row.simulated else ""
        cells = (row.name, row.fault, row.expected, codes, simulated, names)
        lines.append(f"| {' | '.join(cells)} |\n")
    missing = [f"| {one.name} | {one.fault} | {one.missing} |\n" for one in MATRIX if one.missing]
    return "".join([_HEAD, *lines, _MISSING, *missing])


def test_the_rows_are_numbered_without_a_gap() -> None:
    """None was left out on the way."""
    assert [row.number for row in MATRIX] == list(range(1, 63))


def test_every_row_has_a_test_or_says_why_not() -> None:
    """Never both, never neither."""
    assert [row.name for row in MATRIX if bool(named_for(row)) == bool(row.missing)] == []


def test_every_test_belongs_to_a_row() -> None:
    """A test named after no row would prove nothing that is asked for."""
    known = {name for row in MATRIX for name in named_for(row)}
    assert set(found()) == known


def test_every_row_says_how_the_process_ends() -> None:
    """Exit codes are what CI acts upon."""
    assert [row.name for row in MATRIX if not row.missing and not row.exits] == []


def test_the_page_is_made_from_the_matrix() -> None:
    """CCOPS_UPDATE_GOLDEN=1 writes it anew."""
    if UPDATE:
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
