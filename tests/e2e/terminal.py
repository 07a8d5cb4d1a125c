"""A person at a terminal: a command as a process on a pseudo-terminal, with typed answers."""

import os
import pty
from contextlib import suppress
from threading import Thread

from tests.e2e.stage import Done, Stage, finish


def at_terminal(stage: Stage, *arguments: str, typed: str) -> Done:
    """Run a command whose stdin and stderr are a terminal, where `typed` waits to be read.

    stdout is a pipe, as in `ccops apply > report.txt`. What stands on the terminal is in `err`.
    """
    master, slave = pty.openpty()
    process = stage.start(*arguments, stdin=slave, stderr=slave)
    os.close(slave)
    shown: list[bytes] = []
    reader = Thread(target=_read, args=(master, shown))
    reader.start()
    os.write(master, typed.encode())
    try:
        done = finish(process)
    finally:
        reader.join()
        os.close(master)
    return Done(code=done.code, out=done.out, err=b"".join(shown).decode().replace("\r\n", "\n"))


def _read(master: int, shown: list[bytes]) -> None:
    # Linux answers EIO, and not an empty read, when the last process has left the terminal.
    with suppress(OSError):
        while data := os.read(master, 4096):
            shown.append(data)
