"""What a halt did, as a value: one standing per campaign, and the exit code that follows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccops.errors import Diagnostic, ExitCode, Place
from ccops.model import When
from ccops.render.moment import duration
from ccops.render.outcome import MEANING
from ccops.render.phrases import counted


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


STOPPED = (Standing.UNSCHEDULED, Standing.HELD)
LOUD = (Standing.TOO_LATE, Standing.NOT_HALTED, Standing.UNKNOWN)
"""Those of which a person must hear: something goes out, or may."""


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
    are the declared sends that are stopped; `zone` (IANA) is the one in which their author thinks
    of them. `marked`: the store keeps a mark, so that a plain apply restores none of them.
    `cause` is the exit code of what kept it from being stopped.
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

    def goes_out_at(self, one: HaltedCampaign) -> datetime | None:
        """When Constant Contact is going to send a campaign all the same, UTC; None: not known.

        In a dry run it is what was scheduled, for nothing was done.
        """
        stays = one.standing is Standing.NOT_HALTED
        return one.was if stays or (self.dry and one.standing is Standing.UNSCHEDULED) else None

    @property
    def going_out(self) -> tuple[HaltedCampaign, ...]:
        """The campaigns that are still scheduled, as far as that is known."""
        return tuple(one for one in self.campaigns if self.goes_out_at(one) is not None)

    @property
    def whole(self) -> bool:
        """Whether nothing of what was meant goes out; in a dry run, whether a halt could see to it."""
        loud = self.of(*LOUD)
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


def result_in_words(report: HaltReport) -> tuple[str, str]:
    """How it ended: the title, and what follows it. Every form of the report says just this."""
    stopped = counted(len(report.of(*STOPPED)), "campaign")
    missing = len(report.of(*LOUD))
    before = f", {len(report.before)} before" if report.before else ""
    rest = f", {missing} not" if missing else ""
    if report.dry:
        return _dry_title(report), f"{_scheduled(report)}{stopped} would be halted{rest}."
    took = duration(report.finished_at - report.started_at)
    done = f"{stopped} halted{before}{rest}; {counted(report.writes, 'write')}, in {took}."
    return _title(report), done


def _title(report: HaltReport) -> str:
    if not report.whole:
        return "NOT EVERYTHING IS HALTED."
    if report.of(*STOPPED):
        return "Halted."
    return f"Nothing {'more ' if report.before else ''}was to be halted."


def _dry_title(report: HaltReport) -> str:
    return (
        "Nothing was done." if report.whole else "Nothing was done; NOT EVERYTHING WOULD BE HALTED."
    )


def _scheduled(report: HaltReport) -> str:
    amount = len(report.going_out)
    goes = "goes" if amount == 1 else "go"
    return f"{counted(amount, 'campaign')} still {goes} out as scheduled. " if amount else ""


def exit_in_words(report: HaltReport) -> str:
    """What the exit code means here."""
    code = report.exit_code
    if report.dry and code is ExitCode.DONE:
        return "a halt would stop all that was selected; nothing is stopped yet"
    return _MEANING.get(code, MEANING[code])


_MEANING = {
    ExitCode.DONE: "done; nothing of what was selected goes out",
    ExitCode.BLOCKED: "a campaign needs a person",
    ExitCode.PARTIAL: "partly halted; every outcome is known",
}
