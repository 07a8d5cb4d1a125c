"""YAML 1.2 core scalars: what an unquoted word means. Nothing else is ever a number or a truth.

`NO`, `9:30`, `1_000` and dates are text, as in YAML 1.2. One rule is stricter than 1.2: a number
with a leading zero (`010`, `02451`) is text too, because a postcode or a list name that loses its
zero is another name.
"""

import re

Value = str | int | float | bool | None
"""What a scalar can be."""

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_LONGEST_NUMBER = 64
_FIRST = frozenset("-+.0123456789")


def resolve(text: str) -> Value:
    """Give the value of an unquoted scalar. Total: any text has one.

    Digits beyond 64 characters stay text: nobody means a number by them, and Python refuses to
    convert more than 4,300.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST or len(text) > _LONGEST_NUMBER:
        return text
    return _number(text)


def _number(text: str) -> Value:
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _PREFIXED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
