"""What `ccops init github` writes gives nothing away, and never sends by somebody else's merge."""

import re
from pathlib import Path
from typing import Any

import pytest

from ccops.resources import workflow_names, workflow_text
from tests.workflows.conftest import ACTION, ACTION_FOLDER, COMMIT, Write, document

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
        assert not re.search(r"CCOPS_(ACTION|BRANCH|FOLDER)", text)
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


def test_the_action_takes_inputs_by_the_environment_alone() -> None:
    """No input is a part of a script; the one action that it uses is pinned, and caches nothing."""
    text = (ACTION_FOLDER / "action.yml").read_text(encoding="utf-8")
    steps = document(ACTION_FOLDER / "action.yml")["runs"]["steps"]  # type: ignore[index] # a table
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    assert [one for one in re.findall(r"uses: *(.+)", text) if not PINNED.fullmatch(one)] == []
    assert "cache" not in text


def test_check_says_what_is_not_current(
    repository: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """Missing or different, with exit code 2; other line ends are no difference."""
    assert write("--check") == 2
    assert capsys.readouterr().out.count("Not current: ") == len(NAMES)
    assert (write(), write("--check")) == (0, 0)
    path = repository / ".github" / "workflows" / "ccops-plan.yml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert write("--check") == 0
    capsys.readouterr()
    path.write_text("name: mine\n", encoding="utf-8")
    assert write("--check") == 2
    assert capsys.readouterr().out == f"Not current: {path}\n"


def test_nothing_is_overwritten(repository: Path, write: Write) -> None:
    """If one file is there with another text, none is written; what is current stays."""
    folder = repository / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ccops-plan.yml").write_text("name: mine\n", encoding="utf-8")
    assert write() == 3
    assert [path.name for path in folder.iterdir()] == ["ccops-plan.yml"]
    (folder / "ccops-plan.yml").unlink()
    assert (write(), write()) == (0, 0)


@pytest.mark.parametrize("content", [b"\xff", b"#" * (1024 * 1024 + 1)])
def test_what_is_no_text_of_ours_is_not_current(
    repository: Path, write: Write, content: bytes
) -> None:
    """And is not touched."""
    write()
    path = repository / ".github" / "workflows" / "ccops-plan.yml"
    path.write_bytes(content)
    assert (write("--check"), write()) == (2, 3)
    assert path.read_bytes() == content


def test_a_link_is_not_followed(repository: Path, write: Write, tmp_path: Path) -> None:
    """Wherever it leads."""
    folder = repository / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ccops-plan.yml").symlink_to(tmp_path / "elsewhere")
    assert (write(), write("--check")) == (3, 2)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written_is_told(
    repository: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the file's name."""
    (repository / ".github").write_text("", encoding="utf-8")
    assert write() == 3
    assert "CC247" in capsys.readouterr().err


@pytest.mark.parametrize(
    "action",
    [
        "ccops/ccops/.github/actions/ccops@v1",
        f"ccops/ccops@{COMMIT}",
        f"ccops/ccops/.github/actions/ccops@{COMMIT}\n      - run: x",
        f"../ccops/.github/actions/ccops@{COMMIT}",
        f"./.github/actions/ccops@{COMMIT}",
    ],
)
def test_an_action_that_is_not_pinned_is_refused(
    write: Write, repository: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tag can be moved, and a line break would be a step."""
    assert write(action=action) == 3
    assert "CC243" in capsys.readouterr().err
    assert not (repository / ".github").exists()


@pytest.mark.parametrize("branch", ["", "-x", "a b", 'main"]', "a'b", "${{ x }}", "a//b", "a/../b"])
def test_a_branch_that_is_no_plain_word_is_refused(write: Write, branch: str) -> None:
    """It stands in an expression."""
    assert write("--branch", branch) == 3


def test_a_folder_that_is_no_plain_word_is_refused(repository: Path, write: Write) -> None:
    """It stands in YAML."""
    odd = repository / 'a"b'
    odd.mkdir()
    (odd / "ccops.yaml").write_text("version: 1\naccount: a1\n", encoding="utf-8")
    assert write("-C", str(odd)) == 3


def test_outside_of_a_repository_it_is_refused(
    repository: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no place for the files."""
    (repository / ".git").rename(repository / "git")
    assert write() == 3
    assert "CC244" in capsys.readouterr().err
