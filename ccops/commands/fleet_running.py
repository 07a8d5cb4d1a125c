"""How a command of a fleet is run on this machine: the options for that, as one value."""

from collections.abc import Callable
from functools import wraps

import click
from click.core import ParameterSource

from ccops.commands.fleet_time_limit import time_limit_option
from ccops.commands.queue_option import refuse_beside_queue
from ccops.errors import ExitCode
from ccops.fleet.sweep import Options

Run = Callable[..., ExitCode]

_MOST = 64


def running_options(command: Run) -> Run:
    """`--jobs` and `--time-limit`, handed on with `going_on_options` as `options`.

    Beside a queue those that would mean nothing are refused.
    """

    @wraps(command)
    def instead(
        *,
        address: str | None,
        most: int,
        limit: float,
        budget: int | None = None,
        resume: bool = False,
        **given: object,
    ) -> ExitCode:
        if address is not None:
            refuse_beside_queue(
                budget=budget is not None, resume=resume, time_limit=_given("limit")
            )
        options = Options(most=most, budget=budget, resume=resume, limit=limit)
        return command(address=address, options=options, **given)

    return _jobs_option(time_limit_option(instead))


def _given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is ParameterSource.COMMANDLINE


def _jobs_option(command: Run) -> Run:
    return click.option(
        "--jobs",
        "most",
        type=click.IntRange(1, _MOST),
        default=4,
        show_default=True,
        metavar="N",
        help="Do so many accounts at a time. Requests of one API key stay as far apart as ever.",
    )(command)


def going_on_options(command: Run) -> Run:
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
