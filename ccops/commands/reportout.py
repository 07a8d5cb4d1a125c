"""An apply's report in one of its formats, for stdout."""

from typing import TextIO

from ccops.applying.report import Report
from ccops.commands.look import look
from ccops.render.escape import log_json
from ccops.render.machine import report_json
from ccops.render.markdown_report import report_markdown
from ccops.render.text_report import report_text


def render_report(report: Report, form: str, stream: TextIO) -> str:
    """Return the report in one format; as text, dressed for this stream."""
    if form == "json":
        return log_json(report_json(report))
    if form == "markdown":
        return report_markdown(report)
    return report_text(report, now=report.finished_at, **look(stream))
