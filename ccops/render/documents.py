"""The frame of a result's JSON document, and how instants stand in one."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from ccops.model import When

VERSION = "1.0"
"""Readers must ignore keys that they do not know; a key that goes, or changes, raises it."""


def document(kind: str, content: Mapping[str, object]) -> str:
    """Canonical JSON (sorted keys, no blanks, ASCII) in one line, which says what it is."""
    framed = {"format_version": VERSION, "kind": kind, **content}
    return json.dumps(framed, sort_keys=True, separators=(",", ":")) + "\n"


def instant(when: datetime) -> str:
    """UTC, `YYYY-MM-DDTHH:MM:SSZ`."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def send_time(when: When | None) -> str | None:
    """An instant, or `now`; None for none."""
    if when is None:
        return None
    return instant(when) if isinstance(when, datetime) else when.value
