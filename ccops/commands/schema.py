"""`ccops schema`: the JSON Schemas, for editors and other tools."""

import sys
from pathlib import Path
from typing import cast

import click

from ccops.commands.look import encoding_of
from ccops.commands.options import base_url_option, workspace_option
from ccops.commands.output import show, show_document, show_done, tell
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.render.escape import terminal
from ccops.render.phrases import counted, joined
from ccops.resources import SchemaName, schema_text
from ccops.session.completed import Completed, complete
from ccops.session.schemas import KINDS, told_of_git, write_schema
from ccops.workspace import find_root

_EXAMPLE = """\b
Examples:
  ccops schema workspace                 # print the one of ccops.yaml
  ccops schema --account --write         # let editors complete the names of your lists
"""


@click.command("schema", epilog=_EXAMPLE)
@click.argument(
    "name", type=click.Choice(["campaign", "workspace", "plan", "lock"]), default="campaign"
)
@click.option(
    "--account", is_flag=True, help="Offer the account's campaigns, lists and segments by name."
)
@click.option("--write", is_flag=True, help="Write it into .ccops, where editors look for it.")
@workspace_option
@base_url_option
def command(
    *, name: str, account: bool, write: bool, start: Path, base_url: str | None
) -> ExitCode:
    """Print a JSON Schema: of a manifest (campaign), of ccops.yaml (workspace), of a plan, a lock.

    It is the schema that ccops itself checks with; every key carries its description. With
    --account it offers names to complete, and refuses no other name. It then holds the names of
    your lists: keep it out of git.
    """
    if account and name != "campaign":
        raise click.UsageError("--account completes the schema of a manifest alone: `campaign`.")
    if write and name not in KINDS:
        raise click.UsageError(f"--write is for what people write: {joined(KINDS)}.")
    text = _completed(start, base_url) if account else schema_text(cast("SchemaName", name))
    if write:
        root = find_root(start)
        path = write_schema(root, name, text, private=account)
        show_done(f"Wrote {terminal(str(path), encoding_of(sys.stdout))}")
        if account and (watched := told_of_git(root, name)):
            tell(watched)
    else:
        (show_document if account else show)(text)
    return ExitCode.DONE


def _completed(start: Path, base_url: str | None) -> str:
    with progress() as hears:
        found = complete(start, base_url, hears)
    tell(_said(found))
    return found.text


def _said(found: Completed) -> str:
    offers = found.offers
    amounts = (
        counted(len(offers.campaigns), "campaign"),
        counted(len(offers.lists), "list"),
        counted(len(offers.segments), "segment"),
    )
    left = f"; {found.left_out:,} left out, whose names no manifest can write"
    return (
        f"{joined(amounts)} to complete{left if found.left_out else ''}; "
        f"{counted(found.requests, 'request')} made."
    )
