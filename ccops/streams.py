"""Standard streams that can fail without harm.

A full disk, a closed descriptor or a reader that went away must neither end a command between two
requests nor change what it does. So while a command runs, whatever it writes goes through here.
"""

import io
import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TextIO, cast

_PATIENCE = 3.0
"""Seconds that nobody may read stderr before a command goes on without it: a halt, for one."""
_PIECE = 1_024
"""Characters written at a time: of 4 bytes each at most, so that a pipe with room takes them whole."""


class Lasting(io.TextIOBase):
    """A stream to which writing never raises: one that takes nothing any more is given up.

    `inner` is what is written to, at once; None: the process was started without it. What it does
    not take goes to `spare`, if there is one, after `warn` was told once why (words of the
    system). A reader that went away wants neither.

    `missing`: something was not taken that a reader may wait for. `owed`: to show it is all that
    the command is for.

    `patience`: so many seconds a reader may keep it waiting; then what is written is dropped until
    the reader goes on. None: for ever.
    """

    encoding: str = "utf-8"
    errors: str | None = "backslashreplace"

    def __init__(
        self,
        inner: TextIO | None,
        *,
        spare: io.TextIOBase | None = None,
        warn: Callable[[str, bool], None] = lambda _why, _owed: None,
        patience: float | None = None,
    ) -> None:
        super().__init__()
        self._inner = inner
        self._spare = spare
        self._warn = warn
        self._wanted = True
        self._patience = patience
        self._stalled = False
        self.missing = False
        self.owed = True
        if inner is not None:
            self.encoding = inner.encoding or "ascii"
            self.errors = inner.errors or self.errors

    def write(self, text: str | bytes, /) -> int:
        """Write text, and count its characters; bytes are refused, as by any stream of text."""
        if not isinstance(text, str):
            # click finds out by that whether a stream takes bytes.
            raise TypeError(text)
        inner = self._inner
        if inner is None:
            self._miss(text, "it is closed")
            return len(text)
        try:
            self._pass_on(inner, text)
        except BrokenPipeError:
            self._wanted = False
            self._give_up(inner)
        except (OSError, ValueError) as error:
            self._give_up(inner)
            self._miss(text, getattr(error, "strerror", None) or str(error))
        return len(text)

    def _pass_on(self, inner: TextIO, text: str) -> None:
        for at in range(0, len(text), _PIECE):
            if not self._has_room(inner):
                return
            piece = text[at : at + _PIECE]
            try:
                inner.write(piece)
            except UnicodeEncodeError:
                inner.write(piece.encode(self.encoding, "backslashreplace").decode(self.encoding))
            inner.flush()

    def _has_room(self, inner: TextIO) -> bool:
        """Wait until a piece can be written, but not for ever, and not again for the next one."""
        if self._patience is None:
            return True
        seconds = 0.0 if self._stalled else self._patience
        try:
            _, room, _ = select.select([], [inner.fileno()], [], seconds)
        except (OSError, ValueError):
            return True  # it has no descriptor, or one that cannot be asked: a file on Windows
        self._stalled = not room
        return bool(room)

    def _give_up(self, inner: TextIO) -> None:
        """Let go of what is written to; what it still holds back goes nowhere, and fails no more."""
        self._inner = None
        with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), inner.fileno())

    def _miss(self, text: str, why: str) -> None:
        if not text or not self._wanted or self._spare is None:
            return
        if not self.missing:
            self.missing = True
            self._warn(why, self.owed)
        self._spare.write(text)

    def flush(self) -> None:
        """Do nothing: what is written is flushed at once."""

    def writable(self) -> bool:
        """Say yes, always."""
        return True

    def isatty(self) -> bool:
        """Say whether a person can read what is written."""
        with suppress(OSError, ValueError):
            return self._inner is not None and not self._stalled and self._inner.isatty()
        return False

    def fileno(self) -> int:
        """Give the descriptor. Raises OSError where there is none."""
        if self._inner is None:
            raise io.UnsupportedOperation("fileno")
        return self._inner.fileno()


@contextmanager
def lasting(warn: Callable[[str, bool], None]) -> Iterator[Lasting]:
    """Let both standard streams last while inside; gives stdout.

    `warn` hears once why stdout takes nothing, and whether that is owed; what is missing there
    then stands on stderr, if that can be written to.
    """
    errors = Lasting(sys.stderr, patience=_PATIENCE)
    result = Lasting(sys.stdout, spare=errors, warn=warn)
    # Its methods are those of a stream of text, which no class of io says.
    with redirect_stdout(cast("TextIO", result)), redirect_stderr(cast("TextIO", errors)):
        yield result


def outcome_stands() -> None:
    """Let the exit code tell what was done from here on, also where no result can be shown.

    For commands that write: they must not look failed, and be run again, for want of a reader.
    """
    if isinstance(sys.stdout, Lasting):
        sys.stdout.owed = False


def occupy_closed() -> None:
    """Let no file and no connection take the number of a standard stream that is closed.

    Whatever crashes, and children, would write into it there.
    """
    number = os.open(os.devnull, os.O_RDWR)
    while number <= 2:  # noqa: PLR2004 - the standard streams are 0, 1 and 2
        os.set_inheritable(number, True)  # noqa: FBT003 - it takes no keywords
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
