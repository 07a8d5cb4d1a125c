"""One job, to its end: what is refused before a process is started, and what cannot be started."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ccops.errors import ExitCode
from ccops.fleet.jobs import Action, Job
from ccops.fleet.outcomes import Ended
from ccops.fleet.perform import perform, run_process

JOB = Job(
    workspace="/no/such/folder",
    action=Action.APPLY,
    account="a1",
    origin="http://127.0.0.1:9",
    plan_file="/no/such/plan.json",
    checksum="sha256:1",
)


def never(words: Sequence[str]) -> Ended:
    raise AssertionError(words)


def without(**changes: object) -> Job:
    values = {name: getattr(JOB, name) for name in Job.__dataclass_fields__}
    return Job(**{**values, **changes})


@pytest.mark.parametrize(
    ("job", "code"),
    [
        (without(plan_file=None), "CC251"),
        (without(checksum=None), "CC251"),
        (without(checksum=""), "CC251"),
        (JOB, "CC611"),
        (without(workspace="clients/acme"), "CC250"),
        (without(plan_file="plans/a1.json"), "CC250"),
        (without(action=Action.PLAN, workspace="."), "CC250"),
    ],
)
def test_an_apply_without_a_reviewed_plan_is_not_started(job: Job, code: str) -> None:
    """Whoever put it into a queue."""
    found = perform(job, run=never)
    assert (found.exit_code, found.reason[:5]) == (ExitCode.INVALID, code)


def test_what_cannot_be_started_is_told() -> None:
    """As any other failure of this account alone."""

    def broken(_: Sequence[str]) -> Ended:
        raise OSError(12, "Cannot allocate memory")

    found = perform(without(action=Action.DRIFT), run=broken)
    assert found.exit_code is ExitCode.UNEXPECTED
    assert found.reason == "it could not be started: Cannot allocate memory"


def test_a_real_process(tmp_path: Path) -> None:
    """It imports nothing from the folder that it works on."""
    (tmp_path / "ccops.py").write_text("raise SystemExit(77)", "utf-8")
    (tmp_path / "json.py").write_text("raise SystemExit(77)", "utf-8")
    found = perform(without(action=Action.VALIDATE, workspace=str(tmp_path)))
    assert (found.exit_code, found.reason[:5]) == (ExitCode.INVALID, "CC201")


def test_a_real_process_in_a_folder_of_a_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor from the folder that the fleet is run in."""
    (tmp_path / "ccops.py").write_text("raise SystemExit(77)", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run_process(["--version"]).code == 0
