"""A full disk, a closed descriptor or a lost reader: what is done and the exit code stay the same.

The processes are real, and so is /dev/full: each write to it fails as on a full disk. What was
asked of the account is counted at the sandbox.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import Done, Stage, finish, manifest

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")

NAMES = ("Four", "One", "Three", "Two")
POSTS = [f"POST {name} 2027-03-09T14:00:00.000Z" for name in NAMES]
STDOUT = [pytest.param(">/dev/full", marks=needs_full), ">&-"]
STDERR = [pytest.param("2>/dev/full", marks=needs_full), "2>&-"]
BOTH = [pytest.param(">/dev/full 2>&1", marks=needs_full), ">&- 2>&-"]


def redirected(stage: Stage, where: str, *arguments: str) -> Done:
    """Run one command as a process whose streams a shell has redirected."""
    shell = ["-c", f'exec "$@" {where}', "sh", sys.executable, "-m", "ccops", *arguments]
    return finish(
        subprocess.Popen(
            ["/bin/sh", *shell],
            cwd=stage.folder,
            env={**os.environ, **stage.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
    )


@pytest.fixture
def drafts(stage: Stage) -> Stage:
    """Four drafts that are to be scheduled."""
    for name in NAMES:
        stage.world.add_campaign(name, lists=[list_id_of("Members")])
    stage.write(*(manifest(one, "Members", send_at="Tue 2027-03-09 09:00") for one in NAMES))
    return stage


@pytest.fixture
def scheduled(drafts: Stage) -> Stage:
    """The same campaigns, scheduled."""
    assert drafts.run("apply", "--yes").code == 0
    return drafts


@pytest.mark.parametrize("where", STDOUT)
def test_an_apply_without_stdout(drafts: Stage, where: str) -> None:
    """Each request is made once; the report stands on stderr, and the exit code is the writes'."""
    done = redirected(drafts, where, "apply", "--yes")
    assert (done.code, drafts.writes()) == (0, POSTS)
    assert "warning[CC209]" in done.err
    assert "4 writes" in done.err
    assert "bug in ccops" not in done.err


@pytest.mark.parametrize("where", STDERR)
def test_an_apply_without_stderr(drafts: Stage, where: str) -> None:
    """Progress that nobody can see ends nothing between the record of a write and the write."""
    done = redirected(drafts, where, "apply", "--yes", "--format", "json")
    assert (done.code, drafts.writes(), done.err) == (0, POSTS, "")
    assert [one["ending"] for one in done.document["results"]] == ["done"] * len(NAMES)


@pytest.mark.parametrize("where", BOTH)
def test_an_apply_that_can_say_nothing(drafts: Stage, where: str) -> None:
    """Only the exit code is left to tell how it ended."""
    done = redirected(drafts, where, "apply", "--yes")
    assert (done.code, drafts.writes(), done.out, done.err) == (0, POSTS, "", "")


@needs_full
def test_a_partial_apply_without_stdout(drafts: Stage) -> None:
    """The code of the writes wins, whatever it is."""
    drafts.fault("500", "POST", "*", times=9)
    done = redirected(drafts, ">/dev/full", "apply", "--yes")
    assert done.code == 8
    assert "Exit code 8: partly applied" in done.err


@pytest.mark.parametrize("where", [*STDERR, *BOTH])
def test_a_halt_that_can_say_nothing(scheduled: Stage, where: str) -> None:
    """The emergency brake works on a machine whose disk is full."""
    before = len(scheduled.writes())
    done = redirected(scheduled, where, "halt", "--reason", "the link is wrong", "--yes")
    assert (done.code, scheduled.writes()[before:]) == (0, [f"DELETE {one}" for one in NAMES])


@pytest.mark.parametrize("where", STDOUT)
def test_a_halt_without_stdout(scheduled: Stage, where: str) -> None:
    """What was halted stands on stderr then."""
    before = len(scheduled.writes())
    done = redirected(scheduled, where, "halt", "--reason", "the link is wrong", "--yes")
    assert (done.code, scheduled.writes()[before:]) == (0, [f"DELETE {one}" for one in NAMES])
    assert "4 campaigns halted; 4 writes" in done.err


@pytest.mark.parametrize(
    ("where", "arguments"),
    [
        pytest.param(">/dev/full", ("plan",), marks=needs_full),
        (">&-", ("plan", "--detailed-exitcode")),
        pytest.param(">/dev/full", ("validate",), marks=needs_full),
        (">&-", ("validate", "--format", "json")),
        pytest.param(">/dev/full", ("calendar",), marks=needs_full),
        pytest.param(">/dev/full", ("plan", "--help"), marks=needs_full),
    ],
)
def test_a_reading_that_cannot_be_shown_is_no_success(
    drafts: Stage, where: str, arguments: tuple[str, ...]
) -> None:
    """Exit 1, so that no pipeline takes an empty file for "no changes"; stderr has the result."""
    done = redirected(drafts, where, *arguments)
    assert (done.code, drafts.writes()) == (1, [])
    assert "error[CC209]: the result cannot be written to stdout" in done.err
    assert "bug in ccops" not in done.err
    shown = [one for one in drafts.run(*arguments).out.splitlines() if "are used today" not in one]
    assert shown
    assert set(shown) <= set(done.err.splitlines())


def test_a_reading_that_nobody_can_see_is_no_success(drafts: Stage) -> None:
    """Neither stream is left."""
    assert redirected(drafts, ">&- 2>&-", "plan").code == 1


@pytest.mark.parametrize("where", STDERR)
def test_a_reading_without_stderr(drafts: Stage, where: str) -> None:
    """The result is there: all is well."""
    done = redirected(drafts, where, "plan", "--format", "json")
    assert (done.code, done.document["account"]["id"]) == (0, drafts.world.encoded_account_id)


def test_a_refusal_keeps_its_code(drafts: Stage) -> None:
    """A wrong manifest is a wrong manifest, whether or not anybody can be told."""
    drafts.write("campaign: [")
    assert redirected(drafts, ">&- 2>&-", "plan").code == 3


def test_a_reader_that_went_away_is_no_failure(drafts: Stage) -> None:
    """`ccops plan | head -1`: who has read enough is told no more, on neither stream."""
    reader, writer = os.pipe()
    os.close(reader)
    process = drafts.start("plan", "--show-requests", stdout=writer)
    os.close(writer)
    done = finish(process)
    assert (done.code, done.err) == (0, "")


def test_a_closed_number_is_taken_by_no_file(drafts: Stage) -> None:
    """What a child or a crash writes to stdout must not get into the journal or a connection."""
    assert redirected(drafts, "<&- >&- 2>&-", "apply", "--yes").code == 0
    assert drafts.writes() == POSTS
    assert drafts.run("plan", "--detailed-exitcode").code == 0
    assert json.loads(drafts.run("journal", "show", "--format", "json").out)["exit_code"] == 0


def test_a_question_without_stdin(drafts: Stage) -> None:
    """Nobody can be asked where stdin is closed."""
    done = redirected(drafts, "<&-", "apply")
    assert (done.code, drafts.writes()) == (3, [])
    assert "CC282" in done.err


@pytest.mark.skipif(os.name != "posix", reason="only POSIX can ask a pipe whether it has room")
def test_the_brake_does_not_wait_for_a_reader(scheduled: Stage) -> None:
    """Nobody reads stderr, which is a full pipe: all is unscheduled, and the report is on stdout."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"." * 4_096)
    os.set_blocking(writing, True)
    before = len(scheduled.writes())
    try:
        halt = ("halt", "--reason", "the link", "--yes", "--format", "json")
        done = finish(scheduled.start(*halt, stderr=writing))
    finally:
        os.close(reading)
        os.close(writing)
    assert done.code == 0
    assert sorted(scheduled.writes()[before:]) == [f"DELETE {name}" for name in NAMES]
    assert len(done.document["campaigns"]) == len(NAMES)
