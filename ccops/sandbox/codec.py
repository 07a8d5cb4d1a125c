"""Records to JSON and back, led by their type annotations."""

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import TypeVar, cast, get_args, get_origin, get_type_hints

from ccops.sandbox.clock import iso

Record = TypeVar("Record")


def encode(value: object) -> object:
    """Return a JSON value; `decode` with the same type gives an equal record."""
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def decode(record_type: type[Record], document: Mapping[str, object]) -> Record:
    """Return the record of a JSON object that `encode` made.

    Raises:
        TypeError: the object has other keys than the record.
    """
    hints = _hints(cast("Hashable", record_type))
    values = {name: _value(hints[name], value) for name, value in document.items()}
    return record_type(**values)


@cache
def _hints(record_type: Hashable) -> dict[str, object]:
    return get_type_hints(record_type)


def _value(hint: object, value: object) -> object:
    if value is None:
        return None
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _value(next(a for a in arguments if a is not NoneType), value)
    if origin in {tuple, frozenset}:
        items = (_value(arguments[0], item) for item in cast("list[object]", value))
        return tuple(items) if origin is tuple else frozenset(items)
    if hint is datetime:
        return datetime.fromisoformat(str(value))
    if isinstance(hint, type) and is_dataclass(hint):
        return decode(hint, cast("dict[str, object]", value))
    return value
