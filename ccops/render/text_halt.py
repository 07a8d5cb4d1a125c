"""What a halt did, for people in a hurry: what is not stopped stands first and loudest."""

from collections.abc import Iterator
from datetime import datetime

from ccops.errors import ExitCode
from ccops.planning.sayings import allow
from ccops.render.halting import HaltedCampaign, HaltReport, Standing
from ccops.render.layout import Block, Line, Span, line, paint, sections
from ccops.render.moment import duration, moment
from ccops.render.outcome import MEANING
from ccops.render.style import Meaning, Style
from ccops.render.words import counted

_LOUD = {
    Standing.TOO_LATE: "TOO LATE",
    Standing.NOT_HALTED: "NOT HALTED",
    Standing.UNKNOWN: "OUTCOME UNKNOWN",
}
_BY_HAND = "look in Constant Contact, and unschedule it there by hand; or run ccops halt again"
_REMEDY = {
    Standing.TOO_LATE: "tell those who must know",
    Standing.NOT_HALTED: _BY_HAND,
    Standing.UNKNOWN: _BY_HAND,
}
_STOPPED = (Standing.UNSCHEDULED, Standing.HELD)


def halt_text(
    report: HaltReport, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """The report: trouble, what is stopped, the manifests, the way back, and the exit code."""
    now = report.started_at
    loud = (tuple(_trouble(one, now)) for one in report.of(*_LOUD))
    quiet = (tuple(_stopped(one, report)) for one in report.of(*_STOPPED))
    blocks = sections(
        *loud, *quiet, _manifests(report), _by_hand(report), _way_back(report), _end(report)
    )
    return paint(blocks, style=style, width=width, encoding=encoding)


def _trouble(one: HaltedCampaign, now: datetime) -> Iterator[Block]:
    yield _name(Span(_LOUD[one.standing], Meaning.IRREVERSIBLE), "  ", one)
    yield line(f"    {one.detail or 'it may go out'}", hang=4)
    if one.was is not None:
        yield line(f"    it was to be sent {moment(one.was, zone=one.zone, now=now)}", hang=4)
    yield line(f"    to do: {_REMEDY[one.standing]}", hang=4)
    if one.marked:
        yield line("    ccops will not schedule its later sends until somebody decides so", hang=4)


def _stopped(one: HaltedCampaign, report: HaltReport) -> Iterator[Block]:
    yield _name(Span("-", Meaning.UNSCHEDULE), " ", one)
    now = report.started_at
    if one.was is not None:
        done = "would be unscheduled" if report.dry else "unscheduled: it will NOT be sent"
        yield line(
            f"    {done}; it was to be sent {moment(one.was, zone=one.zone, now=now)}", hang=4
        )
    else:
        done = "would be kept" if report.dry else "is kept"
        yield line(f"    was not scheduled yet; {done} from being scheduled", hang=4)


def _name(symbol: Span, gap: str, one: HaltedCampaign) -> Line:
    where = Span(f"{one.place.file}:{one.place.line}", Meaning.DIM)
    return line(symbol, gap, Span(one.campaign, Meaning.STRONG), right=where)


def _manifests(report: HaltReport) -> Iterator[Block]:
    written = [one.manifest for one in report.campaigns if one.manifest]
    files = sorted({one.file for one in written if one.rewritten})
    if not files:
        return
    if report.dry:
        yield line("These manifests would be rewritten:")
    else:
        yield line(
            Span("Commit these manifests", Meaning.STRONG),
            ", or a run on another machine may schedule what they stop:",
        )
    yield from (line(f"    {file}", hang=None) for file in files)


def _by_hand(report: HaltReport) -> Iterator[Block]:
    for one in report.campaigns:
        manifest = one.manifest
        if manifest is None or manifest.rewritten:
            continue
        yield _name(Span("NOT REWRITTEN", Meaning.WARNING), "  ", one)
        yield line(f"    {manifest.problem}. Write by hand:", hang=4)
        yield from (line(f"        {text}", hang=None) for text in manifest.by_hand)


def _way_back(report: HaltReport) -> Iterator[Block]:
    stopped = [one for one in report.of(*_STOPPED) if one.sends]
    if not stopped or report.dry:
        return
    flag = allow("halted", stopped[0].campaign)
    yield line(
        "To send a campaign after all, write another time in its manifest, commit it and apply."
        f' For the same time as before, plan with {flag} --reason "…".'
    )


def _end(report: HaltReport) -> Iterator[Block]:
    title, meaning = _title(report)
    stopped, missing = report.of(*_STOPPED), report.of(*_LOUD)
    told = f"{counted(len(stopped), 'campaign')} {'would be halted' if report.dry else 'halted'}"
    rest = f", {len(missing)} not" if missing else ""
    took = duration(report.finished_at - report.started_at)
    done = "" if report.dry else f"; {counted(report.writes, 'write')}, in {took}"
    yield line(Span(title, meaning), f" {told}{rest}{done}. Reason: {report.reason}")
    code = report.exit_code
    yield line(f"Exit code {int(code)}: {_MEANING.get(code, MEANING[code])}.")


def _title(report: HaltReport) -> tuple[str, Meaning]:
    if report.of(*_LOUD):
        return "NOT EVERYTHING IS HALTED.", Meaning.IRREVERSIBLE
    if report.dry:
        return "Nothing was done.", Meaning.STRONG
    if report.of(*_STOPPED):
        return "Halted.", Meaning.OK
    return "Nothing was to be halted.", Meaning.STRONG


_MEANING = {
    ExitCode.DONE: "done; nothing of what was selected goes out",
    ExitCode.BLOCKED: "a campaign needs a person",
    ExitCode.PARTIAL: "partly halted; every outcome is known",
}
