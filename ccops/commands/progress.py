"""Progress on stderr: nothing for quick work, one passing line at a terminal for slow work."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ccops.commands.look import encoding_of
from ccops.render.escape import terminal

SLOW_SECONDS = 1.0
_ERASE = "\r\x1b[2K"


@contextmanager
def progress(*, clock: Callable[[], float] = time.monotonic) -> Iterator[Callable[[str], None]]:
    """Yield a function that hears of progress; leave one past-tense line if it took long.

    Only a terminal sees the passing line; a log gets the last one alone.
    """
    started, last = clock(), ""

    def tell(text: str) -> None:
        nonlocal last
        last = text
        if sys.stderr.isatty() and clock() - started > SLOW_SECONDS:
            sys.stderr.write(_ERASE + terminal(text, encoding_of(sys.stderr)))
            sys.stderr.flush()

    try:
        yield tell
    finally:
        took = clock() - started
        if last and took > SLOW_SECONDS:
            erase = _ERASE if sys.stderr.isatty() else ""
            line = terminal(f"{last}, in {took:.1f} s", encoding_of(sys.stderr))
            sys.stderr.write(f"{erase}{line}\n")
            sys.stderr.flush()
