"""The SQL of the shared store. Every statement names its origin and account itself.

Parameters: `origin`, `account`, and the `key` of the account's advisory lock.
"""

from typing import Final

# A lock on 64 bits stands in pg_locks as two halves, marked by objsubid 1.
_LOCKED = """
    locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())
    and ((classid::bigint << 32) | objid::bigint) = %(key)s
"""

FENCE: Final = f"""
select
    set_config(
        'synchronous_commit',
        case current_setting('synchronous_commit')
            when 'off' then 'on' else current_setting('synchronous_commit')
        end,
        true
    ),
    exists (select from pg_locks where {_LOCKED} and pid = pg_backend_pid())
"""  # noqa: S608 - made of constants
"""Make this transaction's commit durable, and tell whether this very session holds the lock."""

SEIZE: Final = "select pg_advisory_lock(%(key)s)"
FREE: Final = "select pg_advisory_unlock_all()"

NAME_HOLDER: Final = """
insert into ccops.holder (origin, account, run, host, pid, backend)
values (%(origin)s, %(account)s, %(run)s, %(host)s, %(pid)s, pg_backend_pid())
on conflict (origin, account) do update set
    run = excluded.run, host = excluded.host, pid = excluded.pid,
    backend = excluded.backend, since = excluded.since
"""

HOLDER: Final = f"""
select run, host, holder.pid, to_char(since, 'YYYY-MM-DD"T"HH24:MI:SS+00:00')
from ccops.holder join pg_locks on pg_locks.pid = backend
where origin = %(origin)s and account = %(account)s and {_LOCKED}
"""  # noqa: S608 - made of constants
"""Who holds the lock; nobody when the last one that left its name is not the one."""

NEWEST: Final = """
select seq, hash from ccops.journal
where origin = %(origin)s and account = %(account)s order by seq desc limit 1
"""

APPEND: Final = """
with line as (
    insert into ccops.journal values (
        %(origin)s, %(account)s, %(seq)s, %(activity)s, %(write_id)s, %(entry)s, %(hash)s
    )
), head as (
    insert into ccops.head values (%(origin)s, %(account)s, %(seq)s, %(hash)s)
    on conflict (origin, account) do update set seq = excluded.seq, hash = excluded.hash
)
insert into ccops.write_state
values (%(origin)s, %(account)s, %(activity)s, %(write_id)s, %(state)s)
on conflict (origin, account, activity, write_id) do update set state = excluded.state
"""

FRESH: Final = """
select not exists (
    select from ccops.journal where origin = %(origin)s and account = %(account)s
)
"""

SNAPSHOT: Final = "set transaction isolation level repeatable read, read only"

LINES: Final = """
select seq, activity, write_id, entry, hash from ccops.journal
where origin = %(origin)s and account = %(account)s order by seq
"""

HEAD: Final = """
select seq, hash from ccops.head where origin = %(origin)s and account = %(account)s
"""

OPEN_WRITES: Final = """
select activity, write_id from ccops.write_state
where origin = %(origin)s and account = %(account)s
    and state in ('intent', 'acked', 'compensating', 'unknown')
"""

GENERATIONS: Final = """
select activity, made_at from ccops.generation
where origin = %(origin)s and account = %(account)s
"""

ADVANCE: Final = """
insert into ccops.generation as known
select distinct %(origin)s, %(account)s, activity, %(made_at)s
from unnest(%(activities)s::text[]) as activity
on conflict (origin, account, activity) do update
set made_at = greatest(known.made_at, excluded.made_at)
"""

HALTS: Final = """
select halt from ccops.halt where origin = %(origin)s and account = %(account)s
order by activity collate "C"
"""

HALT: Final = """
insert into ccops.halt
select %(origin)s, %(account)s, mark, halt
from unnest(%(marks)s::text[], %(halts)s::text[]) as new (mark, halt)
on conflict (origin, account, activity) do update set halt = excluded.halt
"""

RELEASE: Final = """
delete from ccops.halt
where origin = %(origin)s and account = %(account)s and activity = any(%(marks)s::text[])
"""
