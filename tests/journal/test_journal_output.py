"""The journal is told in two formats, and nothing foreign gets out of its place."""

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ccops.errors import ExitCode
from ccops.model import NOW, StepKind
from ccops.planning.resolution import Choice, Recorded, decided
from ccops.ports import JournalEntry, WriteState
from ccops.render.journaling import (
    STATES,
    JournalView,
    OpenWrite,
    Resolved,
    by_itself,
    decision,
    wanted,
)
from ccops.render.machine_journal import journal_json, resolved_json
from ccops.render.style import PLAIN, Style
from ccops.render.text_journal import journal_text, resolved_text
from tests.journal.seen import LINES, NAMES, SOON, resolutions, view, views, whole
from tests.planning.samples import LIVE, NOW_IS, OTHER_LISTS, SEGMENTED
from tests.project.pure_core import ROOT
from tests.render.test_render_safety import ENCODINGS, WIDTHS, check_text
from tests.verify.lines import write

GOLDEN = Path(__file__).parent / "golden"
LIMITS = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
ZONE = "America/New_York"


def text(one: JournalView) -> str:
    return journal_text(one, style=PLAIN)


def resolved(choice: Choice = Choice.NO_EFFECT) -> Resolved:
    line = decided(LINES[1], choice, reason="nobody received it", live=LIVE, at=NOW_IS)
    return Resolved(entry=line, choice=choice, live=LIVE, zone=ZONE)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("journal-open.txt", text(view())),
        ("journal-unread.txt", text(view(read=False))),
        ("journal-all.txt", text(whole())),
        ("journal-resolved.txt", resolved_text(resolved(), style=PLAIN)),
    ],
)
def test_the_whole_text(name: str, shown: str) -> None:
    """What is open with the account beside it, without it, every line, and a decision."""
    assert shown == (GOLDEN / name).read_text("utf-8")


def test_every_key_of_the_documents_is_described() -> None:
    """docs/journal.md names each key, so that programs can rely on it."""
    page = (ROOT / "docs" / "journal.md").read_text("utf-8")
    documents = [json.loads(one) for one in (journal_json(whole()), resolved_json(resolved()))]
    shown = json.loads(journal_json(view()))
    first = shown["open"][0]
    parts = [*documents, shown, first, first["account"], first["decisions"][0], first["request"]]
    keys = {key for one in parts for key in one}
    assert {key for key in keys if f"`{key}`" not in page} == set()


def test_the_document_tells_what_the_text_tells() -> None:
    """The open writes, the readings and the command lines; all lines only when asked for."""
    shown = json.loads(journal_json(view()))
    assert [one["campaign"] for one in shown["open"]] == ["Recall", "Spring", "Summer"]
    assert [one["account"]["status"] for one in shown["open"]] == ["draft", "scheduled", None]
    assert (shown["kind"], shown["format_version"], shown["lines"]) == ("journal", "1.0", None)
    assert shown["open"][0]["decisions"][1]["command"] in text(view())
    unread = json.loads(journal_json(view(read=False)))
    assert (unread["exit_code"], unread["open"][0]["account"]) == (4, None)
    every = json.loads(journal_json(whole()))
    assert [one["write_id"] for one in every["lines"]] == [one.write_id for one in LINES]
    assert [one["when"] for one in every["lines"]][:3] == ["now", "now", "2026-10-05T12:00:00Z"]


def test_the_recorded_line_as_a_document() -> None:
    """Its new state, and the person's words."""
    document = json.loads(resolved_json(resolved()))
    assert (document["kind"], document["choice"]) == ("resolution", "no-effect")
    assert document["line"]["state"] == "resolved"
    assert document["line"]["detail"] == "decided by a person: nobody received it"
    assert document["account"]["in_words"] == "a draft, not scheduled"


def test_nothing_is_open() -> None:
    """Said plainly, and exit 0."""
    one = JournalView(store="/s", zone=ZONE, writes=())
    assert text(one).startswith("Nothing is open.")
    assert text(replace(one, lines=())).startswith("0 lines, 0 writes")
    assert one.exit_code is ExitCode.DONE


def test_every_state_has_its_words() -> None:
    """None is shown bare."""
    assert set(STATES) == set(WriteState)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (write(when=NOW)[0], "send it at once, to Donors"),
        (
            write(when=SOON, recipients=OTHER_LISTS)[0],
            'schedule it for Wed 7 Oct 2026, 08:00 EDT (12:00 UTC), to "Board, old", Donors',
        ),
        (
            write(1, StepKind.UPDATE, recipients=SEGMENTED)[0],
            "set its recipients, to segment Volunteers",
        ),
        (write(1, StepKind.UNSCHEDULE)[0], "unschedule it"),
        (write(when=NOW, recipients=None)[0], "send it at once"),
        (replace(write()[0], when=None, recipients=None), "schedule it"),
    ],
)
def test_what_a_write_was_to_do(entry: JournalEntry, words: str) -> None:
    """In words, with the names of the recipients."""
    assert wanted(entry, zone=ZONE, names=NAMES) == words


def test_the_command_line_can_be_copied() -> None:
    """The id is quoted for a shell, whatever it holds."""
    entry = replace(write()[0], write_id="a b'$(x)")
    command, _ = decision(
        Choice.NO_EFFECT, OpenWrite(write=Recorded(entry=entry, begun=NOW_IS)), zone="UTC"
    )
    assert shlex.split(command)[:5] == ["ccops", "journal", "resolve", "a b'$(x)", "--no-effect"]


def test_a_person_is_asked_last() -> None:
    """Only what an apply could not find out is a person's to decide."""
    told = {state: by_itself(replace(write()[0], state=state)) for state in WriteState}
    assert "only a person can" in told.pop(WriteState.UNKNOWN)
    assert all("finds out by itself" in one for one in told.values())


@LIMITS
@given(views, WIDTHS, ENCODINGS)
def test_journal_text(one: JournalView, width: int | None, encoding: str) -> None:
    """At a terminal, in a log, in any encoding."""

    def render(style: Style, width: int | None, encoding: str) -> str:
        return journal_text(one, style=style, width=width, encoding=encoding)

    check_text(render, width, encoding)


@LIMITS
@given(resolutions, WIDTHS, ENCODINGS)
def test_resolved_text(one: Resolved, width: int | None, encoding: str) -> None:
    """At a terminal, in a log, in any encoding."""

    def render(style: Style, width: int | None, encoding: str) -> str:
        return resolved_text(one, style=style, width=width, encoding=encoding)

    check_text(render, width, encoding)


@LIMITS
@given(views, resolutions)
def test_journal_json(one: JournalView, done: Resolved) -> None:
    """One line of ASCII each, and JSON."""
    for written in (journal_json(one), resolved_json(done)):
        assert re.fullmatch(r"[ -~]+\n", written)
        assert json.loads(written)["format_version"] == "1.0"
