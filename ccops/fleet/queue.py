"""The queue of a fleet: one Procrastinate job for each account, beside the shared store.

Its tables are in a schema of their own, made by `make` alone: nothing here alters tables that
another version made. Two jobs of one account never run at once (`lock`), and the same work is
never queued twice (`queueing_lock`). Procrastinate runs a job at most once: one whose worker died
stays where it was until a person has looked. No argument of a job is a secret.

What Procrastinate does not keep is beside its tables: who runs a job and how it ended
(`ccops_run`), and who let it go again, and why (`ccops_release`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ccops.errors import Diagnostic, InvalidInput
from ccops.fleet.jobs import Job
from ccops.store.naming import fingerprint
from ccops.store.refusals import bad_address, unavailable

try:
    from procrastinate import exceptions, jobs, manager, schema, sync_psycopg_connector

    from ccops.store.postgres.link import PATIENCE, Link, told
    from ccops.store.postgres.schema import advisory_key, opened
except ImportError:
    raise InvalidInput(
        Diagnostic(
            code="CC733",
            message="a queue is Procrastinate on PostgreSQL, and these libraries are not installed",
            help="pip install 'ccops[postgres]'",
        )
    ) from None

SCHEMA: Final = "ccops_queue"
TASK: Final = "ccops.fleet.perform"
QUEUE: Final = "fleet"
HEARTBEAT: Final = 10.0
"""Seconds between two signs of life of a worker, unless it was told otherwise."""

GONE_AFTER: Final = 3
"""A worker that was not heard of for so many of its heartbeats is taken to be gone."""

_LEAST_PRIORITY: Final = -(2**31)
_WHERE: Final = f"set search_path to {SCHEMA}, pg_catalog"
_THERE: Final = "select to_regclass(%s) is not null"
_VERSION: Final = f"select by from {SCHEMA}.ccops_made"  # noqa: S608 - made of constants
_OWN_TABLES: Final = """
create table ccops_made (by text primary key, at timestamptz not null default clock_timestamp());
create table ccops_run (
    job bigint primary key references procrastinate_jobs on delete cascade,
    attempt integer not null,
    host text not null,
    pid integer not null,
    heartbeat double precision not null,
    began timestamptz not null default clock_timestamp(),
    outcome text
);
create table ccops_release (
    id bigint primary key generated always as identity,
    job bigint not null references procrastinate_jobs on delete cascade,
    attempt integer not null,
    again boolean not null,
    reason text not null,
    at timestamptz not null default clock_timestamp()
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """A job, and its number in the queue; None: the same work was queued already."""

    job: Job
    number: int | None


def made_by() -> str:
    """Name the tables of the installed Procrastinate: by its last migration, not its version."""
    return max(one.name for one in Path(schema.SchemaManager.get_migrations_path()).glob("*.sql"))


def make(address: str) -> bool:
    """Make the queue's tables in the database of the store; False: they are there already.

    Raises:
        StoreUnavailable: CC731, they are those of another version; nothing was changed. And as
            `ccops.store.postgres.link.connect`.
    """
    check_address(address)
    with opened(address, patience=PATIENCE) as link, told(link):
        with link.transaction():
            link.execute("select pg_advisory_xact_lock(%s)", [advisory_key("queue")])
            new = _version(link) is None
            if new:
                link.execute(f"create schema {SCHEMA}".encode())
                link.execute(_WHERE)
                link.execute(schema.SchemaManager.get_schema().encode())
                link.execute(_OWN_TABLES)
                link.execute("insert into ccops_made values (%s)", [made_by()])
        _refuse_other_version(link)
    return new


@contextmanager
def open_queue(address: str) -> Iterator[Link]:
    """Open a session in the queue's schema.

    Raises:
        StoreUnavailable: CC730 the queue was not made, CC731 another version made it; and as
            `ccops.store.postgres.link.connect`.
    """
    check_address(address)
    with opened(address, patience=PATIENCE) as link, told(link):
        _refuse_other_version(link)
        link.execute(_WHERE)
        yield link


def check_address(address: str) -> None:
    """Refuse what names no PostgreSQL database (InvalidInput CC707); it is not quoted."""
    if not address.startswith(("postgresql://", "postgres://")):
        raise bad_address("or --queue names no PostgreSQL database")


def _version(link: Link) -> str | None:
    [(there,)] = link.execute(_THERE, [f"{SCHEMA}.ccops_made"]).fetchall()
    if not there:
        return None
    [(version,)] = link.execute(_VERSION).fetchall()
    return str(version)


def _refuse_other_version(link: Link) -> None:
    version = _version(link)
    if version is None:
        why = "no queue was made in it"
        raise unavailable("CC730", link.name, why, "run `ccops worker --init` once")
    if version != made_by():
        why = f"its queue was made for {version}, and the installed Procrastinate wants {made_by()}"
        raise unavailable("CC731", link.name, why, _OTHER_VERSION)


_OTHER_VERSION: Final = (
    "install the same ccops[postgres] everywhere; or see docs/fleet-queue.md on how to make the "
    "queue anew, when it is empty"
)


def defer(address: str, work: Iterable[Job]) -> tuple[Deferred, ...]:
    """Queue jobs, the one with the earliest send first; what is queued already is told as such.

    Each is queued by itself: when the server fails in the middle, the first ones are in the queue,
    and to defer all of them again adds only the others.

    Raises:
        CcopsError: as `open_queue`.
    """
    with open_queue(address) as link:
        keeper = manager.JobManager(sync_psycopg_connector.SyncPsycopgConnector())
        return tuple(_defer(link, keeper, one) for one in work)


def _defer(link: Link, keeper: manager.JobManager, job: Job) -> Deferred:
    record = jobs.Job(
        id=None,
        task_name=TASK,
        queue=QUEUE,
        lock=account_lock(job),
        queueing_lock=work_lock(job),
        priority=priority(job.earliest),
        task_kwargs={"job": job.to_json()},
    )
    try:
        number = keeper.defer_job(record, connection=link).id
    except exceptions.AlreadyEnqueued:
        number = None
    return Deferred(job=job, number=number)


def account_lock(job: Job) -> str:
    """Name what one job at a time may work on: the account."""
    return f"{job.origin} {job.account}"


def work_lock(job: Job) -> str:
    """Name what a job would do, whenever: equal for the same work alone."""
    # No selector is spelt like this, and a job that is not locked is named as it always was.
    how = ("--locked",) if job.locked else ()
    parts = (job.workspace, job.plan_file or "", job.checksum or "", *job.selectors, *how)
    return fingerprint(account_lock(job), job.action, *parts)


def priority(earliest: datetime | None) -> int:
    """Return the priority of a job: the higher, the sooner the first send that it is about.

    It counts minutes. A job of which no send is known comes after all others.
    """
    if earliest is None:
        return _LEAST_PRIORITY
    return -int(earliest.astimezone(UTC).timestamp() // 60)
