"""Journal entries and halts as JSON text and back, the same in every store; the chain of hashes.

Pure. The text is canonical, so that equal entries are equal bytes; reading it gives exactly the
value that was written, or a ValueError.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256

from ccops.model import NOW, Now, Recipients, Step, StepKind
from ccops.ports import Halt, JournalEntry, WriteState

START = "0" * 64
"""The hash before the first line."""


def chained(previous: str, text: str) -> str:
    """Return the hash of a line: SHA-256 over the previous line's hash and this line's text."""
    return sha256(f"{previous}\n{text}".encode()).hexdigest()


Line = tuple[int, str, str, str, str]
"""A stored line: its number from 1, the activity, the write's id, the text, the hash."""

Head = tuple[int, str]
"""The number and hash of the last line, kept apart from the lines."""

NO_LINES: Head = (0, START)


def next_line(head: Head, entry: JournalEntry) -> Line:
    """Return the line that follows `head` (ValueError: a time has no zone)."""
    number, previous = head
    text = entry_text(entry)
    return number + 1, entry.activity_id, entry.write_id, text, chained(previous, text)


def read_lines(lines: Iterable[Line], head: Head) -> tuple[JournalEntry, ...]:
    """Read all lines, oldest first, each checked against the chain of hashes.

    Raises:
        ValueError: a line was changed, removed or cut off at the end, or cannot be read.
    """
    entries, last = [], NO_LINES
    for number, activity, write_id, text, digest in lines:
        last = (last[0] + 1, chained(last[1], text))
        if (number, digest) != last:
            raise ValueError(f"line {last[0]} is not the one that was written")
        try:
            entry = read_entry(text)
        except ValueError as error:
            raise ValueError(f"line {last[0]} cannot be read: {error}") from error
        if (entry.activity_id, entry.write_id) != (activity, write_id):
            raise ValueError(f"line {last[0]} is filed under another write")
        entries.append(entry)
    if last != head:
        raise ValueError("its end is missing")
    return tuple(entries)


def open_writes(entries: Iterable[JournalEntry]) -> set[tuple[str, str]]:
    """Return the (activity, write id) of each write whose newest line leaves it open."""
    newest = {(entry.activity_id, entry.write_id): entry.state for entry in entries}
    return {line for line, state in newest.items() if state.open}


def entry_text(entry: JournalEntry) -> str:
    """Write an entry as canonical JSON, instants in UTC.

    Raises:
        ValueError: a time has no zone.
    """
    document = asdict(entry) | {"when": _when_text(entry.when), "at": instant_text(entry.at)}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def read_entry(text: str) -> JournalEntry:
    """Read an entry back.

    Raises:
        ValueError: this is no entry of this version's shape.
    """
    document: object = json.loads(text)
    if isinstance(document, dict):
        document.setdefault("content", "")  # the first version's lines do not tell
    match document:
        case {
            "write_id": str() as write_id,
            "run": str() as run,
            "plan": str() as plan,
            "activity_id": str() as activity_id,
            "campaign": str() as campaign,
            "step": step,
            "when": str() | None as when,
            "recipients": recipients,
            "state": str() as state,
            "fingerprint": str() as fingerprint,
            "at": str() as at,
            "past": int() as past,
            "content": str() as content,
            "detail": str() as detail,
            **rest,
        } if not rest:
            return JournalEntry(
                write_id=write_id,
                run=run,
                plan=plan,
                activity_id=activity_id,
                campaign=campaign,
                step=_step(step),
                when=_when(when),
                recipients=_recipients(recipients),
                state=WriteState(state),
                fingerprint=fingerprint,
                at=read_instant(at),
                past=past,
                content=content,
                detail=detail,
            )
        case _:
            raise ValueError("it is no journal entry")


def halt_text(halt: Halt) -> str:
    """Write a halt as canonical JSON, instants in UTC.

    Raises:
        ValueError: a time has no zone.
    """
    sends = [_when_text(send) for send in halt.sends]
    document = asdict(halt) | {"at": instant_text(halt.at), "sends": sends}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def read_halt(text: str) -> Halt:
    """Read a halt back.

    Raises:
        ValueError: this is no halt of this version's shape.
    """
    document: object = json.loads(text)
    match document:
        case {
            "activity_id": str() as activity_id,
            "campaign": str() as campaign,
            "reason": str() as reason,
            "at": str() as at,
            "sends": list() as sends,
            **rest,
        } if not rest:
            return Halt(
                activity_id=activity_id,
                campaign=campaign,
                reason=reason,
                at=read_instant(at),
                sends=tuple(_send(text) for text in _texts(sends)),
            )
        case _:
            raise ValueError("it is no halt")


def instant_text(instant: datetime) -> str:
    """Write an instant in UTC; of two texts the greater one is the later instant.

    Raises:
        ValueError: it has no zone.
    """
    if instant.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    return instant.astimezone(UTC).isoformat()


def read_instant(text: str) -> datetime:
    """Read an instant back, in UTC (ValueError: the text is none)."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("it holds a time without a zone")
    return instant.astimezone(UTC)


def _when_text(when: datetime | Now | None) -> str | None:
    match when:
        case None:
            return None
        case Now():
            return when.value
        case _:
            return instant_text(when)


def _when(text: str | None) -> datetime | Now | None:
    return None if text is None else _send(text)


def _send(text: str) -> datetime | Now:
    return NOW if text == NOW.value else read_instant(text)


def _step(value: object) -> Step:
    match value:
        case {
            "kind": str() as kind,
            "method": str() as method,
            "path": str() as path,
            "body": str() | None as body,
        }:
            return Step(kind=StepKind(kind), method=method, path=path, body=body)
        case _:
            raise ValueError("it holds no step")


def _recipients(value: object) -> Recipients | None:
    match value:
        case None:
            return None
        case {"lists": list() as lists, "segments": list() as segments}:
            return Recipients(lists=_texts(lists), segments=_texts(segments))
        case _:
            raise ValueError("it holds no recipients")


def _texts(values: list[object]) -> tuple[str, ...]:
    texts = tuple(value for value in values if isinstance(value, str))
    if len(texts) != len(values):
        raise ValueError("it holds an id that is no text")
    return texts
