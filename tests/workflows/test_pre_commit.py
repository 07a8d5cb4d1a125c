"""The hooks for pre-commit: what they name is there, and does what they say."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.stage import Stage, account, manifest, on_stage
from tests.project.pure_core import ROOT

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
