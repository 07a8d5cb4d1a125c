"""Set, write or take away one key of a manifest, in its text."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from ccops.manifest.entries import set_entries
from ccops.manifest.format import MANIFEST_ORDER
from ccops.manifest.layout import STEP, WIDTH
from ccops.manifest.spans import Kind, Span
from ccops.manifest.splice import (
    CannotSplice,
    Edit,
    Id,
    Page,
    Word,
    alone,
    cut_out,
    insert_line,
    remove_lines,
    replace_value,
    spell,
)


class Key(StrEnum):
    """A value of a manifest that can be set; with a dot, one inside of another key."""

    CAMPAIGN = "campaign"
    LISTS = "recipients.lists"
    SEGMENT = "recipients.segment"
    SEND_AT = "send_at"
    ACTIVITY = "activity"
    TIMEZONE = "timezone"
    RESENDS = "resend_to_new_contacts"
    SUBJECT = "expect.subject"
    FROM = "expect.from"
    TAGS = "tags"
    OWNER = "owner"


Value = Word | tuple[Word, ...] | None
"""What a key is set to: a text, an id, a list of them; None takes the key away."""

Changes = Mapping[Key, Value]
"""What to set. Lists take the place of a segment, and a segment that of lists."""


def set_key(page: Page, root: Span, key: Key, value: Value) -> Iterator[Edit]:
    """Set one value, or take it away. Raises CannotSplice where that would touch more."""
    outer, _, inner = key.value.partition(".")
    if key in {Key.LISTS, Key.SEGMENT}:
        yield from _recipients(page, root.entries[outer][1], inner, value)
    elif not inner:
        yield from _key(page, root, (), outer, value)
    elif outer not in root.entries:
        yield from _insert_outer(page, root, outer, inner, value)
    elif value is None and tuple(root.entries[outer][1].entries) == (inner,):
        yield from _key(page, root, (), outer, None)
    else:
        yield from _key(page, root.entries[outer][1], (outer,), inner, value)


def _insert_outer(page: Page, root: Span, outer: str, inner: str, value: Value) -> Iterator[Edit]:
    if value is None:
        return
    if root.flow:
        yield _insert(page, root, (), outer, f"{outer}: {{{_pair(page, inner, value, 0)}}}")
    else:
        column = page.column(next(iter(root.entries.values()))[0].start)
        pair = _pair(page, inner, value, column + STEP)
        indent = page.line_break + " " * (column + STEP)
        yield _insert(page, root, (), outer, f"{outer}:{indent}{pair}")


def _key(page: Page, node: Span, path: tuple[str, ...], name: str, value: Value) -> Iterator[Edit]:
    """Set, write or take away one key of a mapping."""
    if name in node.entries:
        key, old = node.entries[name]
        if value is None:
            yield from _remove(page, node, key, old)
        elif isinstance(value, tuple):
            yield from set_entries(page, old, value)
        else:
            yield from _replace(page, old, value)
    elif value is not None:
        column = page.column(next(iter(node.entries.values()))[0].start)
        pair = _pair(page, name, value, column, flow=node.flow)
        yield _insert(page, node, path, name, pair)


def _replace(page: Page, old: Span, value: Word) -> Iterator[Edit]:
    return iter(()) if _same(old, value) else replace_value(page, old, value)


def _same(old: Span, value: Word) -> bool:
    if isinstance(value, Id):
        return bool(old.entries) and old.entries["id"][1].text == value.id
    return old.kind is Kind.SCALAR and old.text == value


def _pair(page: Page, name: str, value: Value, column: int, *, flow: bool = True) -> str:
    """Write a key with its value; a list that is too wide below it, unless it is in braces."""
    if not isinstance(value, tuple):
        return f"{name}: {spell(value or '')}"
    line = f"{name}: {_brackets(value)}"
    if flow or column + len(line) <= WIDTH:
        return line
    indent = page.line_break + " " * (column + STEP)
    return f"{name}:" + "".join(f"{indent}- {spell(word)}" for word in value)


def _brackets(words: Sequence[Word]) -> str:
    return f"[{', '.join(spell(word) for word in words)}]"


def _insert(page: Page, node: Span, path: tuple[str, ...], name: str, pair: str) -> Edit:
    """Write a key behind the last one that stands before it in the standard order."""
    order = MANIFEST_ORDER[path]
    before = [key for key in order[: order.index(name)] if key in node.entries]
    key, old = node.entries[before[-1]] if before else next(iter(node.entries.values()))
    if node.flow and before:
        return Edit(old.end, old.end, f", {pair}")
    if node.flow:
        return Edit(key.start, key.start, f"{pair}, ")
    column = page.column(key.start)
    line = " " * column + pair
    if before:
        return insert_line(page, old.end, line, column)
    # Right below the outer key, so that comments above the first inner one stay at that.
    return insert_line(page, page.bare.rindex(":", 0, key.start), line, len(page.text))


def _remove(page: Page, node: Span, key: Span, old: Span) -> Iterator[Edit]:
    if not node.flow:
        yield from remove_lines(page, key.start, old.end)
        return
    spans = [(name.start, value.end) for name, value in node.entries.values()]
    number = spans.index((key.start, old.end))
    yield cut_out(page, spans, number, number)


def _recipients(page: Page, node: Span, name: str, value: Value) -> Iterator[Edit]:
    key, old = next(iter(node.entries.values()))
    if value is None:
        raise CannotSplice("a manifest cannot be without recipients")
    if key.text == name:
        yield from _key(page, node, ("recipients",), name, value)
        return
    text = _brackets(value) if isinstance(value, tuple) else spell(value)
    yield Edit(key.start, key.end, name)
    if old.kind is Kind.LIST and not old.flow:
        colon = page.bare.index(":", key.end) + 1
        yield Edit(colon, colon, f" {text}")
        yield from remove_lines(page, old.start, old.end)
    else:
        if old.kind is not Kind.SCALAR:
            alone(page, old)
        yield Edit(old.start, old.end, text)
