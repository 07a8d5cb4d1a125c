"""An apply's report in one of its formats, for stdout; as JSON lines, while it is made."""

from collections.abc import Callable
from typing import TextIO

from ccops.applying.report import Report
from ccops.commands.look import look
from ccops.commands.output import show_document, tell
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.render.escape import log_json
from ccops.render.jsonlines import closing_lines, opening_lines, progress_line
from ccops.render.machine import report_json
from ccops.render.markdown_report import report_markdown
from ccops.render.text_report import report_text


def teller(plan: Plan, form: str) -> Callable[[str], None]:
    """Say what is going to be done, and return who hears of progress: stderr, and a JSON stream."""
    if form != "jsonl":
        return tell
    show_document(opening_lines(plan, checksum=checksum(plan)))
    return _tell_both


def _tell_both(text: str) -> None:
    tell(text)
    show_document(progress_line(text))


def render_report(report: Report, form: str, stream: TextIO) -> str:
    """Return the report in one format; as text, dressed for this stream."""
    if form == "json":
        return log_json(report_json(report))
    if form == "jsonl":
        return log_json(closing_lines(report))
    if form == "markdown":
        return report_markdown(report)
    return report_text(report, now=report.finished_at, **look(stream))
