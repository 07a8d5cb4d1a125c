"""`ccops sandbox`: a pretended Constant Contact on this machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from ccops.commands.output import tell
from ccops.errors import Diagnostic, ExitCode, InvalidInput
from ccops.sandbox.seed import seed
from ccops.sandbox.server import serve_forever
from ccops.sandbox.state import stored
from ccops.sandbox.world import World
from ccops.session.outputs import refuse_own


@click.command("sandbox")
@click.option("--listen", default="127.0.0.1:8025", show_default=True, metavar="HOST:PORT")
@click.option("--state", type=click.Path(dir_okay=False), help="Keep the account in this file.")
@click.option("--seed", "name", default="demo", show_default=True, help="demo, empty or fleet:N.")
@click.option("--now", help="Start the clock at this ISO instant, and stop it there.")
@click.option("--strict-auth", is_flag=True, help="Accept only tokens that the sandbox issued.")
def command(
    *, listen: str, state: str | None, name: str, now: str | None, strict_auth: bool
) -> ExitCode:
    """Serve a pretended Constant Contact API: no account, no email, no network.

    It behaves as the API's documentation says, keeps a virtual clock (POST /__sandbox/clock) and
    logs every request (GET /__sandbox/requests). It binds this machine only. With --state the
    account survives a restart, and then --seed and --now count the first time only.
    """
    refuse_own(*filter(None, [state]))
    host, _, port = listen.rpartition(":")
    start = _instant(now) if now else None
    ready = _ready_to_log_in if strict_auth else _ready
    with _refusals("CC284"), _world(state, lambda: seed(name, start)) as world:
        world.set_switch("strict_auth", strict_auth)
        serve_forever(world, host.strip("[]"), int(port), ready=ready)
    return ExitCode.DONE


def _ready(url: str) -> None:
    tell(_listens(url))
    tell(f"  export CCOPS_BASE_URL={url} CCOPS_ACCESS_TOKEN=sandbox")


def _ready_to_log_in(url: str) -> None:
    tell(_listens(url))
    tell(f"  export CCOPS_BASE_URL={url} CCOPS_CLIENT_ID=sandbox; unset CCOPS_ACCESS_TOKEN")
    tell("  ccops auth login   (any client id will do, and the consent is given at once)")


def _listens(url: str) -> str:
    return f"The sandbox listens on {url}. Stop it with Ctrl-C. In another terminal:"


@contextmanager
def _world(state: str | None, make: Callable[[], World]) -> Iterator[World]:
    if state is None:
        yield make()
    else:
        with stored(Path(state), make) as world:
            yield world


@contextmanager
def _refusals(code: str) -> Iterator[None]:
    """The sandbox knows no ccops: its refusals are plain ValueErrors and OSErrors."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise InvalidInput(Diagnostic(code=code, message=f"the sandbox: {error}")) from error


def _instant(text: str) -> datetime:
    with _refusals("CC284"):
        instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        message = f"the sandbox: --now {text!r} names no offset"
        remedy = "like 2027-03-01T14:00:00Z"
        raise InvalidInput(Diagnostic(code="CC284", message=message, help=remedy))
    return instant
