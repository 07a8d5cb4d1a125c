"""Read YAML files strictly and do nothing with them: python walk.py FOLDER….

The least that any strict reader does: libyaml's events become values by the YAML 1.2 core schema,
each with its line and column; a key that stands twice is refused.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from yaml import (
    CSafeLoader,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
INTEGER = re.compile(r"[-+]?[0-9]+")
HEX_OR_OCTAL = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


def resolve(text: str) -> object:
    if text in WORDS:
        return WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    if INTEGER.fullmatch(text):
        return int(text)
    if HEX_OR_OCTAL.fullmatch(text):
        return int(text, 0)
    if FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def node(event: Event, events: Callable[[], Event]) -> tuple[object, int, int]:
    mark = event.start_mark
    line, column = mark.line, mark.column
    if type(event) is ScalarEvent:
        value = resolve(event.value) if event.implicit[0] else event.value
        return value, line, column
    if type(event) is MappingStartEvent:
        found: dict[object, object] = {}
        while type(event := events()) is not MappingEndEvent:
            key = node(event, events)
            if key[0] in found:
                raise SystemExit(f"{line + 1}:{column + 1}: {key[0]} stands twice")
            found[key[0]] = key, node(events(), events)
        return found, line, column
    items = []
    while type(event := events()) is not SequenceEndEvent:
        items.append(node(event, events))
    return items, line, column


def documents(text: str) -> list[tuple[object, int, int]]:
    loader = CSafeLoader(text)
    events = loader.get_event
    found = []
    try:
        while type(event := events()) is not StreamEndEvent:
            if type(event) is DocumentStartEvent:
                found.append(node(events(), events))
                events()
    finally:
        loader.dispose()
    return found


def main(folders: list[str]) -> None:
    count = 0
    for folder in folders:
        for path in sorted(Path(folder).glob("**/*.yaml")):
            count += len(documents(path.read_text(encoding="utf-8")))
    print(f"{count:,} documents")


if __name__ == "__main__":
    main(sys.argv[1:])
