"""The shape of a document: one JSON Schema per kind, and its complaints in plain words.

The same schema files serve editors. jsonschema finds what is wrong; the text is made here,
because its own messages speak of schemas, not of manifests. Where the `fast` extra is installed,
jsonschema-rs is asked first: it may say yes, which spares jsonschema the document, and never no.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import cast

from ccops.errors import Diagnostic, Place
from ccops.manifest import judges
from ccops.manifest.durations import DURATION
from ccops.manifest.judges import Accepting, Failure
from ccops.manifest.nodes import Entries, Key, Mapping, Node, Scalar, Sequence, entries_of, items_of
from ccops.manifest.wording import excerpt, nearest
from ccops.model import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is wrong with a document's shape, and under which of its own keys ("": with itself).

    `part` is the key inside of that one that it is about; "": all of it is wrong.
    """

    key: str
    diagnostic: Diagnostic
    part: str = ""


Check = Callable[[Node], tuple[Complaint, ...]]
"""Say what is wrong with the shape of one document."""

# `fullmatch`, for `$` matches before a line break too; no \d, which matches any script's digits.
_FORMATS: dict[str, tuple[re.Pattern[str], str]] = {
    "uuid": (
        re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        "an id: 8-4-4-4-12 hexadecimal digits",
    ),
    "segment-id": (re.compile(r"[1-9][0-9]{0,17}"), "a whole number"),
    "account-id": (re.compile(r"[A-Za-z0-9_-]{1,64}"), "an encoded_account_id"),
    "email": (re.compile(r"[!-?A-~]{1,64}@[!-?A-~]+\.[!-?A-~]+"), "an e-mail address"),
    "duration-in-words": (
        DURATION,
        "a duration with its unit: ms, seconds, minutes or hours",
    ),
}
_IDS = frozenset({"uuid", "account-id"})
_TYPES = {
    ("string",): "a text",
    ("integer",): "a whole number",
    ("object",): "a mapping",
    ("array",): "a list",
    ("string", "object"): "a name or {id: …}",
    ("integer", "string"): "a whole number",
    ("string", "array"): "a text or a list of texts",
}
_MAX_SUGGESTIONS = 20
"""How many unknown keys of one mapping get a suggestion: comparing is slow."""


def compile_schema(schema: JsonObject, *, accepting: Accepting = judges.accepting_fast) -> Check:
    """Make the check of one kind of document, to be reused for all of them.

    Reuse matters: building a validator costs 35 times as much as using it (measured).
    `accepting` makes what is asked before jsonschema.
    """
    matchers = {name: _matcher(pattern) for name, (pattern, _) in _FORMATS.items()}
    accepts = accepting(schema, matchers)
    failures = cache(partial(judges.judge, schema, matchers))

    def check(root: Node) -> tuple[Complaint, ...]:
        value = root.value
        if accepts(value):
            return ()
        complaints = (one for failure in failures()(value) for one in _explain(failure, root))
        # Each missing key is an error of its own, and each tells of all: hence no repeats.
        return tuple(dict.fromkeys(complaints))

    return check


def sound(root: Node, complaints: tuple[Complaint, ...], *, apart: frozenset[str]) -> Entries:
    """Give the entries that nothing is wrong with, so that one mistake does not hide another.

    The keys inside of those `apart` are read each by itself: of them only what is wrong is left out.
    """
    if not complaints:
        return entries_of(root)
    parts: dict[str, set[str]] = {}
    for one in complaints:
        parts.setdefault(one.key, set()).add(one.part if one.key in apart else "")
    return {
        name: (key, _without(value, parts[name]) if name in parts else value)
        for name, (key, value) in entries_of(root).items()
        if "" not in parts.get(name, ())
    }


def _without(node: Node, names: set[str]) -> Node:
    left = {name: entry for name, entry in entries_of(node).items() if name not in names}
    return Mapping(left, node.place)


def _matcher(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or pattern.fullmatch(value) is not None


def _explain(error: Failure, root: Node) -> Iterator[Complaint]:
    path = tuple(error.absolute_path)
    key, node = _find(root, path)
    schema: JsonObject = error.schema if isinstance(error.schema, dict) else {}
    match error.validator, node:
        case "additionalProperties", Mapping():
            for stranger, one in _unknown(node, tuple(_properties(schema))):
                yield _complaint(one, *path, stranger)
        case "required", Mapping():
            for one in _missing(node, schema):
                yield _complaint(one, *path)
        case (("minProperties" | "maxProperties"), Mapping()):
            yield _complaint(_one_of(node, tuple(_properties(schema)), key), *path)
        case _:
            yield _complaint(_wrong(error, schema, key, node), *path)


def _complaint(diagnostic: Diagnostic, *path: str | int) -> Complaint:
    key, part = (*path, "", "")[:2]
    inner = part if isinstance(part, str) else ""
    return Complaint(key=str(key), part=inner, diagnostic=diagnostic)


def _find(root: Node, path: Iterable[str | int]) -> tuple[Key | None, Node]:
    """Walk to the node that an error speaks of; give the key that introduces it, if one does."""
    key: Key | None = None
    node = root
    for part in path:
        if isinstance(node, Mapping):
            key, node = node.entries[str(part)]
        else:
            key, node = None, items_of(node)[int(part)]
    return key, node


def _properties(schema: JsonObject) -> dict[str, JsonObject]:
    return cast("dict[str, JsonObject]", schema.get("properties", {}))  # our own file


def _unknown(node: Mapping, known: tuple[str, ...]) -> Iterator[tuple[str, Diagnostic]]:
    strangers = [entry for name, entry in node.entries.items() if name not in known]
    for number, (key, value) in enumerate(strangers):
        close = nearest(key.text, known) if number < _MAX_SUGGESTIONS else None
        help_ = f"did you mean `{close}`?" if close else f"the keys here are {_listed(known)}"
        if known == ("id",) and len(node.entries) == 1:
            text = (
                excerpt(f"{key.text}: {value.text}")
                if isinstance(value, Scalar)
                else f"{key.text}: …"
            )
            help_ = f'a name with a colon needs quotes: "{text}"'
        message = f"unknown key `{excerpt(key.text)}`"
        yield key.text, Diagnostic(code="CC101", message=message, place=key.place, help=help_)


def _missing(node: Mapping, schema: JsonObject) -> Iterator[Diagnostic]:
    present = node.entries
    for name in cast("list[str]", schema["required"]):  # our own file, and the rule that failed
        if name not in present and (name != "id" or not present):
            yield Diagnostic(
                code="CC102",
                message=f"`{name}` is missing",
                place=node.place,
                help=f"add `{name}: {_example(_properties(schema)[name])}`",
            )


def _one_of(node: Mapping, known: tuple[str, ...], key: Key | None) -> Diagnostic:
    inside = f" in `{key.text}`" if key else ""
    if node.entries:
        (first, _), (second, _), *_ = node.entries.values()
        return Diagnostic(
            code="CC106",
            message=f"both `{first.text}` and `{second.text}`{inside}",
            place=second.place,
            help="write one of them",
            also=((first.place, "and here"),),
        )
    return Diagnostic(
        code="CC106",
        message=f"nothing{inside}",
        place=key.place if key else node.place,
        help=f"write {_listed(known)}",
    )


def _wrong(error: Failure, schema: JsonObject, key: Key | None, node: Node) -> Diagnostic:
    inside = "this entry" if error.absolute_path else "a document"
    empty = isinstance(node, Scalar) and node.value is None
    place = key.place if key and empty else node.place
    code, message = _said(str(error.validator), schema, f"`{key.text}`" if key else inside, node)
    return Diagnostic(code=code, message=message, place=place, help=_help(schema, key, node, place))


def _said(rule: str, schema: JsonObject, name: str, node: Node) -> tuple[str, str]:
    limit = schema.get(rule)
    if isinstance(node, Scalar) and node.value is None:
        return "CC104", f"{name} is empty"
    match rule:
        case "type":
            expected = _TYPES[tuple(limit) if isinstance(limit, list) else (str(limit),)]
            return "CC103", f"{name} must be {expected}, not {found(node)}"
        case "minItems" | "minLength":
            return "CC104", f"{name} is empty"
        case "maxLength":
            length = len(node.text) if isinstance(node, Scalar) else 0
            return "CC104", f"{name} is {length} characters long; {limit} are allowed"
        case "format":
            return "CC109", f"{name} must be {_FORMATS[str(limit)][1]}"
        case "const":
            return "CC109", f"{name} must be {limit}"
        case "minimum":
            return "CC109", f"{name} must be at least {limit}"
        case _:
            return "CC109", f"{name} must be at most {limit}"


def found(node: Node) -> str:
    """Say in plain words what stands at a node."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=bool()):
            return f"the truth value `{node.text}`"
        case Scalar(value=str()):
            return f"the text `{excerpt(node.text)}`"
        case _:
            return f"the number `{node.text}`"


def _help(schema: JsonObject, key: Key | None, node: Node, place: Place) -> str:
    example = _example(schema)
    shown = f"for example `{key.text}: {example}`" if key else f"for example `{example}`"
    if not isinstance(node, Scalar):
        return shown
    if node.value is None and "#" in place.text:
        return "a # begins a comment; a text that contains one needs quotes"
    if schema.get("type") == "array" and node.text:
        return f"write `{key.text if key else '…'}: [{excerpt(node.text)}]`"
    words = "maxLength" in schema or schema.get("format") in _IDS
    if words and node.value is not None and not isinstance(node.value, str):
        return f'put it in quotes: "{node.text}"'
    return shown


def _example(schema: object) -> str:
    examples = schema.get("examples") if isinstance(schema, dict) else None
    return _flow(examples[0]) if isinstance(examples, list) else ""


def _flow(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(part) for part in value) + "]"
        case _:
            return str(value)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
