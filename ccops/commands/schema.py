"""`ccops schema`: the JSON Schemas, for editors and other tools."""

from typing import cast

import click

from ccops.commands.output import show
from ccops.errors import ExitCode
from ccops.resources import SchemaName, schema_text


@click.command("schema")
@click.argument(
    "name", type=click.Choice(["campaign", "workspace", "plan", "lock"]), default="campaign"
)
def command(name: str) -> ExitCode:
    """Print a JSON Schema: of a manifest (campaign), of ccops.yaml (workspace), of a plan, a lock.

    It is the schema that ccops itself checks with; every key carries its description.
    """
    show(schema_text(cast("SchemaName", name)))
    return ExitCode.DONE
