-- Everything that several runners share. Rows of different origins, accounts and API keys never
-- meet: they are part of every key. The text of a migration that was released is never changed.

create schema ccops;

create table ccops.schema_version (
    version integer primary key,
    applied_at timestamptz not null default clock_timestamp()
);

-- One line each for what the journal knows of a write, in the order of `seq`.
create table ccops.journal (
    origin text not null,
    account text not null,
    seq bigint not null,
    activity text not null,
    write_id text not null,
    entry text not null,
    hash text not null,
    primary key (origin, account, seq)
);

create function ccops.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is append-only' using errcode = 'integrity_constraint_violation';
end
$$;

create trigger journal_is_never_changed before update or delete on ccops.journal
    for each row execute function ccops.refuse_change();

create trigger journal_is_never_emptied before truncate on ccops.journal
    for each statement execute function ccops.refuse_change();

-- The number and hash of the last line, kept apart from the lines: a journal whose end was cut
-- off is noticed.
create table ccops.head (
    origin text not null,
    account text not null,
    seq bigint not null,
    hash text not null,
    primary key (origin, account)
);

-- The newest state of each write. The index is what forbids a second open write of an activity,
-- even to runs that both believe they hold the lock.
create table ccops.write_state (
    origin text not null,
    account text not null,
    activity text not null,
    write_id text not null,
    state text not null check (state in (
        'intent', 'acked', 'compensating', 'unknown', 'verified', 'resolved', 'compensated'
    )),
    primary key (origin, account, activity, write_id)
);

create unique index one_open_write on ccops.write_state (origin, account, activity)
    where state in ('intent', 'acked', 'compensating', 'unknown');

-- Who holds the lock. It only names the holder: the lock is an advisory one of its session.
create table ccops.holder (
    origin text not null,
    account text not null,
    run text not null,
    host text not null,
    pid integer not null,
    backend integer not null,
    since timestamptz not null default clock_timestamp(),
    primary key (origin, account)
);

-- When the newest plan that was applied to an activity was made.
create table ccops.generation (
    origin text not null,
    account text not null,
    activity text not null,
    made_at timestamptz not null,
    primary key (origin, account, activity)
);

create table ccops.halt (
    origin text not null,
    account text not null,
    activity text not null,
    halt text not null,
    primary key (origin, account, activity)
);

-- Pacing and the daily ledger, by the fingerprint of an API key.
create table ccops.slot (
    key text primary key,
    next_at timestamptz not null
);

create table ccops.ledger (
    key text not null,
    day date not null,
    used integer not null,
    primary key (key, day)
);

create table ccops.token (
    origin text not null,
    account text not null,
    generation bigint not null,
    record text not null,
    primary key (origin, account)
);
