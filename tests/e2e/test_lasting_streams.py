"""A stream to which writing never raises, whatever is behind it."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import cast
from unittest.mock import patch

import pytest

from ccops import cli
from ccops.commands.asking import attended, says_yes, typed
from ccops.streams import Lasting, lasting, outcome_stands


class Broken(io.StringIO):
    """A terminal whose writes fail with some error, from the first or after some."""

    encoding = "utf-8"

    def __init__(self, error: Exception, *, after: int = 0) -> None:
        super().__init__()
        self.error = error
        self.left = after

    def isatty(self) -> bool:
        """Say that it is one."""
        return True

    def write(self, text: str, /) -> int:
        """Fail, when its time has come."""
        if self.left <= 0:
            raise self.error
        self.left -= 1
        return super().write(text)


def full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


FAILURES = [
    full(),
    OSError(errno.EIO, "Input/output error"),
    BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
    ValueError("I/O operation on closed file."),
]


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_what_fails_goes_elsewhere(error: Exception) -> None:
    """All of what was not taken, in order, and one warning that says why."""
    spare, told = io.StringIO(), []
    inner = Broken(error, after=1)
    stream = Lasting(inner, spare=Lasting(spare), warn=lambda *why: told.append(why))
    assert [stream.write(text) for text in ("one\n", "two\n", "", "three\n")] == [4, 4, 0, 6]
    assert (inner.getvalue(), spare.getvalue(), stream.missing) == ("one\n", "two\nthree\n", True)
    assert told == [(getattr(error, "strerror", None) or str(error), True)]
    assert not stream.isatty()


def test_a_lost_reader_misses_nothing() -> None:
    """It went away by its own will."""
    spare, told = io.StringIO(), []
    stream = Lasting(
        Broken(BrokenPipeError()), spare=Lasting(spare), warn=lambda *why: told.append(why)
    )
    assert (stream.write("one"), stream.write("two")) == (3, 3)
    assert (spare.getvalue(), told, stream.missing) == ("", [], False)


def test_a_stream_that_was_never_there() -> None:
    """Python has None for a standard stream that is closed."""
    spare = io.StringIO()
    stream = Lasting(None, spare=Lasting(spare))
    assert (stream.write("one"), spare.getvalue(), stream.missing) == (3, "one", True)
    assert (stream.isatty(), stream.encoding, stream.writable()) == (False, "utf-8", True)
    with pytest.raises(OSError, match="fileno"):
        stream.fileno()
    assert Lasting(None).write("nobody hears") == 12


def test_a_closed_stream_is_no_terminal() -> None:
    """Nor does asking it raise."""
    inner = io.StringIO()
    inner.close()
    assert not Lasting(inner).isatty()


def test_a_character_that_it_lacks_is_written_as_an_escape() -> None:
    """The stream is sound; the text was not made for it."""
    inner = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    stream = Lasting(inner)
    assert stream.write("Été\n") == 4
    assert cast("io.BytesIO", inner.buffer).getvalue() == b"\\xc9t\\xe9\n"


@pytest.mark.parametrize("inner", [None, io.StringIO()], ids=["closed", "open"])
def test_bytes_are_refused(inner: io.StringIO | None) -> None:
    """As by any stream of text; click asks so."""
    with pytest.raises(TypeError):
        Lasting(inner).write(b"")


def test_what_it_holds_back_fails_no_more() -> None:
    """Python flushes at its end: what a full disk did not take must not change the exit code."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w", encoding="utf-8") as inner:  # noqa: PTH123 - as Python opens stdout
        stream = Lasting(inner)
        assert (stream.write("x" * 10), stream.fileno() if stream.isatty() else None) == (10, None)
        inner.flush()


@pytest.mark.parametrize(("code", "ends"), [(0, 1), (2, 1), (3, 3), (6, 6), (10, 10), (130, 130)])
def test_the_exit_code_of_a_missing_result(code: int, ends: int) -> None:
    """What would be taken for a success is none; any other code says enough."""

    def shown(_: object) -> int:
        print("the plan")
        return code

    for done in (shown, lambda _: (outcome_stands(), shown(_))[1]):
        errors = io.StringIO()
        with (
            redirect_stdout(Broken(full())),
            redirect_stderr(errors),
            patch.object(cli, "_run", done),
        ):
            assert cli.run([]) == (ends if done is shown else code)
        weight = "error" if done is shown else "warning"
        assert f"{weight}[CC209]" in errors.getvalue()
        assert errors.getvalue().endswith("the plan\n")


def test_the_streams_are_as_before_afterwards() -> None:
    """Nothing of it outlasts a command."""
    before = (sys.stdout, sys.stderr)
    with lasting(lambda _why, _owed: None) as stdout:
        assert (sys.stdout, isinstance(sys.stderr, Lasting)) == (stdout, True)
    assert (sys.stdout, sys.stderr) == before


def test_where_nothing_lasts_nothing_is_owed() -> None:
    """A part of ccops that is used outside of a command line has its streams as they are."""
    with redirect_stdout(io.StringIO()) as stream:
        outcome_stands()
    assert stream.getvalue() == ""


@contextmanager
def person(says: str, errors: io.StringIO) -> Iterator[None]:
    """Somebody at a terminal with an answer ready."""
    answers = io.StringIO(says)
    with (
        patch.object(answers, "isatty", lambda: True),
        patch.object(sys, "stdin", answers),
        redirect_stderr(errors),
        lasting(lambda _why, _owed: None),
    ):
        yield


def test_a_question_that_is_shown() -> None:
    """The answers count."""
    for says, yes in (("y\n", True), ("n\n", False), ("\n", False)):
        with person(says, Broken(full(), after=99)):
            assert (attended(), says_yes("Go on?")) == (True, yes)
    with person("Sandbox \n", Broken(full(), after=99)):
        assert typed("Type it", "Sandbox", otherwise="Nothing was sent")


def test_a_question_that_cannot_be_shown_is_declined() -> None:
    """A yes to a question that nobody could read is none."""
    with person("y\n", Broken(full())):
        assert attended()
        assert not says_yes("Go on?")
    with person("Sandbox\n", Broken(full())):
        assert not typed("Type it", "Sandbox", otherwise="Nothing was sent")


def test_a_terminal_that_is_gone_declines() -> None:
    """It hangs up while it is asked."""

    class Gone(io.StringIO):
        def readline(self, *_: object) -> str:
            raise OSError(errno.EIO, "Input/output error")

    errors = Broken(full(), after=99)
    with person("", errors), patch.object(sys, "stdin", Gone()):
        assert not says_yes("Go on?")
        assert not typed("Type it", "Sandbox", otherwise="Nothing was sent")
    assert "Nothing was sent" in errors.getvalue()
