"""The workflows give nothing away: pinned actions, no rights but those named, no foreign code."""

import re
from pathlib import Path

import pytest
import yaml

from tests.project.pure_core import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
NAMES = [path.name for path in WORKFLOWS]
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

Table = dict[str, object]


def document(path: Path) -> Table:
    """Read a workflow as plain text values, so that the key `on` stays a word."""
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(loaded, dict)
    return loaded


def jobs(path: Path) -> dict[str, Table]:
    found = document(path)["jobs"]
    assert isinstance(found, dict)
    return found


def steps(path: Path) -> list[Table]:
    return [step for job in jobs(path).values() for step in job["steps"]]  # type: ignore[attr-defined] # a list in every workflow


def test_there_is_a_workflow() -> None:
    """The tests below are about something."""
    assert NAMES


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_actions_are_pinned_to_commits(path: Path) -> None:
    """A tag can be moved; a commit cannot. The version stands beside it for people."""
    used = re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not PINNED.fullmatch(one)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_rights_are_granted_job_by_job(path: Path) -> None:
    """A workflow starts with no right at all; each job names what it needs, and a time limit."""
    assert document(path)["permissions"] == {}
    for job in jobs(path).values():
        assert job["permissions"]
        assert job["timeout-minutes"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_code_from_outside_meets_no_secret(path: Path) -> None:
    """No trigger runs a stranger's code with this repository's rights."""
    triggers = document(path)["on"]
    assert isinstance(triggers, dict)
    assert triggers.keys().isdisjoint({"pull_request_target", "workflow_run", "issue_comment"})


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_the_checkout_keeps_no_token(path: Path) -> None:
    """What a later step runs cannot push."""
    checkouts = [step for step in steps(path) if "actions/checkout@" in str(step.get("uses"))]
    assert checkouts
    for step in checkouts:
        assert step["with"] == {"persist-credentials": "false"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_shell_lines_hold_no_expressions(path: Path) -> None:
    """A branch name is data: it reaches a script through the environment, if at all."""
    assert [step["run"] for step in steps(path) if "${{" in str(step.get("run"))] == []
