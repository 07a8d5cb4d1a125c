"""A small rehearsal in every run of the tests; the full one is `make rehearse`."""

from pathlib import Path

from tests.fleet.queues import fresh_database
from tests.rehearsal.gate import Admission, Gate
from tests.rehearsal.page import page
from tests.rehearsal.stage import rehearse
from tests.rehearsal.town import Size
from tests.store.cluster import Cluster

SMALL = Size(
    accounts=40,
    campaigns=5,
    changed=5,
    workers=4,
    kills=10,
    window=0.01,
    gap=0.08,
    day=7.0,
    per_day=10_000,
    kill_every=0.5,
)


def test_a_fleet_is_applied_once_though_its_workers_are_killed(
    server: Cluster, tmp_path: Path
) -> None:
    """Nothing twice, nothing left open, and every request accounted for.

    Its pretended second is too short to say anything of the pace, which a loaded machine would
    spoil: that is for the rehearsal in full, and in virtual time for F-57 (tests/faults).
    """
    with fresh_database(server) as address:
        result = rehearse(SMALL, address, tmp_path, patience=180)
    assert result.wrong == [], page(result) + result.said
    assert result.twice == 0
    assert "| 0 | as it must be |" in page(result)
    assert "Traceback" not in result.said


def test_the_gate_is_strict() -> None:
    """Four in any second, wherever it begins; and what is refused counts in it, too."""
    gate = Gate(rate=4, window=1.0, per_day=100)
    assert [gate.admit(at, "1") for at in (0.0, 0.1, 0.2, 0.9)] == [Admission.IN] * 4
    assert gate.admit(0.99, "1") is Admission.THROTTLED
    assert gate.admit(1.05, "1") is Admission.THROTTLED
    assert gate.admit(3.0, "1") is Admission.IN
    assert (gate.worst, gate.over, gate.count) == (5, 2, 7)


def test_the_gate_counts_each_day_for_itself() -> None:
    """To the very request."""
    gate = Gate(rate=9, window=0.001, per_day=2)
    days = ["1", "1", "1", "2", "2", "2"]
    said = [gate.admit(float(at), day) for at, day in enumerate(days)]
    assert said == [Admission.IN, Admission.IN, Admission.QUOTA] * 2
    assert (gate.beyond, dict(gate.days)) == (2, {"1": 3, "2": 3})
