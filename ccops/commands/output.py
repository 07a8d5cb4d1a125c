"""Where results and messages go: stdout carries the result and nothing else."""

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from ccops.commands.look import appearance, encoding_of, look
from ccops.constantcontact.secret import redacted
from ccops.errors import Diagnostic, InvalidInput
from ccops.render.escape import log_json, terminal
from ccops.session.credentials import confidential
from ccops.streams import outcome_stands


def show(text: str) -> None:
    """Write a result to stdout."""
    _write(sys.stdout, text if text.endswith("\n") else text + "\n")


def show_done(text: str) -> None:
    """Write to stdout what was done: the exit code stands, whether or not it can be shown."""
    outcome_stands()
    show(text)


def show_document(text: str) -> None:
    """Write a JSON document to stdout, in a spelling that no log obeys."""
    show(log_json(text))


def tell(text: str) -> None:
    """Write progress or a note to stderr, one line; what it quotes of others becomes harmless."""
    _write(sys.stderr, harmless(text) + "\n")


def harmless(text: str) -> str:
    """Return text that quotes others as one line that stderr can show."""
    return terminal(text, encoding_of(sys.stderr))


def tell_rendered(text: str) -> None:
    """Write to stderr what a renderer made harmless and dressed already."""
    _write(sys.stderr, text)


def tell_lines(text: str) -> None:
    """Write lines to stderr that may quote anything, as usage and tracebacks do; no secret is shown."""
    for line in redacted(text, *confidential(os.environ)).splitlines():
        tell(line)


def _write(stream: TextIO, text: str) -> None:
    """Write to a stream at once; that none can fail is the command line's matter (see `lasting`)."""
    stream.write(text)
    stream.flush()


def show_diagnostics(
    diagnostics: Sequence[Diagnostic], closing: str = "Nothing was written."
) -> None:
    """Write diagnostics to stderr."""
    # A fifth of a small command's own start-up, and of no use while all is well.
    from ccops.render.diagnostics import diagnostics_text  # noqa: PLC0415 - see above

    dressed = look(sys.stderr)
    tell_rendered(diagnostics_text(diagnostics, **dressed, plain=_plain(), closing=closing))


def save(path: str, text: str) -> None:
    """Write a result to a file. Raises InvalidInput when that is impossible.

    A link in the file's place is not followed: a checkout can hold one to any file of its owner.
    Line breaks stand as they are, on any system: iCalendar demands its own.
    """
    try:
        with open(path, "w", encoding="utf-8", newline="", opener=_no_link) as file:
            file.write(text if text.endswith("\n") else text + "\n")
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise InvalidInput(Diagnostic(code="CC280", message=message)) from error


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _plain() -> bool:
    return bool(appearance().get("plain")) or os.environ.get("TERM") == "dumb"
