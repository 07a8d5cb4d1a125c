"""Several campaigns are read at once: the plan is the same, whatever answers first."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from threading import Barrier, Event, Lock, current_thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import Diagnostic, VendorFault
from ccops.ports import Call, Reply, Send
from ccops.survey import Survey, survey
from ccops.surveying.ahead import REACH, in_order
from tests.refresh.worlds import ORIGIN, asking, essence, fleet, plan_of, settings_of

LINES = 4


@dataclass(kw_only=True)
class Line:
    """One connection: who uses it, and that nobody else does meanwhile."""

    send: Send
    random: Random = field(default_factory=Random)
    used: Lock = field(default_factory=Lock)
    calls: list[Call] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def __call__(self, call: Call) -> Reply:
        assert self.used.acquire(blocking=False), "two threads on one line"
        try:
            self.calls.append(call)
            self.threads.add(current_thread().name)
            time.sleep(self.random.random() / 1_000)  # so that answers overtake each other
            return self.send(call)
        finally:
            self.used.release()


def surveyed(world: object, desired: object, readers: tuple[Send, ...], said: list[str]) -> Survey:
    return survey(
        asking(world),  # type: ignore[arg-type]
        desired,  # type: ignore[arg-type]
        settings=settings_of(world),  # type: ignore[arg-type]
        origin=ORIGIN,
        clock=lambda: world.now,  # type: ignore[attr-defined]
        pause=lambda: None,
        tell=said.append,
        readers=readers,
    )


@given(st.integers(1, 24), st.integers(0, 1_000))
@settings(max_examples=12)
def test_the_plan_is_the_one_that_reading_one_by_one_makes(count: int, seed: int) -> None:
    """The same changes, readings and progress; the same requests for each campaign."""
    world, desired = fleet(count, seed)
    world.clock.freeze(frozen=True)
    alone, together = list[str](), list[str]()
    world.log.clear()
    expected = surveyed(world, desired, (), alone)
    serial = sorted(one.path for one in world.requests)
    world.log.clear()
    lines = tuple(Line(send=asking(world), random=Random(seed)) for _ in range(LINES))
    found = surveyed(world, desired, lines, together)
    assert essence(plan_of(found)) == essence(plan_of(expected))
    assert (found.observations, found.readings) == (expected.observations, expected.readings)
    assert together == alone
    assert sorted(one.path for one in world.requests) == serial


# --- the order, and what fails ------------------------------------------------------------------


def nobody(_: Call) -> Reply:
    raise AssertionError


Read = Callable[[Send, int], int]


@given(st.integers(0, 40), st.integers(0, 1_000))
@settings(max_examples=15)
def test_everything_is_told_in_its_order(count: int, seed: int) -> None:
    """However long each takes."""
    random = Random(seed)
    waits = [random.random() / 500 for _ in range(count)]

    def read(_: Send, item: int) -> int:
        time.sleep(waits[item])
        return item * item

    assert list(in_order([nobody] * LINES, range(count), read)) == [n * n for n in range(count)]


def test_as_many_are_read_at_once_as_there_are_lines() -> None:
    """Each would wait for the others for ever otherwise."""
    together = Barrier(LINES, timeout=10)

    def read(_: Send, item: int) -> int:
        together.wait()
        return item

    assert list(in_order([nobody] * LINES, range(LINES * 3), read)) == [*range(LINES * 3)]


@pytest.mark.parametrize("lines", [1, LINES])
@given(failing=st.sets(st.integers(0, 30), min_size=1))
@settings(max_examples=15)
def test_the_first_failure_is_the_one_that_counts(lines: int, failing: set[int]) -> None:
    """By the order of the items, and after everything before it was told."""

    def read(_: Send, item: int) -> int:
        if item in failing:
            raise VendorFault(Diagnostic(code="CC514", message=f"number {item}"))
        return item

    told = list[int]()
    with pytest.raises(VendorFault, match=f"number {min(failing)}$"):
        told.extend(in_order([nobody] * lines, range(31), read))
    assert told == [] or told == [*range(min(failing))]


def test_little_is_begun_beyond_what_is_told() -> None:
    """One that takes long, or fails late, does not cost the requests of all the others."""
    begun = set[int]()
    full = Event()

    def read(_: Send, item: int) -> int:
        begun.add(item)
        if len(begun) >= REACH * LINES:
            full.set()
        if item == 0:
            assert full.wait(timeout=10)
            raise VendorFault(Diagnostic(code="CC514", message="late"))
        return item

    with pytest.raises(VendorFault):
        list(in_order([nobody] * LINES, range(1_000), read))
    assert begun == {*range(REACH * LINES)}


def test_one_line_is_read_in_the_callers_own_thread() -> None:
    """Nothing runs beside anything; the sandbox's log is the plan's order."""
    names = list(in_order([nobody], range(3), lambda _, item: (item, current_thread().name)))
    assert names == [(item, current_thread().name) for item in range(3)]
