"""What stands in the comment of a plan when there is no plan to show, and after its apply."""

from collections.abc import Sequence
from dataclasses import replace

from ccops.applying.report import Ending, Report
from ccops.errors import Diagnostic, ExitCode
from ccops.planning.plan import Plan, Risk
from ccops.planning.review import Mark
from ccops.render.budget import fitted
from ccops.render.escape import marker
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_sections
from ccops.render.outcome import MEANING, settlements
from ccops.render.phrases import counted
from ccops.render.source import Source
from ccops.render.summary import nothing_markdown, run_link, trouble_markdown

ROOM = 60_000
"""Bytes of a comment: GitHub refuses one above 65,536 characters (docs)."""

FAILED = "error"
"""The status of a comment that shows no plan, because none could be made."""


def plan_comment(
    plan: Plan, mark: Mark, *, url: str, source: Source | None = None, public: bool = False
) -> str:
    """A plan as a comment that is found again by its `mark`; see `plan_markdown`."""
    link = run_link(url)
    below = _below(plan, mark.checksum, _marker(mark), link, source=source, public=public)
    return f"{_marker(mark)}\n{below}\n{link}".rstrip()


def unselected_markdown(selection: Sequence[str], reasons: Sequence[str], mark: Mark) -> str:
    """What becomes of the comment of a plan when nothing is selected any more."""
    head = _marker(replace(mark, risk=Risk.R0, status="no changes", checksum=""))
    room = ROOM - len(head) - 1
    return f"{head}\n{nothing_markdown(selection, reasons, budget=room)}".rstrip()


def failed_markdown(title: str, reasons: Sequence[Diagnostic], mark: Mark, *, url: str) -> str:
    """What becomes of the comment of a plan when no plan could be made of newer commits."""
    head = _marker(replace(mark, risk=Risk.R0, status=FAILED, checksum="", commit=""))
    link = run_link(url)
    room = ROOM - len(head) - len(link) - 2
    return f"{head}\n{trouble_markdown(title, reasons, budget=room)}\n{_NO_PLAN}\n{link}".rstrip()


_NO_PLAN = "**There is no plan of the newest commits. The plan that stood here is out of date.**"


def receipt_markdown(report: Report, mark: Mark, *, url: str, budget: int = ROOM) -> str:
    """The receipt of an apply. `mark` is what the comment said of the plan, and goes on to say."""
    head = f"{_marker(mark, report.exit_code)}\n## ccops apply: {standing(report)}"
    link = run_link(url)
    return f"{fitted(report_sections(report, head), budget - len(link) - 1)}{link}".rstrip()


def standing(report: Report) -> str:
    """What an apply came to, in a few words; also what it settled for earlier ones."""
    return "; ".join((_came_to(report), *settlements(report)))


def _came_to(report: Report) -> str:
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
    plan: Plan,
    reasons: Sequence[Diagnostic],
    mark: Mark,
    *,
    url: str,
    checksum: str,
    source: Source | None = None,
    public: bool = False,
) -> str:
    """The plan under the line that it waits, and for whom; nothing of it was applied."""
    told = trouble_markdown("Waiting for approval to send", reasons, budget=ROOM // 4)
    head, link = f"{_marker(mark, ExitCode.BLOCKED)}\n{told}", run_link(url)
    below = _below(plan, checksum, head, link, source=source, public=public)
    return f"{head}\n{below}\n{link}".rstrip()


def outdated_markdown(mark: Mark, url: str) -> str:
    """What is left of a comment that was posted anew: a line that leads to the new one."""
    data = {"account": mark.account, "risk": mark.risk, "status": mark.status}
    return f"{marker('outdated', data)}\nThis plan is out of date: [the newer one]({url})."


def _below(
    plan: Plan, checksum: str, head: str, link: str, *, source: Source | None, public: bool
) -> str:
    """The plan without its own first line, in the room that head and link leave."""
    page = plan_markdown(
        plan,
        checksum=checksum,
        now=plan.created_at,
        budget=ROOM - len(head.encode()) - len(link) - 2,
        source=source,
        public=public,
    )
    return page.partition("\n")[2].rstrip()


def _marker(mark: Mark, applied: ExitCode | None = None) -> str:
    data = {
        "account": mark.account,
        "checksum": mark.checksum,
        "commit": mark.commit,
        "folder": mark.folder,
        "risk": mark.risk,
        "status": mark.status,
    }
    return marker(mark.kind, data if applied is None else {**data, "applied": f"{applied:d}"})
