"""docs/security.md names every row, and every test that it names is collected."""

import subprocess
import sys

import pytest

from tests.security.security_table import ROOT, ROWS, Row, page, proofs

DEMANDED = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 22, 23, 26, 27)


def test_the_page_is_up_to_date() -> None:
    """Made anew, it is the same: `python -m tests.security.security_table > docs/security.md`."""
    assert (ROOT / "docs" / "security.md").read_text(encoding="utf-8") == page()


def test_every_row_is_on_it() -> None:
    """Each once, in order."""
    assert tuple(row.number for row in ROWS) == DEMANDED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"S-{row.number:02}")
def test_a_row_has_a_test_of_its_name(row: Row) -> None:
    """And each test that it names beside those is there."""
    found = proofs(row)
    assert [one for one in found if f"_s{row.number:02}_" in one]
    assert set(row.others) <= set(found)


def test_every_test_on_it_is_collected() -> None:
    """By pytest itself: a proof that does not run proves nothing."""
    named = {test for row in ROWS for test in proofs(row)}
    files = sorted({test.partition("::")[0] for test in named})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:]
    collected = {line.partition("[")[0] for line in done.stdout.splitlines()}
    assert named <= collected
