"""What a halt did, as a value: one standing per campaign, and the exit code that follows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccops.errors import Diagnostic, ExitCode, Place
from ccops.model import When


class Standing(StrEnum):
    """How a campaign stands that was to be halted.

    UNSCHEDULED: it was scheduled, and is no more. HELD: it was not scheduled yet; its sends to
    come are marked. OVER: nothing of it is to come. TOO_LATE: it is being sent, or was sent
    meanwhile. NOT_HALTED: it was not stopped, and may go out. UNKNOWN: whether it was stopped
    could not be established.
    """

    UNSCHEDULED = "unscheduled"
    HELD = "held"
    OVER = "over"
    TOO_LATE = "too-late"
    NOT_HALTED = "not-halted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltedManifest:
    """What became of the declared sends in a file.

    `rewritten`: the file declares them no more. Else `problem` says why it still does, and
    `by_hand` holds the lines that a person must write.
    """

    file: str
    rewritten: bool
    problem: str = ""
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltedCampaign:
    """One campaign's part of a halt.

    `was` is when Constant Contact was going to send it (UTC; None: it was not scheduled), `sends`
    are the declared sends that are stopped. `marked`: the store keeps a mark, so that a plain
    apply restores none of them. `cause` is the exit code of what kept it from being stopped.
    """

    campaign: str
    place: Place
    zone: str
    standing: Standing
    activity_id: str = ""
    was: datetime | None = None
    sends: tuple[When, ...] = ()
    marked: bool = False
    detail: str = ""
    cause: ExitCode | None = None
    manifest: HaltedManifest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltReport:
    """A whole halt, campaigns in the order of their files.

    `unread` is what is wrong with manifests that could not be read: what only they declare was
    not halted. `unmanaged` names the scheduled campaigns that no manifest is about, when all of
    the workspace was meant. `writes` counts the requests that may have changed the account.
    `trouble` is what ended it before its end, with `failure` as its exit code; `interrupted` is
    the exit code of a signal that ended it. `dry`: nothing was done, and the standings are those
    that would be.
    """

    reason: str
    started_at: datetime
    finished_at: datetime
    campaigns: tuple[HaltedCampaign, ...]
    unread: tuple[Diagnostic, ...] = ()
    unmanaged: tuple[str, ...] = ()
    writes: int = 0
    trouble: tuple[Diagnostic, ...] = ()
    failure: ExitCode | None = None
    interrupted: ExitCode | None = None
    dry: bool = False

    def of(self, *standings: Standing) -> tuple[HaltedCampaign, ...]:
        """The campaigns that stand so."""
        return tuple(one for one in self.campaigns if one.standing in standings)

    @property
    def before(self) -> tuple[HaltedCampaign, ...]:
        """The campaigns that an earlier halt marked, and of which nothing is to come."""
        return tuple(one for one in self.of(Standing.OVER) if one.marked)

    @property
    def whole(self) -> bool:
        """Whether nothing of what was meant goes out."""
        loud = self.of(Standing.TOO_LATE, Standing.NOT_HALTED, Standing.UNKNOWN)
        return not (loud or self.unread or self.failure or self.interrupted)

    @property
    def exit_code(self) -> ExitCode:
        """As a report's: 10 > 130, 143 > 8 > 7 > 6 > others (design §7).

        6 also for what is too late: a person must know. A manifest that could not be rewritten
        changes nothing: what is stopped is stopped.
        """
        if self.of(Standing.UNKNOWN):
            return ExitCode.UNKNOWN
        if self.interrupted is not None:
            return self.interrupted
        causes = {one.cause for one in self.of(Standing.NOT_HALTED)} | {self.failure} - {None}
        if self.unread:
            causes.add(ExitCode.INVALID)
        if self.writes and causes - {ExitCode.BLOCKED}:
            return ExitCode.PARTIAL
        if self.of(Standing.TOO_LATE):
            causes.add(ExitCode.BLOCKED)
        ranked = (ExitCode.STALE, ExitCode.BLOCKED, *ExitCode)
        return next((code for code in ranked if code in causes), ExitCode.DONE)
