"""Change which entries a list has, in its text: those that stay are not touched."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from ccops.manifest.spans import Kind, Span
from ccops.manifest.splice import (
    Edit,
    Id,
    Page,
    Word,
    cut_out,
    insert_line,
    remove_lines,
    replace_value,
    spell,
)


def words_of(value: Span) -> tuple[Word, ...]:
    """Give the entries of a list as they are written; of anything else, that one thing."""
    items = value.items if value.kind is Kind.LIST else (value,)
    return tuple(Id(id=one.entries["id"][1].text) if one.entries else one.text for one in items)


def set_entries(page: Page, value: Span, words: Sequence[Word]) -> Iterator[Edit]:
    """Make a list hold these entries, at least one, in this order.

    An entry that changes is written in the place of the old one, in its quotes. Raises
    CannotSplice where a comment between brackets would be lost.
    """
    known = words_of(value)
    matcher = SequenceMatcher(None, known, words, autojunk=False)
    for tag, first, last, start, stop in matcher.get_opcodes():
        if tag == "equal":
            continue
        pairs = min(last - first, stop - start)
        for old, new in zip(value.items[first : first + pairs], words[start:stop], strict=False):
            yield from replace_value(page, old, new)
        if first + pairs < last:
            yield from _removed(page, value, first + pairs, last - 1)
        if start + pairs < stop:
            yield from _inserted(page, value, first + pairs, words[start + pairs : stop])


def _removed(page: Page, value: Span, first: int, last: int) -> Iterator[Edit]:
    if value.flow:
        yield cut_out(page, [(one.start, one.end) for one in value.items], first, last)
        return
    for number in range(first, last + 1):
        yield from remove_lines(page, _dash(page, value, number), value.items[number].end)


def _inserted(page: Page, value: Span, number: int, words: Sequence[Word]) -> Iterator[Edit]:
    near = value.items[max(number - 1, 0)]
    texts = [spell(word, near.style if near.written else "") for word in words]
    if value.flow:
        yield _between_brackets(page, value, number, texts)
        return
    dash = _dash(page, value, max(number - 1, 0))
    column = dash - page.line_start(dash)
    lines = [" " * column + _lead(page, dash, near) + text for text in texts]
    if number:
        yield insert_line(page, near.end, page.line_break.join(lines), column)
    else:
        start = page.line_start(dash)
        yield Edit(start, start, "".join(f"{line}{page.line_break}" for line in lines))


def _between_brackets(page: Page, value: Span, number: int, texts: Sequence[str]) -> Edit:
    comma = _comma(page, value)
    if number:
        at = value.items[number - 1].end
        return Edit(at, at, "".join(f"{comma}{text}" for text in texts))
    at = value.items[0].start
    return Edit(at, at, "".join(f"{text}{comma}" for text in texts))


def _comma(page: Page, value: Span) -> str:
    """Give what stands between two entries in brackets: one on each line stays one on each line."""
    if len(value.items) > 1:
        start, end = value.items[0].end, value.items[1].start
        if not page.comment(start, end):
            return page.text[start:end]
    return ", "


def _dash(page: Page, value: Span, number: int) -> int:
    """Give where the dash of an entry stands, which may be on a line above it."""
    return page.bare.rindex("-", 0, value.items[number].start)


def _lead(page: Page, dash: int, item: Span) -> str:
    """Give a dash and the blanks behind it as the entry beside has them."""
    lead = page.text[dash : item.start]
    return lead if lead.strip() == "-" and "\n" not in lead else "- "
