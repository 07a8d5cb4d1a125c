"""What a machine sees that lost its power: the store as the disk has it, the account as it is."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes.aftermath import asks, judged
from tests.processes.ledger import ASKS, SAME, Ledger
from tests.processes.places import Place, Point, Stand
from tests.processes.scenes import Crew, Scene, Undisturbed
from tests.processes.struck import Blow

NAMES = ["update a scheduled one", "send now"]
SHARED_MEMORY = "*-shm"
WAL = "journal-*-wal"


def recorded(points: tuple[Point, ...]) -> list[Point]:
    return [point for point in points if point.what.startswith("Record")]


@pytest.mark.parametrize("name", NAMES)
def test_power_fails_while_a_line_is_recorded(
    crew: Crew, ledger: Ledger, undisturbed: Callable[[str], Undisturbed], name: str
) -> None:
    """Half of a line is on the disk: it does not count, and nothing else is lost."""
    plain = undisturbed(name)

    def cut(scene: Scene, point: Point) -> str:
        copies = scene.folder / "copies"
        struck = scene.apply(at=point.number, blow=Blow.KILL, copies=copies)
        assert struck.code == -9
        tear(scene.store, copies, point)
        return judged(scene, scene.apply())

    points = recorded(plain.points)
    outcomes = crew.each(plain, points, cut)
    for point, outcome in zip(points, outcomes, strict=True):
        torn = ASKS if asks(plain.case, before(point)) else SAME
        assert outcome == torn, (point, outcome)
    ledger.lines.append(
        f"power cut within each of {len(points)} records, {name}: "
        f"{outcomes.count(SAME)} same, {outcomes.count(ASKS)} exit 10"
    )


def before(point: Point) -> Place:
    """The place that a line was to lead away from."""
    earlier = {Stand.ACKED: Stand.WRITTEN, Stand.VERIFIED: Stand.ACKED}
    return Place(write=point.place.write, stand=earlier.get(point.place.stand, Stand.BEFORE))


def tear(store: Path, copies: Path, point: Point) -> None:
    """Leave half of what the last record wrote; memory shared by processes is gone altogether."""
    [log] = store.glob(WAL)
    earlier = [one for one in copies.iterdir() if int(one.name) < point.number]
    whole = max((one / log.name).stat().st_size for one in earlier) if earlier else 0
    with log.open("r+b") as file:
        file.truncate(whole + (log.stat().st_size - whole) // 2)
    for one in store.glob(SHARED_MEMORY):
        one.unlink()


@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_forgets(
    crew: Crew, ledger: Ledger, undisturbed: Callable[[str], Undisturbed], name: str
) -> None:
    """The store is as it was after some record, the account as after the run: nothing is repeated."""

    def forget(scene: Scene) -> list[int]:
        copies = scene.folder / "copies"
        assert scene.apply(copies=copies).code == 0
        codes = []
        for copy in sorted(copies.iterdir(), key=lambda one: int(one.name)):
            put_back(copy, scene.store)
            codes.append(scene.apply().code)
        assert scene.stage.writes() == [*scene.plain.case.writes], codes
        return codes

    codes = crew.once(undisturbed(name), forget)
    assert {*codes} <= {0, 10}
    told = ", ".join(map(str, codes))
    ledger.lines.append(f"store put back to each of its records, {name}: exits {told}; no write")


def put_back(copy: Path, store: Path) -> None:
    shutil.rmtree(store)
    shutil.copytree(copy, store, ignore=shutil.ignore_patterns(SHARED_MEMORY))
