"""Where in a sequence a point lies: which write, and what the journal knows of it.

A process that is killed leaves nothing behind but the account and the store. Of all effects only
a Write changes the account and only a Record what the store knows; between two effects there is
the generator alone, which is pure. So every point beside a Get, an AskTime or a SleepUntil is the
same place as the last Write or Record before it, and one point for each place is enough for a
quick run. `--every-point` takes them all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Stand(StrEnum):
    """How far the write is: before its intent is recorded, …, until it is recorded as verified."""

    BEFORE = "before"
    INTENT = "intent"
    LOST = "lost"
    LATE = "late"
    WRITTEN = "written"
    ACKED = "acked"
    VERIFIED = "verified"

    @property
    def open(self) -> bool:
        """Whether a write's effect is still to be established."""
        return self not in {Stand.BEFORE, Stand.VERIFIED}


_LEADS_TO = {
    "Record intent": Stand.INTENT,
    "Record acked": Stand.ACKED,
    "Record verified": Stand.VERIFIED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A write of the sequence, counted from 0, and how far it is."""

    write: int = 0
    stand: Stand = Stand.BEFORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point of an apply, counted from 0: what was just done (or begun, with a bracket)."""

    number: int
    what: str
    place: Place


def points(log: Iterable[str]) -> tuple[Point, ...]:
    """Read the log of an undisturbed apply."""
    found: list[Point] = []
    place, writes = Place(), 0
    for number, what in enumerate(log):
        if what == "Record intent":
            place, writes = Place(write=writes, stand=Stand.INTENT), writes + 1
        elif what in _LEADS_TO or what.startswith("Write"):
            place = Place(write=place.write, stand=_LEADS_TO.get(what, Stand.WRITTEN))
        found.append(Point(number=number, what=what, place=place))
    return tuple(found)


def one_for_each_place(every: Sequence[Point]) -> tuple[Point, ...]:
    """Choose the first point of each place."""
    first: dict[Place, Point] = {}
    for point in every:
        first.setdefault(point.place, point)
    return tuple(first.values())


def just(every: Sequence[Point], what: str) -> tuple[Point, ...]:
    """Choose the points just after `what`, or just before it with a bracket."""
    return tuple(point for point in every if point.what == what)
