"""What a halt did, for people in a hurry: what is not stopped stands last, and is the loudest.

A terminal shows its last lines; whoever halts two hundred campaigns sees the one that goes out.
"""

from collections.abc import Iterator
from datetime import datetime

from ccops.planning.sayings import allow
from ccops.render.halting import (
    LOUD,
    STOPPED,
    HaltedCampaign,
    HaltReport,
    Standing,
    exit_in_words,
    result_in_words,
)
from ccops.render.layout import Block, Line, Span, line, paint, sections
from ccops.render.moment import moment
from ccops.render.phrases import counted
from ccops.render.style import Meaning, Style

_TITLES = {
    Standing.TOO_LATE: "TOO LATE",
    Standing.NOT_HALTED: "NOT HALTED",
    Standing.UNKNOWN: "OUTCOME UNKNOWN",
}
_WAS = {
    Standing.TOO_LATE: "it was to be sent",
    Standing.NOT_HALTED: "it is scheduled for",
    Standing.UNKNOWN: "it was scheduled for",
}
_BY_HAND = "look in Constant Contact, and unschedule it there by hand; or run ccops halt again"
_REMEDY = {
    Standing.TOO_LATE: "tell those who must know",
    Standing.NOT_HALTED: _BY_HAND,
    Standing.UNKNOWN: _BY_HAND,
}


def halt_text(
    report: HaltReport, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """The report: what is stopped, the manifests, the way back, trouble, and the exit code."""
    quiet = (tuple(_stopped(one, report)) for one in report.of(*STOPPED))
    before = tuple(_before(one) for one in report.before)
    loud = (tuple(_trouble(one, report)) for one in report.of(*LOUD))
    blocks = sections(
        *quiet,
        before,
        _manifests(report),
        _by_hand(report),
        _way_back(report),
        _unmanaged(report),
        *loud,
        _unread(report),
        _end(report),
    )
    return paint(blocks, style=style, width=width, encoding=encoding)


def _stopped(one: HaltedCampaign, report: HaltReport) -> Iterator[Block]:
    yield _name(Span("-", Meaning.UNSCHEDULE), " ", one)
    if one.was is not None:
        dry, done = "would be unscheduled; it goes out", "unscheduled: it will NOT be sent; it was"
        words = dry if report.dry else f"{done} to be sent"
        when = moment(one.was, zone=one.zone, now=report.started_at)
        yield line(f"    {words} {when}", hang=4)
    elif report.dry:
        yield line("    is not scheduled yet; would be kept from being scheduled", hang=4)
    else:
        yield line("    was not scheduled yet; is kept from being scheduled", hang=4)


def _before(one: HaltedCampaign) -> Line:
    return line(
        Span("=", Meaning.DIM),
        " ",
        Span(one.campaign, Meaning.STRONG),
        ": was halted before; nothing of it is to come",
        hang=4,
    )


def _trouble(one: HaltedCampaign, report: HaltReport) -> Iterator[Block]:
    now = report.started_at
    yield _name(Span(_TITLES[one.standing], Meaning.IRREVERSIBLE), "  ", one)
    yield line(f"    {one.detail or 'it may go out'}", hang=4)
    if one.was is not None:
        when = moment(one.was, zone=one.zone, now=now)
        yield line(f"    {_WAS[one.standing]} {when}", hang=4)
    elif times := [when for when in one.sends if isinstance(when, datetime)]:
        yield line(f"    declared for {moment(times[0], zone=one.zone, now=now)}", hang=4)
    yield line(f"    to do: {_REMEDY[one.standing]}", hang=4)
    if one.marked:
        yield line(
            "    marked as halted: ccops schedules none of its sends to come until somebody"
            " decides so",
            hang=4,
        )
    elif one.sends and not report.dry:
        yield line(
            "    ",
            Span("NOT MARKED", Meaning.WARNING),
            " as halted: the next apply schedules it unless its manifest says `unscheduled`",
            hang=4,
        )


def _unmanaged(report: HaltReport) -> Iterator[Block]:
    """What stays scheduled although all was meant: ccops touches no campaign without a manifest."""
    if report.unmanaged:
        yield line(
            Span("STILL SCHEDULED", Meaning.WARNING),
            "  in Constant Contact, and named by no manifest here; unschedule by hand what must"
            " not go out:",
            hang=4,
        )
        yield from (line(f"    {name}", hang=4) for name in report.unmanaged)


def _unread(report: HaltReport) -> Iterator[Block]:
    if report.unread:
        amount = counted(len(report.unread), "mistake")
        yield line(
            Span("NOT READ", Meaning.IRREVERSIBLE),
            f"  {amount} in the manifests: what only they declare is not halted",
            hang=4,
        )
        places = dict.fromkeys(str(one.place) for one in report.unread if one.place)
        yield from (line(f"    {place}", hang=None) for place in places)
        yield line(f"    to do: {_BY_HAND}, once they are corrected", hang=4)


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
    stopped = [one for one in report.of(*STOPPED) if one.sends]
    if not stopped or report.dry:
        return
    flag = allow("halted", stopped[0].campaign)
    yield line(
        "To send a campaign after all, write another time in its manifest, commit it and apply."
        f' If it is to be the same time as before, apply it with {flag} --reason "why".'
    )


def _end(report: HaltReport) -> Iterator[Block]:
    title, rest = result_in_words(report)
    yield line(Span(title, _meaning(report)), f" {rest} Reason: {report.reason}")
    yield line(f"Exit code {int(report.exit_code)}: {exit_in_words(report)}.")


def _meaning(report: HaltReport) -> Meaning:
    if not report.whole:
        return Meaning.IRREVERSIBLE
    return Meaning.OK if report.of(*STOPPED) and not report.dry else Meaning.STRONG
