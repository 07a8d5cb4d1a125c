"""A command as a process of its own, and how much memory it took at most."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.stage import Done, Stage, finish

LINUX = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells a process's largest size"
)

MEASURED = """
import sys
from ccops.cli import run
code = run(sys.argv[1:])
sys.stdout.flush()
with open("/proc/self/status") as status:
    print(*[line.split()[1] for line in status if line.startswith("VmHWM")], file=sys.stderr)
sys.exit(code)
"""
# Not `ru_maxrss`: that is handed on from the process that started this one.


def measured(stage: Stage, *arguments: str) -> tuple[Done, int]:
    """Run a command; return how it ended and its largest size in megabytes, which Linux tells."""
    done = scripted(stage, MEASURED, *arguments)
    *said, size = done.err.splitlines()
    return Done(code=done.code, out=done.out, err="\n".join(said)), int(size) // 1024


def scripted(stage: Stage, script: str, *arguments: str) -> Done:
    """Run a script of Python, which runs a command, as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=stage.folder,
        env={**os.environ, **stage.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    return finish(process)
