"""Earlier writes of which nobody knows yet what became: what a plan says of them. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

from ccops.errors import Diagnostic, Severity
from ccops.model import StepKind
from ccops.planning.plan import Change, Finding
from ccops.planning.resolution import Recorded, recorded
from ccops.planning.words import instant_in_words
from ccops.ports import JournalEntry

OPEN_WRITE = "open-write"
"""The guard of these findings. It never blocks a plan: its apply is what finds out."""


def open_writes(
    entries: Iterable[JournalEntry], changes: Sequence[Change], *, zone: str
) -> tuple[Finding, ...]:
    """Return a warning (CC716) for each write that the journal holds open, oldest first.

    `entries` are the journal's lines, oldest first: also those of campaigns that no change is
    about, since an apply looks for them too. Times are told in `zone`. A run that is under way
    has open writes as well, and a plan cannot tell it from one that died.
    """
    by_activity = {change.target.activity_id: change for change in changes}
    return tuple(
        _finding(one, by_activity.get(one.entry.activity_id), zone)
        for one in recorded(entries)
        if one.entry.state.open
    )


def _finding(write: Recorded, change: Change | None, zone: str) -> Finding:
    campaign = change.campaign if change else write.entry.campaign
    begun = instant_in_words(write.begun, zone=zone)
    told = f"to {_asked(write.entry, zone)}, begun {begun}"
    return Finding(
        guard=OPEN_WRITE,
        campaign=campaign,
        blocking=False,
        diagnostic=Diagnostic(
            code="CC716",
            message=f'what became of an earlier write to "{campaign}" is not known yet: {told}',
            severity=Severity.WARNING,
            place=change.place if change else None,
            help=_LOOK,
        ),
    )


_LOOK = (
    "`ccops apply` looks first, before it writes; until then `ccops journal show` says what is"
    " known, and `ccops verify` what goes out"
)


def _asked(entry: JournalEntry, zone: str) -> str:
    match entry.step.kind:
        case StepKind.UNSCHEDULE:
            return "unschedule it"
        case StepKind.UPDATE:
            return "set its recipients"
        case StepKind.SCHEDULE if isinstance(entry.when, datetime):
            return f"schedule it for {instant_in_words(entry.when, zone=zone)}"
        case StepKind.SCHEDULE:
            return "send it at once"
        case kind:
            assert_never(kind)
