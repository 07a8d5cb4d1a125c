"""Where the jobs of a queue stand, what stands still, and how a person lets it go again."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from ccops.errors import Blocked, Diagnostic, InvalidInput
from ccops.fleet.jobs import Job, Outcome
from ccops.fleet.queue import GONE_AFTER, HEARTBEAT, open_queue
from ccops.store.postgres.link import Link
from ccops.store.postgres.schema import advisory_key
from ccops.store.refusals import UNKNOWN_HOLDER, holder_name

Found = TypeVar("Found")

_SHOWN: Final = 10


class Standing(StrEnum):
    """Where a job stands.

    Parked: it was begun, and its worker is gone without a word of how it ended. Waiting: the
    limits of the API key hold it up until a certain time. Dropped: a person gave it up.
    """

    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    PARKED = "parked"
    FAILED = "failed"
    DONE = "done"
    DROPPED = "dropped"

    @property
    def stuck(self) -> bool:
        """Whether nothing goes on with it until a person has looked."""
        return self in {Standing.PARKED, Standing.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the journal and the lock of a job's account show right now.

    `open_writes` counts the writes of which it is not known what became; `holder` names the run
    that works on the account, "" for nobody: a process may outlive the worker that started it.
    """

    open_writes: int
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A job in the queue; instants are UTC.

    `since` is when it came to stand there, `until` when a waiting one goes on. `behind` counts
    the jobs of its account that wait for it. `worker` names host and process of the last attempt,
    "" before the first; `attempts` counts those that ended before. `job` is None where another
    ccops wrote it, or somebody else: no worker does it.
    """

    number: int
    job: Job | None
    standing: Standing
    since: datetime
    until: datetime | None = None
    attempts: int = 0
    worker: str = ""
    behind: int = 0
    outcome: Outcome | None = None
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """What is in the queue, what stands still, what runs, the next ones in their order.

    `spent` are the requests of the UTC day `day`, by the first digits of the API key's hash.
    """

    counts: Mapping[Standing, int]
    stuck: tuple[Queued, ...]
    running: tuple[Queued, ...]
    next: tuple[Queued, ...]
    day: date
    spent: Mapping[str, int]


# A failed job stands still until one of its account, doing the same, has ended well.
_JOBS: Final = """
select job.id, job.args->>'job', job.status::text, job.scheduled_at, job.scheduled_at > now(),
    job.attempts, coalesce((select max(at) from procrastinate_events where job_id = job.id), now()),
    case when run.attempt = job.attempts or job.status <> 'doing' then run.host end, run.pid,
    run.outcome,
    coalesce(worker.last_heartbeat
        > now() - make_interval(secs => {heartbeats} * coalesce(run.heartbeat, {heartbeat})), false),
    (select count(*) from procrastinate_jobs as other
        where other.lock = job.lock and other.status = 'todo'),
    exists (select from ccops_release where ccops_release.job = job.id and not again)
from procrastinate_jobs as job
    left join ccops_run as run on run.job = job.id
    left join procrastinate_workers as worker on worker.id = job.worker_id
"""
_JOBS_NOW: Final = _JOBS.format(heartbeats=GONE_AFTER, heartbeat=HEARTBEAT)
# Quotes in a text stand behind a backslash there: this is found nowhere else. What is no job has none.
ACTION: Final = """substring({}.args->>'job' from '"action":"([a-z]+)"')"""
_UNFINISHED: Final = f"""
{_JOBS_NOW}
where job.status = 'doing' or job.status in ('failed', 'aborted') and not exists (
    select from procrastinate_jobs as later
    where later.lock = job.lock and later.id > job.id and later.status = 'succeeded'
        and {ACTION.format("later")} = {ACTION.format("job")}
)
order by job.priority desc, job.id
"""
_NEXT: Final = f"""
{_JOBS_NOW}
where job.status = 'todo' order by job.scheduled_at nulls first, job.priority desc, job.id limit %s
"""
_ONE: Final = f"{_JOBS_NOW} where job.id = %s"
_COUNTS: Final = """
select status::text, coalesce(scheduled_at > now(), false), count(*)
from procrastinate_jobs group by 1, 2
"""
_SPENT: Final = """
select (now() at time zone 'UTC')::date, key, used from (select) as today
left join ccops.ledger on day = (now() at time zone 'UTC')::date order by key
"""
_OPEN_WRITES: Final = """
select count(*) from ccops.write_state where origin = %s and account = %s
and state in ('intent', 'acked', 'compensating', 'unknown')
"""
_HOLDER: Final = """
select run, host, holder.pid, to_char(since, 'YYYY-MM-DD"T"HH24:MI:SS+00:00')
from pg_locks left join ccops.holder
    on pg_locks.pid = backend and origin = %(origin)s and account = %(account)s
where locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())
    and ((classid::bigint << 32) | objid::bigint) = %(key)s
"""
_RELEASE: Final = """
insert into ccops_release (job, attempt, again, reason) values (%s, %s, %s, %s)
"""
_AGAIN: Final = "select procrastinate_retry_job_v2(%s, null, null, null, null)"
_DROP: Final = "select procrastinate_finish_job_v1(%s, 'aborted', false)"
_SAME_WORK: Final = """
select other.id from procrastinate_jobs as job join procrastinate_jobs as other
    on other.queueing_lock = job.queueing_lock and other.status = 'todo' and other.id <> job.id
where job.id = %s
"""


def status(address: str) -> QueueStatus:
    """Look at the queue; nothing is changed. Raises as `ccops.fleet.queue.open_queue`."""
    with open_queue(address) as link:
        unfinished = [_queued(row) for row in link.execute(_UNFINISHED).fetchall()]
        waiting = [_queued(row) for row in link.execute(_NEXT, [_SHOWN]).fetchall()]
        ledger = link.execute(_SPENT).fetchall()
        stuck = tuple(_traced(link, one) for one in unfinished if one.standing.stuck)
        return QueueStatus(
            counts=_counts(link, unfinished),
            stuck=stuck,
            running=tuple(one for one in unfinished if one.standing is Standing.RUNNING),
            next=tuple(waiting),
            day=ledger[0][0],
            spent={key[:8]: used for _, key, used in ledger if key is not None},
        )


def requeue(address: str, number: int, *, reason: str, again: bool = True) -> Queued:
    """Let a job that stands still go on: done again, or given up if not `again`.

    Only a person may say so, and says why; that is kept. It is refused while its worker lives, or
    while any process holds the account's lock. Doing an apply again is safe, for it looks first:
    what the journal left open is established before anything is written.

    Raises:
        InvalidInput: CC261, the queue has no such job; CC267, nobody can read what it is, so that
            it can be given up alone. Blocked: CC262, it does not stand still; CC263, a process
            works on its account; CC264, the same work is queued again already.
        StoreUnavailable: as `ccops.fleet.queue.open_queue`.
    """
    with open_queue(address) as link, link.transaction():
        link.execute("select from procrastinate_jobs where id = %s for update", [number])
        row = link.execute(_ONE, [number]).fetchone()
        if row is None:
            raise InvalidInput(_no_such_job(number))
        found = _traced(link, _queued(row))
        _refuse_unless_stuck(found)
        if again and found.job is None:
            raise InvalidInput(_unreadable(number))
        if again and (same := link.execute(_SAME_WORK, [number]).fetchone()):
            raise Blocked(_queued_already(number, same[0]))
        link.execute(_RELEASE, [number, found.attempts, again, reason])
        if again:
            link.execute(_AGAIN, [number])
        elif found.standing is Standing.PARKED:
            link.execute(_DROP, [number])
    return found


def standing(state: str, *, later: bool, alive: bool, dropped: bool) -> Standing:
    """Say where a job stands, by Procrastinate's state and what is known beside it."""
    match state:
        case "todo":
            return Standing.WAITING if later else Standing.QUEUED
        case "doing":
            return Standing.RUNNING if alive else Standing.PARKED
        case "succeeded":
            return Standing.DONE
        case _:
            return Standing.DROPPED if dropped else Standing.FAILED


def _queued(row: tuple[Any, ...]) -> Queued:
    (number, job, state, at, later, attempts, since, host, pid, outcome, alive, behind, gone) = row
    return Queued(
        number=number,
        job=_read(Job.from_json, job),
        standing=standing(state, later=bool(later), alive=alive, dropped=gone),
        since=since.astimezone(UTC),
        until=at.astimezone(UTC) if later else None,
        attempts=attempts,
        worker=f"{host}, process {pid}" if host else "",
        behind=behind,
        outcome=_read(Outcome.from_json, outcome) if outcome and host else None,
    )


def _read(reader: Callable[[str], Found], text: str | None) -> Found | None:
    """One row that cannot be read must not hide all others."""
    with suppress(InvalidInput):
        return reader(text or "")
    return None


def _traced(link: Link, found: Queued) -> Queued:
    if (job := found.job) is None:
        return found
    key = advisory_key("account", job.origin, job.account)
    whose = {"origin": job.origin, "account": job.account, "key": key}
    [(count,)] = link.execute(_OPEN_WRITES, [job.origin, job.account]).fetchall()
    row = link.execute(_HOLDER, whose).fetchone()
    holder = "" if row is None else UNKNOWN_HOLDER if row[0] is None else holder_name(*row)
    return replace(found, trace=Trace(open_writes=count, holder=holder))


def _counts(link: Link, unfinished: list[Queued]) -> Mapping[Standing, int]:
    counts = Counter(one.standing for one in unfinished)
    for state, later, amount in link.execute(_COUNTS).fetchall():
        if state in {"todo", "succeeded"}:
            counts[standing(state, later=later, alive=False, dropped=False)] += amount
    return {one: counts[one] for one in Standing}


def _refuse_unless_stuck(found: Queued) -> None:
    if not found.standing.stuck:
        raise Blocked(_not_stuck(found))
    if found.trace is not None and found.trace.holder:
        raise Blocked(_worked_on(found, found.trace.holder))


def _no_such_job(number: int) -> Diagnostic:
    message = f"the queue has no job {number}"
    return Diagnostic(code="CC261", message=message, help="look at `ccops fleet status --queue …`")


def _unreadable(number: int) -> Diagnostic:
    message = f"job {number} is none that this ccops knows, so no worker would do it"
    return Diagnostic(code="CC267", message=message, help="give it up: --drop")


def _not_stuck(found: Queued) -> Diagnostic:
    message = f"job {found.number} does not stand still: it is {found.standing}"
    remedy = "only a job that is parked or has failed is let go by hand"
    return Diagnostic(code="CC262", message=message, help=remedy)


def _worked_on(found: Queued, holder: str) -> Diagnostic:
    message = f"the account of job {found.number} is locked: {holder} is working on it"
    remedy = "wait for its end: a process may outlive the worker that started it"
    return Diagnostic(code="CC263", message=message, help=remedy)


def _queued_already(number: int, same: int) -> Diagnostic:
    message = f"what job {number} would do is queued already, as job {same}"
    remedy = "give this one up (--drop): the other one does the same"
    return Diagnostic(code="CC264", message=message, help=remedy)
