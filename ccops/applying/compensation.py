"""The only compensation there is: ccops deletes again the schedule that it made itself.

It is exempt from the lead and from the plan's steps, because a send with recipients or content
that nobody approved is the worse outcome. Every repeat runs under the record of the POST.

It is also the one request that, near its send, is made again before an unclear answer has
settled. It is still not repeated blindly: each has a line of its own before it, which only the
holder of the lock can write, and follows a complete reading of its own that shows this schedule
still standing; each leaves under the same lease and fence as any write. To ask twice is safe, for
a DELETE of a schedule can only take away: two have the effect of one. What else could a late one
meet? Nothing of ccops: the record stays open, and so no other write leaves, until the last
unclear one has settled and a reading after that shows the end. And a schedule that somebody else
made meanwhile, for another time, ends the repeats; that is for a person to judge.
"""

from datetime import datetime, timedelta

from ccops.applying.effects import Flow, ask_time
from ccops.applying.judgement import went
from ccops.applying.outcome import Kind
from ccops.applying.progress import (
    Progress,
    note,
    observe,
    request,
    result,
    settle,
    unknown,
)
from ccops.applying.report import Ending, Result
from ccops.constantcontact import wire
from ccops.errors import ExitCode
from ccops.model import Live, Status
from ccops.ports import WriteState

TRIES = 5
"""How many requests leave at most while there is time to let an unclear one settle."""
ROUNDS = 16
"""How many readings at most: what was held back, or found no connection, is no request."""
SHARE = 4
"""An unclear answer is waited for no longer than this part of the time until the send."""
ANOTHER = "while ccops was to take its own schedule back, somebody made another one"


def take_back(progress: Progress, why: str) -> Flow[Result]:
    """Unschedule until a reading shows that it is unscheduled, or that it is too late.

    The last reading must show ccops' own schedule.
    """
    ours = progress.live.schedules if progress.live else ()
    due, tries, hurried = True, 0, False
    for _ in range(ROUNDS):
        if due:
            yield from note(progress, WriteState.COMPENSATING, why)
            counts, unsettled = yield from _unschedule(progress)
            tries, hurried = tries + counts, hurried or unsettled
        live = yield from _look(progress)
        due = live is not None and live.status is Status.SCHEDULED
        if live is None:
            continue
        if due and _somebody_elses(progress, live, ours):
            return (yield from unknown(progress, ANOTHER))
        if due and tries == TRIES:
            break
        if not due and not hurried:
            return (yield from _ended(progress, live, why))
        if not due:
            yield from settle(progress, "for the last unclear answer to settle")
            hurried = False
    return (yield from unknown(progress, f"{why}; it could not be unscheduled again"))


def _unschedule(progress: Progress) -> Flow[tuple[bool, bool]]:
    """Make the request once; whether it counts as a try, and whether it may still be under way."""
    step = wire.unschedule_step(progress.task.change.target.activity_id)
    outcome = yield from request(progress, step, None)
    if outcome.kind is not Kind.AMBIGUOUS:
        return outcome.kind is not Kind.NOT_SENT, False
    patience = _patience(progress, (yield from ask_time()))
    hurried = patience < progress.task.limits.settle
    yield from settle(progress, "for an unclear answer to settle", patience)
    return not hurried, hurried


def _patience(progress: Progress, now: datetime) -> timedelta:
    """How long to wait for an unclear answer: the settle time, but less as the send comes near."""
    limits, live = progress.task.limits, progress.live
    left = min(live.schedules if live else (), default=now) - now
    return min(limits.settle, max(timedelta(0), left / SHARE - limits.read_lag))


def _look(progress: Progress) -> Flow[Live | None]:
    """Read it; None, after a while, when that shows nothing."""
    unread = yield from observe(progress)
    if unread or progress.live is None:
        progress.quiet_until = progress.read_at + progress.task.limits.read_lag
        return None
    return progress.live


def _somebody_elses(progress: Progress, live: Live, ours: tuple[datetime, ...]) -> bool:
    """Whether what is scheduled now is neither what was, nor what the POST asked for."""
    asked = progress.pending.when if progress.pending else None
    return live.schedules not in {(), ours, (asked,)}


def _ended(progress: Progress, live: Live, why: str) -> Flow[Result]:
    if progress.pending is not None and went(progress.pending, live):
        words = f"{why}; it was sent before ccops could unschedule it"
        yield from note(progress, WriteState.RESOLVED, words)
    else:
        once_more = " once more" if live.history else ""
        words = f"{why}; ccops unscheduled it again, so it will not be sent{once_more}"
        yield from note(progress, WriteState.COMPENSATED, words)
    return result(progress, Ending.STOPPED, words, ExitCode.PARTIAL)
