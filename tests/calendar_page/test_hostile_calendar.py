"""20,000 hostile strings in a calendar: as a page and as iCalendar it is that of harmless ones.

So that the laws are known to bite, each is also given an escape that forgets one thing.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest
from icalendar import Calendar

from ccops.render import html, ics
from ccops.render.agenda_view import AgendaView, Card
from ccops.render.escape import visible
from ccops.session.calendared import html_page, ics_page
from tests.calendar_page.calendar_plans import every_state, seen
from tests.render.hostile_plans import Word, harmless, hostile_words

AMOUNT, FEW = 20_000, 1_000
SEED = 5


@cache
def words(amount: int) -> tuple[str, ...]:
    """Different ones."""
    word = hostile_words(SEED)
    found: dict[str, None] = {}
    while len(found) < amount:
        found[word()] = None
    return tuple(found)


def filled(card: Card, word: Word) -> Card:
    """The card with a word wherever it holds text."""
    return replace(
        card,
        key=word(),
        name=word(),
        subject=word(),
        says=word(),
        clock=word(),
        utc=word(),
        distance=word(),
        recipients=word(),
        contacts=word(),
        reason=word(),
        alarms=(word(),),
        notes=(word(),),
    )


def crowded(word: Word) -> AgendaView:
    """A calendar with a word in every place."""
    base = seen(every_state())
    cards = [filled(card, word) for day in base.coming for card in day.cards if card.when]
    person = replace(base.people[0], name=word(), reason=word(), remedy=word(), loud=word())
    return replace(
        base,
        account=word(),
        zone=word(),
        partial=word(),
        made_by=word(),
        people=(person,),
        coming=(replace(base.coming[0], cards=tuple(cards)),),
    )


def listing(word: Word, many: tuple[str, ...]) -> AgendaView:
    """It, and `many` in a list."""
    return replace(crowded(word), strangers=many)


def telling(word: Word, many: tuple[str, ...]) -> AgendaView:
    """It, and `many` in an event."""
    shown = crowded(word)
    day = shown.coming[0]
    cards = (replace(day.cards[0], notes=many), *day.cards[1:])
    return replace(shown, coming=(replace(day, cards=cards),))


class Elements(HTMLParser):
    """The elements of a page, in order, and the texts of its items."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[object] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(tag)
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1:] = ["".join((*self.texts[-1:], data))]

    def handle_comment(self, data: str) -> None:
        self.elements.append(data)

    def handle_decl(self, decl: str) -> None:
        self.elements.append(decl)


def in_the_page(texts: tuple[str, ...]) -> None:
    """The same elements and attributes as ever, and every word to be read."""
    page = html_page(listing(hostile_words(SEED + 1), texts))
    calm = html_page(listing(harmless, ("x",) * len(texts)))
    found = Elements(page)
    # A comparison that explains itself would take minutes.
    assert (found.elements == Elements(calm).elements) is True
    assert set(map(visible, texts)) <= set(found.texts)
    assert all(one.isprintable() or one in "\n\u200d" for one in page)


def properties(text: str) -> list[str]:
    """The properties of a file, in order."""
    unfolded = text.replace("\r\n ", "").split("\r\n")
    return [re.split("[:;]", one)[0] for one in unfolded]


def in_the_file(texts: tuple[str, ...]) -> None:
    """The same properties as ever in lines of 75 bytes, each whole; and every word comes back."""
    text = ics_page(telling(hostile_words(SEED + 1), texts))
    calm = ics_page(telling(harmless, ("x",) * len(texts)))
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(one.isprintable() or "\u200d" in one for one in (line.decode() for line in lines))
    assert (properties(text) == properties(calm)) is True
    told = (str(one["description"]) for one in Calendar.from_ical(text).walk("VEVENT"))
    assert (max(told, key=len).split("\n")[-len(texts) :] == [*map(visible, texts)]) is True


LAWS = {html: in_the_page, ics: in_the_file}


@pytest.mark.parametrize("law", LAWS.values())
def test_nothing_gets_out(law: Callable[[tuple[str, ...]], None]) -> None:
    """Of either, and each of 20,000."""
    assert len(set(words(AMOUNT))) == AMOUNT
    law(words(AMOUNT))


@pytest.mark.parametrize("module", LAWS)
def test_the_laws_bite(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    """They find out a renderer that forgets to make the invisible visible."""
    monkeypatch.setattr(module, "visible", str)
    with pytest.raises((AssertionError, ValueError)):
        LAWS[module](words(FEW))


def test_the_law_of_the_page_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that forgets to escape."""

    def raw(*, autoescape: bool, **other: object) -> object:
        return environment(autoescape=not autoescape, **other)

    environment = html.Environment
    monkeypatch.setattr(html, "Environment", raw)
    with pytest.raises(AssertionError):
        in_the_page(words(FEW))
