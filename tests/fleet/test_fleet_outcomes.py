"""What a job's process says becomes an outcome; silence is never success."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import ExitCode
from ccops.fleet.jobs import Action, Job
from ccops.fleet.outcomes import UNSELECTED, Ended, command_line, differs, outcome

PLAN = {
    "summary": {"verdicts": {"in-sync": 2, "schedule": 1, "missed": 0}},
    "findings": [],
    "changes": [{"campaign": "Spring", "verdict": "schedule", "reason": ""}],
}
DRIFT = {
    "counts": {"not-applied-yet": 1, "in-sync": 0},
    "items": [{"campaign": "Spring", "found": "not applied yet"}],
}
REPORT = {
    "results": [
        {"campaign": "A", "ending": "needs-person", "detail": "", "reason": "missed"},
        {"campaign": "B", "ending": "unknown", "detail": "no answer", "reason": ""},
        {"campaign": "C", "ending": "done", "detail": "", "reason": ""},
    ]
}

IDLE = {"results": [{"campaign": "A", "ending": "nothing", "detail": "", "reason": ""}]}


def job(action: Action, *selectors: str) -> Job:
    return Job(
        workspace="/w/acme",
        action=action,
        account="a1",
        origin="http://127.0.0.1:9",
        selectors=selectors,
        plan_file="/plans/a1.json",
        checksum="sha256:1",
    )


def ended(code: int = 0, out: object = "", err: str = "") -> Ended:
    return Ended(code=code, out=out if isinstance(out, str) else json.dumps(out), err=err)


WORDS = {
    Action.VALIDATE: "validate -C /w/acme --base-url http://127.0.0.1:9",
    Action.PLAN: "plan -C /w/acme --base-url http://127.0.0.1:9 --select tag:x --format json "
    "--save /plans/a1.json",
    Action.APPLY: "apply -C /w/acme --base-url http://127.0.0.1:9 --format json "
    "--checksum sha256:1 -- /plans/a1.json",
    Action.DRIFT: "drift -C /w/acme --base-url http://127.0.0.1:9 --select tag:x --format json",
}


@pytest.mark.parametrize("action", Action)
def test_a_job_is_the_command_of_one_workspace(action: Action) -> None:
    """Nothing else is ever said: no permission, no confirmation."""
    assert command_line(job(action, "tag:x")) == (
        *("--plain", "--color", "never"),
        *WORDS[action].split(),
    )


def test_a_plan_that_is_not_kept_is_not_saved() -> None:
    """Without a file there is nothing that could be applied."""
    kept = Job(workspace="/w", action=Action.PLAN, account="a", origin="o")
    assert "--save" not in command_line(kept)


def test_a_locked_job_is_locked_for_its_process_too() -> None:
    """What else it says is as it was."""
    for action in (Action.PLAN, Action.DRIFT):
        words = command_line(replace(job(action), locked=True))
        assert [one for one in words if one != "--locked"] == list(command_line(job(action)))
        assert words.count("--locked") == 1


SAID = (
    (Action.VALIDATE, ended(0, "Valid: 1,200 campaigns in 3 files.\n"), 0, "1,200 campaigns", ""),
    (Action.PLAN, ended(0, PLAN), 0, "2 in-sync, 1 schedule", ""),
    (Action.DRIFT, ended(0, DRIFT), 0, "1 not-applied-yet", ""),
    (Action.DRIFT, ended(0, {"counts": {"in-sync": 0}, "items": []}), 0, "no campaign", ""),
    (Action.APPLY, ended(0, IDLE), 0, "1 unchanged", ""),
    (Action.APPLY, ended(10, REPORT), 10, "1 done, 1 needs-person, 1 unknown", "B: no answer"),
    (Action.PLAN, ended(3, "", "a.yaml:1:2: error CC101: unknown key\nFailed."), 3, "no result", "CC101: unknown key"),
    (Action.PLAN, ended(4, "", "error CC526: nobody\nerror CC1: x"), 4, "no result", "CC526: nobody"),
    (Action.PLAN, ended(-9, ""), 1, "no result", "its process was ended by signal 9"),
    (Action.PLAN, ended(-15, ""), 143, "no result", "its process was ended by signal 15"),
    (Action.PLAN, ended(-2, ""), 130, "no result", "its process was ended by signal 2"),
    (Action.APPLY, ended(2, "", "unknown option -P"), 1, "no result", "unknown option -P"),
    (Action.DRIFT, ended(2, DRIFT), 1, "1 not-applied-yet", "Spring: not applied yet"),
    (Action.APPLY, ended(0, REPORT), 1, "no result", "it ended well and its result does not: B: no answer"),
    (Action.PLAN, ended(77, "", ""), 1, "no result", "it ended with exit code 77 and said nothing"),
    (Action.PLAN, ended(1, "", "Traceback\nKeyError: 'x'\nThis is a bug"), 1, "no result", "KeyError: 'x'"),
    (Action.PLAN, ended(3, "", "Usage: x\nError: no such option"), 3, "no result", "Error: no such option"),
)  # fmt: skip


@pytest.mark.parametrize(("action", "end", "code", "summary", "reason"), SAID)
def test_what_a_process_says(
    action: Action, end: Ended, code: int, summary: str, reason: str
) -> None:
    """Counts from its document, the first reason from whichever of both says one."""
    found = outcome(job(action), end)
    assert (found.exit_code, found.summary, found.reason) == (code, summary, reason)


def test_a_blocking_guard_is_the_first_reason() -> None:
    """Before a campaign that needs a person, since it stops all of the account."""
    finding = {"blocking": True, "diagnostic": {"message": "too many contacts"}}
    waiting = {"campaign": "A", "verdict": "missed", "reason": "its time has passed"}
    changes = {**PLAN, "changes": [waiting]}
    assert outcome(job(Action.PLAN), ended(6, changes)).reason == "A: its time has passed"
    both = {**changes, "findings": [{"blocking": False}, finding]}
    assert outcome(job(Action.PLAN), ended(6, both)).reason == "too many contacts"


BAD = (
    "",
    "{",
    "[]",
    "null",
    {"summary": []},
    {**PLAN, "changes": {}},
    {**PLAN, "changes": [1]},
    {**PLAN, "changes": [{"campaign": 1, "verdict": "missed", "reason": ""}]},
    {**PLAN, "summary": {"verdicts": {"sent-to-all": 1}}},
)


@pytest.mark.parametrize("out", BAD)
@pytest.mark.parametrize("action", [Action.PLAN, Action.DRIFT, Action.APPLY, Action.VALIDATE])
def test_a_result_that_is_none_is_no_success(action: Action, out: object) -> None:
    """Exit 0 without a result that can be read is a bug, and told as one."""
    assert outcome(job(action), ended(0, out)).exit_code is ExitCode.UNEXPECTED


@given(st.integers(-64, 255), st.text(max_size=60), st.text(max_size=60))
def test_no_answer_at_all_breaks_it(code: int, out: str, err: str) -> None:
    """Only 0 with a result is success, whatever a process says; each failure has a reason."""
    for action in Action:
        found = outcome(job(action), Ended(code=code, out=out, err=err))
        assert found.exit_code is not ExitCode.DONE
        assert found.reason


def test_nothing_selected_is_no_failure_of_one_account() -> None:
    """Of many accounts few have a send within two days."""
    said = ended(3, "", "error CC287: no manifest matches sends<48h; help: look\nFailed.")
    found = outcome(job(Action.PLAN, "sends<48h"), said)
    assert (found.exit_code, found.summary) == (ExitCode.DONE, UNSELECTED)
    assert outcome(job(Action.PLAN), said).exit_code is ExitCode.INVALID


def test_what_differs() -> None:
    """A plan that writes, a drift that is one; nothing else."""
    assert differs(outcome(job(Action.PLAN), ended(0, PLAN)))
    assert not differs(outcome(job(Action.DRIFT), ended(0, DRIFT)))
    moved = {**DRIFT, "counts": {"declared-but-missing": 1}}
    assert differs(outcome(job(Action.DRIFT), ended(0, moved)))
    assert not differs(outcome(job(Action.APPLY), ended(10, REPORT)))
