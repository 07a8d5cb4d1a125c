"""How one activity is brought to its desired state: the heart of ccops, without any I/O.

Level-triggered: read → converged? → choose the *one* next write → check → record the intent
durably → write → read again. After each write it decides anew, so that a 2xx, a lost reply and
somebody else's edit take the same path. A write is never repeated blindly: only after the settle
time and a reading which shows that it did not take effect, and never for `now`.

`recover` closes what an earlier run left open; `check` compares with the plan, before the first
write of the run; `converge` writes.
"""

from datetime import timedelta

from ccops.applying.compensation import take_back
from ccops.applying.effects import Flow, ask_time, sleep_until, write
from ccops.applying.judgement import Trace, content, trace
from ccops.applying.outcome import Kind, Outcome, classify
from ccops.applying.progress import (
    Progress,
    decision,
    intend,
    note,
    observe,
    result,
    settle,
    unknown,
    unreadable,
)
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode
from ccops.model import NOW, Step, StepKind
from ccops.planning.diff import fingerprint
from ccops.planning.plan import Verdict
from ccops.planning.verdict import Decision
from ccops.ports import JournalEntry, WriteState

ROUNDS = 16
"""Readings per activity and run; a sequence needs four when nothing goes wrong."""
ATTEMPTS = 3
"""How often one kind of write is tried in a run, each time after proof that it did not take."""
LEASE = timedelta(seconds=5)
"""A write leaves this soon after the reading that justified it, or not at all."""
PATIENCE = timedelta(seconds=2)
"""After `throttled`: more than the one second that the limit counts (docs)."""

_NOT_AS_PLANNED = "the account no longer is as the plan shows it"


def recover(progress: Progress) -> Flow[Result | None]:
    """Establish what became of a write that an earlier run left open. None: nothing is open.

    The settle time is counted from now, with the lock held: the dead process may have sent its
    request until just before.
    """
    if progress.pending is None:
        return None
    yield from settle(progress, "for the unfinished write of an earlier run to settle")
    unread = yield from observe(progress)
    if unread:
        return unreadable(progress, unread)
    ended = yield from _judge(progress)
    if ended is None and progress.live is not None:
        progress.left.add(fingerprint(progress.live))
    return ended


def check(progress: Progress) -> Flow[Result | None]:
    """Compare with the plan before the first write. None: fit to be written.

    Fit is the plan's `before`, or a state that this plan's own writes left. Already as desired
    is fine too, and ends this activity; anything else is stale, and ends the run.
    """
    unread = yield from observe(progress)
    if unread:
        return unreadable(progress, unread)
    now = yield from decision(progress)
    before = progress.task.change.before
    known = progress.left | ({fingerprint(before)} if before else set())
    if progress.live is None or fingerprint(progress.live) not in known:
        if _already(progress, now):
            return result(progress, Ending.NOTHING)
        detail = f"{_NOT_AS_PLANNED}: {_changed(progress)}; run plan again"
        return result(progress, Ending.STOPPED, detail, ExitCode.STALE)
    if now.verdict.needs_person:
        return result(progress, Ending.NEEDS_PERSON, now.reason, ExitCode.BLOCKED)
    return None if now.steps else result(progress, Ending.NOTHING)


def _already(progress: Progress, now: Decision) -> bool:
    """Whether somebody else brought about just what the plan wants.

    A campaign that was to be unscheduled and is found sent is no such case.
    """
    change = progress.task.change
    sends = bool(change.target.sends) and change.verdict is not Verdict.UNSCHEDULE
    return (sends and now.verdict is Verdict.SENT) or now.verdict is Verdict.IN_SYNC


def _changed(progress: Progress) -> str:
    before, live = progress.task.change.before, progress.live
    if before is None or live is None:
        return "the activity is gone" if live is None else "it was not there before"
    names = (name for name in before.__dataclass_fields__)
    different = [name for name in names if getattr(before, name) != getattr(live, name)]
    return ", ".join(different).replace("_", " ") + " changed"


def converge(progress: Progress) -> Flow[Result]:
    """Make the plan's requests, one after another, until the account is as desired."""
    for _ in range(ROUNDS):
        unread = yield from observe(progress)
        if unread:
            return unreadable(progress, unread)
        ended = yield from _judge(progress)
        if ended:
            return ended
        now = yield from decision(progress)
        ended = _finish(progress, now) or _refuse(progress, now)
        if ended:
            return ended
        ended = yield from _send(progress, now.steps[0], now)
        if ended:
            return ended
    if progress.pending is not None:
        return (yield from unknown(progress, f"not established after {ROUNDS} readings"))
    return result(progress, Ending.STOPPED, f"no end after {ROUNDS} readings")


def _judge(progress: Progress) -> Flow[Result | None]:
    """Close the pending write by what the last reading shows. A Result ends this activity."""
    entry = progress.pending
    if entry is None:
        return None
    match trace(entry, progress.live, progress.task.change, progress.read_at):
        case Trace.TOOK if entry.state is WriteState.COMPENSATING:
            return (yield from take_back(progress, entry.detail))
        case Trace.TOOK:
            yield from note(progress, WriteState.VERIFIED)
            return None
        case Trace.ABSENT:
            return (yield from _absent(progress, entry))
        case Trace.FOREIGN:
            why = "it was scheduled while its recipients or content were changed elsewhere"
            return (yield from take_back(progress, why))
        case Trace.OTHER if progress.posted:
            why = "it was scheduled, but at another time than the one asked for"
            return (yield from take_back(progress, why))
        case Trace.OTHER:
            why = "it is scheduled at a time that ccops did not ask for"
            return (yield from unknown(progress, why))


def _absent(progress: Progress, entry: JournalEntry) -> Flow[Result | None]:
    """Decide about a pending write that does not show."""
    answered = progress.outcome is not None and progress.outcome.answered_2xx
    sends_now = entry.when is NOW and entry.step.kind is StepKind.SCHEDULE
    if (answered or sends_now) and not progress.waited:
        progress.waited = True
        return (yield from _look_again(progress))
    if sends_now or (answered and entry.step.kind is StepKind.SCHEDULE):
        why = f"the request to {entry.step.kind} was made, but no reading shows it"
        return (yield from unknown(progress, why))
    if answered:
        yield from note(progress, WriteState.RESOLVED, "accepted, but without effect")
        why = f"Constant Contact accepted the {entry.step.kind} request, but nothing changed"
        return result(progress, Ending.STOPPED, why)
    yield from _close_absent(progress, entry)
    return None


def _close_absent(progress: Progress, entry: JournalEntry) -> Flow[None]:
    """Close a write that did not take effect, or whose schedule is gone since.

    An earlier run's POST that was accepted, or that a person had to look at, is not simply made
    again: recorded as verified, it makes the table ask a person (`unscheduled-elsewhere`).
    """
    if entry.state is WriteState.COMPENSATING:
        yield from note(progress, WriteState.COMPENSATED, "no longer scheduled")
    elif entry.state is not WriteState.INTENT and entry.step.kind is StepKind.SCHEDULE:
        yield from note(progress, WriteState.VERIFIED, "accepted; no longer scheduled")
    else:
        yield from note(progress, WriteState.RESOLVED, "did not take effect")


def _look_again(progress: Progress) -> Flow[Result | None]:
    yield from settle(progress, "for an accepted request to show")
    unread = yield from observe(progress)
    if unread:
        return unreadable(progress, unread)
    return (yield from _judge(progress))


def _finish(progress: Progress, now: Decision) -> Result | None:
    """End when nothing is left to write. None: there is a next write."""
    if now.steps:
        return None
    if now.verdict.needs_person:
        ending = Ending.STOPPED if progress.writes else Ending.NEEDS_PERSON
        return result(progress, ending, now.reason, ExitCode.BLOCKED)
    if _overtaken(progress, now):
        words = "it was sent, or is being sent, before ccops could change it"
        return result(progress, Ending.STOPPED, words, ExitCode.BLOCKED)
    return result(progress, Ending.DONE if progress.writes else Ending.NOTHING)


def _overtaken(progress: Progress, now: Decision) -> bool:
    """Whether a send happened that no verified write of ours asked for."""
    newest = progress.newest
    ours = newest is not None and newest.run == progress.task.run
    verified = ours and newest is not None and newest.state is WriteState.VERIFIED
    # New recipients send nothing: after a PUT, a send is somebody else's.
    asked = verified and newest is not None and newest.step.kind is not StepKind.UPDATE
    return now.verdict in {Verdict.SENDING, Verdict.SENT} and not asked


def _refuse(progress: Progress, now: Decision) -> Result | None:
    """Stop before a write that the plan does not show, or that was refused or tried enough."""
    step = now.steps[0]
    limit = 1 if now.when is NOW and step.kind is StepKind.SCHEDULE else ATTEMPTS
    refused = progress.refused
    if refused and refused.kind is Kind.REJECTED:
        return result(progress, Ending.STOPPED, refused.detail, refused.exit_code)
    if step not in progress.task.change.steps or not _same_content(progress):
        detail = f"{_NOT_AS_PLANNED}: {_changed(progress)}; run plan again"
        return result(progress, Ending.STOPPED, detail, ExitCode.STALE)
    if progress.attempts[step.kind] >= limit:
        words = refused.detail if refused else f"{limit} attempts had no effect"
        code = refused.exit_code if refused else ExitCode.UNEXPECTED
        return result(progress, Ending.STOPPED, words, code)
    return None


def _same_content(progress: Progress) -> bool:
    return progress.live is not None and content(progress.live) == progress.planned


def _send(progress: Progress, step: Step, now: Decision) -> Flow[Result | None]:
    """Record the intent, make the request once, and follow its answer."""
    yield from intend(progress, step, now.when)
    if (yield from ask_time()) - progress.read_at > LEASE:
        yield from note(progress, WriteState.RESOLVED, "not sent: the reading had grown old")
        return None
    progress.writes.append(step)
    progress.attempts[step.kind] += 1
    progress.waited = False
    answer = yield from write(step)
    progress.quiet_until = (yield from ask_time()) + progress.task.limits.read_lag
    progress.outcome = outcome = classify(step, now.when, answer)
    if outcome.answered_2xx or outcome.kind is Kind.AMBIGUOUS:
        yield from _await_effect(progress, step, outcome)
        return None
    return (yield from _refused(progress, outcome))


def _await_effect(progress: Progress, step: Step, outcome: Outcome) -> Flow[None]:
    progress.posted |= outcome.answered_2xx and step.kind is StepKind.SCHEDULE
    if outcome.answered_2xx:
        yield from note(progress, WriteState.ACKED, outcome.detail)
    if outcome.kind is Kind.AMBIGUOUS:
        yield from settle(progress, "for an unclear answer to settle")


def _refused(progress: Progress, outcome: Outcome) -> Flow[Result | None]:
    """Close a write that certainly did not take effect; the next reading decides what follows."""
    yield from note(progress, WriteState.RESOLVED, outcome.detail)
    progress.refused = outcome
    if outcome.kind is Kind.NOT_SENT:
        progress.writes.pop()
    if outcome.kind in {Kind.DENIED, Kind.QUOTA}:
        return result(progress, Ending.STOPPED, outcome.detail, outcome.exit_code)
    if outcome.kind is Kind.THROTTLED:
        yield from sleep_until((yield from ask_time()) + PATIENCE, "because requests are throttled")
    return None
