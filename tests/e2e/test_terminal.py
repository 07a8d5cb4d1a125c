"""Questions at a terminal, and what stands on stdout, on stderr and in files."""

import json
from datetime import timedelta

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Stage, manifest
from tests.e2e.terminal import at_terminal

WRITTEN = ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]
QUESTION = "Apply 1 change to Sandbox?"


@pytest.fixture
def one(stage: Stage) -> Stage:
    """A draft that wants its recipients and a schedule."""
    stage.world.add_campaign("Spring")
    stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
    return stage


def test_a_yes_applies(one: Stage) -> None:
    """The plan and the question stand on the terminal, the report on stdout."""
    done = at_terminal(one, "apply", "--format", "json", typed="y\n")
    assert (done.code, one.writes()) == (0, WRITTEN)
    assert QUESTION in done.err
    assert "schedule: set recipients, then schedule" in done.err
    assert "Checksum: sha256:" in done.err
    assert [result["ending"] for result in done.document["results"]] == ["done"]


def test_stdout_is_the_report_to_the_byte(one: Stage) -> None:
    """No prompt and no part of one gets into a file that stdout goes to."""
    done = at_terminal(one, "apply", "--format", "json", typed="y\n")
    assert done.out.startswith("{")
    assert done.out.endswith("}\n")


@pytest.mark.parametrize("typed", ["n\n", "\n", "what\nN\n"])
def test_declining_writes_nothing(one: Stage, typed: str) -> None:
    """Exit 6; Enter alone is a no."""
    done = at_terminal(one, "apply", typed=typed)
    assert (done.code, done.out.strip(), one.writes()) == (6, "", [])
    assert QUESTION in done.err


def test_the_end_of_input_is_no_consent(one: Stage) -> None:
    """Ctrl-D at the question."""
    done = at_terminal(one, "apply", typed="\x04")
    assert done.code in {6, 130}
    assert one.writes() == []


def test_an_interrupt_at_the_question_writes_nothing(one: Stage) -> None:
    """Ctrl-C at the question."""
    done = at_terminal(one, "apply", interrupted_at=QUESTION)
    assert (done.code, one.writes()) == (130, [])
    assert "Traceback" not in done.err


@pytest.mark.parametrize("flags", [("--yes",), ("--checksum",)])
def test_no_question_when_it_was_answered(one: Stage, flags: tuple[str, ...]) -> None:
    """`--yes`, or the checksum of exactly this plan."""
    if flags == ("--checksum",):
        flags = (*flags, one.run("plan", "--format", "json").document["checksum"])
    done = at_terminal(one, "apply", *flags)
    assert (done.code, QUESTION in done.err, one.writes()) == (0, False, WRITTEN)


def test_nobody_to_ask_and_no_yes(one: Stage) -> None:
    """Exit 3 with the flag to add; nothing is taken for consent."""
    done = one.run("apply")
    assert (done.code, done.out, one.writes()) == (3, "", [])
    assert "--yes" in done.err
    assert one.run("apply", "--yes").code == 0
    assert one.writes() == WRITTEN


def test_nothing_to_write_is_no_question(one: Stage) -> None:
    """Neither at a terminal nor without one."""
    one.run("apply", "--yes")
    done = at_terminal(one, "apply")
    assert (done.code, one.run("apply").code) == (0, 0)
    assert "?" not in done.err


def test_outputs_are_the_formats_themselves(one: Stage) -> None:
    """Each file holds, to the byte, what `--format` would print."""
    flags = ("--out", "text=plan.txt", "--out", "json=plan.json", "--out", "markdown=plan.md")
    for name, form in (("plan.txt", "text"), ("plan.json", "json"), ("plan.md", "markdown")):
        # In one run: the next one would count more of the day's requests.
        shown = one.run("plan", *flags, "--save", "saved.json", "--format", form)
        written = (one.folder / name).read_text(encoding="utf-8")
        assert (shown.code, shown.out) == (0, written), name
    assert (one.folder / "saved.json").read_bytes() == (one.folder / "plan.json").read_bytes()


def test_a_plan_written_by_out_can_be_applied(one: Stage) -> None:
    """The JSON format and the saved plan are one thing."""
    one.run("plan", "--out", "json=plan.json", "--out", "markdown=plan.md")
    checksum = json.loads((one.folder / "plan.json").read_text("utf-8"))["checksum"]
    assert checksum in (one.folder / "plan.md").read_text("utf-8")
    assert one.run("apply", "plan.json", "--checksum", checksum).code == 0
    assert one.writes() == WRITTEN


def test_files_are_not_styled_and_not_cut(one: Stage) -> None:
    """Whatever the terminal wants."""
    done = one.run("--color", "always", "plan", "--out", "text=plan.txt", "--out", "json=plan.json")
    assert "\x1b[" in done.out
    assert "\x1b[" not in (one.folder / "plan.txt").read_text("utf-8")
    assert "\x1b[" not in (one.folder / "plan.json").read_text("utf-8")


def test_stdout_carries_the_result_and_stderr_the_rest(one: Stage) -> None:
    """A JSON report is JSON from the first byte to the last; the requests made are told beside it."""
    done = one.run("apply", "--yes", "--format", "json")
    assert done.document["exit_code"] == done.code == 0
    assert [line.split(" ")[1] for line in done.err.splitlines()] == ["PUT", "POST"]


def test_a_failed_apply_is_json_too(one: Stage) -> None:
    """Stopped in the middle, or unknown: the report is whole, and tells the exit code."""
    kept = one.world.account
    one.world.add_sender("nobody@sandbox.example")
    one.world.add_campaign(
        "Moved",
        from_email="nobody@sandbox.example",
        lists=[list_id_of("Members")],
        scheduled=START + timedelta(days=8),
    )
    one.write(manifest("Moved", "Members", send_at="Wed 2027-03-10 09:00"), name="two.yaml")
    one.run("plan", "--save", "plan.json")  # while its sender is confirmed
    one.world.set_switch("sender_check", "schedule")
    one.world.account = kept
    done = one.run("apply", "plan.json", "--yes", "--format", "json")
    assert done.document["exit_code"] == done.code == 8
    endings = {result["campaign"]: result["ending"] for result in done.document["results"]}
    assert endings == {"Spring": "done", "Moved": "stopped"}


def test_a_stale_plan_is_json_too(one: Stage) -> None:
    """Exit 7 with a report that says what changed."""
    one.run("plan", "--save", "plan.json")
    one.run("apply", "--yes")
    one.world.advance(60)
    one.write(manifest("Spring", "Members", send_at="unscheduled"))
    one.run("apply", "--yes")
    one.write(manifest("Spring", "Donors", send_at="unscheduled"))
    one.run("apply", "--yes")
    one.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
    written = one.writes()
    done = one.run("apply", "plan.json", "--yes", "--format", "json")
    assert done.document["exit_code"] == done.code == 7
    assert one.writes() == written


@pytest.mark.parametrize("arguments", [("plan",), ("apply", "--yes"), ("list",), ("doctor",)])
def test_a_refusal_leaves_stdout_empty_or_json(one: Stage, arguments: tuple[str, ...]) -> None:
    """A program that reads stdout never meets half a document or a message."""
    one.fault("html", "GET", "/v3/emails", times=9)
    one.world.privileges = tuple(p for p in one.world.privileges if p != "campaign:send")
    done = one.run(*arguments, "--format", "json")
    assert done.code in ({0} if arguments == ("doctor",) else {1, 4})
    assert done.out == "" or done.document
