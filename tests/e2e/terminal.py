"""A person at a terminal: a command as a process on a pseudo-terminal, with typed answers."""

import os
import pty
import re
import signal
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from tests.e2e.stage import Done, Stage, finish

STYLING = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")


def at_terminal(
    stage: Stage, *arguments: str, typed: str = "", interrupted_at: str | None = None
) -> Done:
    """Run a command whose stdin and stderr are a terminal, where `typed` waits to be read.

    stdout is a pipe, as in `ccops apply > report.txt`. What stands on the terminal is in `err`,
    without its colours.
    With `interrupted_at` the process gets a SIGINT when the terminal shows these words.
    """
    master, slave = pty.openpty()
    process = stage.start(*arguments, stdin=slave, stderr=slave)
    os.close(slave)
    shown = bytearray()
    waiting = [interrupted_at] if interrupted_at else []

    def look() -> None:
        if waiting and waiting[0].encode() in shown:
            waiting.clear()
            process.send_signal(signal.SIGINT)
            # A signal just before the read is heard after it only (Python), so let the read end.
            os.write(master, b"\n")

    reader = Thread(target=_read, args=(master, shown, look))
    reader.start()
    os.write(master, typed.encode())
    try:
        done = finish(process)
    finally:
        reader.join()
        os.close(master)
    plain = STYLING.sub("", shown.decode())
    return Done(code=done.code, out=done.out, err=plain.replace("\r\n", "\n"))


def _read(master: int, shown: bytearray, look: Callable[[], None]) -> None:
    # Linux answers EIO, and not an empty read, when the last process has left the terminal.
    with suppress(OSError):
        while data := os.read(master, 4096):
            shown.extend(data)
            look()
