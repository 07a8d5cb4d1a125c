"""How soon ccops has something to say: beside a bare interpreter, and the least of its kind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.furnishing import write_workspace
from benchmarks.measuring import CCOPS, HERE, ROOT, Row, beside, in_turns, process

RUNS = 21
FLOORS = str(HERE / "floors")
_LOAD = "import sys; sys.path.insert(0, {folder!r}); from {module} import main; main({argument})"


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        write_workspace(Path(name), 1)
        spent = in_turns(_commands(name), RUNS)
        asking = _asking(name)
    times = {key: one.seconds for key, one in spent.items()}
    bare, click = "python -c pass", "a bare lazy click program"
    needed = "importing click, yaml and jsonschema-rs, which it cannot do without"
    return [
        beside("`ccops --help`", times["help"], times["bare click"], f"{click}, `--help`"),
        beside("`ccops --help`", times["help"], times["pass"], bare),
        beside("`ccops --version`", times["version"], times["pass"], bare),
        beside("`ccops plan --help`", times["plan help"], times["pass"], bare),
        beside("`ccops validate` of one file", times["validate"], times["pass"], bare),
        beside("`ccops validate` of one file", times["validate"], times["imports"], needed),
        *asking,
    ]


def _asking(folder: str) -> list[Row]:
    """Measure a plan up to its first request: what its account holds says nothing before that."""
    bare, needed = (sys.executable, "-c", "pass"), (sys.executable, "-c", f"import {_NEEDED}")
    turns = [
        (_until_asked(folder), process(bare).seconds, process(needed).seconds)
        for _ in range(RUNS + 1)
    ][1:]
    plan, nothing, imports = (min(every) for every in zip(*turns, strict=True))
    what = "`ccops plan` of one file, up to its first request"
    return [
        beside(what, plan, nothing, "python -c pass"),
        beside(what, plan, imports, f"importing {_NEEDED}, which it cannot do without"),
    ]


_NEEDED = "click, yaml, jsonschema_rs, sqlite3, httpx"
# As for any user, compiled modules are kept between runs.
_AROUND = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def _until_asked(folder: str) -> float:
    """Give the seconds of a processor that a plan has taken when its first request arrives.

    The process ends there: so its times are exact, and portable.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        own = {
            "CCOPS_BASE_URL": f"http://127.0.0.1:{server.getsockname()[1]}",
            "CCOPS_ACCESS_TOKEN": "any",
            "CCOPS_STATE_DIR": f"{folder}/.state",
        }
        server.settimeout(60)
        with subprocess.Popen(
            (*CCOPS, "plan", "-C", folder),
            cwd=ROOT,
            env={**_AROUND, **own},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as child:
            connection, _ = server.accept()
            with connection:
                if not connection.recv(1):
                    raise SystemExit("the plan made no request")
            child.send_signal(signal.SIGKILL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _commands(folder: str) -> Mapping[str, Sequence[str]]:
    # By -c, so that the floor's module is compiled once and kept, as ccops' own are.
    help_ = "args=['--help'], prog_name='bare'"
    bare = _LOAD.format(folder=FLOORS, module="bare", argument=help_)
    ccops = "import sys; sys.argv = ['ccops', '--help']; from ccops.__main__ import main; main()"
    return {
        "pass": (sys.executable, "-c", "pass"),
        "bare click": (sys.executable, "-c", bare),
        "help": (sys.executable, "-c", ccops),
        "version": (*CCOPS, "--version"),
        "plan help": (*CCOPS, "plan", "--help"),
        "validate": (*CCOPS, "validate", "-C", folder),
        "imports": (sys.executable, "-c", "import click, yaml, jsonschema_rs"),
    }
