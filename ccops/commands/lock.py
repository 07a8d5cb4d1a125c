"""`ccops lock`: pin every name of the manifests to the id that it means now."""

from pathlib import Path

import click

from ccops.commands.options import base_url_option, workspace_option
from ccops.commands.output import show, show_diagnostics, show_done, tell
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.manifest.lockfile import Lock
from ccops.render.phrases import counted
from ccops.session.locked import Relock, relock, write
from ccops.session.wiring import reading
from ccops.workspace import LOCK_FILE


@click.command("lock")
@workspace_option
@base_url_option
@click.option("--check", is_flag=True, help="Write nothing; exit 2 if the lock would change.")
def command(*, start: Path, base_url: str | None, check: bool) -> ExitCode:
    """Pin the names of campaigns, lists and segments to ids, in ccops.lock.

    Reads the account and writes that one file. What changes is said on stderr, a line each; a
    line that begins with ! gives a name to another object than before: look at it twice. Commit
    the file. With it, plan looks no campaign up, and refuses a name that leads elsewhere.
    """
    with progress() as hears, reading(start, base_url, hears, bare=True) as session:
        found = relock(session)
        if not check and not found.current:
            write(session.workspace.root, found.lock)
    for line in found.changes:
        tell(line)
    if found.missing:
        show_diagnostics(found.missing, closing="All other names can be.")
    (show if check else show_done)(_said(found, check=check))
    return _code(found, check=check)


def _said(found: Relock, *, check: bool) -> str:
    if found.current:
        return f"{LOCK_FILE} is up to date: {_amounts(found.lock)}."
    return f"{LOCK_FILE} {'would change' if check else 'written'}: {_amounts(found.lock)}."


def _amounts(lock: Lock) -> str:
    pins = (
        counted(len(lock.campaigns), "campaign"),
        counted(len(lock.lists), "list"),
        counted(len(lock.segments), "segment"),
    )
    return ", ".join(pins)


def _code(found: Relock, *, check: bool) -> ExitCode:
    if found.missing:
        return ExitCode.BLOCKED
    return ExitCode.CHANGES if check and not found.current else ExitCode.DONE
