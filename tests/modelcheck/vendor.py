"""Constant Contact as a value: one activity, what it mails, and every way in which it may answer.

Written from the description of the API, for this checker alone. Time counts ticks. Where only
the live API could tell what happens, a request has several effects, and the search tries them
all: a time in the past is refused or sent at once, a second schedule is refused or replaces the
first, a PUT on a scheduled activity is refused but may change the audience all the same.

Tuples rather than dataclasses: millions of these are hashed.
"""

from enum import IntEnum
from typing import NamedTuple

AT_ONCE = -1
"""The time of a schedule that asks to send now."""


class Word(IntEnum):
    """The states of an activity."""

    DRAFT = 0
    SCHEDULED = 1
    EXECUTING = 2
    DONE = 3


class Verb(IntEnum):
    """The three requests."""

    DELETE = 0
    PUT = 1
    POST = 2


class Author(NamedTuple):
    """Whose request it is: the plan's number, its commit, and how many edits its reading saw."""

    plan: int
    commit: int
    saw: int


PERSON = Author(plan=-1, commit=-1, saw=0)


class Request(NamedTuple):
    """One request on its way. `argument` is an audience (PUT) or a tick (POST)."""

    verb: Verb
    argument: int
    author: Author


class Mail(NamedTuple):
    """One send: when it left, to which audience, for which declared time, by whose schedule.

    `blind`: the account was edited between its author's last reading and the schedule's making.
    `by_hand`: a person changed the audience while the schedule stood.
    """

    at: int
    audience: int
    asked: int
    author: Author
    blind: bool
    by_hand: bool


class Seen(NamedTuple):
    """What a reading shows. `history` holds the ticks of completed sends."""

    word: Word
    audience: int
    when: int | None
    history: tuple[int, ...]


class Vendor(NamedTuple):
    """The account. `shown` are older states that a lagging reading may still show."""

    seen: Seen
    author: Author = PERSON
    blind: bool = False
    by_hand: bool = False
    edits: int = 0
    mails: tuple[Mail, ...] = ()
    shown: tuple[Seen, ...] = ()


Effect = tuple[Vendor, bool]
"""The account afterwards, and whether the request was accepted."""


def effects(vendor: Vendor, request: Request, now: int) -> list[Effect]:
    """All that may come of a request that arrives at tick `now`."""
    match request.verb:
        case Verb.DELETE:
            return [_unschedule(vendor)]
        case Verb.PUT:
            return _update(vendor, request.argument)
        case Verb.POST:
            return _schedule(vendor, request, now)


def _base(seen: Seen) -> Word:
    return Word.DONE if seen.history else Word.DRAFT


def _unschedule(vendor: Vendor) -> Effect:
    seen = vendor.seen
    if seen.word is not Word.SCHEDULED:
        return vendor, False
    return changed(vendor, seen._replace(word=_base(seen), when=None)), True


def _update(vendor: Vendor, audience: int) -> list[Effect]:
    written = changed(vendor, vendor.seen._replace(audience=audience))
    if vendor.seen.word in {Word.DRAFT, Word.DONE}:
        return [(written, True)]
    half = [(written, False)] if vendor.seen.word is Word.SCHEDULED else []
    return [(vendor, False), *half]


def _schedule(vendor: Vendor, request: Request, now: int) -> list[Effect]:
    refused: Effect = (vendor, False)
    if vendor.seen.word is Word.EXECUTING:
        return [refused]
    at = request.argument
    seen = vendor.seen._replace(word=Word.SCHEDULED, when=at)
    blind = request.author.saw != vendor.edits
    booked = changed(vendor, seen)._replace(author=request.author, blind=blind, by_hand=False)
    if at == AT_ONCE:
        return [refused] if vendor.seen.word is Word.SCHEDULED else [(_send(booked, now), True)]
    if at <= now:
        return [refused, (_send(booked, now), True)]
    return [refused, (booked, True)] if vendor.seen.word is Word.SCHEDULED else [(booked, True)]


def _send(vendor: Vendor, now: int) -> Vendor:
    seen = vendor.seen
    mail = Mail(
        at=now,
        audience=seen.audience,
        asked=AT_ONCE if seen.when is None else seen.when,
        author=vendor.author,
        blind=vendor.blind,
        by_hand=vendor.by_hand,
    )
    going = changed(vendor, seen._replace(word=Word.EXECUTING, when=now))
    return going._replace(mails=(*vendor.mails, mail))


def changed(vendor: Vendor, seen: Seen) -> Vendor:
    """Set what a reading shows; a lagging one may show the state before until the next tick."""
    if seen == vendor.seen or not vendor.shown:
        return vendor._replace(seen=seen)
    return vendor._replace(seen=seen, shown=tuple({**dict.fromkeys(vendor.shown), seen: None}))


def tick(vendor: Vendor, now: int) -> Vendor:
    """Let the clock turn to `now`: what was going out is done, and what is due goes out."""
    seen = vendor.seen
    after = vendor
    if seen.word is Word.EXECUTING and seen.when is not None:
        history = (*seen.history, seen.when)
        after = vendor._replace(seen=Seen(Word.DONE, seen.audience, None, history))
    elif seen.word is Word.SCHEDULED and seen.when is not None and seen.when <= now:
        after = _send(vendor, now)
    return after._replace(shown=(after.seen,)) if vendor.shown else after


def edits(vendor: Vendor, now: int, stranger: int, other: int) -> list[tuple[str, Vendor]]:
    """What a person may do in the browser at this moment, each with its description.

    `stranger` is an audience that no manifest names, `other` a time that none declares.
    """
    seen, counted = vendor.seen, vendor._replace(edits=vendor.edits + 1)
    if seen.word is Word.EXECUTING:
        return []
    by_hand = seen.word is Word.SCHEDULED
    audience = changed(counted, seen._replace(audience=stranger))._replace(by_hand=by_hand)
    found = [("changes the recipients", audience)]
    if by_hand:
        return [*found, ("unschedules it", _unschedule(counted)[0])]
    theirs = counted._replace(author=PERSON, blind=False, by_hand=False)
    booked = changed(theirs, seen._replace(word=Word.SCHEDULED, when=other))
    sent = _send(theirs._replace(seen=seen._replace(when=AT_ONCE)), now)
    return [*found, ("schedules it", booked), ("sends it", sent)]
