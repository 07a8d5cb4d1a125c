"""`ccops fleet status`: what is stuck, what was spent today, how it ended last."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccops.commands.fleet_queue import look_at_queue, show_queue
from ccops.commands.look import look
from ccops.commands.options import base_url_option, format_option
from ccops.commands.output import show
from ccops.commands.queue_option import queue_option
from ccops.errors import ExitCode
from ccops.fleet.run import worst
from ccops.fleet.status import status
from ccops.render.escape import log_json
from ccops.render.fleet_prometheus import status_prometheus
from ccops.render.fleet_status import StatusView, status_json, status_text
from ccops.session.loading import origin_of

if TYPE_CHECKING:
    from ccops.fleet.standing import QueueStatus


@click.command("status")
@click.argument(
    "folders",
    nargs=-1,
    metavar="[DIR]...",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@base_url_option
@queue_option()
@format_option("text", "json", "prometheus")
def command(
    *, folders: tuple[Path, ...], base_url: str | None, address: str | None, form: str
) -> ExitCode:
    """Show which accounts of DIR somebody should look at, and where the queue stands.

    Open writes, unknown outcomes, halts, the newest result; and how much of the day's requests
    each API key has used. Needs no login and asks Constant Contact nothing. Exits 10 if the
    outcome of a write is unknown, 6 while something in the queue stands still.
    """
    if not folders and address is None:
        raise click.UsageError("name folders, a --queue, or both")
    queue, queued = (None, ExitCode.DONE) if address is None else look_at_queue(address)
    found = status(folders, origin_of(base_url)) if folders else None
    if queue is not None and not (found and form == "json"):
        show_queue(queue, form)
    if found is None:
        return queued
    whole = replace(found, exit_code=worst((queued, found.exit_code)))
    show(_rendered(whole, queue, form))
    return whole.exit_code


def _rendered(found: StatusView, queue: "QueueStatus | None", form: str) -> str:
    if form == "json":
        return log_json(status_json(found, queue=None if queue is None else _record(queue)))
    if form == "prometheus":
        return status_prometheus(found)
    return status_text(found, **look(sys.stdout))


def _record(queue: "QueueStatus") -> Mapping[str, object]:
    from ccops.fleet.standing_text import status_record  # noqa: PLC0415 - procrastinate is an extra

    return status_record(queue)
