"""`ccops demo`: the whole job on the sandbox, step by step; no account needed."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from ccops.commands.stage import Stage, environment, move_clock, run, title
from ccops.errors import ExitCode
from ccops.resources import copy_examples
from ccops.sandbox.seed import seed
from ccops.sandbox.server import serve

START = datetime(2027, 3, 1, 14, tzinfo=UTC)
RECALL = "Product Recall"
AFTER_THE_SENDS = "2027-03-22T15:00:00Z"


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
            _play(Stage(folder=folder, url=url, environment=environment(url, scratch)))
    return ExitCode.DONE


def _play(stage: Stage) -> None:
    title("The example workspace is read; every mistake would be shown with its place.")
    run(stage, "validate")
    title("What would be requested? `now` needs a permission, and the plan is saved for review.")
    allow = ("--allow", f"send-now={RECALL}", "--reason", "The trowel's handle can break")
    run(stage, "plan", *allow, "--save", "plan.json", "--show-requests")
    title("Exactly that plan is applied, named by its checksum.")
    checksum = json.loads((stage.folder / "plan.json").read_text(encoding="utf-8"))["checksum"]
    run(stage, "apply", "plan.json", "--checksum", checksum)
    title("And again: nothing is left to do.")
    run(stage, "plan", "--detailed-exitcode")
    title("Three weeks pass: the scheduled campaigns are sent, and the declared resend is due.")
    move_clock(stage, AFTER_THE_SENDS)
    run(stage, "apply", "--yes")
    title("A last look; with --detailed-exitcode it would fail if anything were left to do.")
    run(stage, "plan", "--detailed-exitcode")
    title("plan → apply → No changes: the account is as the manifests say.")
