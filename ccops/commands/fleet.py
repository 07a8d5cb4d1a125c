"""`ccops fleet`: one command on many accounts."""

import click

from ccops.commands.fleet_apply import command as _apply
from ccops.commands.fleet_drift import command as _drift
from ccops.commands.fleet_plan import command as _plan
from ccops.commands.fleet_requeue import command as _requeue
from ccops.commands.fleet_status import command as _status
from ccops.commands.fleet_validate import command as _validate


@click.group("fleet")
def command() -> None:
    """Do one command on many workspaces: one account that fails stops no other.

    Each account is done in a process of its own, exactly as by the command without `fleet`; there
    is a line for each, and one exit code: the worst, by 10 > 8 > 7 > 6 > others.
    """


for _one in (_validate, _plan, _apply, _drift, _status, _requeue):
    command.add_command(_one)
