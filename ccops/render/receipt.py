"""The comment of a plan after its apply: what came of it, in the first line."""

from collections.abc import Sequence

from ccops.applying.report import Ending, Report
from ccops.errors import Diagnostic, ExitCode
from ccops.planning.plan import Plan
from ccops.planning.review import Mark
from ccops.render.budget import fitted
from ccops.render.escape import marker
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_sections
from ccops.render.outcome import MEANING
from ccops.render.summary import run_link, trouble_markdown
from ccops.render.words import counted

ROOM = 60_000
"""Bytes of a comment: GitHub refuses one above 65,536 characters (docs)."""


def receipt_markdown(report: Report, mark: Mark, *, url: str, budget: int = ROOM) -> str:
    """The receipt of an apply. `mark` is what the comment said of the plan, and goes on to say."""
    head = f"{_marker(mark, str(int(report.exit_code)))}\n## ccops apply: {standing(report)}"
    link = run_link(url)
    return f"{fitted(report_sections(report, head), budget - len(link) - 1)}{link}".rstrip()


def standing(report: Report) -> str:
    """What an apply came to, in a few words."""
    planned = [one.ending for one in report.results if one.change.verdict.writes]
    done, settled = planned.count(Ending.DONE), sum(one in _SETTLED for one in planned)
    match report.exit_code:
        case ExitCode.DONE:
            return "Applied" if done else "Applied: nothing was left to do"
        case ExitCode.UNKNOWN:
            return "Unknown: a person must look"
        case ExitCode.BLOCKED if settled == len(planned):
            return f"{'Applied' if done else 'Nothing was applied'}, but a campaign needs a person"
        case other:
            after = f"Stopped after {settled:,} of {counted(len(planned), 'campaign')}"
            return f"{after}: {MEANING[other]}"


_SETTLED = frozenset({Ending.DONE, Ending.NOTHING})


def waiting_markdown(
    plan: Plan, reasons: Sequence[Diagnostic], mark: Mark, *, url: str, checksum: str
) -> str:
    """The plan under the line that it waits, and for whom; nothing of it was applied."""
    link = run_link(url)
    told = trouble_markdown("Waiting for approval to send", reasons, budget=ROOM // 4)
    head = f"{_marker(mark, str(int(ExitCode.BLOCKED)))}\n{told}\n"
    room = ROOM - len(head.encode()) - len(link) - 1
    page = plan_markdown(plan, checksum=checksum, now=plan.created_at, budget=room)
    return f"{head}{page.partition(chr(10))[2]}\n{link}".rstrip()


def outdated_markdown(mark: Mark, url: str) -> str:
    """What is left of a comment that was posted anew: a line that leads to the new one."""
    data = {"account": mark.account, "risk": mark.risk, "status": mark.status}
    return f"{marker('outdated', data)}\nThis plan is out of date: [the newer one]({url})."


def _marker(mark: Mark, applied: str) -> str:
    return marker(
        mark.kind,
        {
            "account": mark.account,
            "applied": applied,
            "checksum": mark.checksum,
            "risk": mark.risk,
            "status": mark.status,
        },
    )
