"""Typed access to the fields of a decoded JSON document; whatever is amiss is a ValueError."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from ccops.model import JsonObject

ValueT = TypeVar("ValueT")
ResultT = TypeVar("ResultT")


def typed(of: JsonObject, key: str, kind: type[ValueT]) -> ValueT:
    """Return a field of this type. A boolean is no integer."""
    value = of.get(key)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{key} is no {kind.__name__}")
    return value


def text(of: JsonObject, key: str) -> str:
    """Return a text."""
    return typed(of, key, str)


def maybe_text(of: JsonObject, key: str) -> str | None:
    """Return a text, or None where it is null or absent."""
    return None if of.get(key) is None else text(of, key)


def texts(of: JsonObject, key: str) -> tuple[str, ...]:
    """Return an array of texts."""
    return tuple(text({key: item}, key) for item in typed(of, key, list))


def record(of: JsonObject, key: str) -> JsonObject:
    """Return an object."""
    return typed(of, key, dict)


def optional(of: JsonObject, key: str, read: Callable[[JsonObject], ResultT]) -> ResultT | None:
    """Read an object, or return None where it is null or absent."""
    return None if of.get(key) is None else read(record(of, key))


def each(of: JsonObject, key: str, read: Callable[[JsonObject], ResultT]) -> tuple[ResultT, ...]:
    """Read each object of an array."""
    return tuple(read(record({key: item}, key)) for item in typed(of, key, list))


def instant(word: str) -> datetime:
    """Read an instant as `ccops.planning.canonical.stamp` writes it: UTC, whole seconds."""
    return datetime.strptime(word, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def maybe_instant(of: JsonObject, key: str) -> datetime | None:
    """Return an instant, or None where it is null or absent."""
    word = maybe_text(of, key)
    return None if word is None else instant(word)
