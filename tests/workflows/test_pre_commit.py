"""The hooks for pre-commit: what they name is there, and does what they say."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.e2e.stage import Stage, account, manifest, on_stage
from tests.project.pure_core import ROOT
from tests.workflows.conftest import git

FILE = ROOT / ".pre-commit-hooks.yaml"
HOOKS = {one["id"]: one for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    world = account()
    world.add_campaign("Spring")
    with on_stage(tmp_path / "workspace", world) as stage:
        stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
        yield stage


def entry(name: str) -> tuple[str, ...]:
    """The words after `ccops`, as pre-commit starts them: without file names."""
    assert HOOKS[name]["pass_filenames"] is False
    program, *words = shlex.split(HOOKS[name]["entry"])
    assert program == "ccops"
    return tuple(words)


def test_pre_commit_accepts_them() -> None:
    """By its own check of such files."""
    words = [sys.executable, "-m", "pre_commit", "validate-manifest", str(FILE)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_three_and_only_one_needs_a_login() -> None:
    """That one runs only if it is asked for, before a push."""
    assert set(HOOKS) == {"ccops-validate", "ccops-fmt", "ccops-plan"}
    assert {one["language"] for one in HOOKS.values()} == {"python"}
    assert HOOKS["ccops-plan"]["stages"] == ["pre-push", "manual"]


def test_validate_needs_no_account(stage: Stage) -> None:
    """It makes no request, and finds what is wrong."""
    assert stage.run(*entry("ccops-validate")).code == 0
    stage.write("campaign: [")
    assert stage.run(*entry("ccops-validate")).code == 3
    assert len(stage.world.requests) == 0


def test_fmt_changes_the_files_which_pre_commit_takes_for_a_failure(stage: Stage) -> None:
    """A second run changes nothing."""
    path = stage.folder / "campaigns" / "one.yaml"
    path.write_text(
        "campaign: A\nrecipients:\n    lists: [B]\nsend_at: unscheduled\n", encoding="utf-8"
    )
    before = path.read_bytes()
    assert stage.run(*entry("ccops-fmt")).code == 0
    formatted = path.read_bytes()
    assert formatted != before
    assert stage.run(*entry("ccops-fmt")).code == 0
    assert path.read_bytes() == formatted


def test_plan_only_reads(stage: Stage) -> None:
    """And fails where a push should not go on."""
    assert stage.run(*entry("ccops-plan")).code == 0
    assert stage.writes() == []
    stage.write(manifest("Spring", "Nobody", send_at="Tue 2027-03-09 09:00"))
    assert stage.run(*entry("ccops-plan")).code == 3


def test_a_workspace_in_a_subfolder_is_named_by_an_argument(stage: Stage) -> None:
    """As pre-commit appends `args`."""
    words = (*entry("ccops-validate"), "-C", str(stage.folder))
    assert stage.run(*words).code == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """A repository that uses the hooks, with pre-commit itself."""

    root: Path
    environment: dict[str, str]

    def git(self, *words: str) -> str:
        return git(self.root, *words)

    def hook(self, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Have pre-commit run one hook on what is staged."""
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", name, *words],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """The hooks as they stand in the file, but for `language`: ccops is installed already."""
    world = account()
    world.add_campaign("Spring")
    root = tmp_path / "clone"
    with on_stage(root / "mail", world) as stage:
        stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
        hooks = [
            {
                **hook,
                "language": "system",
                "entry": f"{sys.executable} -m {hook['entry']}",
                "args": ["-C", "mail"],
            }
            for hook in HOOKS.values()
        ]
        config = {"repos": [{"repo": "local", "hooks": hooks}]}
        (root / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        (root / ".gitignore").write_text(".state\n.ccops\n", encoding="utf-8")
        git(root, "init", "--quiet")
        git(root, "add", ".")
        environment = {**os.environ, **stage.environment, "PRE_COMMIT_HOME": str(tmp_path / "home")}
        yield Clone(root=root, environment=environment)


def test_pre_commit_runs_validate_on_manifests_and_the_lock(clone: Clone) -> None:
    """By what is staged: nothing else starts it, and a mistake stops the commit."""
    file = clone.root / "mail" / "campaigns" / "one.yaml"
    done = clone.hook("ccops-validate")
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout + done.stderr
    file.write_text("campaign: [", encoding="utf-8")
    clone.git("add", ".")
    done = clone.hook("ccops-validate")
    assert (done.returncode, "CC001" in done.stdout) == (1, True)
    for name, started in (("README.md", False), ("mail/ccops.lock", True)):
        clone.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m", "x")
        (clone.root / name).write_text("x", encoding="utf-8")
        clone.git("add", ".")
        assert ("Skipped" not in clone.hook("ccops-validate").stdout) is started


def test_pre_commit_stops_a_commit_that_fmt_changed(clone: Clone) -> None:
    """What it wrote is to be staged first."""
    file = clone.root / "mail" / "campaigns" / "one.yaml"
    file.write_text(file.read_text("utf-8").replace(": ", ":   "), encoding="utf-8")
    clone.git("add", ".")
    done = clone.hook("ccops-fmt")
    assert (done.returncode, "files were modified" in done.stdout) == (1, True), done.stdout
    clone.git("add", ".")
    assert clone.hook("ccops-fmt").returncode == 0


def test_pre_commit_plans_only_before_a_push_or_by_hand(clone: Clone) -> None:
    """A commit never waits for the account."""
    assert "ccops plan" not in clone.hook("ccops-plan").stdout
    done = clone.hook("ccops-plan", "--hook-stage", "manual")
    assert (done.returncode, "1 to schedule" in done.stdout) == (0, True), done.stdout
