"""Where in a file's text the keys and values of each manifest begin and end.

For changing a text in place. The trees of `document` know lines and columns, for people; this
walks the same parser's events for offsets. Only for files that were read without an error.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import yaml

from ccops.manifest.document import Event, Loader
from ccops.manifest.text import split


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A key or value in the text of a file. `items` are those of a list, `flow` one in brackets.

    `written`: it stands as it is meant, not as the lines after a `|` or `>`.
    """

    start: int
    end: int
    text: str = ""
    written: bool = True
    flow: bool = False
    items: tuple["Span", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """One manifest's keys and values. `flow`: all of it stands in one pair of braces."""

    flow: bool
    entries: Mapping[str, tuple[Span, Span]]


def find_keys(file: str, text: str, loader: Loader) -> Iterator[Keys]:
    """Find every manifest's keys and values in a file that was read without an error."""
    at = len(text) - len(text.removeprefix("\ufeff"))
    for source in split(file, text):
        events = yaml.parse(source.text, Loader=loader)
        for event in events:
            if isinstance(event, yaml.MappingStartEvent):
                yield _keys(event, events, at)
        at += len(source.text)


def _keys(start: yaml.MappingStartEvent, events: Iterator[Event], at: int) -> Keys:
    entries = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _scalar(cast(yaml.ScalarEvent, event), at)
        entries[key.text] = (key, _value(next(events), events, at))
    return Keys(flow=bool(start.flow_style), entries=entries)


def _value(start: Event, events: Iterator[Event], at: int) -> Span:
    if isinstance(start, yaml.ScalarEvent):
        return _scalar(start, at)
    depth, items, event = 1, [], start
    while depth:
        event = next(events)
        if depth == 1 and isinstance(event, yaml.ScalarEvent):
            items.append(_scalar(event, at))
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
    flow = bool(cast(yaml.CollectionStartEvent, start).flow_style)
    return Span(start=_at(start, at)[0], end=_at(event, at)[1], flow=flow, items=tuple(items))


def _scalar(event: yaml.ScalarEvent, at: int) -> Span:
    start, end = _at(event, at)
    written = event.style not in {"|", ">"}
    return Span(start=start, end=end, text=str(event.value), written=written)


def _at(event: Event, at: int) -> tuple[int, int]:
    """Give where an event begins and ends in the file; both parsers count in code points."""
    # Both set both marks of every event; the stubs also describe events made by hand.
    start, end = cast(yaml.Mark, event.start_mark), cast(yaml.Mark, event.end_mark)
    return at + start.index, at + end.index
