"""The options that the commands of a fleet share, and how what they did is shown."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ccops.commands.look import look
from ccops.commands.output import show, show_diagnostics
from ccops.errors import ExitCode
from ccops.fleet.sweep import Swept
from ccops.render.escape import log_json
from ccops.render.fleet import FleetView, fleet_json, fleet_text

Command = TypeVar("Command", bound=Callable[..., Any])


def folders_argument(command: Command) -> Command:
    """`DIR…`: workspaces, or folders that are searched for some."""
    return click.argument(
        "folders",
        nargs=-1,
        required=True,
        metavar="DIR...",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
    )(command)


def changed_option(command: Command) -> Command:
    """`--changed GIT-REF`: only what a commit does not have like this."""
    return click.option(
        "--changed",
        "since",
        metavar="GIT-REF",
        help="Only workspaces, and campaigns in them, that differ from this commit.",
    )(command)


def show_fleet(done: Swept, view: FleetView, form: str) -> ExitCode:
    """Write the result to stdout, and notes to stderr; return the exit code."""
    if done.notes:
        show_diagnostics(done.notes)
    show(log_json(fleet_json(view)) if form == "json" else fleet_text(view, **look(sys.stdout)))
    return view.exit_code
