"""`kill -9` anywhere, then `apply` again: the same end as undisturbed, and no send twice."""

from collections.abc import Callable, Iterable

import pytest

from tests.e2e.stage import workspace
from tests.e2e.window import Fate
from tests.processes.aftermath import FATES, Aftermath, judged, struck_at, struck_within, within
from tests.processes.ledger import SAME, Ledger
from tests.processes.places import Stand, one_for_each_place
from tests.processes.scenes import Crew, Scene, Undisturbed, killed, until
from tests.processes.sequences import NAMES, ending
from tests.processes.struck import Blow

Plain = Callable[[str], Undisturbed]

LONGER = {"resend to others", "send now to others", "three campaigns"}
"""Left to the long run: longer sequences of the same writes."""

WITHIN = {
    "update a scheduled one": tuple(FATES),
    "send now": tuple(FATES),
    "three campaigns": (Stand.LOST,),
}
"""The sequences within whose writes a quick run kills, and what becomes of these."""


def wrong(ledger: Ledger, found: Iterable[Aftermath]) -> list[Aftermath]:
    """Enter them in the table; return those that did not end as they must."""
    found = list(found)
    for one in found:
        outcome = one.outcome if one.right else "WRONG"
        ledger.note(one.blow, one.case, one.point.place, outcome)
    return [one for one in found if not one.right]


@pytest.mark.parametrize("name", NAMES)
def test_killed_between_two_effects(
    crew: Crew, ledger: Ledger, undisturbed: Plain, name: str
) -> None:
    """At most one effective POST a send, and the same final state; or, for `now`, exit 10."""
    if name in LONGER and not crew.every:
        pytest.skip("longer sequences of the same writes: make killtest")
    plain = undisturbed(name)
    points = plain.points if crew.every else one_for_each_place(plain.points)
    found = crew.each(plain, points, lambda scene, point: struck_at(scene, point, Blow.KILL))
    assert wrong(ledger, found) == []
    assert {one.struck.code for one in found} == {-9}


@pytest.mark.parametrize("name", NAMES)
def test_killed_within_a_write(crew: Crew, ledger: Ledger, undisturbed: Plain, name: str) -> None:
    """The request is lost with its sender, or carried out after its death."""
    if name not in WITHIN and not crew.every:
        pytest.skip("other sequences of the same writes: make killtest")
    plain = undisturbed(name)
    places = within(plain.case, *(FATES if crew.every else WITHIN[name]))
    found = crew.each(plain, places, lambda scene, place: struck_within(scene, place, Blow.KILL))
    assert wrong(ledger, found) == []
    assert {one.struck.code for one in found} == {-9}


def test_killed_again_and_again(crew: Crew, undisturbed: Plain) -> None:
    """One write a run is enough to arrive."""

    def kill(scene: Scene) -> None:
        for method, fate in (("PUT", Fate.DONE), ("DELETE", Fate.LOST), ("POST", Fate.LATE)):
            with killed(scene, method, fate) as struck:
                assert struck.code == -9
        assert scene.apply().code == 0
        assert ending(scene.stage.world) == scene.plain.end

    crew.once(undisturbed("three campaigns"), kill)


@pytest.mark.parametrize(
    ("name", "write"), [("schedule", 0), ("schedule for others", 0), ("reschedule", 0)]
)
def test_carried_out_while_the_next_run_waits(
    crew: Crew, undisturbed: Plain, name: str, write: int
) -> None:
    """The dead process's request arrives late: the settle time is there for it, and it is seen."""
    if name != "schedule" and not crew.every:
        pytest.skip("a late PUT or DELETE: make killtest")

    def kill(scene: Scene) -> str:
        method = scene.plain.case.writes[write].split()[0]
        with killed(scene, method, Fate.LATE):
            workspace(scene.stage.folder, scene.stage.world, settle="4 seconds")
            again = scene.start()
            until(lambda: "of an earlier run to settle" in again.err.read_text("utf-8"))
        return judged(scene, scene.nursery.wait(again))

    assert crew.once(undisturbed(name), kill) == SAME
