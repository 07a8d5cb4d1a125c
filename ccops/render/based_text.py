"""Two versions of a workspace for a terminal: safest first, what cannot be undone last."""

from collections.abc import Iterator

from ccops.planning.based import Comparison, Concern, Kind, ManifestChange
from ccops.render.based_words import OFFLINE, SAYS, Row, around, base, notice, rows, symbol, verdict
from ccops.render.layout import Block, Span, line, paint, sections
from ccops.render.moment import absolute
from ccops.render.style import Meaning, Style

_MEANINGS = {
    "+": Meaning.OK,
    "~": Meaning.UPDATE,
    "-": Meaning.UNSCHEDULE,
    "?": Meaning.WARNING,
    "!": Meaning.IRREVERSIBLE,
}
_LOUD = {Concern.SENDS_AT_ONCE: Meaning.IRREVERSIBLE, Concern.UNSCHEDULES: Meaning.UNSCHEDULE}
_NAMES = 24


def comparison_text(
    comparison: Comparison, *, style: Style, width: int | None, encoding: str
) -> str:
    """The comparison as lines; the last ones alone say what it comes to."""
    blocks = sections(
        _header(comparison),
        *(_manifest(one, comparison) for one in comparison.manifests),
        _workspace(comparison),
        _unread(comparison),
        _closing(comparison),
    )
    return paint(blocks, style=style, width=width, encoding=encoding)


def _header(comparison: Comparison) -> Iterator[Block]:
    clock = absolute(comparison.now, zone=comparison.zone)
    yield line("Compared   with ", Span(base(comparison), Meaning.STRONG), ", offline")
    yield line(f"As of      {clock}, by this machine's clock")


def _manifest(change: ManifestChange, comparison: Comparison) -> Iterator[Block]:
    sign = symbol(change)
    place = Span(f"{change.place.file}:{change.place.line}", Meaning.DIM)
    yield line(Span(sign, _MEANINGS[sign]), " ", Span(change.campaign, Meaning.STRONG), right=place)
    yield line(f"    {SAYS[change.kind]}", hang=4)
    yield from map(_field, rows(change, now=comparison.now))
    for one in change.notices:
        loud = _LOUD.get(one.concern, Meaning.WARNING)
        yield line("    ", Span(notice(one, change, comparison), loud), hang=4)


def _field(row: Row) -> Block:
    sign, path, value = row
    meaning = _MEANINGS.get(sign, Meaning.PLAIN)
    return line("  ", Span(sign, meaning), f" {path:<{_NAMES - 1}} ", Span(value), hang=None)


def _workspace(comparison: Comparison) -> Iterator[Block]:
    found = around(comparison)
    if found:
        yield line(Span("~", Meaning.UPDATE), " ", Span("The workspace itself", Meaning.STRONG))
        yield from map(_field, found)


def _unread(comparison: Comparison) -> Iterator[Block]:
    if comparison.base.version is None:
        text = "The base cannot be read, so every manifest counts as changed:"
        yield line(Span(text, Meaning.WARNING))
        for one in comparison.base.errors:
            place = f"{one.place}: " if one.place else ""
            yield line(f"  {one.code} {place}{one.message}", hang=4)


def _closing(comparison: Comparison) -> Iterator[Block]:
    final = any(one.irreversible for one in comparison.manifests)
    gone = bool(comparison.of(Kind.REMOVED))
    meaning = Meaning.ERROR if final else Meaning.WARNING if gone else Meaning.STRONG
    yield line(Span(verdict(comparison), meaning))
    yield line(OFFLINE)
