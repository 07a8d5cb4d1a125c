"""`ccops ci`: the commands of a job of GitHub Actions."""

import click

from ccops.commands.ci_apply import command as _apply
from ccops.commands.ci_drift import command as _drift
from ccops.commands.ci_plan import command as _plan
from ccops.commands.ci_validate import command as _validate
from ccops.commands.ci_verify import command as _verify


@click.group("ci")
def command() -> None:
    """Plan, apply and validate in a job of GitHub Actions, and tell the pull request of it.

    They do what the commands without `ci` do, and add a comment, a page, outputs, annotations and
    masks. Nothing is ever sent because of anything on GitHub: GitHub can only forbid.
    """


command.add_command(_validate)
command.add_command(_plan)
command.add_command(_apply)
command.add_command(_drift)
command.add_command(_verify)
