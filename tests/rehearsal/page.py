"""The page that a rehearsal in full writes."""

from collections.abc import Iterator

from ccops.session.wiring import LINES
from tests.rehearsal.stage import Result

_INTRODUCTION = """# A fleet's rehearsal

Written by `make rehearse`.

A pretended Constant Contact, a process of its own, holds {accounts:,} accounts with {campaigns} campaigns each in memory. One
commit declares {changes} changes in {changed} of the accounts. They are planned and applied through the queue by {workers}
`ccops worker` processes under one API key, on one PostgreSQL server. At random moments a process at work is killed
(`kill -9`): the worker, the `ccops` that does its job, or both. A worker that was killed is followed by another one, and
what it left is parked, looked at and let go, as [the page on the queue](../docs/fleet-queue.md) says.

## What is as in earnest, and what is scaled

* The vendor keeps its limits strictly: at most {rate} requests in any second, by a window that slides, and {per_day:,} on
  any day. A **virtual second** takes {window:g} s. Requests are {gap:g} s apart (`limits: request_gap`): by the rule that gives
  0.3 s in earnest, (second + lateness) / {rate}, where a request may come up to {jitter:g} s late. The second was made shorter
  and the lateness was not: that is the machine's, and no clock makes it shorter. The vendor runs with a higher priority
  where it may: if it were kept waiting itself, the requests that queue up meanwhile would look like too many at once.
* Midnight comes every {day:g} s, for the vendor and for every process alike: `time.time` shows a day more each time. Nothing
  else about a day is faster. No day's requests are used up: the wait for the next day is a test of its own.
* A heartbeat of a worker is 1 s, so that its death is noticed after 3 s and not after 30.
* All accounts are there and answer, but only those of the commit are asked: 5,000 × 200 readings would take
  200 days of a key's requests, and a commit touches few.
* Workers, jobs, locks, journals, logins and the ledger are those of ccops, unchanged.
"""

_LEDGER = """## The ledger

A request is counted and then sent. A process that is killed in between has counted one that never left. So the ledger may
be above the vendor's count and never below it, and each count that it is above must be of an account in which a job was
killed, at most one for each of the {lines} connections that such a job may use at once. The database noted, for every count,
which worker's session made it and which job that worker had taken; the vendor counted by account. They agree in every
account, up to those.

| day | ledger | vendor |
|---|---|---|
{days}

A request that is counted before midnight and arrives after it is the vendor's next day's.
"""


def page(result: Result) -> str:
    """Write the page."""
    size = result.size
    introduction = _INTRODUCTION.format(
        accounts=size.accounts,
        campaigns=size.campaigns,
        changed=size.changed,
        changes=sum(1 + turn % 2 for turn in range(size.changed)),
        workers=size.workers,
        rate=size.rate,
        per_day=size.per_day,
        window=size.window,
        gap=size.gap,
        jitter=round(size.rate * size.gap - size.window, 3),
        day=size.day,
    )
    days = sorted({*result.ledger, *result.days})
    rows = (
        f"| {one} | {result.ledger.get(one, 0):,} | {result.days.get(one, 0):,} |" for one in days
    )
    ledger = _LEDGER.format(days="\n".join(rows), lines=LINES)
    return "\n".join((introduction, *_table(result), "", ledger, *_story(result), ""))


def _table(result: Result) -> Iterator[str]:
    yield "## What it showed"
    yield ""
    yield "| | | |"
    yield "|---|---|---|"
    for one in result.findings:
        judgement = one.wrong or ("as it must be" if one.judged else "")
        yield f"| {one.title} | {one.shown} | {judgement} |"


def _story(result: Result) -> Iterator[str]:
    yield "## How it went"
    yield ""
    yield (
        f"{result.seconds / 60:.0f} minutes; {result.jobs:,} times a worker took a job; "
        f"{result.workers} workers were started; at most {result.most_parked} jobs were parked at "
        f"a time. To queue all plans a second time added {result.twice}."
    )
    yield ""
    yield "| what stood still, and was let go after a look | times |"
    yield "|---|---|"
    for what, count in sorted(result.looked.items()):
        yield f"| {what} | {count} |"
    yield ""
    yield "`exit 1`, `exit 8` and `exit 10`: the job's process was killed and its worker was not,"
    yield "with no write open, some done, or one open. `refused: CC263`: a process outlived its"
    yield "worker and still worked on the account, so the job was not let go yet."
