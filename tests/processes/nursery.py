"""The test's end of `struck.py`: start real `ccops` processes, and learn how they ended."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any, cast

from tests.e2e.stage import Done, Stage
from tests.processes.struck import Blow, Order

STOPPED = -1000
"""The code of a process that is stopped, and has not ended."""

STORE = ".state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process under way, and the files that it writes to."""

    pid: int
    out: Path
    err: Path


class Nursery:
    """A process with ccops loaded, from which others are forked; for one thread at a time."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._numbers = count()

    def run(self, stage: Stage, *arguments: str, **more: Any) -> Done:
        """Run one command line of ccops in a process of its own; see `struck.Order`."""
        return self.wait(self.start(stage, *arguments, **more))

    def start(
        self, stage: Stage, *arguments: str, at: int = -1, blow: Blow = Blow.KILL, **more: Any
    ) -> Child:
        """Start one; `blow` befalls it at point `at`."""
        number = next(self._numbers)
        out, err = self._folder / f"{number}.out", self._folder / f"{number}.err"
        for one in (out, err):
            one.touch()
        order = Order(
            folder=str(stage.folder),
            environment={**os.environ, **stage.environment},
            arguments=list(arguments),
            out=str(out),
            err=str(err),
            store=str(stage.environment["CCOPS_STATE_DIR"]),
            at=at,
            blow=blow,
            **{name: str(one) if isinstance(one, Path) else one for name, one in more.items()},
        )
        return Child(pid=self._ask(start=asdict(order))["pid"], out=out, err=err)

    def wait(self, child: Child) -> Done:
        """Wait until it ends, or stops (its code then is `STOPPED`)."""
        code = self._ask(wait=child.pid).get("code", STOPPED)
        out, err = child.out.read_text("utf-8"), child.err.read_text("utf-8")
        return Done(code=code, out=out, err=err)

    def _ask(self, **command: object) -> dict[str, int]:
        to, back = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        to.write(json.dumps(command) + "\n")
        to.flush()
        answer: dict[str, int] = json.loads(back.readline())
        return answer


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """Load ccops once; `folder` gets what the processes write."""
    folder.mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-P", str(Path(__file__).with_name("struck.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        text=True,
        encoding="utf-8",
    )
    with process:
        yield Nursery(process, folder)
