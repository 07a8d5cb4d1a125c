"""A command line with nothing behind it: click, twenty commands that would load when called."""

import sys
from importlib import import_module

import click

COMMANDS = {f"command{number:02}": f"What command {number} does." for number in range(20)}


class Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"commands.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.version_option("1.0")
def main(color: str) -> None:
    """Say what there is."""


if __name__ == "__main__":
    sys.exit(main(prog_name="bare"))
