"""What became of a change, in words: the same in a terminal and in Markdown."""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from ccops.applying.report import Became, Ending, Report, Result, Settled
from ccops.errors import ExitCode
from ccops.model import Live
from ccops.planning.plan import Verdict
from ccops.render.journaling import briefly
from ccops.render.moment import absolute, duration, moment
from ccops.render.phrases import counted
from ccops.render.words import WORDING, scheduled, state

MEANING: Mapping[ExitCode, str] = {
    ExitCode.DONE: "done; every write verified",
    ExitCode.UNEXPECTED: "unexpected error",
    ExitCode.CHANGES: "changes or drift present",
    ExitCode.INVALID: "invalid manifest, configuration or usage",
    ExitCode.ACCESS: "login, scope, privilege or account wrong",
    ExitCode.THROTTLED: "throttled, or the day's quota is used up",
    ExitCode.BLOCKED: "blocked, or a campaign needs a person",
    ExitCode.STALE: "the plan is stale or expired; nothing was written",
    ExitCode.PARTIAL: "partly applied; every outcome is known",
    ExitCode.LOCKED: "the lock is held, or the store is down",
    ExitCode.UNKNOWN: "the outcome of a write is unknown: a person must look",
    ExitCode.INTERRUPTED: "interrupted; no write is open",
    ExitCode.TERMINATED: "terminated; no write is open",
}


def outcome(result: Result, *, now: datetime) -> str:
    """How one change ended, in words; its ending itself is not repeated."""
    change = result.change
    match result.ending:
        case Ending.DONE:
            return _done(result, now)
        case Ending.NOTHING:
            return f"nothing to do: {result.detail or 'already as declared'}"
        case Ending.NEEDS_PERSON:
            says = WORDING[change.verdict].says
            return ": ".join(filter(None, (says, result.detail or change.reason)))
        case Ending.STOPPED:
            return result.detail or "not as planned"
        case Ending.UNKNOWN:
            return result.detail or "look in Constant Contact"
        case Ending.NOT_STARTED:
            return result.detail or "the run ended before it"
        case ending:
            assert_never(ending)


def _done(result: Result, now: datetime) -> str:
    """In the past tense, with the schedule as it was read back."""
    verdict, zone = result.change.verdict, result.change.zone
    if verdict is Verdict.UNSCHEDULE:
        return "unscheduled: it will NOT be sent"
    if verdict is Verdict.SEND_NOW:
        return f"sent at once{_shows(result.live, zone)}"
    when, past = scheduled(result.live), _PAST.get(verdict, str(verdict))
    if when is None:
        return f"{past}{_shows(result.live, zone)}"
    return f"{past} for {moment(when, zone=zone, now=now)}"


_PAST = {
    Verdict.UPDATE: "updated",
    Verdict.SCHEDULE: "scheduled",
    Verdict.RESCHEDULE: "rescheduled",
    Verdict.RESEND: "resend scheduled",
}


def _shows(live: Live | None, zone: str) -> str:
    return "" if live is None else f"; Constant Contact shows: {state(live, zone=zone)}"


def aftermath(result: Result) -> str:
    """What was sent and what is seen now, for a change that went wrong; else empty."""
    if result.ending not in {Ending.STOPPED, Ending.UNKNOWN}:
        return ""
    kinds = ", ".join(step.kind for step in result.writes)
    verb = "was" if len(result.writes) == 1 else "were"
    made = f"{counted(len(result.writes), 'write')} {verb} sent: {kinds}" if kinds else ""
    return f"{made or 'no write was sent'}; {_last_seen(result)}"


def _last_seen(result: Result) -> str:
    if result.live is None:
        return "Constant Contact was not read again"
    return f"Constant Contact shows: {state(result.live, zone=result.change.zone)}"


def remedy(result: Result) -> str:
    """What a person can do, for a campaign that waits for one; else empty."""
    return result.change.remedy if result.ending is Ending.NEEDS_PERSON else ""


def became(one: Settled) -> str:
    """What an earlier run's write was to do, and what is known of it now, in words."""
    entry, zone = one.write.entry, one.zone
    said = f"an earlier run's request to {briefly(entry, zone=zone)}"
    why = "" if entry.detail in {"", _BECAME[one.became]} else f": {entry.detail}"
    return f"{said}, begun {absolute(one.write.begun, zone=zone)}, {_BECAME[one.became]}{why}"


_BECAME: Mapping[Became, str] = {
    Became.TOOK_EFFECT: "took effect",
    Became.NO_EFFECT: "did not take effect",
    Became.TAKEN_BACK: "was taken back",
    Became.OTHERWISE: "did not end as asked",
}


def shown(report: Report) -> tuple[Result, ...]:
    """The results worth a line: all but the campaigns that were in sync from the start."""
    return tuple(
        result
        for result in report.results
        if result.change.verdict.writes or result.ending is not Ending.NOTHING
    )


def totals(report: Report) -> str:
    """For example `2 campaigns changed, 5 writes, 12 reads, in 14 s`.

    What earlier runs left open and this one settled is told in the same breath.
    """
    done = sum(result.ending is Ending.DONE for result in report.results)
    took = duration(report.finished_at - report.started_at)
    amounts = (
        f"{counted(done, 'campaign')} changed",
        *settlements(report),
        counted(report.writes, "write"),
        counted(report.reads, "read"),
    )
    return f"{', '.join(amounts)}, in {took}"


def settlements(report: Report) -> tuple[str, ...]:
    """For example `1 earlier write settled`; none for none."""
    amount = len(report.settled)
    return (f"{counted(amount, 'earlier write')} settled",) if amount else ()
