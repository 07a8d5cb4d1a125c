"""SIGSTOP for longer than a lease: nothing that was read before it justifies a write after it."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ccops.constantcontact.writes import LEASE
from tests.e2e.stage import Done, Stage
from tests.processes.aftermath import judged
from tests.processes.ledger import SAME, Ledger
from tests.processes.nursery import STOPPED, Child, Nursery
from tests.processes.places import Point
from tests.processes.scenes import Crew, Scene, Undisturbed, scene
from tests.processes.struck import Blow

FREEZE, LONG_FREEZE = LEASE + 2, 2 * LEASE
AT_ONCE = 8
"""Processes frozen at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """An apply to be frozen at a point; meanwhile somebody edits the campaign, or nobody does."""

    plain: Undisturbed
    point: Point
    edited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A process in the middle of its apply, and how many requests it had made by then."""

    freeze: Freeze
    scene: Scene
    child: Child
    requests: int

    @property
    def since(self) -> list[str]:
        """The methods of the requests that were made since."""
        return [one.method for one in self.scene.stage.world.requests[self.requests :]]


def frozen(
    nursery: Nursery, folder: Path, freezes: Sequence[Freeze], seconds: float
) -> Iterator[tuple[Frozen, Done]]:
    """Stop all these for so long, and give each of them when it has gone on and ended."""
    with ExitStack() as stages:
        stopped = []
        for number, freeze in enumerate(freezes):
            set_up = stages.enter_context(scene(nursery, folder / str(number), freeze.plain))
            child = set_up.start(at=freeze.point.number, blow=Blow.STOP)
            assert nursery.wait(child).code == STOPPED
            requests = len(set_up.stage.world.requests)
            stopped.append(Frozen(freeze=freeze, scene=set_up, child=child, requests=requests))
            if freeze.edited:
                edit(set_up.stage)
        time.sleep(seconds)  # the misfortune itself: a lease is counted by a real clock
        for one in stopped:
            os.kill(one.child.pid, signal.SIGCONT)
        for one in stopped:
            yield one, nursery.wait(one.child)


def edit(stage: Stage) -> None:
    """Somebody edits the campaign in Constant Contact: it is not what was reviewed any more."""
    world = stage.world
    activity = world.primary(world.campaigns[world.campaign_by_name["Spring"]])
    world.put_activity(replace(activity, subject="Quite another message"))


def before_each_write(points: Sequence[Point]) -> list[Point]:
    """Choose three points for each write: it was read, its intent is recorded, it is to leave."""
    found: list[Point] = []
    for intent in (point for point in points if point.what == "Record intent"):
        read = [point for point in points[: intent.number] if point.what == "Get"][-1]
        leaves = next(one for one in points[intent.number :] if one.what.startswith("(Write"))
        found += [read, intent, leaves]
    return found


def test_frozen_between_reading_and_writing(
    crew: Crew, ledger: Ledger, undisturbed: Callable[[str], Undisturbed]
) -> None:
    """Awake again it reads first; what was edited meanwhile is not written, the rest as planned."""
    freezes = []
    for name in ("update a scheduled one", "send now"):
        plain = undisturbed(name)
        points = plain.points if crew.every else before_each_write(plain.points)
        freezes += [
            Freeze(plain=plain, point=point, edited=edited)
            for point in points
            for edited in (True, False)
            if crew.every or edited or point.what.startswith("(Write")
        ]
    seconds = LONG_FREEZE if crew.every else FREEZE
    groups = [freezes[at : at + AT_ONCE] for at in range(0, len(freezes), AT_ONCE)]
    wrong = [
        one
        for found in crew.lend(groups, lambda n, folder, group: judge(n, folder, group, seconds))
        for one in found
    ]
    ledger.lines.append(
        f"SIGSTOP for {seconds:.0f} s at {len(freezes)} points, an edit meanwhile at "
        f"{sum(one.edited for one in freezes)}: {len(wrong)} wrote on what they had read before"
    )
    assert wrong == []


def judge(
    nursery: Nursery, folder: Path, freezes: Sequence[Freeze], seconds: float
) -> list[tuple[Freeze, list[str], Done]]:
    """Return those that wrote on what they had read before, or ended in another way."""
    return [
        (one.freeze, one.since, done)
        for one, done in frozen(nursery, folder, freezes, seconds)
        if one.since[:1] not in ([], ["GET"]) or not _ended(one, done)
    ]


def _ended(one: Frozen, done: Done) -> bool:
    """Whether nothing was written upon an edit, and without one everything, now or the next time.

    A `now` that was held back is not tried a second time by the same run.
    """
    case, scene = one.freeze.plain.case, one.scene
    if one.freeze.edited:
        finished = scene.stage.effects() == [*case.writes]
        return {*one.since} <= {"GET"} and (finished or done.code in {7, 8})
    if case.now and done.code != 0:
        done = scene.apply()
    return judged(scene, done) == SAME
