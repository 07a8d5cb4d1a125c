"""An agenda for the terminal or a log."""

from collections.abc import Iterable, Iterator

from ccops.render.agenda_view import AgendaView, Card, DayView, PersonView
from ccops.render.headline import Tone
from ccops.render.layout import Block, Span, line, paint, sections
from ccops.render.style import Meaning, Style

_TONES = {
    Tone.CLEAN: Meaning.OK,
    Tone.READY: Meaning.OK,
    Tone.ATTENTION: Meaning.WARNING,
    Tone.IRREVERSIBLE: Meaning.IRREVERSIBLE,
    Tone.BLOCKED: Meaning.ERROR,
}


def agenda_text(
    shown: AgendaView, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """The sends by day, with what they wait for; `width` None: nothing is wrapped.

    What goes out at once stands first, as on the page. What somebody must see to stands last, next
    to the prompt.
    """
    blocks = sections(
        _header(shown),
        _titled("Now", (block for one in shown.immediate for block in _card(one))),
        _titled("Sent", (block for day in shown.sent for block in _day(day))),
        _titled("Not to be sent", (block for one in shown.drafts for block in _card(one))),
        _titled(_STRANGERS, (line(f"  {name}", hang=4) for name in shown.strangers)),
        *_coming(shown),
        _titled("Needs a person", (block for one in shown.people for block in _person(one))),
        _end(shown),
    )
    return paint(blocks, style=style, width=width, encoding=encoding)


_STRANGERS = "Scheduled in Constant Contact, but no manifest names it (its time is not known here)"


def _header(shown: AgendaView) -> Iterator[Block]:
    yield _headed("Calendar", f"{shown.account} · {shown.shown} · times are {shown.zone}")
    read = f" · account read {shown.read_at}" if shown.read_at else ""
    yield _headed("As of", f"{shown.as_of}{read}")
    if shown.partial:
        yield _headed("Partial", f"only {shown.partial}: other sends are not shown")


def _headed(title: str, text: str) -> Block:
    return line(Span(f"{title:<11}", Meaning.STRONG), text, hang=11)


def _titled(title: str, blocks: Iterable[Block]) -> tuple[Block, ...]:
    found = tuple(blocks)
    return (line(Span(title, Meaning.STRONG)), *found) if found else ()


def _coming(shown: AgendaView) -> Iterator[tuple[Block, ...]]:
    """One section a day; and what was left out, which must not look like nothing."""
    yield from (tuple(_day(day)) for day in shown.coming)
    if not shown.coming:
        yield (line("No sends to come in these days."),)
    if shown.later:
        yield (line(shown.later),)


def _day(day: DayView) -> Iterator[Block]:
    yield line(Span(day.title, Meaning.STRONG), f", {day.distance}")
    for card in day.cards:
        yield from _card(card)


def _card(card: Card) -> Iterator[Block]:
    mark = card.mark
    yield line(
        "  ",
        Span(_times(card), Meaning.STRONG),
        Span(mark.symbol, mark.meaning),
        f" {card.name}",
        hang=6,
    )
    yield line("      ", Span(mark.word, mark.meaning), f": {card.says}", hang=8)
    if card.recipients:
        yield line(f"      to {card.recipients} · {card.contacts}", hang=8)
    for alarm in card.alarms:
        yield line("      ", Span(alarm, Meaning.ERROR), hang=8)
    for note in card.notes:
        yield line(f"      {note}", hang=8)


def _times(card: Card) -> str:
    if not card.clock:
        return ""
    near = f", {card.distance}" if card.distance else ""
    return f"{card.clock}{f' ({card.utc})' if card.utc else ''}{near}  "


def _person(one: PersonView) -> Iterator[Block]:
    yield line("  ", Span("?", Meaning.ERROR), f" {one.name}", hang=4)
    yield line("      ", Span(one.says, Meaning.ERROR), f": {one.reason}", hang=8)
    if one.loud:
        yield line("      ", Span(one.loud, Meaning.WARNING), hang=8)
    if one.remedy:
        yield line(f"      to do: {one.remedy}", hang=8)


def _end(shown: AgendaView) -> Iterator[Block]:
    yield line(Span(shown.title, _TONES[shown.tone]), f" {shown.detail}")
    amounts = (f"{mark.word.lower()} {amount:,}" for mark, _, amount in shown.tally)
    yield line(Span("Shown:", Meaning.STRONG), f" {', '.join(amounts) or 'nothing'}.")
