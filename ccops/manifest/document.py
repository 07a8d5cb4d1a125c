"""YAML text to trees whose every node and key knows its place.

The trees are made by walking the parser's events: `load` and `compose` crash the interpreter on
deep nesting, build sets of aliases that grow without bound, and lose places (measured).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, cast

import yaml

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.scalars import Value, resolve
from ccops.manifest.syntax import explain
from ccops.manifest.text import MAX_DEPTH, Source, bounded, examine, split, too_deep
from ccops.manifest.wording import excerpt

MAX_NODES = 50_000
"""How many scalars, mappings, lists and keys one file may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One value. `text` is what was written, without quotes and escapes."""

    value: Value
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a mapping: always text."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys and values in the order written; no key stands twice."""

    entries: tuple[tuple[Key, "Node"], ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    place: Place


Node = Scalar | Mapping | Sequence


def items_of(node: Node) -> tuple[Node, ...]:
    """Give a list's entries, and of anything else that one thing."""
    return node.items if isinstance(node, Sequence) else (node,)


def value_of(node: Node, name: str) -> Node | None:
    """Give the value of a key, if the node is a mapping that has it."""
    entries = node.entries if isinstance(node, Mapping) else ()
    return next((value for key, value in entries if key.text == name), None)


Event = yaml.Event
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
            self.errors.append(explain(error, self.source))
            return []
        finally:
            parser.dispose()
        return trees

    def _documents(self, events: Events, trees: list[Node]) -> None:
        while not isinstance(event := events(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                self.sound = True
                tree = self._node(events(), events, 1)
                events()
                empty = isinstance(tree, Scalar) and not tree.text and tree.value is None
                if self.sound and not empty:
                    trees.append(tree)

    def _node(self, event: Event, events: Events, depth: int) -> Node:
        self._count(event)
        self._plain_words_only(event)
        match event:
            case yaml.ScalarEvent():
                return self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent() if depth > MAX_DEPTH:
                self.errors.append(too_deep(self._place(event)))
                raise _Abandoned
            case yaml.MappingStartEvent():
                return self._mapping(event, events, depth)
            case yaml.SequenceStartEvent():
                return self._sequence(event, events, depth)
            case _:
                return Scalar(value=None, text="", place=self._place(event))

    def _count(self, event: Event) -> None:
        self.budget -= 1
        if self.budget < 0:
            message = f"the file holds more than {MAX_NODES:,} values"
            self._error("CC011", message, event, "split it: any number of files is fine")
            raise _Abandoned

    def _plain_words_only(self, event: Event) -> None:
        """Refuse tags, anchors and aliases: the reader must see what is meant where it stands."""
        if isinstance(event, yaml.AliasEvent):
            self.sound = False
            help_ = "write it out; a text that begins with * needs quotes"
            self._error("CC004", "an alias", event, help_)
            return
        if getattr(event, "tag", None) is not None:
            self.sound = False
            help_ = "remove it; a text that begins with ! needs quotes"
            self._error("CC003", "a tag", event, help_)
        if getattr(event, "anchor", None) is not None:
            self.sound = False
            help_ = "remove it; a text that begins with & needs quotes"
            self._error("CC004", "an anchor", event, help_)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        text: str = event.value
        plain = event.implicit[0]
        if plain and text:
            self._unquoted(event)
        elif _SURROGATE.search(text):
            help_ = "write the character itself, or \\U and eight digits"
            self._error("CC009", "half a character", event, help_)
        return Scalar(value=resolve(text) if plain else text, text=text, place=self._place(event))

    def _unquoted(self, event: yaml.ScalarEvent) -> None:
        start, end = _marks(event)
        if end.line > start.line:
            help_ = "put it in quotes, or check the indentation of the next line"
            self._error("CC013", "an unquoted text runs over several lines", event, help_)
        text = self.source.text
        if text.startswith(" #", end.index):
            help_ = (
                f'put it in quotes ("{excerpt(event.value)} #…") if the # belongs to it; '
                "a comment needs two blanks before the #"
            )
            place = self.source.place(end.line, end.column + 1)
            label = "a comment begins here"
            message = "a # after an unquoted text"
            self.errors.append(
                Diagnostic(code="CC007", message=message, place=place, label=label, help=help_)
            )

    def _sequence(self, start: Event, events: Events, depth: int) -> Sequence:
        items = []
        while not isinstance(event := events(), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return Sequence(items=tuple(items), place=self._place(start, event))

    def _mapping(self, start: Event, events: Events, depth: int) -> Mapping:
        entries: dict[str, tuple[Key, Node]] = {}
        while not isinstance(event := events(), yaml.MappingEndEvent):
            key = self._key(self._node(event, events, depth + 1))
            value = self._node(events(), events, depth + 1)
            if key.text in entries:
                self._twice(key, entries[key.text][0])
            else:
                entries[key.text] = (key, value)
        return Mapping(entries=tuple(entries.values()), place=self._place(start, event))

    def _key(self, node: Node) -> Key:
        match node:
            case Scalar(value=str() as text) if text == "<<":
                self.sound = False
                code, message, help_ = "CC005", "a merge key", "write the keys out"
            case Scalar(value=str() as text):
                return Key(text=text, place=node.place)
            case _:
                self.sound = False
                code, message = "CC006", "a key that is not text"
                help_ = "keys are words, like `campaign`; a name that contains `: ` needs quotes"
        self.errors.append(Diagnostic(code=code, message=message, place=node.place, help=help_))
        return Key(text="", place=node.place)

    def _twice(self, key: Key, first: Key) -> None:
        self.errors.append(
            Diagnostic(
                code="CC002",
                message=f"key `{excerpt(key.text)}` is set twice",
                place=key.place,
                label="set again here",
                help="YAML would silently keep the last value; remove one",
                also=((first.place, "first set here"),),
            )
        )

    def _error(self, code: str, message: str, event: Event, help_: str) -> None:
        place = self._place(event)
        self.errors.append(Diagnostic(code=code, message=message, place=place, help=help_))

    def _place(self, event: Event, last: Event | None = None) -> Place:
        (start, _), (_, end) = _marks(event), _marks(last or event)
        if end.line == start.line:
            width = end.column - start.column
        else:
            width = len(self.source.line(start.line).rstrip()) - start.column
        return self.source.place(start.line, start.column, max(1, width))


class _Mark(Protocol):
    """A position that either parser gives: counted from 0, in code points."""

    line: int
    column: int
    index: int


def _marks(event: Event) -> tuple[_Mark, _Mark]:
    # Both parsers set both marks of every event; the stubs also describe events made by hand.
    return cast(tuple[_Mark, _Mark], (event.start_mark, event.end_mark))


_SURROGATE = re.compile("[\ud800-\udfff]")
