"""When two states of a run are the same: their keys, of everything that a later step can tell.

A key holds the memory of the run, and of every generator on the stack its code, its instruction
and its local variables. Fields that ccops gains are in it by themselves. Left out is only
what is told to people and read by nobody else, each where it is left out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from types import FrameType, GeneratorType
from typing import TYPE_CHECKING, TypeVar

from ccops.applying import protocol
from ccops.applying.effects import Flow, Unread
from ccops.applying.outcome import Outcome
from ccops.applying.progress import NEVER, Progress, Task
from ccops.applying.report import Result
from ccops.errors import NoReply
from ccops.planning.plan import Change
from ccops.planning.verdict import Decision
from ccops.ports import JournalEntry, Reply

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Key = tuple[object, ...]
ResultT = TypeVar("ResultT")


def _but(kind: "type[DataclassInstance]", *left_out: str) -> tuple[str, ...]:
    """The names of a value's fields, but for those that no later step reads."""
    return tuple(one.name for one in fields(kind) if one.name not in left_out)


_PROGRESS = _but(Progress, "task", "refusals", "blind")
"""The task has a number of its own; the others are only for the report."""
_TASK = _but(Task, "change", "made_at", "generation")
"""The change has its own fields; the others only tell whether the plan is overtaken."""
_CHANGE = _but(
    Change, "reason", "remedy", "fields", "audience", "risk", "undo", "apply_by", "waiting"
)
"""What follows from the rest, or from when it was made, is told to people."""
_ENTRY = _but(JournalEntry, "at", "detail")
"""When the last line was made is in `quiet_until`."""


def task_key(task: Task) -> Key:
    """What a run was begun with."""
    return (
        task.overtaken,
        *(value_key(getattr(task, name)) for name in _TASK),
        *(getattr(task.change, name) for name in _CHANGE),
    )


def progress_key(progress: Progress, now: datetime) -> Key:
    """The memory of a run. Times that have passed are all alike where only `now` is held to them."""
    key = {name: value_key(getattr(progress, name)) for name in _PROGRESS}
    key["writes"] = bool(progress.writes)
    if progress.quiet_until <= now:
        key["quiet_until"] = NEVER
    if progress.asked_at is not NEVER and now - progress.asked_at > 2 * protocol.LEASE:
        key["asked_at"] = NEVER
    return tuple(key.values())


def frames_key(flow: Flow[ResultT], now: datetime) -> Key:
    """The stack of generators, outermost first."""
    return tuple(_frame_key(frame, now) for frame in _frames(flow))


def names(flow: Flow[ResultT]) -> list[str]:
    """The functions on the stack, outermost first."""
    return [frame.f_code.co_name for frame in _frames(flow)]


def _frames(flow: Flow[ResultT]) -> Iterator[FrameType]:
    inner: object = flow
    while isinstance(inner, GeneratorType) and inner.gi_frame is not None:
        yield inner.gi_frame
        inner = inner.gi_yieldfrom


def _frame_key(frame: FrameType, now: datetime) -> Key:
    known = frame.f_locals
    if frame.f_code.co_name == "sleep_until" and known["instant"] <= now:
        return ("awake",)
    return (frame.f_code, frame.f_lasti, *known, *map(value_key, known.values()))


def value_key(value: object) -> object:
    """One value, as a hashable one. Details in words are for people alone."""
    match value:
        case Progress() | Change():
            return type(value)
        case JournalEntry():
            return tuple(getattr(value, name) for name in _ENTRY)
        case Decision():
            return (value.row, value.kinds, value.steps, value.when)
        case Outcome():
            return (value.kind, value.answered_2xx, value.exit_code)
        case Result():
            return (value.ending, value.exit_code)
        case Reply():
            return (value.status, value.body)
        case NoReply():
            return (NoReply, value.maybe_sent)
        case Unread():
            return (Unread, value.error.exit_code)
        case Counter():
            return frozenset(value.items())
        case list() | tuple():
            return tuple(map(value_key, value))
        case _:
            return value
