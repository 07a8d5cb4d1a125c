"""Strike an apply, apply again, and judge by the sandbox's log what came of it."""

import signal
from dataclasses import dataclass

from tests.e2e.stage import Done
from tests.e2e.window import Fate
from tests.processes.ledger import ASKS, SAME
from tests.processes.places import Place, Point, Stand
from tests.processes.scenes import Scene, killed
from tests.processes.sequences import NOW, Case, ending
from tests.processes.struck import Blow

FATES = {Stand.LOST: Fate.LOST, Stand.LATE: Fate.LATE}
SIGNALS = {
    Blow.KILL: (signal.SIGKILL,),
    Blow.INTERRUPT: (signal.SIGINT,),
    Blow.TERMINATE: (signal.SIGTERM,),
    Blow.TWICE: (signal.SIGINT, signal.SIGTERM),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """A blow, and what came of it.

    `struck` is how the process ended, `written` what it had written by then; `outcome` is SAME,
    ASKS or, in many words, what is wrong.
    """

    case: Case
    point: Point
    blow: Blow
    struck: Done
    written: tuple[str, ...]
    outcome: str

    @property
    def right(self) -> bool:
        """Whether it ended as it must: a person is asked about an open send-now alone."""
        return self.outcome == (ASKS if asks(self.case, self.point.place) else SAME)


def asks(case: Case, place: Place) -> bool:
    """Whether only a person can say what became of it: a `now` that may have left, unseen."""
    return case.writes[place.write] == NOW and place.stand in {Stand.INTENT, Stand.LOST}


def within(case: Case, *stands: Stand) -> list[Place]:
    """Tell the places within each write of a case."""
    return [Place(write=write, stand=one) for write in range(len(case.writes)) for one in stands]


def struck_at(scene: Scene, point: Point, blow: Blow) -> Aftermath:
    """Let a blow befall an apply at a point; then apply again."""
    struck = scene.apply(at=point.number, blow=blow)
    return _again(scene, point, blow, struck)


def struck_within(scene: Scene, place: Place, blow: Blow) -> Aftermath:
    """Let a blow befall an apply while the sandbox holds a write: it is lost or done afterwards."""
    writes = scene.plain.case.writes
    method = writes[place.write].split()[0]
    before = [one.split()[0] for one in writes[: place.write]].count(method)
    with killed(scene, method, FATES[place.stand], before, SIGNALS[blow]) as struck:
        point = Point(number=-1, what=f"within {method}", place=place)
    return _again(scene, point, blow, struck)


def _again(scene: Scene, point: Point, blow: Blow, struck: Done) -> Aftermath:
    written = tuple(scene.stage.writes())
    lost = point.place if point.place.stand is Stand.LOST else None
    return Aftermath(
        case=scene.plain.case,
        point=point,
        blow=blow,
        struck=struck,
        written=written,
        outcome=judged(scene, scene.apply(), lost),
    )


def judged(scene: Scene, again: Done, lost: Place | None = None) -> str:
    """Say in a word how it ended: by the sandbox's log, and by the account after three months.

    `lost` is a write whose first request never arrived, whatever the log says of its answer.
    """
    case, effects, requests = scene.plain.case, scene.stage.effects(), scene.stage.writes()
    if lost is not None:
        effects.remove(case.writes[lost.write])
    posts = [one for one in effects if one.startswith("POST")]
    if len(posts) != len(set(posts)):
        return f"POSTED TWICE {requests}"
    reached = ending(scene.stage.world)
    if again.code == 0 and sorted(effects) == sorted(case.writes) and reached == scene.plain.end:
        return SAME
    if again.code == 10 and NOW in case.writes and NOW not in effects:
        return ASKS
    return f"exit {again.code}, {requests}, {reached}: {again.out}{again.err}"
