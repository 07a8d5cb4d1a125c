"""A report tells what was done, shouts what went wrong, and ends with the exit code."""

from dataclasses import replace
from pathlib import Path

import pytest

from ccops.applying.report import Ending, Report, Result
from ccops.errors import ExitCode
from ccops.model import NOW, Live, Status
from ccops.planning.plan import Change, Verdict
from ccops.render.outcome import MEANING
from ccops.render.style import PLAIN
from ccops.render.text_report import report_text
from tests.render import render_builders as build

GOLDEN = Path(__file__).parent / "golden"


def text(report: Report) -> str:
    """The plain text."""
    return report_text(report, now=build.NOON, style=PLAIN)


def test_the_whole_text() -> None:
    """Every ending there is."""
    expected = (GOLDEN / "report-mixed.txt").read_text(encoding="utf-8")
    assert text(build.eventful()) == expected


def test_every_exit_code_has_a_meaning() -> None:
    """The last line explains whatever the process returns."""
    assert set(MEANING) == set(ExitCode)


@pytest.mark.parametrize(
    ("change", "seen", "said"),
    [
        (
            build.scheduled(),
            build.live(Status.SCHEDULED, when=build.at(27, 13)),
            "@ Black Friday early access: scheduled for Fri 27 Nov 2026, 08:00 EST (13:00 UTC), in",
        ),
        (build.updated(), None, "~ Holiday gift guide: updated\n"),
        (
            build.updated(),
            build.live(),
            "updated; Constant Contact shows: a draft, not scheduled\n",
        ),
        (build.unscheduled(), build.live(), "- Winter preview: unscheduled: it will NOT be sent\n"),
        (
            build.recall(),
            build.live(Status.EXECUTING),
            "! Ladder recall notice: sent at once; Constant Contact shows: being sent now\n",
        ),
        (build.recall(), build.live(Status.REMOVED), "Constant Contact shows: removed\n"),
        (
            build.change("Again", Verdict.RESEND, send=NOW),
            build.live(Status.SCHEDULED, when=build.at(27, 13)),
            "@ Again: resend scheduled for Fri 27 Nov",
        ),
        (build.sent(), None, "Fall appeal: sent\n"),
    ],
)
def test_what_was_done(change: Change, seen: Live | None, said: str) -> None:
    """In the past tense, with the state that was read back."""
    assert said in text(build.report(build.result(change, Ending.DONE, seen=seen)))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (
            build.result(build.rescheduled(), Ending.STOPPED),
            "    not as planned\n    no write was sent; Constant Contact was not read again\n",
        ),
        (
            build.result(build.rescheduled(), Ending.STOPPED, writes=(build.UNSCHEDULE,)),
            "    1 write was sent: unschedule; Constant Contact was not read again\n",
        ),
        (build.result(build.recall(), Ending.UNKNOWN), "    look in Constant Contact\n"),
        (build.result(build.recall(), Ending.NOT_STARTED), "    the run ended before it\n"),
        (
            build.result(build.updated(), Ending.NOTHING),
            "= Holiday gift guide: nothing to do: already as declared\n",
        ),
    ],
)
def test_what_was_not_done(result: Result, said: str) -> None:
    """Without a detail there are still plain words."""
    assert said in text(build.report(result))


def test_what_was_in_sync_has_no_line() -> None:
    """A report is about the changes; the rest was reported by the plan."""
    quiet = build.report(build.result(build.in_sync(), Ending.NOTHING))
    assert text(quiet) == (
        "Done. 0 campaigns changed, 0 writes, 12 reads, in 14 s.\n"
        "Exit code 0: done; every write verified.\n"
    )


@pytest.mark.parametrize(
    ("report", "title"),
    [
        (build.report(build.result(build.missed(), Ending.NEEDS_PERSON)), "A person is needed."),
        (build.report(build.result(build.recall(), Ending.UNKNOWN)), "A person must look."),
        (build.report(build.result(build.recall(), Ending.STOPPED)), "Not complete."),
        (build.report(interrupted=ExitCode.INTERRUPTED), "Not complete."),
    ],
)
def test_the_title(report: Report, title: str) -> None:
    """The end never sounds better than it was."""
    assert f"{title} " in text(report)
    assert f"Exit code {int(report.exit_code)}: {MEANING[report.exit_code]}." in text(report)


def test_a_person_is_told_what_to_do() -> None:
    """The remedy stands below the reason; without one there is no empty line."""
    shown = text(build.report(build.result(build.missed(), Ending.NEEDS_PERSON)))
    assert "    to do: declare a later send_at, or `unscheduled`\n" in shown
    bare = replace(build.missed(), remedy="")
    assert "to do" not in text(build.report(build.result(bare, Ending.NEEDS_PERSON)))
