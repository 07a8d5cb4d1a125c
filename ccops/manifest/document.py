"""YAML text to trees whose every node and key knows its place.

The trees are made by walking the parser's events: `load` and `compose` crash the interpreter on
deep nesting, build sets of aliases that grow without bound, and lose places (measured).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, cast

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
from ccops.manifest.nodes import Entries, Key, Mapping, Node, Scalar, Sequence, end_of, start_of
from ccops.manifest.scalars import Value, resolve
from ccops.manifest.text import MAX_DEPTH, Source, bounded, examine, split, too_deep

MAX_NODES = 50_000
"""How many scalars, mappings, lists and keys one file may hold."""

Events = Callable[[], Event]
Loader = type[yaml.SafeLoader] | type[yaml.CSafeLoader]

FASTEST: Loader = getattr(getattr(yaml, "cyaml", None), "CParser", yaml.SafeLoader)
"""The C parser where PyYAML was built with it (13 times faster), else the Python one.

Of the C loaders only what parses: nothing is constructed here, and nothing made ready for it.
"""


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
    remarks: bool = field(init=False)

    def __post_init__(self) -> None:
        self.remarks = " #" in self.source.text

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
        if self.remarks or " " in text or "\n" in text:
            self._look_around(event, text)
        return resolve(text)

    def _look_around(self, event: ScalarEvent, text: str) -> None:
        """Refuse what a reader takes for another value. Where lines are folded a blank remains."""
        start, end = start_of(event), end_of(event)
        if end.line > start.line:
            self.errors.append(syntax.over_several_lines(self._place(event)))
        if self.source.text.startswith(" #", end.index):
            place = self.source.place(end.line, end.column + 1)
            self.errors.append(syntax.comment_too_near(text, place))

    def _sequence(self, start: Event, events: Events, depth: int) -> Sequence:
        items = []
        while not isinstance(event := events(), SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return Sequence(tuple(items), (self.source, start, event))

    def _mapping(self, start: Event, events: Events, depth: int) -> Mapping:
        entries: Entries = {}
        while not isinstance(event := events(), MappingEndEvent):
            key = self._key(event, events, depth + 1)
            value = self._node(events(), events, depth + 1)
            if key.text in entries:
                self.errors.append(syntax.twice(key.text, key.place, entries[key.text][0].place))
            else:
                entries[key.text] = (key, value)
        return Mapping(entries, (self.source, start, event))

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


_SURROGATE = re.compile("[\ud800-\udfff]")
