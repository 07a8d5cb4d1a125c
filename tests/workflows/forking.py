"""`python -I -m ccops …` without starting Python each time: a process that forks for each call.

A whole run starts ccops a dozen times, and most of its time would go into imports. So a server
imports them once; a client hands it its arguments, environment, folder and streams, and ends as its
fork does. Run as a script, this file is the server (`serve SOCKET`) or the client (`call SOCKET …`).
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MODULE = ["-I", "-m", "ccops"]
_IMPORTS = ("ci_apply", "ci_drift", "ci_plan", "ci_validate", "ci_verify", "plan", "verify", "auth")


@contextmanager
def forking(folder: Path) -> Iterator[Path]:
    """Start a server; give a program that takes the place of Python."""
    path = folder / "socket"
    program = folder / "python"
    start = [sys.executable, __file__, "serve", str(path)]
    with subprocess.Popen(start, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        call = f'exec {sys.executable} -I -S {__file__} call {path} "$@"'
        program.write_text(f"#!/bin/sh\n{call}\n", encoding="utf-8")
        program.chmod(0o755)
        yield program
        server.terminate()


def _serve(path: str) -> None:
    import importlib

    for name in _IMPORTS:
        importlib.import_module(f"ccops.commands.{name}")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print("ready", flush=True)
        while True:
            there, _ = listening.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listening.close()
                _answer(there)
            there.close()


def _answer(there: socket.socket) -> None:
    """Become the process that was asked for."""
    size, streams, *_ = socket.recv_fds(there, 8, 3)
    with there.makefile("rb") as reader:
        asked = json.loads(reader.read(int(size)))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.argv = ["ccops", *asked["words"]]
    from ccops.__main__ import main

    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    there.sendall(b"%d" % code)
    os._exit(code)


def _call(path: str, words: list[str]) -> int:
    assert words[: len(_MODULE)] == _MODULE, words
    asked = {
        "words": words[len(_MODULE) :],
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
    }
    content = json.dumps(asked).encode()
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(path)
        socket.send_fds(there, [b"%8d" % len(content)], [0, 1, 2])
        there.sendall(content)
        return int(there.recv(8) or b"1")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(sys.argv[2])
    sys.exit(_call(sys.argv[2], sys.argv[3:]))
