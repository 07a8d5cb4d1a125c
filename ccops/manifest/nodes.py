"""What a YAML document consists of: nodes and keys that know their place."""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Protocol

from yaml.events import Event

from ccops.errors import Place
from ccops.manifest.scalars import Value
from ccops.manifest.text import Source


class Mark(Protocol):
    """A position that either parser gives: counted from 0, in code points."""

    line: int
    column: int
    index: int


# Both parsers set both marks of every event; the stubs describe events made by hand too.
start_of: Callable[[Event], Mark] = attrgetter("start_mark")
end_of: Callable[[Event], Mark] = attrgetter("end_mark")

Extent = tuple[Source, Event, Event]
"""From which event of a document to which other something reaches."""


@dataclass(slots=True, init=False)
class _Placed:
    """What works out where it stands when asked; a frozen one would take twice as long to make."""

    _at: Place | Extent = field(compare=False, repr=False)

    @property
    def place(self) -> Place:
        """Where it stands: all of it, or as much as its first line holds."""
        at = self._at
        if isinstance(at, Place):
            return at
        source, first, last = at
        start, end = start_of(first), end_of(last)
        line, column = start.line, start.column
        if end.line == line:
            return source.place(line, column, end.column - column or 1)
        return source.place(line, column, max(1, len(source.line(line).rstrip()) - column))


@dataclass(slots=True, init=False)
class Scalar(_Placed):
    """One value. `text` is what was written, without quotes and escapes."""

    value: Value
    text: str

    def __init__(self, value: Value, text: str, place: Place | Extent) -> None:
        self.value = value
        self.text = text
        self._at = place


@dataclass(slots=True, init=False)
class Key(_Placed):
    """One key of a mapping: always text."""

    text: str

    def __init__(self, text: str, place: Place | Extent) -> None:
        self.text = text
        self._at = place


@dataclass(slots=True, init=False)
class Mapping(_Placed):
    """Keys and values. `value`: as jsonschema wants it."""

    entries: "Entries"
    value: dict[str, object] = field(compare=False, repr=False)

    def __init__(self, entries: "Entries", place: Place | Extent) -> None:
        self.entries = entries
        self.value = {name: node.value for name, (_, node) in entries.items()}
        self._at = place


@dataclass(slots=True, init=False)
class Sequence(_Placed):
    """A list. `value`: as jsonschema wants it."""

    items: tuple["Node", ...]
    value: list[object] = field(compare=False, repr=False)

    def __init__(self, items: tuple["Node", ...], place: Place | Extent) -> None:
        self.items = items
        self.value = [node.value for node in items]
        self._at = place


Node = Scalar | Mapping | Sequence
Entries = dict[str, tuple[Key, Node]]
"""Keys and values, by the text of the keys, in the order written."""


def items_of(node: Node) -> tuple[Node, ...]:
    """Give a list's entries, and of anything else that one thing."""
    return node.items if isinstance(node, Sequence) else (node,)


def value_of(node: Node, name: str) -> Node | None:
    """Give the value of a key, if the node is a mapping that has it."""
    entry = entries_of(node).get(name)
    return entry[1] if entry else None


def entries_of(node: Node) -> Entries:
    """Give a mapping's entries; anything else has none."""
    return node.entries if isinstance(node, Mapping) else {}
