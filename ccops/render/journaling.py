"""What `ccops journal` shows, as values, and its words."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from ccops.errors import ExitCode
from ccops.model import NOW, Live, StepKind
from ccops.planning.diff import Names, in_words
from ccops.planning.resolution import Choice, Recorded, consequence, contradiction
from ccops.planning.shown import shows
from ccops.ports import JournalEntry, WriteState
from ccops.render.moment import absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWrite:
    """A write whose outcome is open, beside the account.

    `live` is a reading with its history, None when there is no such activity; it counts only
    where `read` is true.
    """

    write: Recorded
    read: bool = False
    live: Live | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalView:
    """The open writes, oldest first; with `lines`, the whole journal too.

    `unread` says why the account was not read, empty when it was; `failure` is the exit code of
    what kept it from being read. `names` are those of lists and segments by id, as far as read.
    `zones` (IANA) are those of the manifests, by write id; of other writes times are told in `zone`.
    """

    store: str
    zone: str
    writes: tuple[OpenWrite, ...]
    lines: tuple[JournalEntry, ...] | None = None
    names: Names = field(default_factory=dict)
    unread: str = ""
    failure: ExitCode | None = None
    zones: Mapping[str, str] = field(default_factory=dict)

    def zone_of(self, entry: JournalEntry) -> str:
        """The zone in which the times of a write are told: as its plan showed them, if known."""
        return self.zones.get(entry.write_id, self.zone)

    @property
    def undeclared(self) -> bool:
        """Whether no manifest tells the zone of something that is shown."""
        shown = (one.write.entry for one in self.writes) if self.lines is None else self.lines
        return any(one.write_id not in self.zones for one in shown)

    @property
    def exit_code(self) -> ExitCode:
        """That of what kept the account from being read; an open write alone is no failure."""
        return self.failure or ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A decision that was recorded: the line, what was decided, and the reading behind it."""

    entry: JournalEntry
    choice: Choice
    live: Live | None
    zone: str


STATES: Mapping[WriteState, str] = {
    WriteState.INTENT: "recorded before it was sent; whether it was sent is not known",
    WriteState.ACKED: "accepted by Constant Contact, and not confirmed by a reading yet",
    WriteState.COMPENSATING: "ccops was about to take its own schedule back",
    WriteState.UNKNOWN: "ccops looked, and could not tell whether it took effect",
    WriteState.VERIFIED: "took effect",
    WriteState.RESOLVED: "had no effect, or was refused",
    WriteState.COMPENSATED: "was taken back by ccops",
}


def wanted(entry: JournalEntry, *, zone: str, names: Names) -> str:
    """What a write was to do, in words, and to whom."""
    to = in_words(entry.recipients, names) if entry.recipients else None
    told = briefly(entry, zone=zone)
    return told if to is None or entry.step.kind is StepKind.UNSCHEDULE else f"{told}, to {to}"


def briefly(entry: JournalEntry, *, zone: str) -> str:
    """What a write was to do, in few words."""
    match entry.step.kind:
        case StepKind.UNSCHEDULE:
            return "unschedule it"
        case StepKind.UPDATE:
            return "set its recipients"
        case StepKind.SCHEDULE if entry.when is NOW:
            return "send it at once"
        case StepKind.SCHEDULE:
            at = isinstance(entry.when, datetime) and absolute(entry.when, zone=zone)
            return f"schedule it for {at}" if at else "schedule it"
        case kind:
            assert_never(kind)


def decision(choice: Choice, write: OpenWrite, *, zone: str) -> tuple[str, str]:
    """The command line that records a choice, and what follows, or why it is refused now."""
    entry, live = write.write.entry, write.live
    command = f'ccops journal resolve {shlex.quote(entry.write_id)} --{choice} --reason "…"'
    against = contradiction(entry, live, choice, zone=zone) if write.read else ""
    if against:
        return command, f"refused as long as the account shows otherwise: {against}"
    follows = consequence(entry, choice, zone=zone)
    if choice is Choice.TOOK_EFFECT and live and live.schedules and _to_others(write):
        follows += "; without a decision the next apply takes it back, for it goes to others"
    return command, follows


def account(write: OpenWrite, names: Names, *, zone: str) -> str:
    """What the account shows, in words; its recipients too, where they are not those wanted."""
    shown = shows(write.live, zone=zone)
    if write.live is None or not _to_others(write):
        return shown
    return f"{shown}, to {in_words(write.live.recipients, names) or 'nobody'}"


def _to_others(write: OpenWrite) -> bool:
    """Whether the account holds other recipients than the write was made for."""
    live, entry = write.live, write.write.entry
    wanted = entry.recipients if entry.step.kind is not StepKind.UNSCHEDULE else None
    return live is not None and wanted is not None and live.recipients != wanted


def by_itself(entry: JournalEntry) -> str:
    """Whether a person is needed at all."""
    if entry.state is WriteState.UNKNOWN:
        return "the next apply looks once more; if it cannot tell either, only a person can"
    return "the next apply finds out by itself; decide only if it cannot"
