"""Lists for the terminal: campaigns of the account, and the checks of `ccops doctor`."""

from collections import Counter
from collections.abc import Collection, Sequence

from ccops.model import CampaignRow, Status
from ccops.render.checks import Check, CheckState
from ccops.render.layout import Block, Span, Table, line, paint, sections
from ccops.render.phrases import counted
from ccops.render.style import Meaning, Style

_STATUS = {
    Status.SCHEDULED: Meaning.SCHEDULE,
    Status.EXECUTING: Meaning.IRREVERSIBLE,
    Status.DONE: Meaning.OK,
    Status.ERROR: Meaning.ERROR,
}
_STATE = {
    CheckState.OK: Meaning.OK,
    CheckState.WARNING: Meaning.WARNING,
    CheckState.FAILED: Meaning.ERROR,
    CheckState.SKIPPED: Meaning.DIM,
}


def campaign_list_text(
    rows: Sequence[CampaignRow],
    *,
    managed: Collection[str],
    style: Style,
    width: int | None = None,
    encoding: str = "utf-8",
) -> str:
    """One campaign a line, in the order given; never cut. `managed` are the manifests' names."""
    titles = ("STATUS", "MANIFEST", "CAMPAIGN", "CAMPAIGN ID", "ACTIVITY ID")
    head = tuple(Span(title, Meaning.STRONG) for title in titles)
    table = Table(rows=(head, *(_campaign(row, managed) for row in rows)), indent=0)
    block: Block = table if rows else line("No campaigns.")
    return paint((block,), style=style, width=width, encoding=encoding)


def _campaign(row: CampaignRow, managed: Collection[str]) -> tuple[Span, ...]:
    return (
        Span(row.status, _STATUS.get(row.status, Meaning.PLAIN)),
        Span("yes" if row.name in managed else "-"),
        Span(f"{row.name} (A/B test)" if row.ab_test else row.name),
        Span(row.campaign_id, Meaning.DIM),
        Span(row.activity_id or "-", Meaning.DIM),
    )


def doctor_text(
    checks: Sequence[Check], *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """One check a line with what was seen, then what to do about each that is not fine.

    An error behind a check is named by its code, to look it up.
    """
    table = Table(rows=tuple(map(_check, checks)), indent=0)
    remedies = tuple(
        line(Span(check.title, Meaning.STRONG), f": {check.remedy}", hang=4)
        for check in checks
        if check.remedy and check.state in {CheckState.WARNING, CheckState.FAILED}
    )
    blocks = sections((table,), remedies, (_total(checks),))
    return paint(blocks, style=style, width=width, encoding=encoding)


def _check(check: Check) -> tuple[Span, ...]:
    detail = f"{check.code}: {check.detail}" if check.code else check.detail
    return (Span(check.state, _STATE[check.state]), Span(check.title), Span(detail))


def _total(checks: Sequence[Check]) -> Block:
    amount = Counter(check.state for check in checks)
    failed = amount[CheckState.FAILED]
    amounts = (
        f"{amount[CheckState.OK]} of {counted(len(checks), 'check')} passed",
        counted(failed, "failure") if failed else "",
        counted(warnings, "warning") if (warnings := amount[CheckState.WARNING]) else "",
        f"{skipped} skipped" if (skipped := amount[CheckState.SKIPPED]) else "",
    )
    rest = ", ".join(filter(None, amounts))
    title = Span("Failed.", Meaning.ERROR) if failed else Span("Fine.", Meaning.OK)
    return line(title, f" {rest}.")
