"""What an apply did, for the terminal: one line per change, trouble loudly, the verdict last."""

from collections.abc import Iterator
from datetime import datetime

from ccops.applying.report import Ending, Report, Result, Settled
from ccops.errors import ExitCode
from ccops.render.layout import Block, Line, Span, line, paint, sections
from ccops.render.outcome import MEANING, aftermath, became, outcome, remedy, shown, totals
from ccops.render.style import Meaning, Style
from ccops.render.words import WORDING

_LOUD = {
    Ending.STOPPED: "STOPPED",
    Ending.UNKNOWN: "OUTCOME UNKNOWN",
    Ending.NOT_STARTED: "NOT STARTED",
    Ending.NEEDS_PERSON: "NEEDS A PERSON",
}
_TITLES = {
    ExitCode.DONE: ("Done.", Meaning.OK),
    ExitCode.BLOCKED: ("A person is needed.", Meaning.WARNING),
    ExitCode.UNKNOWN: ("A person must look.", Meaning.IRREVERSIBLE),
}


def report_text(
    report: Report,
    *,
    now: datetime,
    style: Style,
    width: int | None = None,
    encoding: str = "utf-8",
) -> str:
    """The report: what is done first, trouble after it, and the exit code's meaning last.

    Before all of it, what this run found out about the writes of earlier ones.
    """
    results = shown(report)
    settled = tuple(_settled(one) for one in report.settled)
    quiet = tuple(_done(one, now) for one in results if one.ending not in _LOUD)
    loud = (tuple(_trouble(one, now)) for one in results if one.ending in _LOUD)
    blocks = sections(settled, quiet, *loud, _end(report))
    return paint(blocks, style=style, width=width, encoding=encoding)


def _settled(one: Settled) -> Line:
    title = Span("SETTLED", Meaning.WARNING)
    name = Span(one.write.entry.campaign, Meaning.STRONG)
    return line(title, "  ", name, f": {became(one)}", hang=4)


def _done(result: Result, now: datetime) -> Line:
    wording = WORDING[result.change.verdict]
    made = result.ending is Ending.DONE
    symbol = Span(wording.symbol, wording.meaning) if made else Span("=", Meaning.DIM)
    name = Span(result.change.campaign, Meaning.STRONG)
    return line(symbol, " ", name, f": {outcome(result, now=now)}", hang=4)


def _trouble(result: Result, now: datetime) -> Iterator[Block]:
    unknown = result.ending is Ending.UNKNOWN
    change = result.change
    yield line(
        Span(_LOUD[result.ending], Meaning.IRREVERSIBLE if unknown else Meaning.ERROR),
        "  ",
        Span(change.campaign, Meaning.STRONG),
        right=Span(f"{change.place.file}:{change.place.line}", Meaning.DIM),
    )
    yield line(f"    {outcome(result, now=now)}", hang=4)
    if remedy(result):
        yield line(f"    to do: {remedy(result)}", hang=4)
    if aftermath(result):
        yield line(f"    {aftermath(result)}", hang=4)


def _end(report: Report) -> Iterator[Block]:
    title, meaning = _TITLES.get(report.exit_code, ("Not complete.", Meaning.ERROR))
    yield line(Span(title, meaning), f" {totals(report)}.")
    yield line(f"Exit code {int(report.exit_code)}: {MEANING[report.exit_code]}.")
