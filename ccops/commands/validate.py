"""`ccops validate`: check everything that can be checked without an account."""

from pathlib import Path

import click

from ccops import session
from ccops.commands.options import base_url_option, workspace_option
from ccops.commands.output import show
from ccops.errors import ExitCode


@click.command("validate")
@workspace_option
@base_url_option
def command(start: Path, base_url: str | None) -> ExitCode:
    """Check ccops.yaml and every manifest, offline.

    Needs no login and makes no request. Every error of every file is shown in one run.
    """
    workspace = session.load(start, base_url)
    files = {one.place.file for one in workspace.desired}
    show(f"Valid: {len(workspace.desired)} campaigns in {len(files)} files.")
    return ExitCode.DONE
