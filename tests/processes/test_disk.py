"""The store's disk is full, or read-only: without a durable intent nothing leaves."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes.aftermath import asks, judged
from tests.processes.disks import make_read_only, make_writable, small_disk
from tests.processes.ledger import ASKS, SAME, Ledger
from tests.processes.nursery import STORE, Nursery
from tests.processes.places import Point, Stand
from tests.processes.scenes import Crew, Scene, Undisturbed, scene
from tests.processes.sequences import Case
from tests.processes.struck import Blow

Plain = Callable[[str], Undisturbed]

LONGER = {("schedule for others", Blow.FULL), ("send now", Blow.CAPPED)}
WHERE = ("(Record", "(Write")


@dataclass(frozen=True, slots=True, kw_only=True)
class LetDown:
    """A run whose store let it down: its exit code, its writes, and how the next run ended."""

    code: int
    writes: int
    outcome: str


def expected(case: Case, point: Point) -> LetDown:
    """Nothing leaves without an intent; what may have left is unknown until the next run."""
    place, what = point.place, point.what
    if what == "(Record intent":
        before = place.write + (place.stand is Stand.VERIFIED)
        return LetDown(code=8 if before else 9, writes=before, outcome=SAME)
    # The requests of the day are counted in the store, too: one that cannot be does not leave.
    left = not what.startswith("(Write")
    outcome = ASKS if asks(case, place) else SAME
    return LetDown(code=10, writes=place.write + left, outcome=outcome)


def let_down(scene: Scene, point: Point, blow: Blow) -> LetDown:
    """Take the room away at a point, then give it back and apply again."""
    code = scene.apply(at=point.number, blow=blow).code
    writes = len(scene.stage.writes())
    (scene.store / "filler").unlink(missing_ok=True)
    outcome = judged(scene, scene.apply())
    return LetDown(code=code, writes=writes, outcome=outcome)


@pytest.mark.parametrize("name", ["schedule for others", "send now"])
@pytest.mark.parametrize("blow", [Blow.FULL, Blow.CAPPED])
def test_the_disk_is_full(
    crew: Crew, ledger: Ledger, undisturbed: Plain, name: str, blow: Blow
) -> None:
    """Before the intent: no request. After it: exit 10, and with room again the next run knows."""
    if (name, blow) in LONGER and not crew.every:
        pytest.skip("the other disk for this sequence: make killtest")
    plain = undisturbed(name)

    def strike(nursery: Nursery, folder: Path, point: Point) -> LetDown | None:
        with (
            small_disk(folder / "workspace" / STORE) as mounted,
            scene(nursery, folder, plain) as set_up,
        ):
            return let_down(set_up, point, blow) if mounted or blow is Blow.CAPPED else None

    points = [point for point in plain.points if point.what.startswith(WHERE)]
    found = crew.lend(points, strike)
    if None in found:
        ledger.lines.append(f"{blow}, {name}: left out, this process may not mount a file system")
        pytest.skip("this process may not mount a file system")
    told = zip(points, found, strict=True)
    codes = ", ".join(f"{point.what[1:]} {one.code}" for point, one in told if one)
    ledger.lines.append(f"{blow}, {name}: {codes}")
    assert found == [expected(plain.case, point) for point in points]


def test_a_store_that_cannot_be_written(crew: Crew, ledger: Ledger, undisturbed: Plain) -> None:
    """Exit 9 before any request that writes; writable again, the run goes through."""
    plain = undisturbed("schedule for others")

    def refused(nursery: Nursery, folder: Path, _: None) -> str:
        with (
            small_disk(folder / "workspace" / STORE) as mounted,
            scene(nursery, folder, plain) as set_up,
        ):
            return _refused(set_up, mounted=mounted)

    [how] = crew.lend([None], refused)
    ledger.lines.append(f"a store {how}: exit 9, no write")


def _refused(scene: Scene, *, mounted: bool) -> str:
    assert scene.nursery.run(scene.stage, "plan").code == 0
    how = make_read_only(scene.store, mounted=mounted)
    try:
        if os.access(scene.store, os.W_OK):
            pytest.skip("root writes where it may not, and cannot mount a file system here")
        done = scene.apply()
        assert (done.code, scene.stage.writes()) == (9, []), done
        assert "CC702" in done.err
    finally:
        make_writable(scene.store, mounted=mounted)
    assert judged(scene, scene.apply()) == SAME
    return how
