"""How one activity is brought to its desired state: the heart of ccops, without any I/O.

Level-triggered: read → converged? → choose the *one* next write → check → record the intent
durably → write → read again. After each write it decides anew, so that a 2xx, a lost reply and
somebody else's edit take the same path. A write is never repeated blindly: only after the settle
time and a reading which shows that it did not take effect, and never for `now`. (What takes a
schedule back may be asked again sooner, after a reading as well: see `compensation`.)

`recover` closes what an earlier run left open; `check` compares with the plan, before the first
write of the run; `converge` writes.
"""

from datetime import datetime, timedelta

from ccops.applying.effects import Flow, ask_time, sleep_until
from ccops.applying.establishing import OVERTAKEN, establish
from ccops.applying.judgement import content, same, stages, went
from ccops.applying.outcome import Kind, Outcome
from ccops.applying.progress import (
    Progress,
    decision,
    intend,
    moved,
    note,
    observe,
    request,
    result,
    settle,
    unknown,
    unreadable,
)
from ccops.applying.report import Ending, Result
from ccops.constantcontact import writes
from ccops.errors import ExitCode
from ccops.model import NOW, Step, StepKind
from ccops.planning.plan import Verdict
from ccops.planning.verdict import Decision
from ccops.ports import WriteState

ROUNDS = 16
"""Readings per activity and run; a sequence needs four when nothing goes wrong."""
ATTEMPTS = 3
"""How often one kind of write is tried in a run, each time after proof that it did not take."""
LEASE = timedelta(seconds=writes.LEASE)
"""A write leaves this soon after the reading that justified it, or not at all."""
PATIENCE = timedelta(seconds=2)
"""After `throttled`: more than the one second that the limit counts (docs)."""

_OVERTAKEN_PLAN = "a newer plan was applied here since this one was made; run plan again"
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
    ended = yield from establish(progress)
    progress.recovered = True
    return ended


def check(progress: Progress) -> Flow[Result | None]:
    """Compare with the plan before the first write. None: fit to be written.

    Fit is the plan's `before`, or a state that this plan's own requests lead through. Already as
    desired is fine too, and ends this activity; anything else is stale, and ends the run.
    So is a plan that a newer one has overtaken: whoever made that one decided anew.
    """
    if progress.task.overtaken:
        return result(progress, Ending.STOPPED, _OVERTAKEN_PLAN, ExitCode.STALE)
    unread = yield from observe(progress)
    if unread:
        return unreadable(progress, unread)
    now = yield from decision(progress)
    if _accomplished(progress, now):
        return result(progress, Ending.NOTHING)
    if not _fit(progress):
        if _already(progress, now):
            return result(progress, Ending.NOTHING)
        return _stale(progress)
    if now.verdict.needs_person:
        return result(progress, Ending.NEEDS_PERSON, now.reason, ExitCode.BLOCKED)
    if now.steps and not progress.task.change.verdict.writes:
        return _stale(progress)
    return None if now.steps else result(progress, Ending.NOTHING)


def _fit(progress: Progress) -> bool:
    live, change = progress.live, progress.task.change
    states = stages(change)
    known = states if progress.resumable or progress.recovered else states[:1]
    return live is not None and any(same(live, state) for state in known)


def _stale(progress: Progress) -> Result:
    detail = f"{_NOT_AS_PLANNED}: {_changed(progress)}; run plan again"
    return result(progress, Ending.STOPPED, detail, ExitCode.STALE)


def _already(progress: Progress, now: Decision) -> bool:
    """Whether somebody else brought about just what the plan wants.

    A campaign that was to be unscheduled and is found sent is no such case, nor is one that was
    sent with other content, or perhaps to others: its recipients now tell nothing of then.
    """
    change, live, people = (
        progress.task.change,
        progress.live,
        progress.task.change.target.recipients,
    )
    if now.verdict is Verdict.SENDING:
        return _posted(progress)
    alike = change.before is None or _same_content(progress)
    if now.verdict is Verdict.IN_SYNC:
        return alike
    states = [state for state in (change.before, live) if state is not None]
    known = people is None or all(state.recipients == people for state in states)
    sends = bool(change.target.sends) and change.verdict is not Verdict.UNSCHEDULE
    return now.verdict is Verdict.SENT and sends and alike and (known or _posted(progress))


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
        ended = yield from establish(progress)
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


def _finish(progress: Progress, now: Decision) -> Result | None:
    """End when nothing is left to write. None: there is a next write."""
    if _accomplished(progress, now):
        return result(progress, Ending.DONE)
    if now.steps:
        return None
    # Unscheduling returns it to what it was before (spec): what is wrong with that is no news.
    only = [step.kind for step in progress.task.change.steps] == [StepKind.UNSCHEDULE]
    if now.verdict.needs_person and not (only and _returned(progress)):
        ending = Ending.STOPPED if progress.writes else Ending.NEEDS_PERSON
        return result(progress, ending, now.reason, ExitCode.BLOCKED)
    if now.when and now.verdict is Verdict.IN_SYNC and not _same_content(progress):
        return _stale(progress)
    if _overtaken(progress, now):
        return result(progress, Ending.STOPPED, OVERTAKEN, ExitCode.BLOCKED)
    return result(progress, Ending.DONE if progress.writes else Ending.NOTHING)


def _accomplished(progress: Progress, now: Decision) -> bool:
    """Whether the plan's send is verified, and the table speaks of a later one already.

    That is so as soon as a `now` is done: the resends after it are for later plans.
    """
    later = now.when not in {None, progress.task.change.send}
    return _posted(progress) and later and now.verdict is not Verdict.SENT_EARLY


def _posted(progress: Progress) -> bool:
    """Whether the newest effect on the activity is this plan's verified POST, of whatever run."""
    newest, task = progress.newest, progress.task
    return (
        newest is not None
        and newest.plan == task.plan
        and newest.when == task.change.send
        and newest.step.kind is StepKind.SCHEDULE
        and newest.state is WriteState.VERIFIED
    )


def _overtaken(progress: Progress, now: Decision) -> bool:
    """Whether a send happened that no verified write of ours asked for.

    A PUT sends nothing, and a DELETE may return to a campaign that was sent before, but not to
    one that was sent since.
    """
    ours = _verified(progress, StepKind.SCHEDULE) or _returned(progress)
    return now.verdict in {Verdict.SENDING, Verdict.SENT} and not ours


def _returned(progress: Progress) -> bool:
    """Whether this run unscheduled it last, and nothing was sent since."""
    newest, live = progress.newest, progress.live
    since = newest is not None and live is not None and went(newest, live)
    return _verified(progress, StepKind.UNSCHEDULE) and not since


def _verified(progress: Progress, kind: StepKind) -> bool:
    """Whether the newest effect on the activity is a verified write of this run, of this kind."""
    newest = progress.newest
    return (
        newest is not None
        and newest.run == progress.task.run
        and newest.state is WriteState.VERIFIED
        and newest.step.kind is kind
    )


def _refuse(progress: Progress, now: Decision) -> Result | None:
    """Stop before a write that the plan does not show, or that was refused or tried enough."""
    step = now.steps[0]
    limit = 1 if now.when is NOW and step in progress.writes else ATTEMPTS
    refused = progress.refused
    if refused and refused.kind is Kind.REJECTED and moved(progress):
        return _stale(progress)
    if refused and refused.kind is Kind.REJECTED:
        return result(progress, Ending.STOPPED, refused.detail, refused.exit_code)
    change = progress.task.change
    planned = step in change.steps and step not in progress.made and now.when == change.send
    if not planned or not _same_content(progress) or _sent_since(progress):
        return _stale(progress)
    last = progress.outcome
    if progress.attempts[step.kind] >= limit and last:
        tried = f"{limit} attempts to {step.kind} had no effect; the last one: "
        words = f"{tried if limit > 1 else ''}{last.detail}"
        return result(progress, Ending.STOPPED, words, last.exit_code)
    return None


def _same_content(progress: Progress) -> bool:
    """Whether nothing changed but what ccops changes."""
    live, before = progress.live, progress.task.change.before
    return live is not None and before is not None and content(live) == content(before)


def _sent_since(progress: Progress) -> bool:
    """Whether it was sent since the plan, so that the plan's requests mean another send."""
    live, before = progress.live, progress.task.change.before
    return live is None or before is None or (live.history or ()) != (before.history or ())


def _send(progress: Progress, step: Step, now: Decision) -> Flow[Result | None]:
    """Record the intent, make the request once, and follow its answer."""
    yield from intend(progress, step, now.when)
    if _grown_old(progress, (yield from ask_time())):
        yield from note(progress, WriteState.RESOLVED, "not sent: the reading had grown old")
        return None
    progress.attempts[step.kind] += 1
    progress.waited = False
    progress.outcome = outcome = yield from request(progress, step, now.when)
    if outcome.answered_2xx or outcome.kind is Kind.AMBIGUOUS:
        yield from _await_effect(progress, step, outcome)
        return None
    return (yield from _refused(progress, outcome))


def _grown_old(progress: Progress, now: datetime) -> bool:
    """Whether the reading ended too long ago, or took too long: its first part may be outdated."""
    return now - progress.read_at > LEASE or now - progress.asked_at > 2 * LEASE


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
    else:
        progress.refusals += 1
    if outcome.kind in {Kind.DENIED, Kind.QUOTA}:
        return result(progress, Ending.STOPPED, outcome.detail, outcome.exit_code)
    if outcome.kind is Kind.THROTTLED:
        yield from sleep_until((yield from ask_time()) + PATIENCE, "because requests are throttled")
    return None
