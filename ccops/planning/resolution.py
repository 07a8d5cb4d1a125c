"""A person's decision about a write whose outcome is unknown: what may be decided, and what follows.

The account's word beats a person's: what a reading plainly contradicts cannot be recorded. No
write is without a way out by that, for what a reading contradicts one way it allows the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import NOW, Live, Status, StepKind
from ccops.planning.diff import fingerprint
from ccops.planning.sayings import allow
from ccops.planning.shown import shows
from ccops.planning.words import when_in_words
from ccops.ports import JournalEntry, WriteState

BY_PERSON = "decided by a person: "
"""How the detail of a line begins that records a decision."""


class Choice(StrEnum):
    """What a person can say of a write."""

    TOOK_EFFECT = "took-effect"
    NO_EFFECT = "no-effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One write in the journal: its newest line, and when it was intended (UTC)."""

    entry: JournalEntry
    begun: datetime


def recorded(entries: Iterable[JournalEntry]) -> tuple[Recorded, ...]:
    """Return every write of the journal, oldest first; `entries` are its lines, oldest first."""
    writes: dict[str, Recorded] = {}
    for entry in entries:
        begun = writes[entry.write_id].begun if entry.write_id in writes else entry.at
        writes[entry.write_id] = Recorded(entry=entry, begun=begun)
    return tuple(writes.values())


def open_write(entries: Iterable[JournalEntry], name: str) -> Recorded:
    """Find the open write whose id is `name`, or begins with it as no other open one's does.

    Raises:
        InvalidInput: CC720 no write is meant, CC721 several are, CC722 it is not open.
    """
    writes = recorded(entries)
    exact = [one for one in writes if one.entry.write_id == name]
    meant = exact or [one for one in writes if name and one.entry.write_id.startswith(name)]
    still_open = [one for one in meant if one.entry.state.open]
    if len(still_open) == 1:
        return still_open[0]
    if not meant:
        raise _refusal("CC720", f"the journal has no write {name!r}", _LIST)
    if still_open:
        ids = ", ".join(one.entry.write_id for one in still_open)
        raise _refusal("CC721", f"{name!r} may mean several open writes: {ids}", "write more of it")
    last = meant[-1].entry
    message = f"the write {last.write_id} is not open: it is {last.state}" + (
        f" ({last.detail})" if last.detail else ""
    )
    raise _refusal("CC722", message, "nothing is left to decide about it")


_LIST = "ccops journal show lists the open ones, and with --all every one"


def _refusal(code: str, message: str, remedy: str) -> InvalidInput:
    return InvalidInput(Diagnostic(code=code, message=message, help=remedy))


def contradiction(entry: JournalEntry, live: Live | None, choice: Choice, *, zone: str) -> str:
    """Say why the account plainly contradicts a choice about a write; empty if it does not.

    `live` is a reading with its history; None: there is no such activity, which contradicts
    nothing. That a timed send took effect is never contradicted: it may have been unscheduled
    since, and what is recorded so is not scheduled again without a permission. `zone` is the one
    in which times are told.
    """
    if live is None:
        return ""
    match entry.step.kind:
        case StepKind.UPDATE:
            written = live.recipients == entry.recipients
            told = "its recipients are the ones that were to be written"
        case StepKind.UNSCHEDULE:
            written = live.status is not Status.SCHEDULED
            told = f"it is {shows(live, zone=zone)}"
        case StepKind.SCHEDULE:
            written = _sent_since(entry, live) or live.schedules == (entry.when,)
            told = f"it is {shows(live, zone=zone)}"
        case kind:
            assert_never(kind)
    if choice is Choice.NO_EFFECT:
        return told if written else ""
    lasting = entry.step.kind is not StepKind.SCHEDULE or entry.when is NOW
    return f"nothing shows it; it is {shows(live, zone=zone)}" if lasting and not written else ""


def _sent_since(entry: JournalEntry, live: Live) -> bool:
    return live.status is Status.EXECUTING or len(live.history or ()) > entry.past


def decided(
    entry: JournalEntry, choice: Choice, *, reason: str, live: Live | None, at: datetime
) -> JournalEntry:
    """Return the line that closes a write; `live` is the reading that it rests on."""
    took = choice is Choice.TOOK_EFFECT
    return replace(
        entry,
        state=WriteState.VERIFIED if took else WriteState.RESOLVED,
        detail=f"{BY_PERSON}{reason}",
        fingerprint=fingerprint(live) if live else "absent",
        at=at,
    )


def consequence(entry: JournalEntry, choice: Choice, *, zone: str) -> str:
    """Say what follows from a choice: what is recorded, and what the next plan makes of it.

    `zone` is the one in which times are told.
    """
    took = choice is Choice.TOOK_EFFECT
    match entry.step.kind:
        case StepKind.UPDATE | StepKind.UNSCHEDULE:
            told = "as carried out" if took else "as never made"
            return f"recorded {told}; the next plan compares the account with the manifest anew"
        case StepKind.SCHEDULE if entry.when is NOW:
            return _sent_at_once(entry, took=took)
        case StepKind.SCHEDULE:
            return _scheduled(entry, took=took, zone=zone)
        case kind:
            assert_never(kind)


def _sent_at_once(entry: JournalEntry, *, took: bool) -> str:
    if took:
        return "recorded as sent; the next plan counts the send that the history shows"
    return (
        "recorded as never sent; if the manifest still says now, the next plan offers to send it"
        f" at once again, which takes its own {allow('send-now', entry.campaign)}"
    )


def _scheduled(entry: JournalEntry, *, took: bool, zone: str) -> str:
    when = when_in_words(entry.when, zone=zone) if entry.when else "its time"
    if took:
        return (
            f"recorded as scheduled for {when}; where it is not scheduled any more, the next plan"
            f" schedules it again only with {allow('reschedule', entry.campaign)}"
        )
    return (
        f"recorded as never scheduled; if the manifest still says {when}, the next plan offers to"
        " schedule it again"
    )
