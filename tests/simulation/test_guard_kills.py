"""Each guard is missed: without it a story goes wrong that goes well with it.

The seeds are those around the first one that does; benchmarks/safety.md counts from 0.
"""

import pytest

from ccops.applying import protocol
from ccops.model import Limits
from tests.simulation.guards import LEASE, Guard, limits_without, taken_away
from tests.simulation.soak import kill

G = Guard


@pytest.mark.parametrize(
    ("off", "seeds"),
    [
        ({G.LEAD}, range(4_700, 4_900)),
        ({G.SETTLE}, range(400)),
        ({G.FENCE}, range(1_200, 1_600)),
        ({G.LEASE, G.FENCE}, range(600)),
        ({G.VERIFY}, range(200)),
        ({G.LOCK}, range(200)),
        ({G.SERIAL}, range(500, 900)),
        ({G.QUIET}, range(243_000, 243_100)),
        ({G.QUIET, G.ONCE}, range(400, 600)),
    ],
    ids=lambda one: "+".join(sorted(one)) if isinstance(one, set) else "",
)
def test_without_a_guard_a_law_breaks(off: set[Guard], seeds: range) -> None:
    """The simulation can see what each guard is for."""
    found = kill(frozenset(off), seeds)
    assert found.seed is not None, f"no violation without {sorted(off)} in {seeds}"


def test_all_guards_are_in_place_unless_taken_away() -> None:
    """The limits are the program's own, and so is the lease, before, within and after."""
    assert limits_without(frozenset()) == Limits()
    with taken_away(frozenset({G.LEASE})):
        assert protocol.LEASE != LEASE
    assert protocol.LEASE == LEASE


@pytest.mark.parametrize("off", [{G.LEAD}, {G.SETTLE}, {G.LEAD, G.SETTLE}, {G.QUIET}])
def test_a_limit_is_taken_away_alone(off: set[Guard]) -> None:
    """What the program derives from a limit stays, so that one guard is missed at a time."""
    found, whole = limits_without(frozenset(off)), Limits()
    assert bool(found.lead) is (G.LEAD not in off)
    assert bool(found.head_start) is (G.LEAD not in off)
    assert bool(found.settle) is (G.SETTLE not in off)
    assert bool(found.read_lag) is (G.QUIET not in off)
    assert (found.freeze, found.reread) == (whole.freeze, whole.reread)
