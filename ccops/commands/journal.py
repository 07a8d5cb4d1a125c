"""`ccops journal`: what is open, and the way out of exit 10."""

import sys
from pathlib import Path

import click

from ccops.commands.look import look
from ccops.commands.options import base_url_option, format_option, select_option, workspace_option
from ccops.commands.output import show, show_done, tell
from ccops.errors import ExitCode
from ccops.planning.resolution import Choice
from ccops.render.escape import log_json
from ccops.render.machine_journal import journal_json, resolved_json
from ccops.render.text_journal import journal_text, resolved_text
from ccops.session.journaled import resolve, view
from ccops.session.wiring import reading

_SHOW_EXAMPLE = """\b
Example:
  ccops journal show --all --select "name:Spring*" --format json
"""
_RESOLVE_EXAMPLE = """\b
Example:
  ccops journal resolve 20270301T14 --no-effect --reason "nobody received it"
"""


@click.group("journal")
def command() -> None:
    """Show what ccops recorded, and decide what it could not find out.

    Before every write ccops records it; a write whose outcome is unknown stays open (exit 10).
    """


@command.command("show", epilog=_SHOW_EXAMPLE)
@workspace_option
@base_url_option
@select_option
@click.option("--all", "whole", is_flag=True, help="Every line, and nothing of the account.")
@click.option("--offline", is_flag=True, help="Do not ask the account; needs no login.")
@format_option("text", "json")
def _shown(
    *,
    start: Path,
    base_url: str | None,
    select: tuple[str, ...],
    whole: bool,
    offline: bool,
    form: str,
) -> ExitCode:
    """Show the open writes: what is known, what the account shows now, what can be decided."""
    found = view(start, base_url, select=select, whole=whole, offline=offline)
    text = journal_text(found, **look(sys.stdout))
    show(log_json(journal_json(found)) if form == "json" else text)
    return found.exit_code


@command.command("resolve", epilog=_RESOLVE_EXAMPLE)
@click.argument("write_id")
@workspace_option
@base_url_option
@click.option("--took-effect", is_flag=True, help="It was carried out.")
@click.option("--no-effect", is_flag=True, help="It was not.")
@click.option("--reason", required=True, help="How you know; kept in the journal.")
@format_option("text", "json")
def _resolved(
    *,
    write_id: str,
    start: Path,
    base_url: str | None,
    took_effect: bool,
    no_effect: bool,
    reason: str,
    form: str,
) -> ExitCode:
    """Record what became of the open write WRITE_ID (or an unambiguous beginning of it).

    Writes nothing to the account. What the account plainly contradicts is refused.
    """
    if took_effect is no_effect or not any(map(str.isalnum, reason)):
        raise click.UsageError("say either --took-effect or --no-effect, and a --reason")
    choice = Choice.TOOK_EFFECT if took_effect else Choice.NO_EFFECT
    with reading(start, base_url) as session:
        done = resolve(session, write_id, choice, reason=reason.strip(), tell=tell)
    text = resolved_text(done, **look(sys.stdout))
    show_done(log_json(resolved_json(done)) if form == "json" else text)
    return ExitCode.DONE
