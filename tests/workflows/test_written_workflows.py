"""What `ccops init github` writes gives nothing away, and never sends by somebody else's merge."""

import re
from pathlib import Path
from typing import Any

import pytest

from ccops.resources import workflow_names, workflow_text
from ccops.session.credentials import CONFIDENTIAL
from tests.project.pure_core import ROOT
from tests.workflows.conftest import (
    ACTION,
    ACTION_FOLDER,
    document,
)

NAMES = workflow_names()
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
WRITERS = {"apply", "resend"}


def jobs(path: Path) -> dict[str, Any]:
    found = document(path)["jobs"]
    assert isinstance(found, dict)
    return found


def runs(job: dict[str, Any]) -> list[dict[str, str]]:
    """The inputs of each step of a job that runs ccops."""
    return [step["with"] for step in job["steps"] if step.get("uses", "").startswith(ACTION)]


def test_all_are_written(written: Path) -> None:
    """One file for each occasion, and no blank left in any."""
    assert [path.name for path in sorted(written.iterdir())] == list(NAMES)
    assert set(NAMES) == {
        f"ccops-{name}.yml"
        for name in ("apply", "keepalive", "nightly", "plan", "resend", "send-now", "validate")
    }
    for name in NAMES:
        text = (written / name).read_text(encoding="utf-8")
        assert not re.search(r"CCOPS_(ACTION|BRANCH|FOLDER|SUFFIX)", text)
        assert 'working-directory: "mail/our space"' in text


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_to_a_commit(written: Path, name: str) -> None:
    """A tag can be moved; a commit cannot."""
    used = re.findall(r"uses: *(.+)", (written / name).read_text(encoding="utf-8"))
    assert ACTION in used
    assert [one for one in used if one != ACTION and not PINNED.fullmatch(one)] == []


@pytest.mark.parametrize("name", NAMES)
def test_rights_are_granted_job_by_job(written: Path, name: str) -> None:
    """A workflow starts with no right at all; none may write to the repository's contents."""
    assert document(written / name)["permissions"] == {}
    for job in jobs(written / name).values():
        rights = job["permissions"]
        assert rights["contents"] == "read"
        assert rights.keys() <= {"contents", "pull-requests", "issues"}
        assert int(job["timeout-minutes"]) <= 30


@pytest.mark.parametrize("name", NAMES)
def test_no_event_runs_a_strangers_code_with_rights(written: Path, name: str) -> None:
    """A pull request from a fork starts only what has no secret."""
    triggers = document(written / name)["on"]
    assert isinstance(triggers, dict)
    assert triggers.keys() <= {"pull_request", "push", "schedule", "workflow_dispatch"}
    for job in jobs(written / name).values():
        if "pull_request" in triggers and "secrets." in str(job):
            assert "head.repo.full_name == github.repository" in job["if"]
            assert "dependabot[bot]" in job["if"]


@pytest.mark.parametrize("name", NAMES)
def test_secrets_stand_only_in_jobs_with_an_environment(written: Path, name: str) -> None:
    """And there only in the environment of a step, never in a script or an input."""
    for job in jobs(written / name).values():
        if "secrets." in str(job):
            assert str(job["environment"]).startswith("constantcontact-")
        for step in job["steps"]:
            assert "secrets." not in str({key: step[key] for key in step if key != "env"})
    assert "secrets." not in workflow_text("ccops-validate.yml")


def test_a_pull_request_gets_the_login_that_cannot_send_and_never_the_store(written: Path) -> None:
    """Whoever may push a branch may change its workflows: all that its environment has is theirs.

    The store holds the other logins, so that no job of a pull request shares an environment with
    one that has it.
    """
    ours: dict[bool, set[str]] = {True: set(), False: set()}
    for name in NAMES:
        proposed = "pull_request" in str(document(written / name)["on"])
        for job in jobs(written / name).values():
            if "environment" in job:
                ours[proposed].add(job["environment"])
                assert ("secrets.CCOPS_STORE" in str(job)) is not proposed
    assert ours[True] == {"constantcontact-review"}
    assert ours[True].isdisjoint(ours[False])


def test_a_merge_is_checked_out_with_its_history(written: Path) -> None:
    """A push says which commit was there before, and who approved is asked of all of them.

    A shallow checkout has neither.
    """
    for name in NAMES:
        for job in jobs(written / name).values():
            steps = [one for one in job["steps"] if "actions/checkout@" in one.get("uses", "")]
            (out,) = [one["with"] for one in steps]
            wanted = {one["since"] for one in runs(job) if "since" in one}
            commands = {one["with"].get("command") for one in job["steps"] if "with" in one}
            whole = bool(wanted - {"HEAD^1"}) or not commands.isdisjoint({"apply", "resend"})
            assert out.get("fetch-depth") == ("0" if whole else "2" if wanted else None)


def test_without_a_shared_store_none_is_named(shared: Path) -> None:
    """An empty secret would end every run: a store that is meant, and missing, is no store."""
    assert [one.name for one in shared.iterdir() if "CCOPS_STORE" in one.read_text("utf-8")] == []


def test_two_workspaces_of_a_repository_share_nothing(shared: Path) -> None:
    """Neither files nor environments, queues or names of checks: each is an account of its own."""
    texts = {path.name: path.read_text("utf-8") for path in shared.iterdir()}
    named = {name for name in texts if name.endswith("-emea.yml")}
    assert (
        {name.replace("-emea.yml", ".yml") for name in named} == texts.keys() - named == set(NAMES)
    )
    parts = re.compile(r"^ *(?:environment|group|name): *([^#\n]+?) *(?:#.*)?$", re.MULTILINE)
    queues = re.compile(r"constantcontact-|ccops|^validate|^plan(-emea)?$")
    said: dict[bool, set[str]] = {True: set(), False: set()}
    for name, text in texts.items():
        words = {one for one in parts.findall(text) if queues.match(one)}
        said[name in named] |= words - {"ccops-plan"}
        folder = "emea" if name in named else "."
        assert set(re.findall(r'working-directory: "(.+)"', text)) == {folder}
    assert said[True].isdisjoint(said[False] - {"plan"})
    assert {f"{one}-emea" for one in said[False] if one.startswith("constantcontact-")} <= said[
        True
    ]


@pytest.mark.parametrize("name", NAMES)
def test_shell_lines_hold_no_expressions(written: Path, name: str) -> None:
    """What people type is data: it reaches a script through the environment, if at all."""
    steps = [step for job in jobs(written / name).values() for step in job["steps"]]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_checkout_keeps_no_token_and_nothing_is_cached(written: Path, name: str) -> None:
    """What a later step runs cannot push, and what a fork cached is never taken."""
    text = (written / name).read_text(encoding="utf-8")
    assert "cache" not in text
    for job in jobs(written / name).values():
        checkouts = [one for one in job["steps"] if "actions/checkout@" in one.get("uses", "")]
        assert [one["with"]["persist-credentials"] for one in checkouts] == ["false"]
        assert all("ref" not in one["with"] for one in checkouts)


@pytest.mark.parametrize("name", NAMES)
def test_one_writer_at_a_time_and_none_is_cut_off(written: Path, name: str) -> None:
    """Nor skipped: a run that was replaced in the queue would take its changes with it."""
    for job in jobs(written / name).values():
        commands = {one["command"] for one in runs(job)}
        if commands & WRITERS:
            assert job["concurrency"] == {
                "group": "ccops-production",
                "cancel-in-progress": "false",
                "queue": "max",
            }
            assert job["environment"] in {"constantcontact-production", "constantcontact-send"}
        if "pull_request" not in str(document(written / name)["on"]):
            assert "github.ref == 'refs/heads/trunk'" in job.get("if", "") or "needs" in job


def test_a_merge_applies_only_what_it_changed(written: Path) -> None:
    """By the commit before the push, in the plan and again when it is applied."""
    since = "${{ github.event_name == 'push' && github.event.before || inputs.since }}"
    found = jobs(written / "ccops-apply.yml")
    (planned,), (applied,) = runs(found["plan"]), runs(found["apply"])
    assert (planned["since"], applied["since"]) == (since, since)
    assert applied["checksum"] == "${{ needs.plan.outputs.checksum }}"
    assert document(written / "ccops-apply.yml")["on"]["push"] == {"branches": ["trunk"]}  # type: ignore[index] # a table


def test_only_send_now_can_send_now(written: Path) -> None:
    """By hand, in an environment of its own, with a checksum that somebody typed."""
    permitting = {
        name
        for name in NAMES
        for job in jobs(written / name).values()
        if any("campaign" in one for one in runs(job))
    }
    assert permitting == {"ccops-send-now.yml"}
    path = written / "ccops-send-now.yml"
    assert list(document(path)["on"]) == ["workflow_dispatch"]  # type: ignore[call-overload] # a table
    send = jobs(path)["send"]
    assert send["environment"] == "constantcontact-send"
    assert send["if"].startswith("inputs.checksum != ''")
    assert [one["checksum"] for one in runs(send)] == ["${{ inputs.checksum }}"]


def test_the_hourly_run_only_resends(written: Path) -> None:
    """The action's command for it selects the verdict `resend`, which is never a first send."""
    (job,) = jobs(written / "ccops-resend.yml").values()
    assert [one["command"] for one in runs(job)] == ["resend"]
    script = (ACTION_FOLDER / "run.sh").read_text(encoding="utf-8")
    body = script[script.index("resend() {") :].split("\n}\n")[0]
    assert re.findall(r'select_by "(.+)"', body) == ["state:resend", "sends<48h"]


@pytest.mark.parametrize("name", NAMES)
def test_the_workflows_and_the_action_know_each_other(written: Path, name: str) -> None:
    """Every input is one of the action's, every output too, and every command one that it runs."""
    action = document(ACTION_FOLDER / "action.yml")
    script = (ACTION_FOLDER / "run.sh").read_text(encoding="utf-8")
    known = set(re.findall(r"^    ([a-z]+)\)", script, re.MULTILINE))
    for job in jobs(written / name).values():
        for one in runs(job):
            assert one.keys() <= action["inputs"].keys()  # type: ignore[attr-defined] # a table
            assert one["command"] in known
    text = (written / name).read_text(encoding="utf-8")
    outputs = set(re.findall(r"steps\.ccops\.outputs\.([a-z-]+)", text))
    assert outputs <= action["outputs"].keys()  # type: ignore[attr-defined] # a table


def test_written_and_own_workflows_pin_the_same_commits(written: Path) -> None:
    """Dependabot moves the pins of our own; the ones that are written must follow."""
    used: dict[str, set[str]] = {}
    own = [*(ROOT / ".github").glob("workflows/*.yml"), ACTION_FOLDER / "action.yml"]
    for path in (*own, *written.iterdir()):
        for one in re.findall(r"uses: *(actions/.+)", path.read_text(encoding="utf-8")):
            used.setdefault(one.partition("@")[0], set()).add(one)
    assert {name: len(pins) for name, pins in used.items()} == dict.fromkeys(used, 1)
    assert "actions/checkout" in used


def test_only_the_last_step_of_the_action_has_what_the_caller_lends() -> None:
    """The steps before it blank every secret that a workflow gives."""
    steps = document(ACTION_FOLDER / "action.yml")["runs"]["steps"]  # type: ignore[index] # a table
    *before, last = steps
    for step in before:
        assert {name for name, value in step["env"].items() if value == ""} == set(CONFIDENTIAL)
    assert set(CONFIDENTIAL).isdisjoint(last["env"])


def test_the_action_takes_inputs_by_the_environment_alone() -> None:
    """No input is a part of a script; the one action that it uses is pinned, and caches nothing."""
    text = (ACTION_FOLDER / "action.yml").read_text(encoding="utf-8")
    steps = document(ACTION_FOLDER / "action.yml")["runs"]["steps"]  # type: ignore[index] # a table
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    assert [one for one in re.findall(r"uses: *(.+)", text) if not PINNED.fullmatch(one)] == []
    assert "cache" not in text
