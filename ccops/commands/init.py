"""`ccops init`: a workspace to start from."""

import os
import sys
from pathlib import Path

import click

from ccops.commands.init_github import InitCommand
from ccops.commands.look import encoding_of
from ccops.commands.output import show_done
from ccops.errors import Diagnostic, ExitCode, InvalidInput
from ccops.render.escape import terminal
from ccops.resources import schema_text
from ccops.session.founded import workspace_text

MANIFEST = """\
# yaml-language-server: $schema=../.ccops/campaign.schema.json
campaign: My first campaign   # the exact name of a campaign in Constant Contact
recipients:
  lists: [Newsletter]         # exact list names; or  segment: A segment's name
send_at: unscheduled          # or a time, like  Tue 2027-03-09 09:00
"""


@click.command("init", cls=InitCommand)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--account", required=True, help="The account's encoded_account_id.")
@click.option("--timezone", "zone", required=True, help="Its IANA zone, like America/New_York.")
@click.option("--bare", is_flag=True, help="Without a manifest: ccops pull writes the first ones.")
def command(folder: Path, account: str, zone: str, *, bare: bool) -> ExitCode:
    """Write ccops.yaml and a first manifest into FOLDER (default: this one).

    Nothing is overwritten, and nothing is written that ccops validate would refuse. The manifest
    schedules nothing until its send_at is given a time.
    The schemas for editors go into the folder .ccops. `ccops init github` writes workflows.
    """
    first = {} if bare else {folder / "campaigns" / "my-first-campaign.yaml": MANIFEST}
    files = {
        folder / "ccops.yaml": workspace_text(account, zone),
        **first,
        folder / ".ccops" / "workspace.schema.json": schema_text("workspace"),
        folder / ".ccops" / "campaign.schema.json": schema_text("campaign"),
    }
    _refuse_existing(files)
    for path, text in files.items():
        _write(path, text)
        show_done(f"Wrote {terminal(str(path), encoding_of(sys.stdout))}")
    show_done("Next: ccops auth login, then ccops pull" if bare else "Next: ccops validate")
    return ExitCode.DONE


def _write(path: Path, text: str) -> None:
    """Write a new file. A link in its place is not followed, whether it leads anywhere or not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise InvalidInput(Diagnostic(code="CC280", message=message)) from error


def _refuse_existing(files: dict[Path, str]) -> None:
    there = [
        Diagnostic(code="CC283", message=f"{path} is there already", help="nothing was written")
        for path in files
        if os.path.lexists(path)
    ]
    if there:
        raise InvalidInput(*there)
