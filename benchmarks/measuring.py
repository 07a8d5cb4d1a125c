"""Whole processes and calls, measured in turns; and the rows that tell of it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).parent
CCOPS = (sys.executable, "-m", "ccops")
Row = tuple[str, str, str, str]
"""What was measured, what was found, what stands beside it, and found ÷ floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a process took: seconds of a processor, and its largest resident size in MB.

    Not seconds on the wall: those tell what else the machine did. None of these processes waits
    for anything but the disk's cache, so that on an idle machine both are nearly the same.
    """

    seconds: float
    megabytes: float


def row(what: str, found: str, floor: str = "", ratio: float | None = None) -> Row:
    return what, found, floor, "" if ratio is None else f"{ratio:.2f}"


def beside(what: str, found: float, floor: float, name: str) -> Row:
    """Give the row of a time beside its floor, both in seconds."""
    return row(what, shown(found), f"{shown(floor)}, {name}", found / floor)


def shown(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def in_turns(
    commands: Mapping[str, Sequence[str]],
    runs: int,
    before: Callable[[str], object] = lambda _: None,
) -> dict[str, Spent]:
    """Run each command once unmeasured and then `runs` times, by turns; give the least of each.

    By turns, so that whatever else the machine does meanwhile disturbs all of them alike.
    """
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            before(name)
            one = process(command)
            if number:
                spent[name].append(one)
    return {name: _least(every) for name, every in spent.items()}


def _least(every: Sequence[Spent]) -> Spent:
    return Spent(
        seconds=min(one.seconds for one in every), megabytes=min(one.megabytes for one in every)
    )


def process(command: Sequence[str], folder: Path | None = None) -> Spent:
    """Run a process to its end. Raises SystemExit unless it ends with 0."""
    # As for any user, compiled modules are kept between runs.
    around = {key: value for key, value in os.environ.items() if key not in _DEVELOPERS}
    with subprocess.Popen(
        command, cwd=folder or ROOT, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as child:
        told = child.stderr.read() if child.stderr else b""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}: {told.decode()}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Spent(seconds=usage.ru_utime + usage.ru_stime, megabytes=usage.ru_maxrss / unit)


_DEVELOPERS = {"CI", "PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME"}


def best(work: Callable[[], object], runs: int = 3) -> float:
    """Give the seconds of a processor of the run that was disturbed least."""
    return min(_took(work) for _ in range(runs))


def _took(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
