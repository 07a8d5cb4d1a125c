"""A command line that is wrong is told so: exit 3, on stderr, before any request."""

import os

import pytest

from tests.e2e.stage import Stage, finish, manifest

WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing": ((), "Usage: ccops"),
    "no such command": (("plann",), "Did you mean 'plan'?"),
    "nothing near": (("frobnicate",), "No such command 'frobnicate'"),
    "no such option": (("plan", "--frob"), "--frob"),
    "an option nearly right": (("plan", "--detailed-exitcod"), "--detailed-exitcode"),
    "an option of another command": (("plan", "--yes"), "--yes"),
    "no such group option": (("--frob", "plan"), "--frob"),
    "a value is missing": (("plan", "--format"), "--format"),
    "an unknown format": (("plan", "--format", "yaml"), "yaml"),
    "an unknown colour": (("--color", "sometimes", "plan"), "sometimes"),
    "too many arguments": (("plan", "plan.json"), "plan.json"),
    "an argument is missing": (("show",), "PLAN"),
    "an unknown schema": (("schema", "weather"), "weather"),
    "no such folder": (("plan", "-C", "nowhere"), "nowhere"),
    "a selector of no kind": (("plan", "--select", "Spring"), "name:PATTERN"),
    "an unknown selector": (("plan", "--select", "colour:red"), "colour"),
    "an output of no form": (("plan", "--out", "plan.md"), "FORMAT=FILE"),
    "an output of unknown format": (("plan", "--out", "pdf=plan.pdf"), "FORMAT=FILE"),
    "an output that cannot be written": (("plan", "--out", "text=/proc/none/x"), "/proc/none/x"),
    "a permission without a reason": (("plan", "--allow", "send-now=Spring"), "--reason"),
    "a permission of no form": (("plan", "--allow", "send-now", "--reason", "x"), "RULE=CAMPAIGN"),
    "a permission of no rule": (("plan", "--allow", "all=Spring", "--reason", "x"), "no such rule"),
    "a permission for nobody": (
        ("plan", "--allow", "send-now=Nobody", "--reason", "x"),
        "no such campaign",
    ),
    "a permission for nothing": (
        ("plan", "--allow", "send-now=Spring", "--reason", "x"),
        "does not send this campaign now",
    ),
    "a plan that is not there": (("apply", "nowhere.json", "--yes"), "nowhere.json"),
    "a folder for a plan": (("show", "campaigns"), "campaigns"),
    "no base URL": (("plan", "--base-url", "api.cc.email"), "CC290"),
    "nobody to ask": (("apply",), "--yes"),
}


@pytest.fixture
def one(stage: Stage) -> Stage:
    """A workspace in which everything is right."""
    stage.world.add_campaign("Spring")
    stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
    return stage


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_command_line_ends_with_3(one: Stage, name: str) -> None:
    """And says what is wrong with it; click's own 2 would mean "changes"."""
    arguments, words = WRONG[name]
    done = one.run(*arguments)
    assert (done.code, done.out) == (3, "")
    assert words in done.err
    assert "Traceback" not in done.err
    assert one.writes() == []


@pytest.mark.parametrize("name", ["nothing", "no such command", "no such option"])
def test_a_process_ends_with_3(one: Stage, name: str) -> None:
    """The code that a shell sees is the one that the command returned."""
    arguments, words = WRONG[name]
    done = one.process(*arguments)
    assert (done.code, done.out) == (3, "")
    assert words in done.err


@pytest.mark.parametrize("flags", [("--select", "name:*"), ("--allow", "reschedule=Spring")])
def test_a_saved_plan_takes_no_selection_and_no_permission(
    one: Stage, flags: tuple[str, ...]
) -> None:
    """Both are frozen in it."""
    one.run("plan", "--save", "plan.json")
    done = one.run("apply", "plan.json", "--yes", "--reason", "x", *flags)
    assert (done.code, "CC612" in done.err, one.writes()) == (3, True, [])


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("plan", "--help")])
def test_help_is_a_result(one: Stage, arguments: tuple[str, ...]) -> None:
    """Asked for, it goes to stdout and ends with 0."""
    done = one.run(*arguments)
    assert (done.code, done.err) == (0, "")
    assert "ccops" in done.out


def test_every_mistake_of_every_file_is_told_at_once(one: Stage) -> None:
    """Nobody runs five times to read five errors."""
    for number in range(5):
        one.write(manifest("Spring", "Members", send_at="soon"), name=f"{number}.yaml")
    done = one.run("validate")
    assert done.code == 3
    assert all(f"campaigns/{number}.yaml:3:10" in done.err for number in range(5))


def test_a_reader_that_leaves_is_no_error(one: Stage) -> None:
    """`ccops plan --format json | head -1`: no traceback, no message."""
    read, write = os.pipe()
    process = one.start("plan", "--format", "json", stdout=write)
    os.close(write)
    os.close(read)
    done = finish(process)
    assert (done.code, done.err) == (0, "")


def test_a_reader_that_leaves_does_not_make_an_apply_fine(one: Stage) -> None:
    """The exit code tells what was done, also when nobody reads the report."""
    kept = one.world.account
    one.world.add_sender("nobody@sandbox.example")
    one.world.add_campaign("Other", from_email="nobody@sandbox.example")
    one.write(manifest("Other", "Members", send_at="Tue 2027-03-09 09:00"))
    one.run("plan", "--save", "plan.json")  # while its sender is confirmed
    one.world.set_switch("sender_check", "schedule")
    one.world.account = kept
    read, write = os.pipe()
    process = one.start("apply", "plan.json", "--yes", stdout=write)
    os.close(write)
    os.close(read)
    done = finish(process)
    assert one.effects() == ["PUT Other [Members]"]
    assert (done.code, "Traceback" in done.err) == (8, False)


def test_nobody_listening_does_not_stop_an_apply(one: Stage) -> None:
    """`ccops apply --yes 2>&1 | head -1`: what was begun is finished all the same."""
    read, write = os.pipe()
    process = one.start("apply", "--yes", stdout=write, stderr=write)
    os.close(write)
    os.close(read)
    assert finish(process).code == 0
    assert one.effects() == ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]
