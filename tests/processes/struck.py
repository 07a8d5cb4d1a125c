"""Real `ccops` processes that something befalls at a chosen point of their apply.

Run as a script it loads ccops once and then reads orders, one line of JSON each, from stdin:
`{"start": …}` forks a process that runs one command line of ccops, `{"wait": pid}` answers when
that process has stopped or ended. A process that is born loaded differs from a fresh one in
nothing but the second that it does not spend on imports.

Nothing in ccops knows of this. A point is a moment of the apply at which its protocol asks for an
effect or has been answered, counted from 0; point 0 is just before the lock is taken, the last
one just after it was given back.
"""

import gc
import importlib
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import ccops.__main__
import ccops.applying.apply
import ccops.commands.apply
import ccops.commands.plan
import ccops.session.applied
from ccops.applying.driver import Protocol
from ccops.applying.effects import AskTime, Effect, Flow, Get, Record, SleepUntil, Write
from ccops.applying.progress import Progress
from ccops.applying.report import Report, Result

PATIENCE = 120
"""Seconds after which a process that does not end is ended by an alarm: its test fails."""

BLOCK = 4096

LATE = ("deepdiff", "encodings.idna", "httpcore", "h11", "truststore", "yaml")
"""What ccops and its libraries load only when they need it."""


class Blow(StrEnum):
    """What befalls a process at its point."""

    NOTHING = "nothing"
    KILL = "kill -9"
    INTERRUPT = "SIGINT"
    TERMINATE = "SIGTERM"
    TWICE = "SIGINT and SIGTERM"
    STOP = "SIGSTOP"
    FULL = "disk full"
    CAPPED = "no file may grow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One process: what it runs, where, and what befalls it.

    `log` gets a line for each point; `copies`, if named, a copy of the folder `store` after each
    journal line.
    """

    folder: str
    environment: dict[str, str]
    arguments: list[str]
    out: str
    err: str
    store: str
    at: int = -1
    blow: Blow = Blow.NOTHING
    log: str = ""
    copies: str = ""


class Points:
    """Counts the points that a process passes, and strikes at the one it was ordered to."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._passed = 0

    def passes(self, what: str) -> None:
        """Pass one point, after `what`, or before it if it begins with a bracket."""
        point, self._passed = self._passed, self._passed + 1
        if self._order.log:
            with Path(self._order.log).open("a", encoding="utf-8") as log:
                log.write(f"{what}\n")
        if self._order.copies and what.startswith("Record"):
            shutil.copytree(self._order.store, Path(self._order.copies) / str(point))
        if point == self._order.at:
            strike(self._order)


def strike(order: Order) -> None:
    """Let it happen to this process, now."""
    match order.blow:
        case Blow.KILL | Blow.STOP:
            kill = signal.SIGKILL if order.blow is Blow.KILL else signal.SIGSTOP
            os.kill(os.getpid(), kill)
        case Blow.INTERRUPT | Blow.TWICE:
            signal.raise_signal(signal.SIGINT)
            if order.blow is Blow.TWICE:
                signal.raise_signal(signal.SIGTERM)
        case Blow.TERMINATE:
            signal.raise_signal(signal.SIGTERM)
        case Blow.NOTHING:
            """Only the count was wanted."""
        case Blow.FULL:
            fill(Path(order.store))
        case Blow.CAPPED:
            [log] = Path(order.store).glob("journal-*-wal")
            resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, resource.RLIM_INFINITY))


def fill(folder: Path) -> None:
    """Write until no block is left; returns only then."""
    descriptor = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(descriptor, b"\0" * BLOCK)
    except OSError:
        os.close(descriptor)


def watched(play: Callable[..., Any], points: Points) -> Callable[..., Any]:
    """Return `driver.play` with every protocol relayed effect by effect."""

    def relayed(protocol: Protocol) -> Protocol:
        def flow(progress: Progress) -> Flow[Result | None]:
            inner = protocol(progress)
            answer = None
            while True:
                try:
                    effect = inner.send(answer)
                except StopIteration as stop:
                    result: Result | None = stop.value
                    return result
                points.passes(f"({told(effect)}")
                answer = yield effect
                points.passes(told(effect))

        return flow

    def play_watched(protocol: Protocol, progresses: Sequence[Progress], world: Any) -> Any:
        return play(relayed(protocol), progresses, world)

    return play_watched


def told(effect: Effect) -> str:
    """Put an effect into words."""
    match effect:
        case Write(step=step):
            return f"Write {step.method}"
        case Record(entry=entry):
            return f"Record {entry.state}"
        case Get() | AskTime() | SleepUntil():
            return type(effect).__name__


def equip(order: Order) -> None:
    """Wrap the points of this process's apply."""
    points = Points(order)
    apply = ccops.applying.apply
    play, apply_plan = watched(vars(apply)["play"], points), apply.apply_plan

    def apply_watched(*arguments: Any, **more: Any) -> Report:
        points.passes("(Lock")
        report = apply_plan(*arguments, **more)
        points.passes("Lock")
        return report

    vars(apply)["play"] = play
    vars(ccops.session.applied)["apply_plan"] = apply_watched


def become(order: Order) -> None:
    """Take the order's folder, environment, streams and arguments."""
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    streams = [(os.devnull, os.O_RDONLY), (order.out, os.O_WRONLY), (order.err, os.O_WRONLY)]
    for number, (path, mode) in enumerate(streams):
        descriptor = os.open(path, mode | os.O_CREAT)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.argv = ["ccops", *order.arguments]
    signal.alarm(PATIENCE)


def answer(**values: int) -> None:
    """Answer one line."""
    os.write(1, json.dumps(values).encode() + b"\n")


def ending(pid: int) -> dict[str, int]:
    """Wait until a process stops or ends, and tell its exit code (minus the signal's number)."""
    _, status = os.waitpid(pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return {"stopped": os.WSTOPSIG(status)}
    return {"code": os.waitstatus_to_exitcode(status)}


def orders() -> Order | None:
    """Serve orders. Returns an order in the process that is to run it, None at the end of all."""
    for line in iter(sys.stdin.readline, ""):
        match json.loads(line):
            case {"start": dict(order)}:
                if (pid := os.fork()) == 0:
                    return Order(**{**order, "blow": Blow(order["blow"])})
                answer(pid=pid)
            case {"wait": int(pid)}:
                answer(**ending(pid))
            case other:
                raise ValueError(other)
    return None


def main() -> None:
    """Be the process that others are born from, or one of those."""
    for name in LATE:
        importlib.import_module(name)
    gc.freeze()  # or each process would copy all that it was born with, only to look for garbage
    order = orders()
    if order is not None:
        become(order)
        equip(order)
        ccops.__main__.main()


if __name__ == "__main__":
    main()
