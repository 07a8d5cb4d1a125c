"""Workers as real processes, and the hand that kills them."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Victim(StrEnum):
    """Which process is killed: the worker, the `ccops` that does its job, or both at once."""

    WORKER = "worker"
    JOB = "job"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One `kill -9`: whom, the name that the worker's sessions bear in the database, and when.

    `at` is before it, in seconds since 1970.
    """

    victim: Victim
    worker: str
    at: float


@dataclass(slots=True, kw_only=True)
class Crew:
    """So many workers at any time: one that was killed is followed by another.

    `log` gets what they say. The first one makes the queue; see `start`.
    """

    environment: Mapping[str, str]
    log: Path
    size: int
    luck: random.Random
    kills: list[Kill] = field(default_factory=list)
    started: int = 0
    ended: Counter[int] = field(default_factory=Counter)
    _workers: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self) -> None:
        """Fill the places that are free; a worker that ended by itself is counted by its code."""
        for name, process in list(self._workers.items()):
            if process.poll() is not None:
                self.ended[process.returncode] += process.returncode != -signal.SIGKILL
                del self._workers[name]
        while len(self._workers) < self.size:
            self.started += 1
            self._workers[f"worker-{self.started}"] = self._worker(f"worker-{self.started}")

    def _worker(self, name: str) -> "subprocess.Popen[bytes]":
        words = ("worker", "--queue", "store", "--heartbeat", "1")
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "ccops", *words],
                env={**self.environment, "PGAPPNAME": name},
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> bool:
        """Kill one that is at work; False: none was."""
        busy = [(name, child) for name, one in self._workers.items() for child in _children(one)]
        if not busy:
            return False
        name, child = self.luck.choice(busy)
        victim = self.luck.choice(tuple(Victim))
        worker = self._workers[name]
        # The worker first: it must not hear how its job ended.
        at = time.time()
        doomed = {Victim.WORKER: (worker.pid,), Victim.JOB: (child,)}
        try:
            for process in doomed.get(victim, (worker.pid, child)):
                os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            return False  # it had just ended by itself
        self.kills.append(Kill(victim=victim, worker=name, at=at))
        if victim is not Victim.JOB:
            worker.wait()
        return True

    def stop(self) -> None:
        """Ask all to end, and wait for that."""
        for one in self._workers.values():
            one.terminate()
        for one in self._workers.values():
            one.wait(timeout=60)
            self.ended[one.returncode] += 1
        self._workers.clear()


def _children(process: "subprocess.Popen[bytes]") -> list[int]:
    """Return the processes that a process has started, by any of its threads."""
    try:
        tasks = list(Path(f"/proc/{process.pid}/task").iterdir())
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except (OSError, ValueError):
        return []


@dataclass(slots=True, kw_only=True)
class Doom:
    """Decides when to kill: at random moments, and as often as the progress of the work allows.

    So there are `wanted` kills and a few more when the work is done, on a fast machine as on a
    slow one. `mean` are the seconds between two moments.
    """

    luck: random.Random
    wanted: int
    mean: float
    _next: float = 0.0

    def strikes(self, kills: int, progress: float) -> bool:
        """Whether to kill now, after so many kills, with this part of the work done (0 to 1)."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self.luck.expovariate(1 / self.mean)
        return kills < self.wanted * 1.1 * progress + 1
