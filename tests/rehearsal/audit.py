"""What a rehearsal has to show, counted from the vendor's book, the ledger and the journals.

A request is granted when the ledger counts it, and sent afterwards. A process that is killed in
between leaves a grant that nothing was sent for. So the ledger is never below the vendor's count,
and what it is above is exactly those grants: each is of an account in which a job was killed, and
there are not more of them than such kills.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ccops.session.wiring import LINES
from ccops.store.postgres.store import open_store
from tests.rehearsal.crew import Kill, Victim
from tests.rehearsal.town import WRITES, Change, Size

WATCH = """
create schema rehearsal;
create table rehearsal.granted (
    app text, day date, at timestamptz default clock_timestamp()
);
create table rehearsal.taken (
    app text, job bigint, account text, at timestamptz default clock_timestamp()
);
create function rehearsal.note_grant() returns trigger language plpgsql as $$
begin
    insert into rehearsal.granted values (current_setting('application_name'), new.day);
    return null;
end $$;
create function rehearsal.note_job() returns trigger language plpgsql as $$
begin
    insert into rehearsal.taken values (
        current_setting('application_name'), new.id, (new.args->>'job')::jsonb->>'account'
    );
    return null;
end $$;
create trigger note after insert or update on ccops.ledger
    for each row execute function rehearsal.note_grant();
create trigger note after update of status on ccops_queue.procrastinate_jobs
    for each row when (new.status = 'doing') execute function rehearsal.note_job();
"""
"""Note each grant and each taking of a job, with the worker whose session did it."""

_LEDGER = "select day::text, used from ccops.ledger order by day"
# A worker does one job at a time: a grant belongs to the last one that it took before.
_BY_ACCOUNT = """
select account, count(*) from rehearsal.granted as granted, lateral (
    select account from rehearsal.taken as taken
    where taken.app = granted.app and taken.at <= granted.at order by taken.at desc limit 1
) as taken group by account
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that must hold; `shown` is the figure, `wrong` says what does not fit.

    Not `judged`: nothing is asked of the figure, it is there to understand the others.
    """

    title: str
    shown: str
    wrong: str = ""
    judged: bool = True


_AT_WORK = """
select account from rehearsal.taken where app = %s and at <= to_timestamp(%s)
order by at desc limit 1
"""
_TAKEN = "select account, count(*) from rehearsal.taken group by account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The ledger by day; and, by account, grants, jobs taken by a worker, and jobs killed."""

    ledger: Mapping[str, int]
    granted: Mapping[str, int]
    taken: Mapping[str, int]
    killed: Mapping[str, int]


def books(address: str, killed: Mapping[str, int]) -> Books:
    """Read what the database noted."""
    with psycopg.connect(address) as connection:
        ledger = {day: int(used) for day, used in connection.execute(_LEDGER).fetchall()}
        granted = {str(one): int(count) for one, count in connection.execute(_BY_ACCOUNT)}
        taken = {str(one): int(count) for one, count in connection.execute(_TAKEN)}
    return Books(ledger=ledger, granted=granted, taken=taken, killed=killed)


def account_of(address: str, kill: Kill) -> str:
    """Return the account of the job that a worker was at when it, or its job, was killed."""
    with psycopg.connect(address) as connection:
        row = connection.execute(_AT_WORK, [kill.worker, kill.at]).fetchone()
    return "" if row is None else str(row[0])


def findings(
    *,
    size: Size,
    declared: Mapping[str, tuple[Change, ...]],
    told: Mapping[str, Any],
    kept: Books,
    kills: list[Kill],
    open_writes: int,
) -> Iterator[Finding]:
    """Judge a rehearsal."""
    yield from _limits(size, told)
    yield from _ledger(told, kept)
    yield from _writes(declared, told)
    yield from _ends(declared, told)
    amount = Counter(one.victim for one in kills)
    words = ", ".join(f"{amount[one]} {one}" for one in Victim)
    short = "" if len(kills) >= size.kills else f"{size.kills} were wanted"
    yield Finding(
        title="`kill -9` of a process at work", shown=f"{len(kills)} ({words})", wrong=short
    )
    yield Finding(
        title="writes of which the journals do not know what became",
        shown=str(open_writes),
        wrong="some are open" if open_writes else "",
    )


def _limits(size: Size, told: Mapping[str, Any]) -> Iterator[Finding]:
    yield Finding(
        title=f"most requests in any virtual second (the API allows {size.rate})",
        shown=str(told["worst"]),
        wrong="over the limit" if told["worst"] > size.rate else "",
    )
    yield Finding(
        title="the longest that the vendor itself was kept waiting by its machine",
        shown=f"{told['stalled'] * 1000:.0f} ms",
        judged=False,
    )
    yield Finding(
        title="requests refused for coming too fast, or beyond the day's",
        shown=f"{told['over']}, {told['beyond']}",
        wrong="refused" if told["over"] or told["beyond"] else "",
    )


def _ledger(told: Mapping[str, Any], kept: Books) -> Iterator[Finding]:
    total, count = sum(kept.ledger.values()), told["count"]
    lost = {
        account: kept.granted.get(account, 0) - told["by_account"].get(account, 0)
        for account in {*kept.granted, *told["by_account"]}
    }
    wrong = {
        account: amount
        for account, amount in lost.items()
        if not 0 <= amount <= kept.killed.get(account, 0) * LINES
    }
    named = sum(lost.values())
    yield Finding(title="requests that the vendor counted", shown=f"{count:,}", judged=False)
    yield Finding(
        title="requests that the ledger counted",
        shown=f"{total:,}",
        wrong="" if total == count + named else f"{total - count - named} are unaccounted for",
    )
    yield Finding(
        title="… of them granted to a process that was killed before it sent",
        shown=f"{named} (of {sum(kept.killed.values())} killed jobs)",
        wrong=f"not by a kill: {wrong}" if wrong else "",
    )


def _writes(
    declared: Mapping[str, tuple[Change, ...]], told: Mapping[str, Any]
) -> Iterator[Finding]:
    wanted = Counter(
        (account, one.campaign, method)
        for account, of in declared.items()
        for one in of
        for method in WRITES[one.kind]
    )
    effects = Counter(
        (account, campaign, method)
        for account, campaign, method, _, status in told["writes"]
        if status in range(200, 300)
    )
    refused = [one for one in told["writes"] if one[4] not in range(200, 300)]
    twice = effects - wanted
    yield Finding(
        title="writes declared, and carried out",
        shown=f"{wanted.total():,}, {effects.total():,}",
        wrong=f"missing: {wanted - effects}" if wanted - effects else "",
    )
    yield Finding(
        title="writes carried out twice, or not declared",
        shown=str(twice.total()),
        wrong=f"{twice}" if twice else "",
    )
    yield Finding(
        title="writes that the vendor refused",
        shown=str(len(refused)),
        wrong=f"such as {refused[0]}" if refused else "",
    )
    yield Finding(
        title="two writes at once to one campaign",
        shown=str(told["overlaps"]),
        wrong="they overlap" if told["overlaps"] else "",
    )


def _ends(declared: Mapping[str, tuple[Change, ...]], told: Mapping[str, Any]) -> Iterator[Finding]:
    changes = [(account, one) for account, of in declared.items() for one in of]
    astray = [
        f"{account} {one.campaign}"
        for account, one in changes
        if not _is_as_declared(one, told["schedules"][account][one.campaign])
    ]
    yield Finding(
        title="changes declared, and found applied",
        shown=f"{len(changes):,}, {len(changes) - len(astray):,}",
        wrong=", ".join(astray[:5]),
    )
    sends = Counter(
        (account, name, when) for account, of in told["sends"].items() for name, when, _ in of
    )
    due = Counter(
        (account, one.campaign, one.at.isoformat())
        for account, one in changes
        if one.at is not None
    )
    yield Finding(
        title="sends declared, and sent when their time came",
        shown=f"{due.total():,}, {sends.total():,}",
        wrong="" if sends == due else f"missing {due - sends}, too many {sends - due}",
    )
    yield Finding(
        title="campaigns changed that nobody declared",
        shown=str(told["strangers_changed"]),
        wrong="some were" if told["strangers_changed"] else "",
    )


def _is_as_declared(change: Change, found: tuple[str, str, list[str]]) -> bool:
    status, at, recipients = found
    if change.at is None:
        return status == "DRAFT" and recipients == [change.recipients]
    when = datetime.fromisoformat(at) if at else None
    return (status, when, recipients) == ("SCHEDULED", change.at, [change.recipients])


def open_writes(address: str, origin: str, accounts: Mapping[str, object]) -> int:
    """Read every journal, its chain of hashes included; count the writes that are open."""
    count = 0
    for account in accounts:
        with open_store(address, origin=origin, account=account, run="audit") as store:
            newest = {one.write_id: one for one in store.entries()}
            count += sum(one.state.open for one in newest.values())
    return count
