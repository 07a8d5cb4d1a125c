"""Where results and messages go: stdout carries the result and nothing else."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO, TypedDict

import click

from ccops.errors import Diagnostic, InvalidInput
from ccops.render.diagnostics import diagnostics_text
from ccops.render.style import PLAIN, ColorChoice, Style, wants_color


def style_for(stream: TextIO) -> Style:
    """Decide about colour for one stream, from the flag, the environment and the terminal."""
    return Style(color=wants_color(_choice(), os.environ, tty=stream.isatty()))


def width_for(stream: TextIO) -> int | None:
    """Return the columns of a terminal; None where lines must not be cut (files, logs, pipes)."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


class Look(TypedDict):
    """How a renderer dresses its text for one stream."""

    style: Style
    width: int | None
    encoding: str


FILE = Look(style=PLAIN, width=None, encoding="utf-8")
"""A file is never styled or cut, whatever the environment says."""


def look(stream: TextIO) -> Look:
    """Return style, width and encoding of a stream, as renderers take them."""
    return Look(style=style_for(stream), width=width_for(stream), encoding=encoding_of(stream))


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


def encoding_of(stream: TextIO) -> str:
    """Return what a stream can encode: characters that it lacks are replaced, never a crash."""
    return stream.encoding or "ascii"


def save(path: str, text: str) -> None:
    """Write a result to a file. Raises InvalidInput when that is impossible."""
    try:
        Path(path).write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise InvalidInput(Diagnostic(code="CC280", message=message)) from error


def _choice() -> ColorChoice:
    return ColorChoice(_appearance().get("color", ColorChoice.AUTO))


def _plain() -> bool:
    return bool(_appearance().get("plain")) or os.environ.get("TERM") == "dumb"


def _appearance() -> dict[str, str]:
    """What the group's own options say; nothing outside of a command line."""
    context = click.get_current_context(silent=True)
    return (context.find_root().obj if context else None) or {}
