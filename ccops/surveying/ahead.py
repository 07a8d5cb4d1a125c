"""Read several things at once, and tell them in their order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from ccops.crew import Crew, Outcome, threads
from ccops.ports import Send

REACH = 4
"""How many readings for each line are begun before the oldest of them is told."""

Item = TypeVar("Item")
Found = TypeVar("Found")


def in_order(
    lines: Sequence[Send], items: Sequence[Item], read: Callable[[Send, Item], Found]
) -> Iterator[Found]:
    """Yield what `read` makes of each item, in the order of the items, whatever answers first.

    Each line reads one at a time. What fails is raised when its turn to be told comes, so that
    of several failures it is the one that reading one by one would have met; after a failure
    nothing is begun any more.
    """
    employed: AbstractContextManager[Crew[Found]] = threads(len(lines))
    with employed as crew:
        ahead = _Ahead(items=items, read=read, lines=lines, crew=crew)
        for position in range(len(items)):
            yield ahead.told(position)


@dataclass(slots=True, kw_only=True, eq=False)
class _Ahead(Generic[Item, Found]):
    """How far the readings are. Items before `begun` are begun; none from `end` on will be."""

    items: Sequence[Item]
    read: Callable[[Send, Item], Found]
    lines: Sequence[Send]
    crew: Crew[Found]
    begun: int = 0
    end: int = field(init=False)
    busy: dict[int, int] = field(default_factory=dict)
    done: dict[int, Outcome[Found]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.end = len(self.items)

    def told(self, position: int) -> Found:
        """Go on until this item is read, and return what was found, or raise what went wrong."""
        while position not in self.done:
            self._begin(position)
            self._hear()
        return self.done.pop(position)()

    def _begin(self, told: int) -> None:
        reach = min(self.end, told + REACH * len(self.lines))
        for member, line in enumerate(self.lines):
            if member not in self.busy and self.begun < reach:
                self.busy[member] = self.begun
                self.crew.start(member, partial(self._reading, line, self.begun))
                self.begun += 1

    def _reading(self, line: Send, position: int) -> Found:
        try:
            return self.read(line, self.items[position])
        except BaseException:
            self.end = 0
            raise

    def _hear(self) -> None:
        finished = self.crew.finished()
        if finished is not None:
            member, outcome = finished
            self.done[self.busy.pop(member)] = outcome
