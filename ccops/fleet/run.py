"""Do the jobs of a fleet, some at a time; whatever happens to one account stops no other.

The order is kept: a job begins when a place is free, soonest send first. A signal ends the run:
nothing more is begun, what runs is told once and ends as it would alone, and is waited for.
"""

import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock

from ccops.errors import ExitCode
from ccops.fleet import perform as performing
from ccops.fleet.budget import Work
from ccops.fleet.child import LONGEST, finished, start
from ccops.fleet.jobs import Job, Outcome
from ccops.fleet.outcomes import Ended, failure
from ccops.fleet.perform import Run, perform

Perform = Callable[[Job, Run], Outcome]
Fits = Callable[[Work, Iterable[Work]], bool]
"""Whether a job may begin, beside those that run."""

_RANKED = (
    ExitCode.UNKNOWN,
    ExitCode.TERMINATED,
    ExitCode.INTERRUPTED,
    ExitCode.PARTIAL,
    ExitCode.STALE,
    ExitCode.BLOCKED,
    ExitCode.UNEXPECTED,
    ExitCode.LOCKED,
    ExitCode.ACCESS,
    ExitCode.THROTTLED,
    ExitCode.INVALID,
    ExitCode.CHANGES,
)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the exit code of many accounts: 10 > 143, 130 > 8 > 7 > 6 > others (design §7)."""
    found = set(codes)
    return next((one for one in _RANKED if one in found), ExitCode.DONE)


@dataclass(slots=True)
class Children:
    """The processes that run now, so that each hears of a signal, and exactly once of the first.

    None may take longer than `limit` seconds.
    """

    limit: float = LONGEST
    _running: "dict[subprocess.Popen[str], set[int]]" = field(default_factory=dict)
    _heard: list[int] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def run(self, words: Sequence[str]) -> Ended:
        """Run `ccops` as a child (`perform.Run`), which this hands signals on to."""
        with self._lock:
            process = start([*performing.PROGRAM, *words], apart=True)
            self._running[process] = set()
            self._tell()
        try:
            return finished(process, self.limit)
        finally:
            with self._lock:
                del self._running[process]

    def hear(self, number: int) -> None:
        """Hand a signal on to all that run; a child that begins after it hears it too."""
        with self._lock:
            self._heard.append(number)
            self._tell()

    def _tell(self) -> None:
        for process, told in self._running.items():
            for at, number in enumerate(self._heard):
                if at not in told:
                    told.add(at)
                    process.send_signal(number)


@dataclass(frozen=True, slots=True)
class _Finished:
    work: Work
    outcome: Outcome


def run(
    works: Sequence[Work],
    *,
    most: int,
    fits: Fits,
    ended: Callable[[Outcome], None],
    limit: float = LONGEST,
    do: Perform = lambda job, run: perform(job, run=run),
) -> tuple[Outcome, ...]:
    """Do the work, at most `most` jobs at a time, and return an outcome for each, in their order.

    A job that does not fit waits for those that run; when none does, it and all after it are not
    reached (exit 5). `ended` hears of each as it ends, in the caller's thread. `limit`: the seconds
    that one may take.
    """
    inbox: SimpleQueue[_Finished | int] = SimpleQueue()
    children, outcomes = Children(limit), dict[Job, Outcome]()
    waiting, running, stopped = list(works), list[Work](), list[int]()

    def job_of(work: Work) -> None:
        inbox.put(_Finished(work, safely(do, work.job, children.run)))

    with ThreadPoolExecutor(max_workers=most) as pool, _signals(inbox):
        while waiting or running:
            while waiting and not stopped and len(running) < most and fits(waiting[0], running):
                running.append(waiting.pop(0))
                pool.submit(job_of, running[-1])
            if not running:
                break
            match inbox.get():
                case _Finished(work, outcome):
                    running.remove(work)
                    outcomes[work.job] = outcome
                    ended(outcome)
                case number:
                    stopped.append(number)
                    children.hear(number)
    left = {one.job: _not_begun(one.job, stopped) for one in waiting}
    return tuple((outcomes | left)[one.job] for one in works)


def safely(do: Perform, job: Job, children: Run) -> Outcome:
    """Do a job; a bug in doing it is its outcome."""
    try:
        return do(job, children)
    except Exception as error:  # noqa: BLE001 - a bug in one account's job must not stop the others
        return failure(job, ExitCode.UNEXPECTED, f"a bug in ccops: {error!r}")


def _not_begun(job: Job, stopped: Sequence[int]) -> Outcome:
    if not stopped:
        return failure(job, ExitCode.THROTTLED, "not reached: the budget does not suffice for it")
    interrupted = stopped[0] == signal.SIGINT
    code = ExitCode.INTERRUPTED if interrupted else ExitCode.TERMINATED
    return failure(job, code, "not begun: the run was ended")


@contextmanager
def _signals(inbox: "SimpleQueue[_Finished | int]") -> Iterator[None]:
    """Put signals into the inbox: a handler may do no more than that (`SimpleQueue` is reentrant)."""
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.signal(one, lambda number, _: inbox.put(number)) for one in kinds}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
