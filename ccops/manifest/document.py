"""YAML text to trees whose every node and key knows its place.

The trees are made by walking the parser's events: `load` and `compose` crash the interpreter on
deep nesting, build sets of aliases that grow without bound, and lose places (measured).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NoReturn, Protocol, cast

import yaml
from yaml.events import (
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest import syntax
from ccops.manifest.scalars import Value, resolve
from ccops.manifest.text import MAX_DEPTH, Source, bounded, examine, split, too_deep

MAX_NODES = 50_000
"""How many scalars, mappings, lists and keys one file may hold."""


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
        (start, _), (_, end) = _marks(first), _marks(last)
        if end.line == start.line:
            return source.place(start.line, start.column, end.column - start.column or 1)
        width = len(source.line(start.line).rstrip()) - start.column
        return source.place(start.line, start.column, max(1, width))


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
    """Keys and values in the order written; no key stands twice."""

    entries: tuple[tuple[Key, "Node"], ...]

    def __init__(self, entries: tuple[tuple[Key, "Node"], ...], place: Place | Extent) -> None:
        self.entries = entries
        self._at = place


@dataclass(slots=True, init=False)
class Sequence(_Placed):
    """A list."""

    items: tuple["Node", ...]

    def __init__(self, items: tuple["Node", ...], place: Place | Extent) -> None:
        self.items = items
        self._at = place


Node = Scalar | Mapping | Sequence


def items_of(node: Node) -> tuple[Node, ...]:
    """Give a list's entries, and of anything else that one thing."""
    return node.items if isinstance(node, Sequence) else (node,)


def value_of(node: Node, name: str) -> Node | None:
    """Give the value of a key, if the node is a mapping that has it."""
    for key, value in node.entries if isinstance(node, Mapping) else ():
        if key.text == name:
            return value
    return None


Events = Callable[[], Event]
Loader = type[yaml.SafeLoader] | type[yaml.CSafeLoader]

FASTEST: Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML was built with it (13 times faster), else the Python one."""


def read_documents(
    file: str, text: str, *, loader: Loader = FASTEST
) -> tuple[tuple[Node, ...], tuple[Diagnostic, ...]]:
    """Give the sound documents of a file, and every error of all of them.

    A document with a mistake that leaves its meaning open (a syntax error, a tag, an alias …) is
    not among the trees; one with a mistake that does not (a key twice, a comment too near) is, so
    that its values can be checked in the same run. Nothing may be done with the trees unless
    there are no errors. Empty documents are skipped.
    """
    errors: list[Diagnostic] = []
    try:
        sources = split(file, text)
    except InvalidInput as refused:
        return (), refused.diagnostics
    trees: list[Node] = []
    budget = MAX_NODES
    for source in sources:
        walk = _Walk(source=source, budget=budget)
        trees += walk.run(loader)
        errors += walk.errors
        budget = walk.budget
        if budget < 0:
            break
    return tuple(trees), bounded(file, errors)


class _Abandoned(Exception):
    """The document cannot be read any further; the reason stands in the errors."""


@dataclass(slots=True, kw_only=True)
class _Walk:
    """The walk over one source: what is left of the budget, and the errors met so far."""

    source: Source
    budget: int
    errors: list[Diagnostic] = field(default_factory=list)
    sound: bool = True

    def run(self, loader: Loader) -> list[Node]:
        self.errors += examine(self.source)
        if self.errors:
            return []
        trees: list[Node] = []
        parser = loader(self.source.text)
        try:
            self._documents(cast(Events, parser.get_event), trees)
        except _Abandoned:
            return []
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # ValueError and OverflowError: the Python parser on escapes beyond Unicode.
            self.errors.append(syntax.explain(error, self.source))
            return []
        finally:
            parser.dispose()
        return trees

    def _documents(self, events: Events, trees: list[Node]) -> None:
        while not isinstance(event := events(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                self.sound = True
                tree = self._node(events(), events, 1)
                events()
                empty = isinstance(tree, Scalar) and not tree.text and tree.value is None
                if self.sound and not empty:
                    trees.append(tree)

    def _node(self, event: Event, events: Events, depth: int) -> Node:
        if isinstance(event, ScalarEvent):
            return Scalar(self._value(event), event.value, (self.source, event, event))
        self.budget -= 1
        if self.budget < 0:
            self._give_up(event)
        if not isinstance(event, CollectionStartEvent):
            return self._alias(event)
        if event.tag is not None or event.anchor is not None:
            self._plain_words_only(event)
        if depth > MAX_DEPTH:
            self.errors.append(too_deep(self._place(event)))
            raise _Abandoned
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, events, depth)
        return self._sequence(event, events, depth)

    def _give_up(self, event: Event) -> NoReturn:
        self.errors.append(syntax.too_many(self._place(event), MAX_NODES))
        raise _Abandoned

    def _alias(self, event: Event) -> Scalar:
        self.sound = False
        self.errors.append(syntax.alias(self._place(event)))
        return Scalar(value=None, text="", place=(self.source, event, event))

    def _plain_words_only(self, event: ScalarEvent | CollectionStartEvent) -> None:
        """Refuse tags and anchors: the reader must see what is meant where it stands."""
        if event.tag is not None:
            self.sound = False
            self.errors.append(syntax.tag(self._place(event)))
        if event.anchor is not None:
            self.sound = False
            self.errors.append(syntax.anchor(self._place(event)))

    def _value(self, event: ScalarEvent) -> Value:
        self.budget -= 1
        if self.budget < 0:
            self._give_up(event)
        if event.tag is not None or event.anchor is not None:
            self._plain_words_only(event)
        text = event.value
        if not event.implicit[0]:  # in quotes, or with a tag
            if not text.isascii() and _SURROGATE.search(text):
                self.errors.append(syntax.half_a_character(self._place(event)))
            return text
        if not text:
            return None
        start, end = _marks(event)
        if end.line > start.line:
            self.errors.append(syntax.over_several_lines(self._place(event)))
        if self.source.text.startswith(" #", end.index):
            place = self.source.place(end.line, end.column + 1)
            self.errors.append(syntax.comment_too_near(text, place))
        return resolve(text)

    def _sequence(self, start: Event, events: Events, depth: int) -> Sequence:
        items = []
        while not isinstance(event := events(), SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return Sequence(tuple(items), (self.source, start, event))

    def _mapping(self, start: Event, events: Events, depth: int) -> Mapping:
        entries: dict[str, tuple[Key, Node]] = {}
        while not isinstance(event := events(), MappingEndEvent):
            key = self._key(event, events, depth + 1)
            value = self._node(events(), events, depth + 1)
            if key.text in entries:
                self.errors.append(syntax.twice(key.text, key.place, entries[key.text][0].place))
            else:
                entries[key.text] = (key, value)
        return Mapping(tuple(entries.values()), (self.source, start, event))

    def _key(self, event: Event, events: Events, depth: int) -> Key:
        if not isinstance(event, ScalarEvent):
            return self._no_key(syntax.no_text, self._node(event, events, depth).place)
        value = self._value(event)
        if value == "<<":
            return self._no_key(syntax.merge_key, self._place(event))
        if not isinstance(value, str):
            return self._no_key(syntax.no_text, self._place(event))
        return Key(value, (self.source, event, event))

    def _no_key(self, refusal: Callable[[Place], Diagnostic], place: Place) -> Key:
        self.sound = False
        self.errors.append(refusal(place))
        return Key(text="", place=place)

    def _place(self, event: Event) -> Place:
        return Key(text="", place=(self.source, event, event)).place


class _Mark(Protocol):
    """A position that either parser gives: counted from 0, in code points."""

    line: int
    column: int
    index: int


# Both parsers set both marks of every event; the stubs describe events made by hand too.
_marks: Callable[[Event], tuple[_Mark, _Mark]] = attrgetter("start_mark", "end_mark")

_SURROGATE = re.compile("[\ud800-\udfff]")
