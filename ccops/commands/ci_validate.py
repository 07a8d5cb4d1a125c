"""`ccops ci validate`: what can be checked without secrets, also for a fork."""

from pathlib import Path

import click

from ccops.commands.ci_job import in_job
from ccops.commands.options import base_url_option, workspace_option
from ccops.commands.output import show
from ccops.errors import ExitCode
from ccops.render.phrases import counted
from ccops.session.ci.telling import tell_valid
from ccops.session.loading import load


@click.command("validate")
@workspace_option
@base_url_option
def command(start: Path, base_url: str | None) -> ExitCode:
    """Check ccops.yaml and every manifest, offline; annotate what is wrong.

    Needs no login and no token, and makes no request: a pull request from a fork may run it.
    """
    with in_job("ccops ci validate", start) as job:
        space = load(start, base_url)
        show(f"Valid: {counted(len(space.desired), 'campaign')}.")
        tell_valid(job, space)
    return ExitCode.DONE
