"""Canonical JSON: one text per value, so that equal values have equal digests."""

import hashlib
import json
from datetime import UTC, datetime


def canonical(value: object) -> str:
    """Write a JSON value with sorted keys and no blanks, in ASCII, so that any text has one form.

    Raises ValueError for NaN and infinities, TypeError for what JSON does not know.
    """
    return json.dumps(
        value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False
    )


def digest(value: object) -> str:
    """SHA-256 over the canonical JSON of `value`, as "sha256:" and 64 hex digits."""
    return "sha256:" + hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def stamp(instant: datetime) -> str:
    """Write a UTC instant, for example 2026-10-06T13:00:00Z; fractions of seconds are dropped."""
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
