"""`ccops ci verify`: one issue that says which sends are not as they were applied."""

import sys
from pathlib import Path

import click

from ccops.commands.ci_job import annotate, hide, in_job
from ccops.commands.look import look
from ccops.commands.options import (
    base_url_option,
    select_option,
    workspace_option,
)
from ccops.commands.output import show
from ccops.commands.progress import progress
from ccops.commands.verify import since_option
from ccops.errors import ExitCode
from ccops.render.text_deliveries import deliveries_text
from ccops.session.ci.verifying import tell_verified
from ccops.session.verified import verify
from ccops.session.wiring import reading


@click.command("verify")
@workspace_option
@base_url_option
@select_option
@since_option
def command(*, start: Path, base_url: str | None, select: tuple[str, ...], since: str) -> ExitCode:
    """Say what became of what was applied, on the page of the job and in one issue.

    The issue is opened, brought up to date, closed and opened again. Changes nothing in Constant
    Contact. Exits like `ccops verify`: 6 when a person is needed, 10 when a write is still open.
    """
    with in_job("ccops ci verify", start) as job:
        with progress() as hears, reading(start, base_url, hears) as session:
            hide(job, session.login.token)
            found = verify(session, since=since, select=select)
        show(deliveries_text(found, **look(sys.stdout)))
        annotate(job, tell_verified(job, found))
    return found.exit_code
