"""`ccops drift`: what differs between git and Constant Contact although no commit changed it."""

import sys
from pathlib import Path
from typing import TextIO

import click

from ccops.commands.look import FILE, look
from ccops.commands.options import (
    base_url_option,
    format_option,
    locked_option,
    plan_select_option,
    workspace_option,
)
from ccops.commands.output import save, show
from ccops.commands.planout import split_out
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.planning.drift import Drift
from ccops.render.escape import log_json
from ccops.render.machine_drift import drift_json
from ccops.render.markdown_drift import drift_markdown
from ccops.render.text_drift import drift_text
from ccops.session.drifted import drift
from ccops.session.wiring import reading

_EXAMPLES = """\b
Examples:
  ccops drift
  ccops drift --select "sends<48h" --detailed-exitcode
  ccops drift --format json --out markdown=issue.md
"""


@click.command("drift", epilog=_EXAMPLES)
@workspace_option
@base_url_option
@plan_select_option
@locked_option
@format_option("text", "json", "markdown")
@click.option("--out", multiple=True, metavar="FORMAT=FILE", help="Also write this format there.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is drift.")
def command(
    *,
    start: Path,
    base_url: str | None,
    select: tuple[str, ...],
    locked: bool,
    form: str,
    out: tuple[str, ...],
    detailed_exitcode: bool,
) -> ExitCode:
    """Show what was changed in Constant Contact, is missing there, or is not in git.

    Reads the account beside the manifests and the journal, and changes nothing. The result is no
    plan: it cannot be applied. What git changed and nobody applied yet is no drift.

    Where sends<, state: or changed: select nothing now, nothing drifted; what no manifest matches
    by name:, tag:, file: or list: is a mistake.

    Exits 0, or 2 for drift with --detailed-exitcode; 6 when a campaign cannot be judged, 10 when
    the outcome of a write is open.
    """
    outputs = [split_out(one) for one in out]
    with progress() as hears, reading(start, base_url, hears) as session:
        found = drift(session, select=select, locked=locked)
    code = found.exit_code(detailed=detailed_exitcode)
    for form_out, file in outputs:
        save(file, _rendered(found, code, form_out, None))
    show(_rendered(found, code, form, sys.stdout))
    return code


def _rendered(found: Drift, code: ExitCode, form: str, stream: TextIO | None) -> str:
    if form == "json":
        return log_json(drift_json(found, code))
    if form == "markdown":
        return drift_markdown(found, code)
    return drift_text(found, code, **(look(stream) if stream else FILE))
