"""How text looks on a stream: colour, width and encoding, as the flags and the stream say."""

import os
import shutil
from typing import TextIO, TypedDict

import click

from ccops.render.style import PLAIN, ColorChoice, Style, wants_color


class Look(TypedDict):
    """How a renderer dresses its text for one stream.

    `width` is a terminal's; None where lines must not be cut (files, logs, pipes).
    """

    style: Style
    width: int | None
    encoding: str


FILE = Look(style=PLAIN, width=None, encoding="utf-8")
"""A file is never styled or cut, whatever the environment says."""


def look(stream: TextIO) -> Look:
    """Decide for one stream, from the flag, the environment and the terminal."""
    terminal = stream.isatty()
    choice = ColorChoice(appearance().get("color", ColorChoice.AUTO))
    return Look(
        style=Style(color=wants_color(choice, os.environ, tty=terminal)),
        width=shutil.get_terminal_size().columns if terminal else None,
        encoding=encoding_of(stream),
    )


def encoding_of(stream: TextIO) -> str:
    """Return what a stream can encode: characters that it lacks are replaced, never a crash."""
    return stream.encoding or "ascii"


def appearance() -> dict[str, str]:
    """Return what the group's own options say; nothing outside of a command line."""
    context = click.get_current_context(silent=True)
    return (context.find_root().obj if context else None) or {}
