"""Sessions of several connections whose answers overtake each other, in this process."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from threading import Barrier, Lock, current_thread, main_thread
from typing import TypeVar

from ccops.errors import CcopsError, Diagnostic, VendorFault
from ccops.ports import Call, Reply, Send
from ccops.session.wiring import LINES, Session
from tests.e2e.stage import Stage
from tests.pull.nearby import direct, nearby

Told = TypeVar("Told")
Met = Callable[[Call], None]


def _nobody(_: Call) -> None:
    """Meet nobody."""


@dataclass(kw_only=True, eq=False)
class Line:
    """One connection: what was asked on it, by which threads, and never by two at a time."""

    send: Send
    random: Random
    met: Met
    used: Lock = field(default_factory=Lock)
    paths: list[str] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def __call__(self, call: Call) -> Reply:
        assert call.method == "GET"
        assert self.used.acquire(blocking=False), "two threads on one line"
        try:
            self.paths.append(call.path)
            self.threads.add(current_thread().name)
            self.met(call)
            time.sleep(self.random.random() / 1_000)  # so that answers overtake each other
            return self.send(call)
        finally:
            self.used.release()


@contextmanager
def shuffled(
    stage: Stage, seed: int, met: Met = _nobody, lines: int = LINES
) -> Iterator[tuple[Session, Sequence[Line]]]:
    """Connect a stage's workspace to its account by several lines, each with its own delays."""
    numbers, send = range(lines), direct(stage.world)
    made = [Line(send=send, random=Random(seed * lines + each), met=met) for each in numbers]
    with nearby(stage) as session:
        session.transport, session.more = made[0], tuple(made[1:])
        session.__post_init__()
        yield session, made


def failing(paths: Collection[str]) -> Met:
    """Let no request for these paths succeed, nor be made again."""

    def met(call: Call) -> None:
        if call.path in paths:
            raise VendorFault(Diagnostic(code="CC514", message=call.path))

    return met


def together(paths: Sequence[str]) -> Met:
    """Keep each request for one of these paths waiting until there is one for all of them."""
    barrier = Barrier(len(paths), timeout=10)

    def met(call: Call) -> None:
        if call.path in paths:
            barrier.wait()

    return met


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a command made of an account, said on the way, and asked for (in no order).

    `made` is None where a reading failed, with these `errors`.
    """

    made: object
    said: Sequence[str]
    asked: Sequence[str]
    errors: Sequence[Diagnostic] = ()


def run(
    stage: Stage,
    command: Callable[[Session, Callable[[str], None]], object],
    seed: int,
    lines: int,
    met: Met = _nobody,
) -> Run:
    """Run a command that says what it does; only the thread that directs may say anything."""
    said = list[str]()

    def tell(text: str) -> None:
        assert current_thread() is main_thread()
        said.append(text)

    with shuffled(stage, seed, met, lines) as (session, made):
        session.tell = tell
        try:
            found = command(session, tell)
        except CcopsError as error:
            # How much was asked for beyond the failure depends on which answer came first.
            return Run(made=None, said=said, asked=(), errors=error.diagnostics)
    return Run(made=found, said=said, asked=sorted(path for one in made for path in one.paths))
