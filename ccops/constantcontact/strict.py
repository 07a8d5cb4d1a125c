"""Strict JSON: what the vendor may say, and typed access that names the field at fault.

JSON leaves room that an answer about email sends must not use: repeated keys (which one
counts?), NaN, endless nesting. Nothing here knows a vendor's word; callers name the fields.
"""

import json
from collections.abc import Iterable
from typing import NoReturn

from ccops.errors import Diagnostic, VendorFault
from ccops.model import JsonObject

MAX_DEPTH = 64
"""How deeply arrays and objects may nest; the API's own answers stay below 10 (spec)."""

_HELP = "nothing was concluded from this answer; run again, and report it if it stays"


def fault(code: str, message: str) -> VendorFault:
    """Make the error for an answer that nothing can be concluded from."""
    return VendorFault(Diagnostic(code=code, message=message, help=_HELP))


def parse(body: bytes) -> object:
    """Decode a JSON document from UTF-8.

    Raises:
        VendorFault: CC510, it is no JSON, repeats a key, holds NaN or nests deeper than 64.
    """
    try:
        document: object = json.loads(
            body.decode(), object_pairs_hook=_unique, parse_constant=_constant
        )
    except (ValueError, RecursionError) as error:
        raise fault("CC510", f"the answer is no acceptable JSON: {_why(error)}") from None
    _check_depth(document)
    return document


def _why(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return "it is not UTF-8"
        case json.JSONDecodeError(msg=why, lineno=line, colno=column):
            return f"{why} at line {line}, column {column}"
        case RecursionError():
            return "it is nested too deeply"
        case _:
            return str(error)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a key is repeated")
    return record


def _constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _children(value: object) -> Iterable[object]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
        case _:
            return ()


def _check_depth(document: object) -> None:
    layer, depth = [document], 0
    while layer:
        layer = [child for value in layer for child in _children(value)]
        depth += 1
        if depth > MAX_DEPTH + 1:
            raise fault("CC510", "the answer is no acceptable JSON: it is nested too deeply")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str():
            return "text"
        case list():
            return "an array"
        case _:
            return "an object"


def unexpected(at: str, wanted: str, found: object) -> VendorFault:
    """Make the error for a field of the wrong type; it tells the type found, never the value."""
    return fault("CC511", f"the answer's {at} should be {wanted}, but it is {_kind(found)}")


def record(value: object, at: str) -> JsonObject:
    """Return the object; `at` names it in the error (VendorFault CC511)."""
    if not isinstance(value, dict):
        raise unexpected(at, "an object", value)
    return value


def array(value: object, at: str) -> tuple[object, ...]:
    """Return the array's items; `at` names it in the error (VendorFault CC511)."""
    if not isinstance(value, list):
        raise unexpected(at, "an array", value)
    return tuple(value)


def member(owner: JsonObject, key: str, at: str) -> object:
    """Return a field that must be present (VendorFault CC511 when it is not)."""
    if key not in owner:
        raise fault("CC511", f"the answer's {at} has no {key}")
    return owner[key]


def text(owner: JsonObject, key: str, at: str) -> str:
    """Return a text field: present, no null, encodable (VendorFault CC511)."""
    value = member(owner, key, at)
    if not isinstance(value, str):
        raise unexpected(f"{at}.{key}", "text", value)
    try:
        value.encode()
    except UnicodeEncodeError:
        # "\ud800" is legal JSON and no text: it could not be sent back.
        raise fault("CC511", f"the answer's {at}.{key} holds half a character") from None
    return value


def optional_text(owner: JsonObject, key: str, at: str) -> str | None:
    """Return a text field, or None when it is absent or null (VendorFault CC511 otherwise)."""
    return None if owner.get(key) is None else text(owner, key, at)


def integer(owner: JsonObject, key: str, at: str) -> int:
    """Return an integer field; a boolean is none (VendorFault CC511)."""
    value = member(owner, key, at)
    if not isinstance(value, int) or isinstance(value, bool):
        raise unexpected(f"{at}.{key}", "an integer", value)
    return value


def amount(owner: JsonObject, key: str, at: str) -> int:
    """Read a number of things, which is never negative (VendorFault CC511 otherwise)."""
    found = integer(owner, key, at)
    if found < 0:
        raise fault("CC511", f"the answer's {at}.{key} is negative")
    return found
