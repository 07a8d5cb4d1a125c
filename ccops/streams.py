"""Standard streams that can fail without harm.

A full disk, a closed descriptor or a reader that went away must neither end a command between two
requests nor change what it does. So while a command runs, whatever it writes goes through here.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TextIO, cast


class Lasting(io.TextIOBase):
    """A stream to which writing never raises: one that takes nothing any more is given up.

    `inner` is what is written to, at once; None: the process was started without it. What it does
    not take goes to `spare`, if there is one, after `warn` was told once why (words of the
    system). A reader that went away wants neither.

    `missing`: something was not taken that a reader may wait for. `owed`: to show it is all that
    the command is for.
    """

    encoding: str = "utf-8"
    errors: str | None = "backslashreplace"

    def __init__(
        self,
        inner: TextIO | None,
        *,
        spare: io.TextIOBase | None = None,
        warn: Callable[[str, bool], None] = lambda _why, _owed: None,
    ) -> None:
        super().__init__()
        self._inner = inner
        self._spare = spare
        self._warn = warn
        self._wanted = True
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
        try:
            inner.write(text)
        except UnicodeEncodeError:
            inner.write(text.encode(self.encoding, "backslashreplace").decode(self.encoding))
        inner.flush()

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
            return self._inner is not None and self._inner.isatty()
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
    errors = Lasting(sys.stderr)
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
