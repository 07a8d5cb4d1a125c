"""The options of a run on this machine, as one value; and how long one account may take."""

import click
import pytest
from click.testing import CliRunner

from ccops import cli
from ccops.commands.fleet_running import going_on_options, running_options
from ccops.commands.queue_option import queue_option
from ccops.errors import ExitCode
from ccops.fleet.child import LONGEST
from ccops.fleet.sweep import Options


def given(*words: str) -> Options:
    """What a command is handed for these words."""
    found: list[Options] = []

    @click.command
    @running_options
    @going_on_options
    @queue_option()
    def command(*, address: str | None, options: Options) -> ExitCode:
        assert address is None
        found.append(options)
        return ExitCode.DONE

    result = CliRunner().invoke(command, words)
    assert result.exit_code == 0, result.output
    return found[0]


def test_without_options() -> None:
    """Four accounts at a time, each for four hours at most."""
    assert given() == Options(most=4)
    assert given().limit == LONGEST == 4 * 3600


def test_every_option_is_handed_on() -> None:
    """None is left unread."""
    words = ("--jobs", "2", "--budget", "9", "--resume", "--time-limit", "90 minutes")
    assert given(*words) == Options(most=2, budget=9, resume=True, limit=5400.0)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("1 minute", 60),
        ("60 seconds", 60),
        ("90minutes", 5400),
        ("1 hour", 3600),
        ("24 hours", 86_400),
    ],
)
def test_a_duration_in_words(words: str, seconds: float) -> None:
    """From a minute to a day, as limits are written in ccops.yaml."""
    assert given("--time-limit", words).limit == seconds


@pytest.mark.parametrize(
    "words", ["", "90", "59 seconds", "0 hours", "25 hours", "-1 hour", "1 day", "1.5 hours", "٣ hours", "1 hour\n"]
)  # fmt: skip
def test_what_is_no_such_duration(words: str) -> None:
    """It is refused before a worker looks for its queue."""
    asked = ("worker", "--queue", "postgresql://127.0.0.1:1/x", "--time-limit", words)
    assert cli.run(asked) == ExitCode.INVALID
