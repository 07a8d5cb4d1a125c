"""The last step of the action, run for real: git, the sandbox behind a socket, ccops between them."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Stage, account, manifest, on_stage
from tests.workflows.conftest import ACTION_FOLDER, git
from tests.workflows.hosted import bare
from tests.workflows.machine import read_outputs

MEMBERS = list_id_of("Members")
MARCH_2, MARCH_3, MARCH_9 = "Tue 2027-03-02 09:00", "Wed 2027-03-03 09:00", "Tue 2027-03-09 09:00"
FEBRUARY_28 = "Sun 2027-02-28 09:00"
GITHUB_TOKEN = "token-of-github"
ODD = "Gala [50% *off*] $(touch ran) ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a step ended, what the next steps know of it, and its page."""

    code: int
    said: str
    outputs: dict[str, str]
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A job's surroundings around a stage whose folder is a repository."""

    stage: Stage
    temporary: Path

    def git(self, *words: str) -> str:
        return git(self.stage.folder, *words)

    def push(self) -> str:
        """Commit everything, push it to the branch, and give the commit before."""
        before = self.git("rev-parse", "HEAD")
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "-m", "pushed")
        self.git("push", "--quiet", "--force", "origin", "HEAD:main")
        return before

    def run(
        self,
        command: str,
        event: str = "push",
        around: Mapping[str, str] = MappingProxyType({}),
        **inputs: Any,
    ) -> Ran:
        """Run the script as a step of a job; `around` are further variables of it."""
        output, page = self.temporary / "output", self.temporary / "page"
        for path in (output, page):
            path.write_text("", encoding="utf-8")
        given = {"COMMAND": command, "DIRECTORY": ".", **inputs}
        done = subprocess.run(
            ["bash", str(ACTION_FOLDER / "run.sh")],
            cwd="/",
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                **self.stage.environment,
                "RUNNER_TEMP": str(self.temporary),
                "GITHUB_WORKSPACE": str(self.stage.folder),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(page),
                "GITHUB_EVENT_NAME": event,
                "GITHUB_REF": "refs/heads/main",
                "CCOPS_CI_GITHUB_TOKEN": GITHUB_TOKEN,
                **{f"CCOPS_ACTION_{name.upper()}": value for name, value in given.items()},
                **around,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(
            code=done.returncode,
            said=done.stdout + done.stderr,
            outputs=read_outputs(output.read_text(encoding="utf-8")),
            page=page.read_text(encoding="utf-8"),
        )


@contextmanager
def on_runner(tmp_path: Path, python: Path) -> Iterator[Runner]:
    """Near is a draft, Sent was sent and has a resend tomorrow, Gala is a draft with a bad name."""
    world = account()
    for name in ("Near", "Other", ODD):
        world.add_campaign(name, lists=[MEMBERS])
    world.add_campaign("Sent", lists=[MEMBERS], history=[START - timedelta(days=1)], format_type=3)
    temporary = tmp_path / "temporary"
    (temporary / "ccops-venv" / "bin").mkdir(parents=True)
    (temporary / "ccops-venv" / "bin" / "python").symlink_to(python)
    with on_stage(tmp_path / "workspace", world) as stage:
        git(stage.folder, "init", "--quiet", "--initial-branch=main")
        (stage.folder / ".gitignore").write_text(".state\n", encoding="utf-8")
        stage.write(manifest("Near", "Members", send_at=MARCH_9), name="near.yaml")
        stage.write(manifest("Other", "Members", send_at="unscheduled"), name="other.yaml")
        stage.write(manifest(ODD, "Members", send_at="unscheduled"), name="odd.yaml")
        stage.write(manifest("Sent", "Members", send_at=FEBRUARY_28), name="sent.yaml")
        assert stage.run("lock").code == 0
        git(stage.folder, "add", ".")
        git(stage.folder, "commit", "--quiet", "-m", "first")
        git(stage.folder, "remote", "add", "origin", bare(tmp_path / "origin.git").as_uri())
        git(stage.folder, "push", "--quiet", "origin", "HEAD:main")
        yield Runner(stage=stage, temporary=temporary)


def other(runner: Runner, send_at: str) -> None:
    runner.stage.write(manifest("Other", "Members", send_at=send_at), name="other.yaml")
