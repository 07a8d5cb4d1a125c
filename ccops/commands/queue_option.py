"""`--queue`: which database the queue of a fleet is in, and what does not go with it."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import click

from ccops.errors import Diagnostic, InvalidInput
from ccops.session.wiring import environment

Command = TypeVar("Command", bound=Callable[..., Any])

STORE = "store"
_SERVERS = {"host", "hostaddr", "port", "dbname", "service"}


def queue_option(*, required: bool = False) -> Callable[[Command], Command]:
    """`--queue`: the database of the queue, handed on as `address`; None: there is none."""
    return click.option(
        "--queue",
        "address",
        metavar="store|postgresql://…",
        required=required,
        callback=lambda _context, _option, value: _address(value),
        help="The queue's database: store is the one that CCOPS_STORE names. An address with a "
        "password is better put there than on a command line, which others may see.",
    )


def _address(value: str | None) -> str | None:
    given = environment().store
    if value == STORE and given is None:
        message = "--queue store means the database that CCOPS_STORE names, and it is not set"
        raise InvalidInput(
            Diagnostic(code="CC260", message=message, help="set it to postgresql://…")
        )
    if value is None or value == STORE or given is None:
        return given if value == STORE else value
    if _server(value) != _server(given):
        message = "--queue and CCOPS_STORE name two databases; locks and journals are in the second"
        remedy = "a queue is beside its store: --queue store, or leave one of them out"
        raise InvalidInput(Diagnostic(code="CC266", message=message, help=remedy))
    return value


def _server(address: str) -> tuple[object, ...]:
    """Return what names the server and the database, whoever logs in; in doubt they differ."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return (address,)
    place = parts.netloc.rpartition("@")[2].removesuffix(":5432")
    named = sorted(one for one in parse_qsl(parts.query) if one[0] in _SERVERS)
    return place, parts.path, tuple(named)


def refuse_beside_queue(**given: object) -> None:
    """Refuse the options that were given and mean nothing to a queue (click.UsageError)."""
    for name in (name for name, value in given.items() if value):
        raise click.UsageError(f"--{name.replace('_', '-')} and --queue exclude each other")
