"""Where results and messages go: stdout carries the result and nothing else."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ccops.commands.look import appearance, look
from ccops.errors import Diagnostic, InvalidInput
from ccops.render.diagnostics import diagnostics_text


def show(text: str) -> None:
    """Write a result to stdout."""
    _write(sys.stdout, text if text.endswith("\n") else text + "\n")


def tell(text: str) -> None:
    """Write progress or a note to stderr."""
    _write(sys.stderr, text + "\n")


def _write(stream: TextIO, text: str) -> None:
    """Write to a stream; a reader that went away changes neither what is done nor the exit code."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def show_diagnostics(
    diagnostics: Sequence[Diagnostic], closing: str = "Nothing was written."
) -> None:
    """Write diagnostics to stderr."""
    sys.stderr.write(
        diagnostics_text(
            diagnostics,
            **look(sys.stderr),
            plain=_plain(),
            closing=closing,
        )
    )


def save(path: str, text: str) -> None:
    """Write a result to a file. Raises InvalidInput when that is impossible."""
    try:
        Path(path).write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise InvalidInput(Diagnostic(code="CC280", message=message)) from error


def _plain() -> bool:
    return bool(appearance().get("plain")) or os.environ.get("TERM") == "dumb"
