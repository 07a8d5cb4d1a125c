"""A scene for one blow: the account of a case behind a socket, and real processes to apply it."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from tests.e2e.stage import PATIENCE, Done, Stage
from tests.e2e.window import Fate, window
from tests.processes.nursery import STORE, Child, Nursery
from tests.processes.places import Point
from tests.processes.sequences import Case, End, arguments, staged

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """How a case goes when nothing happens: its points and its end."""

    case: Case
    points: tuple[Point, ...]
    end: End


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A case on a stage of its own; `folder` is for what its processes leave behind."""

    plain: Undisturbed
    folder: Path
    stage: Stage
    given: tuple[str, ...]
    nursery: Nursery

    @property
    def store(self) -> Path:
        """The folder of the store."""
        return self.stage.folder / STORE

    def start(self, **more: Any) -> Child:
        """Start an apply of the case; see `struck.Order`."""
        return self.nursery.start(self.stage, *self.given, **more)

    def apply(self, **more: Any) -> Done:
        """Apply the case in a process of its own."""
        return self.nursery.wait(self.start(**more))


@contextmanager
def scene(nursery: Nursery, folder: Path, plain: Undisturbed) -> Iterator[Scene]:
    """Set the scene for a case."""
    with staged(plain.case, folder / "workspace") as stage:
        given = arguments(plain.case, stage, nursery)
        yield Scene(plain=plain, folder=folder, stage=stage, given=given, nursery=nursery)


@contextmanager
def killed(
    scene: Scene,
    method: str,
    fate: Fate,
    after: int = 0,
    signals: tuple[signal.Signals, ...] = (signal.SIGKILL,),
) -> Iterator[Done]:
    """End an apply while the sandbox holds one of its requests; let that one go on afterwards."""
    with window(scene.stage, method, fate=fate, after=after) as opened:
        child = scene.start()
        opened.wait()
        for number in signals:
            os.kill(child.pid, number)
        if signals in {(signal.SIGINT,), (signal.SIGTERM,)}:
            opened.release()  # a single one of these ends no process that has a write under way
        yield scene.nursery.wait(child)
    # The request may outlive its sender: it has been carried out when it has a status.
    until(lambda: all(one.status is not None for one in scene.stage.world.requests))


def until(reached: Callable[[], bool]) -> None:
    """Wait for a condition."""
    limit = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < limit
        time.sleep(0.002)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Nurseries for some threads, and a folder for what is thrown away at once.

    `every`: the long run, at every point.
    """

    nurseries: SimpleQueue[Nursery]
    size: int
    folder: Path
    every: bool

    def each(
        self, plain: Undisturbed, items: Iterable[ItemT], work: Callable[[Scene, ItemT], ResultT]
    ) -> list[ResultT]:
        """Do the same for each item, on a scene of its own, some at once; results in their order."""

        def on_scene(nursery: Nursery, folder: Path, item: ItemT) -> ResultT:
            with scene(nursery, folder, plain) as set_up:
                return work(set_up, item)

        return self.lend(items, on_scene)

    def once(self, plain: Undisturbed, work: Callable[[Scene], ResultT]) -> ResultT:
        """Do something on a scene."""
        [result] = self.each(plain, [None], lambda set_up, _: work(set_up))
        return result

    def lend(
        self, items: Iterable[ItemT], work: Callable[[Nursery, Path, ItemT], ResultT]
    ) -> list[ResultT]:
        """Do the same for each item, with a nursery and an empty folder."""

        def borrowed(item: ItemT) -> ResultT:
            nursery = self.nurseries.get()
            try:
                with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                    return work(nursery, Path(folder), item)
            finally:
                self.nurseries.put(nursery)

        with ThreadPoolExecutor(self.size) as threads:
            return list(threads.map(borrowed, items))
