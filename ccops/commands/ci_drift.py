"""`ccops ci drift`: one issue that says what drifted, for as long as it has."""

import sys
from pathlib import Path

import click

from ccops.commands.ci_job import annotate, hide, in_job
from ccops.commands.look import look
from ccops.commands.options import (
    base_url_option,
    locked_option,
    plan_select_option,
    workspace_option,
)
from ccops.commands.output import show
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.render.text_drift import drift_text
from ccops.session.ci.drifting import tell_drift
from ccops.session.drifted import drift
from ccops.session.wiring import reading


@click.command("drift")
@workspace_option
@base_url_option
@plan_select_option
@locked_option
def command(
    *, start: Path, base_url: str | None, select: tuple[str, ...], locked: bool
) -> ExitCode:
    """Show what drifted, on the page of the job and in one issue of the repository.

    The issue is opened, brought up to date, closed and opened again; a comment in it tells that
    other campaigns drifted. Changes nothing in Constant Contact.
    """
    with in_job("ccops ci drift", start) as job:
        with progress() as hears, reading(start, base_url, hears) as session:
            hide(job, session.login.token)
            found = drift(session, select=select, locked=locked)
        code = found.exit_code(detailed=False)
        show(drift_text(found, code, **look(sys.stdout)))
        annotate(job, tell_drift(job, found, code))
    return code
