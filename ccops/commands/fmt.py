"""`ccops fmt`: the standard form of every file, comments and quotes kept."""

import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import click

from ccops.commands.look import encoding_of
from ccops.commands.options import workspace_option
from ccops.commands.output import show, show_diagnostics, show_done, tell
from ccops.errors import ExitCode
from ccops.render.escape import terminal
from ccops.render.phrases import counted
from ccops.session.formatted import Formatted, Formatting, format_workspace


@click.command("fmt")
@workspace_option
@click.option("--check", is_flag=True, help="Write nothing; exit code 2 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
def command(start: Path, paths: tuple[Path, ...], *, check: bool, diff: bool) -> ExitCode:
    """Bring ccops.yaml and every manifest into the standard form.

    Or only the files and folders that PATH names. Order of keys, indentation and spacing become
    alike; comments, quotes and the meaning stay. Needs no login and makes no request. A file with
    an error is left as it is.
    """
    write = not (check or diff)
    done = format_workspace(start, paths, write=write)
    for one in done.changed:
        if diff:
            _show_diff(one)
        else:
            line = f"{'Formatted' if write else 'Not in the standard form:'} {_safe(one.file)}"
            (show_done if write else show)(line)
    if done.errors:
        show_diagnostics(done.errors, closing="Files with an error were left as they are.")
    tell(_summary(done, write=write))
    return done.exit_code(check=check)


def _summary(done: Formatting, *, write: bool) -> str:
    found = f"{len(done.changed)} of {counted(done.files, 'file')}"
    return f"{found} {'formatted' if write else 'would be formatted'}."


def _show_diff(one: Formatted) -> None:
    before, after = _lines(one.before), _lines(one.after)
    diff = list(unified_diff(before, after, f"a/{one.file}", f"b/{one.file}", lineterm=""))
    for line in diff:
        show(_safe(line))
    if not diff:
        tell(f"{one.file}: only line breaks or blank ends of the file differ.")


def _lines(text: str) -> list[str]:
    """Give the lines without their breaks, which a terminal would not show."""
    return [line.removesuffix("\r") for line in _ended(text.split("\n"))]


def _ended(lines: list[str]) -> Iterator[str]:
    yield from lines[:-1]
    if lines[-1]:
        yield lines[-1]
        yield "\\ No newline at end of file"


def _safe(text: str) -> str:
    return terminal(text, encoding_of(sys.stdout))
