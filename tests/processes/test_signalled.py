"""SIGINT and SIGTERM anywhere: what was begun is finished; whoever insists is told what is open."""

from collections.abc import Callable, Sequence

import pytest

from ccops.errors import ExitCode
from tests.processes.aftermath import FATES, Aftermath, struck_at, struck_within, within
from tests.processes.ledger import ASKS, SAME, Ledger
from tests.processes.places import Place, Point, Stand, one_for_each_place
from tests.processes.scenes import Crew, Undisturbed
from tests.processes.sequences import NAMES, Case
from tests.processes.struck import Blow

ONE = {Blow.INTERRUPT: ExitCode.INTERRUPTED, Blow.TERMINATE: ExitCode.TERMINATED}
QUICK = ["reschedule", "send now"]
ENDED = "Lock"
"""The point behind the end: the lock was given back, the report is made."""


@pytest.fixture
def strike(
    crew: Crew, ledger: Ledger, undisturbed: Callable[[str], Undisturbed]
) -> Callable[[str, Blow], list[Aftermath]]:
    """Strike a case with a signal at every chosen point; enter it in the table."""

    def at_points(name: str, blow: Blow) -> list[Aftermath]:
        if name not in QUICK and not crew.every:
            pytest.skip("other sequences of the same writes: make killtest")
        plain = undisturbed(name)
        points = plain.points if crew.every else quick(blow, plain.points)
        found = crew.each(plain, points, lambda scene, point: struck_at(scene, point, blow))
        if crew.every:
            places = within(plain.case, *(FATES if blow is Blow.TWICE else [Stand.LATE]))
            found += crew.each(plain, places, lambda scene, one: struck_within(scene, one, blow))
        for one in found:
            outcome = one.outcome if one.outcome in {SAME, ASKS} else "WRONG"
            ledger.note(blow, one.case, one.point.place, f"{one.struck.code} {outcome}")
        return found

    return at_points


def quick(blow: Blow, every: Sequence[Point]) -> tuple[Point, ...]:
    """Choose a point for each place; the one signal at every other of them, the other between."""
    points = one_for_each_place(every)
    return points if blow is Blow.TWICE else points[[*ONE].index(blow) :: 2]


def whole(case: Case) -> set[tuple[str, ...]]:
    """The writes of no campaign, of the first one, of the first two …; of none a part."""
    campaigns = [write.split()[1] for write in case.writes]
    edges = [at for at in range(1, len(campaigns)) if campaigns[at - 1] != campaigns[at]]
    return {case.writes[:at] for at in (0, *edges, len(campaigns))}


@pytest.mark.parametrize("blow", ONE)
@pytest.mark.parametrize("name", NAMES)
def test_one_signal(strike: Callable[[str, Blow], list[Aftermath]], name: str, blow: Blow) -> None:
    """A campaign is finished or not begun, never left halfway; the next apply does the rest."""
    for one in strike(name, blow):
        assert one.struck.code == (0 if one.point.what == ENDED else ONE[blow]), one
        assert one.written in whole(one.case), one
        assert one.written or one.point.place == Place(), one
        assert one.outcome == SAME, one


@pytest.mark.parametrize("name", NAMES)
def test_two_signals(strike: Callable[[str, Blow], list[Aftermath]], name: str) -> None:
    """They end the run at once: with 10 if a write is open, else with the first signal's code."""
    found = strike(name, Blow.TWICE)
    assert [one for one in found if not one.right] == []
    assert [one for one in found if one.struck.code not in expected(one.point)] == []


def expected(point: Point) -> set[ExitCode]:
    """A person is told to look whenever a write is open, and for a record that was just closed."""
    if point.place.stand.open:
        return {ExitCode.UNKNOWN}
    closing = {ExitCode.UNKNOWN} if point.what == "Record verified" else set()
    return {ExitCode.INTERRUPTED} | closing
