"""The options that commands share, each written once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def workspace_option(command: Command) -> Command:
    """`-C DIR`: where to look for ccops.yaml, upwards."""
    return click.option(
        "-C",
        "--workspace",
        "start",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=Path(),
        show_default="this folder",
        help="Look for ccops.yaml in this folder and above it.",
    )(command)


def base_url_option(command: Command) -> Command:
    """`--base-url URL`: the vendor's origin or a sandbox on this machine; nothing else."""
    return click.option(
        "--base-url",
        envvar="CCOPS_BASE_URL",
        show_envvar=True,
        help="A sandbox on this machine instead of Constant Contact.",
    )(command)


def select_option(command: Command) -> Command:
    """`--select KEY:PATTERN`, repeatable; all must match."""
    return click.option(
        "--select",
        "select",
        multiple=True,
        metavar="KEY:PATTERN",
        help="Only campaigns with this name:, tag: or file:, or with recipients of this list: "
        "(wildcards; several of one key are alternatives).",
    )(command)


def plan_select_option(command: Command) -> Command:
    """`--select` with all that a plan can be asked: the account, git and the clock too."""
    return click.option(
        "--select",
        "select",
        multiple=True,
        metavar="KEY:PATTERN",
        help="Only campaigns with this name:, tag:, file: or list: (recipients); in this state: "
        "(of Constant Contact, or the plan's verdict); whose manifest is changed: since a commit; "
        "or whose next send is near, like sends<48h. Wildcards; several of one key are "
        "alternatives.",
    )(command)


def locked_option(command: Command) -> Command:
    """`--locked`: what ccops.lock does not pin is refused. For CI."""
    return click.option(
        "--locked", is_flag=True, help="Refuse every name that ccops.lock does not pin."
    )(command)


def allow_options(command: Command) -> Command:
    """`--allow RULE=CAMPAIGN` and `--reason`: never from the environment or a file."""
    allow = click.option(
        "--allow",
        multiple=True,
        metavar="RULE=CAMPAIGN",
        help="Permit one thing for one campaign: send-now=…, reschedule=… or halted=…; or waive "
        "a guard for it, like quiet-hours=….",
    )
    reason = click.option("--reason", default="", help="Why; shown first in every review.")
    return allow(reason(command))


def format_option(*formats: str) -> Callable[[Command], Command]:
    """`--format`, with text as the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the result is written to stdout.",
    )
