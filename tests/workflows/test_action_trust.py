"""What the checkout, the event and the surroundings can make of the action's last step: nothing."""

import base64
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.stepping import (
    GITHUB_TOKEN,
    MARCH_9,
    Runner,
    on_runner,
    other,
)


@pytest.fixture
def runner(tmp_path: Path, python: Path) -> Iterator[Runner]:
    with on_runner(tmp_path, python) as runner:
        yield runner


@pytest.mark.parametrize("file", ["ccops.yaml", "ccops.lock"])
def test_a_later_change_of_what_bears_on_all_hinders(runner: Runner, file: str) -> None:
    """Who may approve, a guard, an id: what was pushed under the old ones is planned anew."""
    other(runner, MARCH_9)
    before = runner.push()
    earlier = runner.git("rev-parse", "HEAD")
    with (runner.stage.folder / file).open("a", encoding="utf-8") as text:
        text.write("# changed\n")
    runner.push()
    runner.git("checkout", "--quiet", earlier)
    assert runner.run("plan", since=before).code == 3


def test_nothing_is_planned_or_applied_if_the_branch_cannot_be_asked(runner: Runner) -> None:
    """Nor is there a branch in a pull request, or for a tag."""
    other(runner, MARCH_9)
    before = runner.push()
    plain: dict[str, Any] = {"since": before, "checksum": "sha256:" + "0" * 64}
    for ref in ("refs/pull/7/merge", "refs/tags/v1", ""):
        ran = runner.run("apply", around={"GITHUB_REF": ref}, **plain)
        assert (ran.code, "only what is on a branch" in ran.said) == (3, True)
    runner.git("remote", "set-url", "origin", "file:///nowhere")
    for command in ("plan", "apply", "resend"):
        ran = runner.run(command, **plain)
        assert (ran.code, "does not say what main holds" in ran.said) == (3, True), ran.said
    assert runner.stage.world.requests[-1].method == "GET"
    assert runner.stage.writes() == []


def test_git_gets_no_secret_but_the_header_of_its_own_server(
    runner: Runner, tmp_path: Path
) -> None:
    """And no word of it stands on a command line."""
    before = runner.push()
    told, real = tmp_path / "told", shutil.which("git")
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "git").write_text(
        f'#!/bin/sh\n{{ echo "WORDS $*"; env; }} >>{told}\nexec {real} "$@"\n', encoding="utf-8"
    )
    (folder / "git").chmod(0o755)
    lent = {"CCOPS_REFRESH_TOKEN": "refresh", "GIT_DIR": "/nowhere"}
    around = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", **lent}
    assert runner.run("plan", since=before, around=around).code == 0
    lines = told.read_text(encoding="utf-8").splitlines()
    assert not [one for one in lines if one.startswith(("CCOPS_", "GIT_DIR"))]
    headers = {one for one in lines if one.startswith("GIT_CONFIG_VALUE_0=")}
    word = base64.b64encode(f"x-access-token:{GITHUB_TOKEN}".encode()).decode()
    assert headers == {f"GIT_CONFIG_VALUE_0=AUTHORIZATION: basic {word}"}
    assert {one for one in lines if one.startswith("GIT_CONFIG_KEY_0=")} == {
        "GIT_CONFIG_KEY_0=http.https://github.com/.extraheader"
    }
    calls = [one for one in lines if one.startswith("WORDS ")]
    assert len(calls) > 3
    assert not [one for one in calls if word in one or GITHUB_TOKEN in one]


def test_a_link_leads_to_no_other_workspace(runner: Runner, tmp_path: Path) -> None:
    """A pull request may hold links, and may lack what was there."""
    outside = tmp_path / "outside"
    shutil.copytree(runner.stage.folder, outside)
    (runner.stage.folder / "link").symlink_to(outside)
    (runner.stage.folder / "empty").mkdir()
    for folder in ("link", "empty", "..", "missing"):
        ran = runner.run("validate", DIRECTORY=folder)
        assert (ran.code, "'working-directory'" in ran.said) == (3, True), ran.said
    (runner.stage.folder / "ccops.yaml").rename(runner.stage.folder / "other.yaml")
    (runner.stage.folder / "ccops.yaml").symlink_to("other.yaml")
    assert runner.run("validate").code == 3


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "issue_comment"])
@pytest.mark.parametrize("command", ["validate", "keepalive", "verify"])
def test_events_that_lend_secrets_to_strangers_are_refused(
    runner: Runner, event: str, command: str
) -> None:
    """Whatever is to be run."""
    ran = runner.run(command, event=event)
    assert (ran.code, "does not run for the event" in ran.said) == (3, True)


def test_a_store_that_is_meant_and_missing_ends_the_run(runner: Runner) -> None:
    """It does not go on without a memory, and without a lock."""
    ran = runner.run("resend", event="schedule", around={"CCOPS_STORE": ""})
    assert (ran.code, "CC707" in ran.said) == (3, True)


def test_a_hostile_checkout_runs_nothing(runner: Runner, tmp_path: Path) -> None:
    """With Python itself: none of what a program could find in its folder is run or heeded."""
    marker, folder = tmp_path / "ran", runner.stage.folder
    code = f"import pathlib\npathlib.Path({str(marker)!r}).touch()\n"
    shell = f"#!/bin/sh\ntouch {marker}\n"
    for name in ("ccops/__init__.py", "ccops/__main__.py", "click.py", "sitecustomize.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(code, encoding="utf-8")
    for name in ("usercustomize.py", "conftest.py", "httpx.py", "yaml/__init__.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(code, encoding="utf-8")
    for name in ("git", "python", "base64", "sort", ".bashrc", ".env"):
        (folder / name).write_text(shell, encoding="utf-8")
        (folder / name).chmod(0o755)
    (folder / ".gitattributes").write_text("* diff=evil filter=evil\n", encoding="utf-8")
    (folder / ".envrc").write_text("export CCOPS_BASE_URL=http://127.0.0.1:9\n", encoding="utf-8")
    (folder / "pip.conf").write_text("[global]\nindex-url=https://evil.example\n", encoding="utf-8")
    other(runner, MARCH_9)
    before = runner.push()
    hook = folder / ".git" / "hooks" / "reference-transaction"
    hook.write_text(shell, encoding="utf-8")
    hook.chmod(0o755)
    program = runner.temporary / "ccops-venv" / "bin" / "python"
    program.unlink()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    around = {"PYTHONPATH": ".", "PYTHONSTARTUP": "click.py"}
    ran = runner.run("plan", since=before, around=around)
    assert (ran.code, ran.outputs["changes"]) == (0, "true"), ran.said
    assert not marker.exists()
