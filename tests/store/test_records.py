"""A journal line is text and comes back as the entry it was."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.model import NOW, Recipients, Step, StepKind
from ccops.ports import Halt, JournalEntry, WriteState
from ccops.store.records import (
    NO_LINES,
    START,
    Line,
    chained,
    entry_text,
    halt_text,
    instant_text,
    next_line,
    open_writes,
    read_entry,
    read_halt,
    read_instant,
    read_lines,
)
from tests.store.store_backends import entry, halt

TEXT = st.text(max_size=12)
INSTANTS = st.datetimes(timezones=st.just(UTC))
IDS = st.lists(TEXT, max_size=3).map(tuple)
ENTRIES = st.builds(
    JournalEntry,
    write_id=TEXT,
    run=TEXT,
    plan=TEXT,
    activity_id=TEXT,
    campaign=TEXT,
    step=st.builds(
        Step, kind=st.sampled_from(StepKind), method=TEXT, path=TEXT, body=st.none() | TEXT
    ),
    when=st.none() | st.just(NOW) | INSTANTS,
    recipients=st.none() | st.builds(Recipients, lists=IDS, segments=IDS),
    state=st.sampled_from(WriteState),
    fingerprint=TEXT,
    at=INSTANTS,
    detail=TEXT,
)


@given(ENTRIES)
def test_reading_undoes_writing(line: JournalEntry) -> None:
    """NOW, an instant or none; recipients or none; any text."""
    text = entry_text(line)
    assert read_entry(text) == line
    assert text.isascii()


HALTS = st.builds(
    Halt,
    activity_id=TEXT,
    campaign=TEXT,
    reason=TEXT,
    at=INSTANTS,
    sends=st.lists(st.just(NOW) | INSTANTS, max_size=3).map(tuple),
)


@given(HALTS)
def test_reading_a_halt_undoes_writing_it(mark: Halt) -> None:
    """NOW or instants, any text."""
    text = halt_text(mark)
    assert read_halt(text) == mark
    assert text.isascii()


@given(INSTANTS, INSTANTS)
def test_texts_of_instants_are_in_their_order(one: datetime, other: datetime) -> None:
    """A database may compare the texts."""
    texts = instant_text(one), instant_text(other)
    assert (texts[0] < texts[1], texts[0] == texts[1]) == (one < other, one == other)
    assert read_instant(texts[0]) == one


def lines_of(entries: list[JournalEntry]) -> list[Line]:
    lines: list[Line] = []
    for one in entries:
        head = (lines[-1][0], lines[-1][-1]) if lines else NO_LINES
        lines.append(next_line(head, one))
    return lines


@given(st.lists(ENTRIES, min_size=1, max_size=5), st.data())
def test_no_change_to_a_line_goes_unnoticed(
    entries: list[JournalEntry], data: st.DataObject
) -> None:
    """A field changed, a line removed, doubled or moved, the end cut off."""
    lines = lines_of(entries)
    head = (lines[-1][0], lines[-1][-1])
    assert read_lines(lines, head) == tuple(entries)
    place = data.draw(st.integers(0, len(lines) - 1))
    field = data.draw(st.integers(0, 4))
    changed = list(lines[place])
    changed[field] = 99 if field == 0 else f"{changed[field]}!"
    damages = [
        [*lines[:place], tuple(changed), *lines[place + 1 :]],
        [*lines[:place], *lines[place + 1 :]],
        [*lines, lines[place]],
        lines[:place],
        [lines[place], *lines[:place], *lines[place + 1 :]] if place else [],
    ]
    for damaged in damages:
        with pytest.raises(ValueError, match=r"line|end"):
            read_lines(damaged, head)  # type: ignore[arg-type] # the damage is of every kind


def test_times_are_kept_in_utc() -> None:
    """The same instant is the same text."""
    line = entry()
    local = line.at.astimezone(timezone(timedelta(hours=5)))
    assert entry_text(replace(line, at=local)) == entry_text(line)


NAIVE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("field", "line"),
    [("at", replace(entry(), at=NAIVE)), ("when", replace(entry(), when=NAIVE))],
)
def test_a_time_without_a_zone_is_not_written(field: str, line: JournalEntry) -> None:
    """Nor read."""
    with pytest.raises(ValueError, match="without a zone"):
        entry_text(line)
    document = json.loads(entry_text(entry())) | {field: "2026-01-01T00:00:00"}
    with pytest.raises(ValueError, match="without a zone"):
        read_entry(json.dumps(document))


STEP = {"kind": "update", "method": "PUT", "path": "/x", "body": None}


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "paused"},
        {"state": None},
        {"when": 0},
        {"when": "soon"},
        {"at": None},
        {"step": None},
        {"step": STEP | {"kind": "create"}},
        {"step": STEP | {"body": 1}},
        {"recipients": []},
        {"recipients": {"lists": ["a"]}},
        {"recipients": {"lists": [1], "segments": []}},
        {"run": 1},
        {"a later version's field": 1},
    ],
)
def test_a_line_of_another_shape_is_refused(changes: dict[str, object]) -> None:
    """A later version's word might mean anything."""
    document = json.loads(entry_text(entry())) | changes
    with pytest.raises(ValueError, match=r"it |is not a valid|Invalid isoformat"):
        read_entry(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"write_id": "w"}'])
def test_what_is_no_line_is_refused(text: str) -> None:
    """Half a line, or none."""
    with pytest.raises(ValueError, match=r"no journal entry|Expecting value"):
        read_entry(text)


@pytest.mark.parametrize(
    "changes", [{"at": None}, {"sends": [0]}, {"sends": ["soon"]}, {"sends": None}, {"more": 1}]
)
def test_a_halt_of_another_shape_is_refused(changes: dict[str, object]) -> None:
    """A halt that cannot be read is not "no halt"."""
    document = json.loads(halt_text(halt())) | changes
    with pytest.raises(ValueError, match=r"it |Invalid isoformat"):
        read_halt(json.dumps(document))


def test_a_halt_without_a_zone_is_not_written() -> None:
    """Neither its own time nor that of a send."""
    for naive in (replace(halt(), at=NAIVE), replace(halt(), sends=(NAIVE,))):
        with pytest.raises(ValueError, match="without a zone"):
            halt_text(naive)


def test_a_line_that_was_written_so_and_cannot_be_read_is_told_by_number() -> None:
    """Its hash is right; a later version wrote it, or a program error."""
    line: Line = (1, "a", "w1", "{}", chained(START, "{}"))
    with pytest.raises(ValueError, match="line 1 cannot be read: it is no journal entry"):
        read_lines([line], (1, line[-1]))


def test_the_newest_line_of_a_write_tells_whether_it_is_open() -> None:
    """Per activity and write."""
    lines = [
        entry("w1", WriteState.INTENT, "a"),
        entry("w1", WriteState.VERIFIED, "a"),
        entry("w2", WriteState.ACKED, "a"),
        entry("w1", WriteState.UNKNOWN, "b"),
    ]
    assert open_writes(lines) == {("a", "w2"), ("b", "w1")}
