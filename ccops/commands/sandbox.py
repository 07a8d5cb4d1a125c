"""`ccops sandbox`: a pretended Constant Contact on this machine."""

from datetime import datetime

import click

from ccops.commands.output import tell
from ccops.errors import Diagnostic, ExitCode, InvalidInput
from ccops.sandbox.run import serve_forever


@click.command("sandbox")
@click.option("--listen", default="127.0.0.1:8025", show_default=True, metavar="HOST:PORT")
@click.option("--state", type=click.Path(dir_okay=False), help="Keep the account in this file.")
@click.option("--seed", default="demo", show_default=True, help="The account to start from.")
@click.option("--now", help="Start the clock at this ISO instant, and stop it there.")
@click.option("--strict-auth", is_flag=True, help="Accept only tokens that the sandbox issued.")
def command(
    listen: str, state: str | None, seed: str, now: str | None, *, strict_auth: bool
) -> ExitCode:
    """Serve a pretended Constant Contact API: no account, no email, no network.

    It behaves as the API's documentation says, keeps a virtual clock (POST /__sandbox/clock) and
    logs every request (GET /__sandbox/requests). It binds this machine only.
    """
    start = _instant(now) if now else None
    serve_forever(listen, state=state, seed=seed, now=start, strict_auth=strict_auth, tell=tell)
    return ExitCode.DONE


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        message = f"--now {text!r} is no ISO instant with an offset"
        raise InvalidInput(
            Diagnostic(code="CC284", message=message, help="like 2027-03-01T14:00:00Z")
        )
    return instant
