"""The last result of each account: it saves work only where the work is surely the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ccops.errors import ExitCode
from ccops.fleet.budget import Work
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.results import LASTS, Result, digest_of, done, keep, last, newest

NOW = datetime(2027, 3, 1, 14, tzinfo=UTC)
WORK = Work(
    job=Job(workspace="/w", action=Action.DRIFT, account="a1", origin="o"), requests=3, mark="m"
)
OTHER = {
    "account": replace(WORK, job=replace(WORK.job, account="a2")),
    "origin": replace(WORK, job=replace(WORK.job, origin="p")),
    "workspace": replace(WORK, job=replace(WORK.job, workspace="/v")),
    "action": replace(WORK, job=replace(WORK.job, action=Action.PLAN)),
    "selectors": replace(WORK, job=replace(WORK.job, selectors=("tag:x",))),
    "plan": replace(WORK, job=replace(WORK.job, plan_file="/p", checksum="c")),
    "files": replace(WORK, mark="n"),
}
SAME = {
    "order": replace(WORK, job=replace(WORK.job, earliest=NOW)),
    "estimate": replace(WORK, requests=9),
}


def ended(code: ExitCode = ExitCode.DONE, at: datetime = NOW) -> Result:
    outcome = Outcome(job=WORK.job, exit_code=code, summary="s", verdicts={"in-sync": 1})
    return Result(outcome=outcome, digest=digest_of(WORK), at=at)


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    """Whole, private to its owner, and newest first."""
    keep(tmp_path, ended())
    assert last(tmp_path, WORK.job) == ended()
    assert done(tmp_path, WORK, NOW) == ended().outcome
    assert newest(tmp_path, "o", "a1") == ended()
    later = replace(ended(), at=NOW + timedelta(hours=1))
    planned = replace(later, outcome=replace(later.outcome, job=OTHER["action"].job))
    keep(tmp_path, planned)
    assert newest(tmp_path, "o", "a1") == planned
    assert {one.stat().st_mode & 0o777 for one in (tmp_path / "fleet").iterdir()} == {0o600}


@pytest.mark.parametrize("one", OTHER.values(), ids=OTHER)
def test_other_work_is_not_done(tmp_path: Path, one: Work) -> None:
    """Whatever differs, files of the workspace among it."""
    keep(tmp_path, ended())
    assert done(tmp_path, one, NOW) is None


@pytest.mark.parametrize("one", SAME.values(), ids=SAME)
def test_the_same_work_is_done(tmp_path: Path, one: Work) -> None:
    """Its place in the order is no part of it."""
    keep(tmp_path, ended())
    assert done(tmp_path, one, NOW) is not None


@pytest.mark.parametrize("code", [one for one in ExitCode if one is not ExitCode.DONE])
def test_only_success_is_done(tmp_path: Path, code: ExitCode) -> None:
    """All else is tried again."""
    keep(tmp_path, ended(code))
    assert done(tmp_path, WORK, NOW) is None


@pytest.mark.parametrize("age", [LASTS, timedelta(days=9), timedelta(minutes=-1)])
def test_an_old_result_is_none(tmp_path: Path, age: timedelta) -> None:
    """Nor one of the future, by whatever clock."""
    keep(tmp_path, ended(at=NOW - age))
    assert done(tmp_path, WORK, NOW) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": 1}', "\xff", "x" * 2_000_000])
def test_a_damaged_result_is_none(tmp_path: Path, text: str) -> None:
    """It is a note: what it does not tell is done again."""
    keep(tmp_path, ended())
    (path,) = (tmp_path / "fleet").iterdir()
    path.write_text(text, encoding="latin-1")
    assert last(tmp_path, WORK.job) is None
    assert newest(tmp_path, "o", "a1") is None
    keep(tmp_path, ended())
    assert last(tmp_path, WORK.job) == ended()
