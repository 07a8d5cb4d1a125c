"""Where in a file's text the keys and values of each manifest begin and end.

For changing a text in place. The trees of `document` know lines and columns, for people; this
walks the same parser's events for offsets. Only for files that were read without an error.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

import yaml

from ccops.manifest.document import Loader
from ccops.manifest.text import split


class Kind(StrEnum):
    """What a span holds."""

    SCALAR = "scalar"
    LIST = "list"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A key or value in the text of a file, from its first character to behind its last.

    Of a scalar, `text` is what it means and `style` how it is quoted: `"`, `'`, `|`, `>`, or
    nothing. `items` are those of a list, `entries` the keys and values of a mapping, as they
    stand; `flow`: in brackets or braces. Without them, a collection ends with its last scalar.
    """

    start: int
    end: int
    kind: Kind = Kind.SCALAR
    text: str = ""
    style: str = ""
    flow: bool = False
    items: tuple["Span", ...] = ()
    entries: Mapping[str, tuple["Span", "Span"]] = field(default_factory=dict)

    @property
    def written(self) -> bool:
        """Whether it stands as it is meant, not as the lines after a `|` or `>`."""
        return self.style not in {"|", ">"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """One manifest's keys and values. `flow`: all of it stands in one pair of braces."""

    flow: bool
    entries: Mapping[str, tuple[Span, Span]]


def find_keys(file: str, text: str, loader: Loader) -> Iterator[Keys]:
    """Find every manifest's keys and values in a file that was read without an error."""
    for root in find_roots(file, text, loader):
        yield Keys(flow=root.flow, entries=root.entries)


def find_roots(file: str, text: str, loader: Loader) -> Iterator[Span]:
    """Find every manifest in a file that was read without an error, as one span each."""
    at = len(text) - len(text.removeprefix("\ufeff"))
    for source in split(file, text):
        events = yaml.parse(source.text, Loader=loader)
        for event in events:
            if isinstance(event, yaml.MappingStartEvent):
                yield _span(event, events, text, at)
        at += len(source.text)


def leaves(span: Span) -> Iterator[Span]:
    """Give the scalars and the empty collections in a span, as they stand."""
    for key, value in span.entries.values():
        yield key
        yield from leaves(value)
    for item in span.items:
        yield from leaves(item)
    if not span.items and not span.entries:
        yield span


def _span(start: yaml.Event, events: Iterator[yaml.Event], text: str, at: int) -> Span:
    match start:
        case yaml.MappingStartEvent():
            return _mapping(start, events, text, at)
        case yaml.SequenceStartEvent():
            return _list(start, events, text, at)
        case _:
            return _scalar(cast(yaml.ScalarEvent, start), text, at)


def _mapping(
    start: yaml.MappingStartEvent, events: Iterator[yaml.Event], text: str, at: int
) -> Span:
    entries = {}
    event = next(events)
    while not isinstance(event, yaml.MappingEndEvent):
        key, value = _span(event, events, text, at), _span(next(events), events, text, at)
        entries[key.text] = (key, value)
        event = next(events)
    flow = bool(start.flow_style)
    last = next(reversed(entries.values()))[1].end if entries and not flow else _at(event, at)[1]
    return Span(start=_at(start, at)[0], end=last, kind=Kind.MAPPING, flow=flow, entries=entries)


def _list(start: yaml.SequenceStartEvent, events: Iterator[yaml.Event], text: str, at: int) -> Span:
    items = []
    event = next(events)
    while not isinstance(event, yaml.SequenceEndEvent):
        items.append(_span(event, events, text, at))
        event = next(events)
    flow = bool(start.flow_style)
    last = items[-1].end if items and not flow else _at(event, at)[1]
    return Span(start=_at(start, at)[0], end=last, kind=Kind.LIST, flow=flow, items=tuple(items))


def _scalar(event: yaml.ScalarEvent, text: str, at: int) -> Span:
    start, end = _at(event, at)
    # The C parser names a style for unquoted scalars too, and both let the lines after a `|` or
    # `>` reach to the next key.
    style = text[start] if text[start : start + 1] in {'"', "'", "|", ">"} else ""
    if style in {"|", ">"}:
        end = start + len(text[start:end].rstrip())
    return Span(start=start, end=end, text=str(event.value), style=style)


def _at(event: yaml.Event, at: int) -> tuple[int, int]:
    """Give where an event begins and ends in the file; both parsers count in code points."""
    # Both set both marks of every event; the stubs also describe events made by hand.
    start, end = cast(yaml.Mark, event.start_mark), cast(yaml.Mark, event.end_mark)
    return at + start.index, at + end.index
