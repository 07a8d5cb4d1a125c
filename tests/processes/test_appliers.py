"""Several appliers on one workspace: one applies, the others write nothing; each send goes once."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.e2e.window import window
from tests.processes.ledger import Ledger
from tests.processes.nursery import STOPPED
from tests.processes.scenes import Crew, Scene, Undisturbed
from tests.processes.sequences import ending, spring
from tests.processes.struck import Blow

EIGHT = 8
RACES = ["schedule for others", "send now", "update a scheduled one", "resend", "unschedule"]
QUICK = RACES[:2]

Plain = Callable[[str], Undisturbed]


@pytest.mark.parametrize("appliers", [2, EIGHT])
@pytest.mark.parametrize("name", RACES)
def test_a_race(crew: Crew, ledger: Ledger, undisturbed: Plain, name: str, appliers: int) -> None:
    """All start at once: each write is made once, each mail goes once; the others say 9 or 0."""
    if name not in QUICK and not crew.every:
        pytest.skip("races over other sequences: make killtest")

    def race(scene: Scene) -> list[int]:
        children = [scene.start() for _ in range(appliers)]
        codes = [scene.nursery.wait(child).code for child in children]
        assert scene.stage.writes() == [*scene.plain.case.writes]
        assert ending(scene.stage.world) == scene.plain.end
        return codes

    for _ in range(5 if crew.every else 1):
        codes = crew.once(undisturbed(name), race)
        assert {0} <= {*codes} <= {0, 9}, codes
        told = f"{codes.count(0)} × exit 0, {codes.count(9)} × exit 9"
        ledger.lines.append(f"{appliers} appliers at once, {name}: {told}; each write made once")


def test_seven_come_while_one_writes(crew: Crew, ledger: Ledger, undisturbed: Plain) -> None:
    """They do not wait: exit 9, and nothing written; the one that was there first goes on."""

    def crowd(scene: Scene) -> None:
        with window(scene.stage, "PUT") as opened:
            first = scene.start()
            opened.wait()
            others = [scene.start() for _ in range(EIGHT - 1)]
            done = [scene.nursery.wait(child) for child in others]
            opened.release()
        assert [one.code for one in done] == [9] * (EIGHT - 1)
        assert all("CC701" in one.err for one in done)
        assert scene.nursery.wait(first).code == 0
        assert scene.stage.writes() == [*scene.plain.case.writes]
        assert ending(scene.stage.world) == scene.plain.end

    crew.once(undisturbed("schedule for others"), crowd)
    ledger.lines.append("8 appliers, one of them writing already: 1 × exit 0, 7 × exit 9")


def test_an_older_plan_is_not_applied_over_a_newer_one(
    crew: Crew, ledger: Ledger, undisturbed: Plain
) -> None:
    """Frozen between its plan and the lock, while a newer commit is applied: exit 7, no write."""

    def overtaken(scene: Scene) -> None:
        older = scene.start(at=0, blow=Blow.STOP)
        assert scene.nursery.wait(older).code == STOPPED
        scene.stage.world.advance(60)
        scene.stage.write(spring("Board"))
        assert scene.apply().code == 0
        os.kill(older.pid, signal.SIGCONT)
        assert scene.nursery.wait(older).code == 7
        assert scene.stage.writes() == ["PUT Spring [Board]", scene.plain.case.writes[1]]

    crew.once(undisturbed("schedule for others"), overtaken)
    ledger.lines.append("an older plan, frozen while a newer one was applied: exit 7, no write")
