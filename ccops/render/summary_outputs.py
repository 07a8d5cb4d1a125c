"""What a step tells the steps after it: the outputs of a plan and of an apply, and their file."""

from collections.abc import Mapping
from datetime import datetime

from ccops.applying.report import Report
from ccops.errors import ExitCode
from ccops.planning.plan import Plan, Risk
from ccops.render.escape import visible
from ccops.render.headline import headline
from ccops.render.outcome import totals
from ccops.render.words import counts, irreversible

FAILURES: Mapping[ExitCode, str] = {
    ExitCode.DONE: "applied",
    ExitCode.BLOCKED: "blocked",
    ExitCode.STALE: "stale",
    ExitCode.PARTIAL: "partial",
    ExitCode.UNKNOWN: "unknown",
}
"""The `status` of an apply; any other exit code is an `error`."""


def outputs_text(values: Mapping[str, str], *, delimiter: str) -> str:
    """The lines that set outputs in the file that GITHUB_OUTPUT names (toolkit, file-command.ts).

    `delimiter` is one that nobody could know. Raises ValueError: a value holds it.
    """
    if any(delimiter in value for value in values.values()):
        raise ValueError("an output holds the delimiter")
    return "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items())


def plan_outputs(plan: Plan, *, checksum: str, plan_file: str, report_file: str) -> dict[str, str]:
    """What a step knows after `ccops ci plan`. Times are RFC 3339 in UTC, "" for none."""
    writing = bool(plan.writing)
    calm = "changes" if writing else "clean"
    return {
        "status": "blocked" if plan.blocked or plan.needs_person else calm,
        "changes": _word(holds=writing and not plan.blocked),
        "irreversible": _word(holds=any(map(irreversible, plan.writing))),
        "checksum": checksum,
        "risk": plan.risk,
        "apply-by": _instant(plan.apply_by),
        "next-send-at": _instant(_next_send(plan)),
        "plan-file": plan_file,
        "report-file": report_file,
        "summary": visible(_summary(plan)),
    }


def apply_outputs(report: Report) -> dict[str, str]:
    """What a step knows after `ccops ci apply`."""
    return {
        "status": FAILURES.get(report.exit_code, "error"),
        "changes": _word(holds=report.writes > 0),
        "checksum": report.checksum,
        "summary": visible(totals(report)),
    }


def nothing_outputs(summary: str) -> dict[str, str]:
    """What a step knows when nothing is selected: that there is nothing to go on with, nor wrong."""
    return {
        "status": "clean",
        "changes": _word(holds=False),
        "irreversible": _word(holds=False),
        "checksum": "",
        "risk": Risk.R0,
        "summary": visible(summary),
    }


def failed_outputs(code: ExitCode, summary: str) -> dict[str, str]:
    """What a step knows when a command was refused: that there is nothing to go on with."""
    return {
        "status": FAILURES.get(code, "error"),
        "changes": _word(holds=False),
        "irreversible": _word(holds=False),
        "checksum": "",
        "risk": Risk.R0,
        "summary": visible(summary),
    }


def _word(*, holds: bool) -> str:
    return "true" if holds else "false"


def _instant(when: datetime | None) -> str:
    return "" if when is None else when.isoformat().replace("+00:00", "Z")


def _next_send(plan: Plan) -> datetime | None:
    """The next send that holds after this plan, of whatever campaign."""
    ahead = (one.send for one in plan.changes if isinstance(one.send, datetime))
    return min((when for when in ahead if when >= plan.created_at), default=None)


def _summary(plan: Plan) -> str:
    return counts(plan) or headline(plan, now=plan.created_at).detail
