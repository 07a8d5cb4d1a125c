"""The queue in words, as JSON, and as metrics for Prometheus. What it quotes is made harmless."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from ccops.fleet.standing import Queued, QueueStatus, Standing
from ccops.render.escape import terminal
from ccops.render.phrases import counted


def status_text(found: QueueStatus, *, encoding: str) -> str:
    """Say where the queue stands: what stands still first, and how to let it go."""
    return "".join(terminal(line, encoding) + "\n" for line in _lines(found))


def _lines(found: QueueStatus) -> Iterator[str]:
    amounts = (f"{found.counts.get(one, 0):,} {one}" for one in Standing if found.counts.get(one))
    yield f"Queue: {', '.join(amounts) or 'empty'}."
    spent = (f"{used:,} with API key #{key}" for key, used in found.spent.items())
    yield f"Requests on {found.day} (UTC): {', '.join(spent) or 'none'}."
    if found.stuck:
        yield "Stands still until a person has looked:"
    for one in found.stuck:
        yield from _stuck(one)
    yield from _listed("Running:", found.running)
    yield from _listed("Next:", found.next)


def _listed(title: str, queued: tuple[Queued, ...]) -> Iterator[str]:
    if queued:
        yield title
    for one in queued:
        until = f", not before {_instant(one.until)}" if one.until else ""
        soonest = one.job.earliest if one.job else None
        send = f", first send {_instant(soonest)}" if soonest else ""
        worker = f" on {one.worker}" if one.worker and one.standing is Standing.RUNNING else ""
        yield f"  {_named(one)}{worker}{send}{until}"


def _stuck(one: Queued) -> Iterator[str]:
    worker = f" on {one.worker}" if one.worker else ""
    yield f"  {_named(one)} {one.standing} since {_instant(one.since)}{worker}"
    if one.job is not None:
        yield f"      {one.job.workspace}"
    if one.outcome is not None:
        reason = one.outcome.reason or one.outcome.summary
        yield f"      exit {int(one.outcome.exit_code)}: {reason}"
    if one.trace is not None and one.trace.open_writes:
        amount = counted(one.trace.open_writes, "write")
        yield f"      {amount} open: see `ccops journal show`; an apply looks before it writes"
    if one.trace is not None and one.trace.holder:
        yield f"      {one.trace.holder} is still working on the account"
    if one.behind:
        yield f"      {counted(one.behind, 'job')} of the account behind it"


def _named(one: Queued) -> str:
    return f"job {one.number}: {work_of(one)}"


def work_of(one: Queued) -> str:
    """Say in two words what is to be done, and for whom."""
    return f"{one.job.action} {one.job.account}" if one.job else "none that this ccops knows"


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def status_json(found: QueueStatus) -> str:
    """Write the same for programs."""
    return json.dumps({"format_version": "1.0", **status_record(found)}, indent=2)


def status_record(found: QueueStatus) -> Mapping[str, object]:
    """Return what the document says, as a part of another one."""
    return {
        "counts": {one: found.counts.get(one, 0) for one in Standing},
        "requests": {"day": found.day.isoformat(), "by_key": dict(found.spent)},
        "stuck": [_record(one) for one in found.stuck],
        "running": [_record(one) for one in found.running],
        "next": [_record(one) for one in found.next],
    }


def _record(one: Queued) -> Mapping[str, object]:
    return {
        "number": one.number,
        "standing": one.standing,
        "since": one.since.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "attempts": one.attempts,
        "worker": one.worker,
        "behind": one.behind,
        "job": None if one.job is None else json.loads(one.job.to_json()),
        "outcome": None if one.outcome is None else json.loads(one.outcome.to_json()),
        "open_writes": 0 if one.trace is None else one.trace.open_writes,
        "holder": "" if one.trace is None else one.trace.holder,
    }


def status_metrics(found: QueueStatus) -> str:
    """Write gauges in Prometheus' text format, with labels of our own words alone."""
    standing = (f'{{standing="{one}"}} {found.counts.get(one, 0)}' for one in Standing)
    spent = (f'{{key="{key}"}} {used}' for key, used in found.spent.items())
    return "".join(
        (
            "# HELP ccops_queue_jobs Jobs in the queue.\n# TYPE ccops_queue_jobs gauge\n",
            *(f"ccops_queue_jobs{one}\n" for one in standing),
            "# HELP ccops_requests_today Requests counted on the current UTC day.\n",
            "# TYPE ccops_requests_today gauge\n",
            *(f"ccops_requests_today{one}\n" for one in spent),
        )
    )
