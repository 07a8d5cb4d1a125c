"""The demo's stage: a copy of the examples, a sandbox, and commands run as a user would."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import click

from ccops.commands.look import encoding_of
from ccops.commands.output import show, tell
from ccops.errors import CcopsError, Diagnostic, ExitCode
from ccops.render.escape import encodable


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays: a copy of the examples, and a sandbox on this machine."""

    folder: Path
    url: str
    environment: dict[str, str]


def environment(url: str, scratch: str) -> dict[str, str]:
    """Return the surroundings of the demo's commands: the sandbox, and a store of their own."""
    own = {"CCOPS_BASE_URL": url, "CCOPS_ACCESS_TOKEN": "demo", "CCOPS_STATE_DIR": scratch}
    return {**os.environ, **own, "PYTHONIOENCODING": encoding_of(sys.stdout)}


def title(text: str) -> None:
    """Say what comes next."""
    show(encodable(f"\n── {text}", encoding_of(sys.stdout)))


def run(stage: Stage, *arguments: str) -> None:
    """Run one command as a user would: a process of its own, in the workspace.

    Raises:
        CcopsError: it did not end with 0.
    """
    show(f"$ ccops {_quoted(arguments)}\n\n")
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, "-m", "ccops", *_colour(), *arguments],
        cwd=stage.folder,
        env=stage.environment,
        check=False,
    )
    if done.returncode != ExitCode.DONE:
        tell(f"ccops {arguments[0]} ended with exit code {done.returncode}")
        message = f"the demo stopped at `ccops {arguments[0]}`"
        raise CcopsError(Diagnostic(code="CC285", message=message, help="please report this"))


def _colour() -> Sequence[str]:
    context = click.get_current_context().find_root()
    return ("--color", str(context.obj["color"]))


def _quoted(arguments: Sequence[str]) -> str:
    return " ".join(f'"{one}"' if " " in one else one for one in arguments)


def move_clock(stage: Stage, instant: str) -> None:
    """Let time pass in the sandbox: what is scheduled until then is sent."""
    body = json.dumps({"now": instant}).encode()
    call = Request(f"{stage.url}/__sandbox/clock", data=body, method="POST")  # noqa: S310 - loopback
    call.add_header("Content-Type", "application/json")
    with urlopen(call, timeout=10) as answer:  # noqa: S310 - loopback
        answer.read()
