"""A child process: started, waited for, and kept from filling the memory or lasting for ever."""

import os
import subprocess
from collections.abc import Sequence
from threading import Thread
from typing import IO

from ccops.fleet.outcomes import Ended

LONGEST = 4 * 3600.0
"""Seconds that one account may take, unless it was told otherwise: far more than a day's requests
of a standard key (50 min)."""

GRACE = 600.0
"""Seconds to finish what was begun, after a child was asked to end: a settle time, and readings."""

MOST = 64 * 1024 * 1024
"""Characters that are kept of each of its two streams; what is beyond is read and forgotten."""

_PART = 64 * 1024
_AFTERWARDS = 5.0
"""Seconds that a stream is waited for when its process has ended: another may have it open."""


def start(words: Sequence[str], *, apart: bool = False) -> "subprocess.Popen[str]":
    """Start a child that has no terminal (OSError).

    `apart`: a key pressed at the terminal is not heard by it, but by its parent alone.
    """
    return subprocess.Popen(  # noqa: S603 - our own program; no shell reads the words
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
        errors="replace",
        start_new_session=apart,
    )


def finished(process: "subprocess.Popen[str]", limit: float = LONGEST) -> Ended:
    """Wait for the end of a child, however much it says, and whoever else holds its streams.

    One that takes longer than `limit` seconds is asked to end; after `GRACE` it is killed.
    """
    out, err = _Kept(process.stdout), _Kept(process.stderr)
    overdue = not _ends(process, limit)
    if overdue:
        process.terminate()
        if not _ends(process, GRACE):
            process.kill()
    code = process.wait()
    late = limit if overdue else None
    return Ended(code=code, out=out.text(), err=err.text(), overdue=late)


def _ends(process: "subprocess.Popen[str]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


class _Kept:
    """The beginning of what a stream says; it is read to its end, so that nobody waits for that."""

    def __init__(self, stream: IO[str] | None) -> None:
        self._parts: list[str] = []
        self._thread = Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str] | None) -> None:
        left = MOST
        while stream is not None and (part := stream.read(_PART)):
            self._parts.append(part[:left])
            left -= len(self._parts[-1])
        if stream is not None:
            stream.close()

    def text(self) -> str:
        self._thread.join(_AFTERWARDS)
        return "".join(self._parts)
