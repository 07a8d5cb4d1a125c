"""`ccops demo`: the whole job on the sandbox, step by step; no account needed."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

import click

from ccops.commands.output import encoding_of, tell
from ccops.errors import CcopsError, Diagnostic, ExitCode
from ccops.render.escape import encodable
from ccops.resources import copy_examples
from ccops.sandbox.seed import seed
from ccops.sandbox.server import serve

START = datetime(2027, 3, 1, 14, tzinfo=UTC)
RECALL = "Product Recall"
AFTER_THE_SENDS = "2027-03-22T15:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays: a copy of the examples, and a sandbox on this machine."""

    folder: Path
    url: str
    environment: dict[str, str]


@click.command("demo")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the example workspace here.")
def command(keep: Path | None) -> ExitCode:
    """Validate, plan and apply the example workspace against a real HTTP server on this machine.

    It pretends to be Constant Contact. No account, no network, no email.
    """
    with tempfile.TemporaryDirectory(prefix="ccops-demo-") as scratch:
        folder = keep or Path(scratch) / "workspace"
        copy_examples(folder)
        with serve(seed("demo", START)) as url:
            _play(Stage(folder=folder, url=url, environment=_environment(url, scratch)))
    return ExitCode.DONE


def _play(stage: Stage) -> None:
    _title("The example workspace is read; every mistake would be shown with its place.")
    _run(stage, "validate")
    _title("What would be requested? `now` needs a permission, and the plan is saved for review.")
    allow = ("--allow", f"send-now={RECALL}", "--reason", "The trowel's handle can break")
    _run(stage, "plan", *allow, "--save", "plan.json", "--show-requests")
    _title("Exactly that plan is applied, named by its checksum.")
    checksum = json.loads((stage.folder / "plan.json").read_text(encoding="utf-8"))["checksum"]
    _run(stage, "apply", "plan.json", "--checksum", checksum)
    _title("And again: nothing is left to do.")
    _run(stage, "plan", "--detailed-exitcode")
    _title("Three weeks pass: the scheduled campaigns are sent, and the declared resend is due.")
    _move_clock(stage, AFTER_THE_SENDS)
    _run(stage, "apply", "--yes")
    _title("A last look; with --detailed-exitcode it would fail if anything were left to do.")
    _run(stage, "plan", "--detailed-exitcode")
    _title("plan → apply → No changes: the account is as the manifests say.")


def _environment(url: str, scratch: str) -> dict[str, str]:
    own = {"CCOPS_BASE_URL": url, "CCOPS_ACCESS_TOKEN": "demo", "CCOPS_STATE_DIR": scratch}
    return {**os.environ, **own, "PYTHONIOENCODING": encoding_of(sys.stdout)}


def _title(text: str) -> None:
    click.echo(encodable(f"\n── {text}", encoding_of(sys.stdout)))


def _run(stage: Stage, *arguments: str) -> None:
    """Run one command as a user would: a process of its own, in the workspace."""
    click.echo(f"$ ccops {_quoted(arguments)}\n")
    sys.stdout.flush()
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


def _move_clock(stage: Stage, instant: str) -> None:
    body = json.dumps({"now": instant}).encode()
    call = Request(f"{stage.url}/__sandbox/clock", data=body, method="POST")  # noqa: S310 - loopback
    call.add_header("Content-Type", "application/json")
    with urlopen(call, timeout=10) as answer:  # noqa: S310 - loopback
        answer.read()
