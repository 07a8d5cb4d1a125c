"""The only compensation there is: ccops deletes again the schedule that it made itself.

It is exempt from the lead and from the plan's steps, because a send with recipients or content
that nobody approved is the worse outcome. Every repeat runs under the record of the POST.
"""

from ccops.applying.effects import Flow, Unread, ask_time, write
from ccops.applying.judgement import went
from ccops.applying.outcome import Kind, classify
from ccops.applying.progress import Progress, note, observe, result, settle, unknown
from ccops.applying.report import Ending, Result
from ccops.constantcontact import wire
from ccops.errors import ExitCode
from ccops.model import Live, Status
from ccops.ports import WriteState

TRIES = 5
"""How many requests leave at most."""
ROUNDS = 16
"""How often it is tried at most: what was held back, or found no connection, is no request."""


def take_back(progress: Progress, why: str) -> Flow[Result]:
    """Unschedule until a reading shows that it is unscheduled, or that it is too late.

    Every try is recorded first, which only the holder of the lock can do.
    """
    left = 0
    for _ in range(ROUNDS):
        if left == TRIES:
            break
        yield from note(progress, WriteState.COMPENSATING, why)
        left += yield from _unschedule(progress)
        unread = yield from observe(progress)
        if isinstance(unread, Unread) or progress.live is None:
            continue
        if progress.live.status is not Status.SCHEDULED:
            return (yield from _ended(progress, progress.live, why))
    return (yield from unknown(progress, f"{why}; it could not be unscheduled again"))


def _unschedule(progress: Progress) -> Flow[bool]:
    """Make the request once; whether it may have left."""
    step = wire.unschedule_step(progress.task.change.target.activity_id)
    progress.writes.append(step)
    answer = yield from write(step)
    now = yield from ask_time()
    progress.quiet_until = now + progress.task.limits.read_lag
    outcome = classify(step, None, answer)
    if outcome.kind is Kind.AMBIGUOUS:
        yield from settle(progress, "for an unclear answer to settle")
    return outcome.kind is not Kind.NOT_SENT


def _ended(progress: Progress, live: Live, why: str) -> Flow[Result]:
    if progress.pending is not None and went(progress.pending, live):
        words = f"{why}; it was sent before ccops could unschedule it"
        yield from note(progress, WriteState.RESOLVED, words)
    else:
        once_more = " once more" if live.history else ""
        words = f"{why}; ccops unscheduled it again, so it will not be sent{once_more}"
        yield from note(progress, WriteState.COMPENSATED, words)
    return result(progress, Ending.STOPPED, words, ExitCode.PARTIAL)
