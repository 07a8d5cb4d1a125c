"""What an apply did, as GitHub Markdown: the receipt in the pull request."""

from datetime import datetime

from ccops.applying.report import Ending, Report, Result, Settled
from ccops.render.budget import Section, fitted
from ccops.render.escape import code, marker
from ccops.render.outcome import MEANING, aftermath, became, outcome, remedy, shown, totals
from ccops.render.words import WORDING


def report_markdown(report: Report, *, budget: int = 60_000) -> str:
    """What an apply did, as a receipt: trouble first, then what is settled, then what is done."""
    mark = marker("report", {"checksum": report.checksum})
    return fitted(
        report_sections(report, f"{mark}\n## ccops apply: {MEANING[report.exit_code]}"), budget
    )


def report_sections(report: Report, head: str) -> tuple[Section, ...]:
    """The parts of a receipt under this head."""
    now, results = report.finished_at, shown(report)
    loud = tuple(_trouble(one, now) for one in results if one.ending not in _CALM)
    settled = tuple(_settled(one) for one in report.settled)
    calm = tuple(_calm(one, now) for one in results if one.ending in _CALM)
    return (
        Section(head=head),
        *((Section(head="> [!CAUTION]\n> **Not as planned:**", rows=loud),) if loud else ()),
        *((Section(head=_SETTLED, rows=settled),) if settled else ()),
        *((Section(head="### Done\n", rows=calm, required=0),) if calm else ()),
        Section(head=f"<sub>{totals(report)}. Checksum {code(report.checksum)}.</sub>"),
    )


_SETTLED = "> [!IMPORTANT]\n> **What became of earlier runs' writes is known now:**"
_CALM = frozenset({Ending.DONE, Ending.NOTHING})
_TITLES = {
    Ending.NEEDS_PERSON: "needs a person",
    Ending.STOPPED: "stopped",
    Ending.UNKNOWN: "OUTCOME UNKNOWN",
    Ending.NOT_STARTED: "not started",
}


def _settled(one: Settled) -> str:
    return f"> - {code(one.write.entry.campaign)}: {code(became(one))}"


def _calm(result: Result, now: datetime) -> str:
    symbol = WORDING[result.change.verdict].symbol
    return f"- `{symbol}` {code(result.change.campaign)}: {_said(result, now)}"


def _trouble(result: Result, now: datetime) -> str:
    title = f"> - {code(result.change.campaign)} **{_TITLES[result.ending]}:**"
    parts = (
        f"{title} {code(outcome(result, now=now))}",
        aftermath(result),
        f"To do: {code(remedy(result))}" if remedy(result) else "",
    )
    return "<br>".join(part for part in parts if part)


def _said(result: Result, now: datetime) -> str:
    text = outcome(result, now=now)
    return text if result.ending is Ending.DONE else code(text)
