"""Threads that do one job each at a time, and tell the thread that directs them what came of it.

Only jobs run in them. Whoever directs them decides alone, in one thread, what is done next.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, Protocol, Self, TypeVar

Made = TypeVar("Made")
Job = Callable[[], Made]
Outcome = Callable[[], Made]
"""Called, it returns what the job returned, or raises what it raised."""


class Crew(Protocol[Made]):
    """Its members are numbered from 0. All of it is called by one thread."""

    def start(self, member: int, job: Job[Made]) -> None:
        """Give an idle member a job."""
        ...

    def finished(self, seconds: float | None = None) -> tuple[int, Outcome[Made]] | None:
        """Wait until some member is done; None: that took longer. Without `seconds`, however long.

        Only to be called while some member is busy.
        """
        ...


def threads(size: int) -> AbstractContextManager[Crew[Made]]:
    """Employ a thread for each member, or none for a single one: it works when it is started.

    Nobody is waited for in the end: a job that is not done then goes on by itself, unheard, and
    does not keep the process alive.
    """
    return nullcontext(_Alone()) if size == 1 else _Threads()


@dataclass(slots=True, eq=False)
class _Alone(Generic[Made]):
    """Nobody but the thread that directs."""

    done: SimpleQueue[tuple[int, Outcome[Made]]] = field(default_factory=SimpleQueue)

    def start(self, member: int, job: Job[Made]) -> None:
        self.done.put((member, _outcome(job)))

    def finished(self, seconds: float | None = None) -> tuple[int, Outcome[Made]] | None:
        return _next(self.done, seconds)


@dataclass(slots=True, eq=False)
class _Threads(Generic[Made]):
    """`jobs` are the members' inboxes; a thread begins with the first job of its member."""

    jobs: dict[int, SimpleQueue[Job[Made] | None]] = field(default_factory=dict)
    done: SimpleQueue[tuple[int, Outcome[Made]]] = field(default_factory=SimpleQueue)

    def start(self, member: int, job: Job[Made]) -> None:
        if member not in self.jobs:
            self.jobs[member] = SimpleQueue()
            work = _Member(number=member, jobs=self.jobs[member], done=self.done)
            Thread(target=work, name=f"ccops-{member}", daemon=True).start()
        self.jobs[member].put(job)

    def finished(self, seconds: float | None = None) -> tuple[int, Outcome[Made]] | None:
        return _next(self.done, seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for jobs in self.jobs.values():
            jobs.put(None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Member(Generic[Made]):
    number: int
    jobs: SimpleQueue[Job[Made] | None]
    done: SimpleQueue[tuple[int, Outcome[Made]]]

    def __call__(self) -> None:
        while (job := self.jobs.get()) is not None:
            self.done.put((self.number, _outcome(job)))


def _next(
    done: SimpleQueue[tuple[int, Outcome[Made]]], seconds: float | None
) -> tuple[int, Outcome[Made]] | None:
    try:
        return done.get(timeout=seconds)
    except Empty:
        return None


def _outcome(job: Job[Made]) -> Outcome[Made]:
    try:
        made = job()
    except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is asked for
        return _raising(error)
    return lambda: made


def _raising(error: BaseException) -> Outcome[Made]:
    def outcome() -> Made:
        raise error

    return outcome
