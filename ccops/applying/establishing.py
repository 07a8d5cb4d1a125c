"""Establish what became of the one write that is open, by what the last reading shows."""

from typing import assert_never

from ccops.applying.compensation import ANOTHER, take_back
from ccops.applying.effects import Flow
from ccops.applying.judgement import Trace, trace, went
from ccops.applying.progress import (
    Progress,
    note,
    observe,
    result,
    settle,
    unknown,
    unreadable,
)
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode
from ccops.model import NOW, Status, StepKind
from ccops.planning.diff import fingerprint
from ccops.ports import JournalEntry, WriteState

OVERTAKEN = "it was sent, or is being sent, before ccops could change it"
_EDITED = "its recipients or content were changed elsewhere"
_WRONG = {
    Trace.FOREIGN: f"it was scheduled while {_EDITED}",
    Trace.SURPLUS: "somebody else sent it just before it was scheduled",
}
"""Why ccops takes its own schedule back."""


def establish(progress: Progress) -> Flow[Result | None]:
    """Close the pending write. None: go on and decide anew; a Result ends this activity."""
    entry = progress.pending
    if entry is None:
        return None
    seen = trace(entry, progress.live, progress.task.change, progress.read_at)
    if entry.state is WriteState.COMPENSATING:
        return (yield from _taken_back(progress, entry))
    match seen:
        case Trace.TOOK:
            yield from note(progress, WriteState.VERIFIED)
            return None
        case Trace.ABSENT:
            return (yield from _absent(progress, entry))
        case Trace.FOREIGN | Trace.SURPLUS:
            return (yield from take_back(progress, _WRONG[seen]))
        case Trace.SENT_FOREIGN:
            return (yield from _sent_foreign(progress, entry))
        case Trace.SENT_OTHER:
            words = "it was sent at another time than ccops asked for, perhaps by somebody else"
            yield from note(progress, WriteState.RESOLVED, words)
            return result(progress, Ending.STOPPED, words, ExitCode.PARTIAL)
        case Trace.OTHER if progress.posted:
            why = "it was scheduled, but at another time than the one asked for"
            return (yield from take_back(progress, why))
        case Trace.OTHER:
            why = "it is scheduled at a time that ccops did not ask for"
            return (yield from unknown(progress, why))
        case _:
            assert_never(seen)


def _taken_back(progress: Progress, entry: JournalEntry) -> Flow[Result | None]:
    """Finish what an earlier run began: taking its own schedule back, and no other."""
    live = progress.live
    if live is not None and live.status is Status.SCHEDULED:
        if live.schedules == (entry.when,) or fingerprint(live) == entry.fingerprint:
            return (yield from take_back(progress, entry.detail))
        return (yield from unknown(progress, ANOTHER))
    if live is not None and went(entry, live):
        words = f"{entry.detail}; it was sent before ccops could unschedule it"
        yield from note(progress, WriteState.RESOLVED, words)
        return result(progress, Ending.STOPPED, words, ExitCode.PARTIAL)
    yield from note(progress, WriteState.COMPENSATED, "no longer scheduled")
    return None


def _sent_foreign(progress: Progress, entry: JournalEntry) -> Flow[Result]:
    """Tell of a send that ccops asked for and that was not the one it was approved for."""
    begun = "sent" if entry.when is NOW else "scheduled"
    late = "" if entry.when is NOW else "; it was sent before ccops could unschedule it"
    words = f"it was {begun} while {_EDITED}{late}"
    yield from note(progress, WriteState.VERIFIED, words)
    return result(progress, Ending.STOPPED, words, ExitCode.PARTIAL)


def _absent(progress: Progress, entry: JournalEntry) -> Flow[Result | None]:
    """Decide about a pending write that does not show."""
    posted = entry.step.kind is StepKind.SCHEDULE
    if not posted and progress.live is not None and went(entry, progress.live):
        yield from note(progress, WriteState.RESOLVED, OVERTAKEN)
        return result(progress, Ending.STOPPED, OVERTAKEN, ExitCode.BLOCKED)
    answered = progress.outcome is not None and progress.outcome.answered_2xx
    sends_now = posted and entry.when is NOW
    if (answered or sends_now) and not progress.waited:
        progress.waited = True
        return (yield from _look_again(progress))
    if sends_now or (answered and posted):
        why = f"the request to {entry.step.kind} was made, but no reading shows it"
        return (yield from unknown(progress, why))
    if answered:
        yield from note(progress, WriteState.RESOLVED, "accepted, but without effect")
        why = f"Constant Contact accepted the {entry.step.kind} request, but nothing changed"
        return result(progress, Ending.STOPPED, why)
    yield from _close(progress, entry)
    return None


def _close(progress: Progress, entry: JournalEntry) -> Flow[None]:
    """Close a write that did not take effect, or whose schedule is gone since.

    An earlier run's POST that was accepted, or that a person had to look at, is not simply made
    again: recorded as verified, it makes the table ask a person (`unscheduled-elsewhere`).
    """
    if entry.state is not WriteState.INTENT and entry.step.kind is StepKind.SCHEDULE:
        yield from note(progress, WriteState.VERIFIED, "accepted; no longer scheduled")
    else:
        yield from note(progress, WriteState.RESOLVED, "did not take effect")


def _look_again(progress: Progress) -> Flow[Result | None]:
    yield from settle(progress, "for an accepted request to show")
    unread = yield from observe(progress)
    if unread:
        return unreadable(progress, unread)
    return (yield from establish(progress))
