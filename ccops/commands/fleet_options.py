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

_MOST = 64


def folders_argument(command: Command) -> Command:
    """`DIR…`: workspaces, or folders that are searched for some."""
    return click.argument(
        "folders",
        nargs=-1,
        required=True,
        metavar="DIR...",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
    )(command)


def jobs_option(command: Command) -> Command:
    """`--jobs N`: how many accounts are done at a time."""
    return click.option(
        "--jobs",
        "most",
        type=click.IntRange(1, _MOST),
        default=4,
        show_default=True,
        metavar="N",
        help="Do so many accounts at a time. Requests of one API key stay as far apart as ever.",
    )(command)


def changed_option(command: Command) -> Command:
    """`--changed GIT-REF`: only what a commit does not have like this."""
    return click.option(
        "--changed",
        "since",
        metavar="GIT-REF",
        help="Only workspaces, and campaigns in them, that differ from this commit.",
    )(command)


def going_on_options(command: Command) -> Command:
    """`--budget` and `--resume`: end before too much is asked, and go on where a run ended."""
    budget = click.option(
        "--budget",
        type=click.IntRange(min=0),
        metavar="N",
        help="Begin no account for which so many requests may not suffice (exit 5).",
    )
    resume = click.option(
        "--resume",
        is_flag=True,
        help="Leave out accounts that a run of the last 24 hours did with success.",
    )
    return budget(resume(command))


def show_fleet(done: Swept, view: FleetView, form: str) -> ExitCode:
    """Write the result to stdout, and notes to stderr; return the exit code."""
    if done.notes:
        show_diagnostics(done.notes)
    show(log_json(fleet_json(view)) if form == "json" else fleet_text(view, **look(sys.stdout)))
    return view.exit_code
