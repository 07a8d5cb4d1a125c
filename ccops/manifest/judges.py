"""Who says whether a value is as a JSON Schema wants it: jsonschema; and who may say yes before it.

Both libraries take long to load, and are loaded when they are asked.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Protocol

from ccops.model import JsonObject

Matchers = Mapping[str, Callable[[object], bool]]
"""Of each `format`, whether a value has it."""

Accepts = Callable[[object], bool]
"""Say yes to a value that is surely right; no means that jsonschema must look at it."""

Accepting = Callable[[JsonObject, Matchers], Accepts]
"""Make what is asked before jsonschema."""


def accepting_nothing(_schema: JsonObject, _matchers: Matchers) -> Accepts:
    """Leave every document to jsonschema."""
    return lambda _value: False


def accepting_fast(schema: JsonObject, matchers: Matchers) -> Accepts:
    """Ask jsonschema-rs, which the `fast` extra brings; without it, nothing is accepted unread."""
    try:
        from jsonschema_rs import Draft202012Validator  # noqa: PLC0415 - an extra brings it
    except ImportError:
        return accepting_nothing(schema, matchers)
    validator = Draft202012Validator(dict(schema), formats=dict(matchers), validate_formats=True)

    def accepts(value: object) -> bool:
        try:
            return validator.is_valid(value)
        except ValueError:  # half a character, which it cannot represent
            return False

    return accepts


class Failure(Protocol):
    """What jsonschema found: which rule of which part of the schema, and where in the value."""

    absolute_path: Collection[str | int]
    validator: object
    schema: object


def judge(schema: JsonObject, matchers: Matchers) -> Callable[[object], Iterator[Failure]]:
    """Make what finds all that is wrong with a value."""
    # A fifth of the start-up, and of no use where everything was accepted.
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - see above

    formats = FormatChecker(formats=())
    for name, matches in matchers.items():
        formats.checks(name)(matches)
    return Draft202012Validator(dict(schema), format_checker=formats).iter_errors
