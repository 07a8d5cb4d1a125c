"""`--time-limit`: how long one account may take."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import click

from ccops.fleet.child import LONGEST
from ccops.manifest.durations import read_duration

Command = TypeVar("Command", bound=Callable[..., Any])

_LEAST = 60.0
"""Seconds that one request may wait alone when the API asks for patience."""
_MOST = 24 * 3600.0
"""Seconds after which no plan may be applied any more."""


def time_limit_option(command: Command) -> Command:
    """`--time-limit DURATION`, handed on as `limit`, in seconds; without it the usual one."""
    return click.option(
        "--time-limit",
        "limit",
        metavar="DURATION",
        default=f"{LONGEST / 3600:g} hours",
        show_default=True,
        callback=lambda _context, _option, value: _read(value),
        help="Ask one account's process to end when it takes longer, and end it 10 minutes later.",
    )(command)


def _read(text: str) -> float:
    """Read it as `limits:` of ccops.yaml are written. Raises click.BadParameter."""
    with suppress(ValueError):
        seconds = read_duration(text).total_seconds()
        if _LEAST <= seconds <= _MOST:
            return seconds
    raise click.BadParameter(f"{text!r} is no duration from 1 minute to 24 hours.")
