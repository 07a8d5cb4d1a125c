"""One manifest as lines in the standard form: order, indentation and spacing are ours.

Words are the author's: a scalar keeps its quotes, and every comment its key or entry.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ccops.manifest.comments import Line, Surroundings
from ccops.manifest.spans import Kind, Span, leaves

WIDTH = 88
"""How wide a list or mapping in brackets may get before it is written below its key."""

STEP = 2
"""How many blanks one level is indented."""

Order = Mapping[tuple[str, ...], Sequence[str]]
"""The standard order of the keys below a path of keys; those that it does not name come last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A text with line feeds, what stands around its scalars, and the order of keys."""

    text: str
    around: Surroundings
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """Where a node is written: its keys, its column, and the columns that it is nested in.

    `levels`: from each column of the source to the new one, from the outermost inward.
    """

    path: tuple[str, ...] = ()
    indent: int = 0
    levels: tuple[tuple[int, int], ...] = ()


def manifest_lines(sheet: Sheet, root: Span) -> list[str]:
    """Write one manifest; a scalar that takes several lines is one of the texts given."""
    short = _short(sheet, root, ())
    if root.flow and short is not None:
        last = [*leaves(root)][-1]
        above = _lines(sheet.around.of(next(leaves(root))).above, 0)
        spot = _Spot(levels=((0, 0),))
        return [*above, *_ended(sheet, short, last, spot)]
    return _mapping(sheet, root, _Spot())


def _mapping(sheet: Sheet, node: Span, spot: _Spot) -> list[str]:
    lines: list[str] = []
    for key, value in _ordered(sheet, node, spot.path):
        lines += _lines(sheet.around.of(key).above, spot.indent)
        lines += _entry(sheet, key, value, spot)
    return lines


def _ordered(sheet: Sheet, node: Span, path: tuple[str, ...]) -> list[tuple[Span, Span]]:
    known = {name: rank for rank, name in enumerate(sheet.order.get(path, ()))}
    return sorted(node.entries.values(), key=lambda entry: known.get(entry[0].text, len(known)))


def _entry(sheet: Sheet, key: Span, value: Span, spot: _Spot) -> list[str]:
    inside = _inside(sheet, key, spot, key.text)
    lead = f"{' ' * spot.indent}{_raw(sheet, key, spot.indent)}:"
    return _put(sheet, lead, key, value, inside)


def _inside(sheet: Sheet, first: Span, spot: _Spot, name: str) -> _Spot:
    column = _column(sheet.text, first.start)
    levels = (*spot.levels, (column, spot.indent))
    return _Spot(path=(*spot.path, name), indent=spot.indent + STEP, levels=levels)


def _list(sheet: Sheet, node: Span, spot: _Spot) -> list[str]:
    lines: list[str] = []
    for item in node.items:
        first = next(leaves(item))
        lines += _lines(sheet.around.of(first).above, spot.indent)
        lines += _item(sheet, item, first, spot)
    return lines


def _item(sheet: Sheet, item: Span, first: Span, spot: _Spot) -> list[str]:
    inside = _inside(sheet, first, spot, "")
    dash = f"{' ' * spot.indent}-"
    short = _short(sheet, item, inside.path)
    if short is not None:
        return _ended(sheet, f"{dash} {short}", [*leaves(item)][-1], inside)
    # All that is in a list is a scalar or an id: no list, and no mapping of several keys.
    key, value = item.entries[first.text]
    start = _entry(sheet, key, value, inside)
    return [f"{dash} {start[0].lstrip(' ')}", *start[1:]]


def _put(sheet: Sheet, lead: str, key: Span, value: Span, spot: _Spot) -> list[str]:
    """Write a value beside its key, or below it where a comment stands between or it is long."""
    note, first = sheet.around.of(key), next(leaves(value))
    apart = note.beside is not None or bool(sheet.around.of(first).above)
    short = _short(sheet, value, spot.path, room=WIDTH - (spot.indent if apart else len(lead) + 1))
    last = [*leaves(value)][-1]
    if short is not None and not apart:
        return _ended(sheet, f"{lead} {short}", last, spot)
    lines = _commented(lead, note.beside)
    if short is not None:
        lines += _lines(sheet.around.of(first).above, spot.indent)
        return [*lines, *_ended(sheet, f"{' ' * spot.indent}{short}", last, spot)]
    write = _mapping if value.kind is Kind.MAPPING else _list
    return lines + write(sheet, value, spot)


def _ended(sheet: Sheet, line: str, last: Span, spot: _Spot) -> list[str]:
    """Give a line with the comment that stands beside its last scalar, and the lines below it."""
    note = sheet.around.of(last)
    below = [
        f"{' ' * _level(spot.levels, one.column)}{one.text}" if one.text else ""
        for one in note.below
    ]
    return [*_commented(line, note.beside), *below]


def _level(levels: tuple[tuple[int, int], ...], column: int) -> int:
    """Give the new column of a comment: that of the deepest level that it is indented to."""
    return next((new for old, new in reversed(levels) if old <= column), 0)


def _commented(line: str, beside: Line | None) -> list[str]:
    if beside is None:
        return [line]
    room = beside.column - len(line.rpartition("\n")[2])
    gap = room if beside.aligned and room >= STEP else max(beside.gap, STEP)
    return [f"{line}{' ' * gap}{beside.text}"]


def _lines(lines: Sequence[Line], indent: int) -> Iterator[str]:
    return (f"{' ' * indent}{line.text}" if line.text else "" for line in lines)


def _short(sheet: Sheet, node: Span, path: tuple[str, ...], room: int = WIDTH) -> str | None:
    """Write a scalar, or a collection in brackets on one line; None for one that takes several.

    A collection that stood on one line stays on it, however long.
    """
    if node.kind is Kind.SCALAR or not (node.items or node.entries):
        return _raw(sheet, node, STEP * len(path))
    if not node.flow or _noted(sheet, node):
        return None
    text = _flow(sheet, node, path)
    alone = "\n" not in sheet.text[node.start : node.end]
    return text if alone or (len(text) <= room and "\n" not in text) else None


def _noted(sheet: Sheet, node: Span) -> bool:
    """Whether comments or blank lines stand inside of a collection in brackets."""
    first, *others = leaves(node)
    inside = [sheet.around.of(one) for one in (first, *others)]
    return any(one.above for one in inside[1:]) or any(
        one.beside or one.below for one in inside[:-1]
    )


def _flow(sheet: Sheet, node: Span, path: tuple[str, ...]) -> str:
    if node.kind is Kind.LIST and node.items:
        return f"[{', '.join(_flow(sheet, item, (*path, '')) for item in node.items)}]"
    if node.kind is Kind.MAPPING and node.entries:
        pairs = (
            f"{_raw(sheet, key, 0)}: {_flow(sheet, value, (*path, key.text))}"
            for key, value in _ordered(sheet, node, path)
        )
        return f"{{{', '.join(pairs)}}}"
    return _raw(sheet, node, 0)


def _raw(sheet: Sheet, leaf: Span, indent: int) -> str:
    """Give a scalar as it was written; the lines after a `|` or `>` are indented anew."""
    text = sheet.text[leaf.start : leaf.end]
    if leaf.kind is not Kind.SCALAR and "#" not in text:
        return "".join(text.split())
    if leaf.written:
        return text
    head, *rows = text.split("\n")
    least = min((len(row) - len(row.lstrip(" ")) for row in rows if row.strip()), default=0)
    return "\n".join((head.rstrip(), *(" " * indent + row[least:].rstrip() for row in rows)))


def _column(text: str, at: int) -> int:
    """Give the column in which the line of a scalar begins."""
    row = text[text.rfind("\n", 0, at) + 1 : at]
    return len(row) - len(row.lstrip(" "))
