"""A worker: takes jobs from the queue, does each in a process of its own, and says how it ended.

A job is taken for good before it begins: it is not offered to another worker, whatever becomes of
this one. How it ended is written down before the job is marked as finished.
"""

import asyncio
import logging
import os
import platform
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from procrastinate import (
    App,
    BaseRetryStrategy,
    JobContext,
    PsycopgConnector,
    RetryDecision,
    jobs,
)
from procrastinate.exceptions import ConnectorException

from ccops.errors import CcopsError, Diagnostic, ExitCode, StoreUnavailable
from ccops.fleet.child import LONGEST
from ccops.fleet.finished import Finished, when_again
from ccops.fleet.jobs import Job, Outcome
from ccops.fleet.perform import Run, perform
from ccops.fleet.queue import HEARTBEAT, QUEUE, SCHEMA, TASK, open_queue
from ccops.fleet.run import Children, safely
from ccops.session.loading import local_now

# What it logs is told by this program, in one place and without secrets.
logging.getLogger("procrastinate").addHandler(logging.NullHandler())

MOST_JOBS: Final = 32
_PRUNED: Final = 600.0
"""Seconds after which a worker forgets silent ones, whose heartbeats (60 s at most) it does not
know; their jobs stay where they are."""
_WELL: Final = frozenset({ExitCode.DONE, ExitCode.CHANGES})

_BEGAN: Final = """
insert into ccops_run (job, attempt, host, pid, heartbeat)
values (%(job)s, %(attempt)s, %(host)s, %(pid)s, %(heartbeat)s)
on conflict (job) do update set attempt = excluded.attempt, host = excluded.host,
    pid = excluded.pid, heartbeat = excluded.heartbeat, began = excluded.began, outcome = null
"""
# A worker that was cut off may come back when its job was let go, and was begun by another one.
_ENDED: Final = """
update ccops_run set outcome = %(outcome)s where job = %(job)s and attempt = %(attempt)s
    and host = %(host)s and pid = %(pid)s returning job
"""

Perform = Callable[[Job, Run], Outcome]


def _perform(job: Job, run: Run) -> Outcome:
    return perform(job, run=run)


class _Failed(Exception):
    """The job did not end well; it stays in the queue as failed, for a person."""


class _Later(Exception):
    """Nothing of the job is open, and only the hour was wrong: it is done `at` another one."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class _WhenThereIsQuota(BaseRetryStrategy):
    """Procrastinate's question whether a job is done again: where `when_again` says so."""

    def get_retry_decision(
        self,
        *,
        exception: BaseException,
        job: jobs.Job,  # noqa: ARG002 - Procrastinate's signature
    ) -> RetryDecision | None:
        return RetryDecision(retry_at=exception.at) if isinstance(exception, _Later) else None


@dataclass(slots=True, kw_only=True)
class _Shift:
    """What a worker is given for as long as it runs; `stopped` is the first signal's exit code."""

    app: App
    heartbeat: float
    perform: Perform
    tell: Callable[[Finished], None]
    children: Children
    stopped: ExitCode | None = None
    codes: set[ExitCode] = field(default_factory=set)


def work(
    address: str,
    *,
    at_once: int,
    once: bool,
    tell: Callable[[Finished], None],
    heartbeat: float = HEARTBEAT,
    limit: float = LONGEST,
    perform: Perform = _perform,
) -> frozenset[ExitCode]:
    """Do jobs until a signal asks to stop, or `once`: until none is left that can be done now.

    `once` also does what waits behind a job of this worker, when that has ended.
    Each runs in a child that shares the store in this database (CCOPS_STORE): pacing, ledger,
    locks. It may take `limit` seconds. After a first signal no job is begun, and those under way
    finish what they have begun to write; what they did not come to goes back into the queue. A
    second signal ends the worker at once, and what it had under way is parked. `tell` hears of each
    job's end.

    Returns:
        How the jobs ended, and the signal's code if there was one.

    Raises:
        StoreUnavailable: CC732, the queue's database was lost; and as `open_queue`.
    """
    with open_queue(address) as link:
        name = link.name
    os.environ.setdefault("CCOPS_STORE", address)
    shift = _shift(address, at_once, heartbeat, perform, tell, limit=limit)
    try:
        asyncio.run(_work(shift, at_once=at_once, once=once))
    except (ConnectorException, TimeoutError):
        raise _lost(name) from None
    if shift.stopped is None and not once:
        raise _lost(name)
    return frozenset(shift.codes | ({shift.stopped} if shift.stopped else set()))


def _shift(
    address: str,
    at_once: int,
    heartbeat: float,
    perform: Perform,
    tell: Callable[[Finished], None],
    *,
    limit: float,
) -> _Shift:
    connector = PsycopgConnector(
        conninfo=address,
        min_size=1,
        max_size=at_once + 3,
        timeout=20,
        configure=_in_schema,
    )
    app, children = App(connector=connector), Children(limit)
    shift = _Shift(app=app, heartbeat=heartbeat, perform=perform, tell=tell, children=children)

    @shift.app.task(name=TASK, queue=QUEUE, pass_context=True, retry=_WhenThereIsQuota())
    async def task(context: JobContext, job: str) -> None:
        try:
            await _do(shift, context.job, Job.from_json(job))
        except (CcopsError, ConnectorException) as error:
            shift.codes.add(error.exit_code if isinstance(error, CcopsError) else ExitCode.LOCKED)
            raise

    return shift


class _Session(Protocol):
    """What is needed of psycopg's AsyncConnection, which has a door of its own."""

    async def execute(self, query: str, /) -> object: ...

    async def commit(self) -> None: ...


async def _in_schema(connection: _Session) -> None:
    await connection.execute(f"set search_path to {SCHEMA}, pg_catalog")
    await connection.commit()


async def _work(shift: _Shift, *, at_once: int, once: bool) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(at_once))
    async with shift.app.open_async():
        doing = _until_nothing_is_left(shift, at_once) if once else _served(shift, at_once=at_once)
        running = asyncio.create_task(doing)
        with _heard(shift, running), suppress(asyncio.CancelledError):
            await running


async def _until_nothing_is_left(shift: _Shift, at_once: int) -> None:
    """Take jobs one after another, in as many lanes as there are to be at once, to the last one.

    Procrastinate's worker ends when it finds no job, however many will be free when those under way
    have ended. One that does a single job at a time looks once more after each: so whatever waits
    behind a job of this process is taken by somebody, and a lane that ended is not missed.
    """
    lanes = (_served(shift, at_once=1, wait=False) for _ in range(at_once))
    # All are waited for: one that has lost its connection must not abandon what others have begun.
    for ended in await asyncio.gather(*lanes, return_exceptions=True):
        if ended is not None:
            raise ended


async def _served(shift: _Shift, *, at_once: int, wait: bool = True) -> None:
    """Do jobs until told to stop; without `wait`, until none is found."""
    await shift.app.run_worker_async(
        queues=[QUEUE],
        concurrency=at_once,
        wait=wait,
        listen_notify=wait,
        fetch_job_polling_interval=min(5.0, shift.heartbeat),
        install_signal_handlers=False,
        update_heartbeat_interval=shift.heartbeat,
        stalled_worker_timeout=_PRUNED,
    )


@contextmanager
def _heard(shift: _Shift, running: "asyncio.Task[None]") -> Iterator[None]:
    """Let the first signal end the worker after what it has begun, and a second one at once."""
    loop = asyncio.get_running_loop()
    codes = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}
    before = {number: signal.getsignal(number) for number in codes}

    def stop(number: signal.Signals) -> None:
        shift.stopped = codes[number]
        shift.children.hear(number)
        for one in codes:
            loop.remove_signal_handler(one)
            signal.signal(one, signal.SIG_DFL)
        running.cancel()  # Procrastinate takes it as the wish to finish, and does

    # Windows has no such handlers: there the first signal ends the worker at once.
    with suppress(NotImplementedError):
        for number in codes:
            loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)


async def _do(shift: _Shift, taken: jobs.Job, job: Job) -> None:
    """Do a job; what it raises tells Procrastinate how it ended."""
    number = taken.id or 0
    run = {
        "job": number,
        "attempt": taken.attempts,
        "host": platform.node(),
        "pid": os.getpid(),
        "heartbeat": shift.heartbeat,
    }
    await shift.app.connector.execute_query_async(_BEGAN, **run)
    loop = asyncio.get_running_loop()
    outcome = await loop.run_in_executor(None, safely, shift.perform, job, shift.children.run)
    said = {**run, "outcome": outcome.to_json()}
    still_mine = await shift.app.connector.execute_query_all_async(_ENDED, **said)
    again_at = when_again(outcome, local_now(), stopped=shift.stopped is not None)
    again_at = again_at if still_mine else None
    shift.tell(Finished(number=number, outcome=outcome, again_at=again_at))
    if again_at is not None:
        raise _Later(again_at)
    shift.codes.add(outcome.exit_code)
    if outcome.exit_code not in _WELL or not still_mine:
        raise _Failed


def _lost(name: str) -> StoreUnavailable:
    return StoreUnavailable(
        Diagnostic(
            code="CC732",
            message=f"the worker has lost its queue: {name} does not answer",
            help="what was under way is parked: look at `ccops fleet status --queue …`",
        )
    )
