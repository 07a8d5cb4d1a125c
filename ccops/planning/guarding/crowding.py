"""Guards of sends beside each other: too soon after one another, and too many on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ccops.model import Recipients
from ccops.planning.agenda import day_of
from ccops.planning.audience import Overlap
from ccops.planning.facts import Known, contacts_of
from ccops.planning.guarding.neighbours import Agenda, Neighbour, neighbours
from ccops.planning.guarding.scene import Moment, Objection, Scene
from ccops.planning.names import plain, same_name
from ccops.planning.words import contacts_in_words, span_in_words

_DAY = timedelta(days=1)
_MOST, _NEAREST = 100, 3
"""Of so many sends, so many neighbours each are told as a fact."""
_MORE_THAN_A_DAY = timedelta(hours=49)
"""A day has at most 25 hours, but where a country changed its zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two sends near each other, of which `moment` is judged.

    `recipients` are those of the two; None: whom one of them reaches is not known.
    """

    moment: Moment
    other: Neighbour
    recipients: tuple[Recipients | None, Recipients | None]


def pairs(scene: Scene) -> tuple[Pair, ...]:
    """Sends of two campaigns within `min-gap-same-recipients` of each other, nearest of each.

    Resends of one campaign are no pair: Constant Contact leaves out who has had it (spec). Of two
    sends that the plan makes, the later is the one that comes too soon.
    """
    gap = scene.rules.min_gap
    if gap is None:
        return ()
    agenda = Agenda(neighbours(scene))
    found = (_near(one, agenda, gap) for one in (*scene.moments, *scene.attached))
    return tuple(
        pair for near in found for pair in sorted(near, key=lambda one: one.other.campaign)
    )


def _near(moment: Moment, agenda: Agenda, gap: timedelta) -> list[Pair]:
    """The nearest send of each campaign to the same people, nearest first; others go to others."""
    nearest: dict[tuple[str, Recipients | None], Neighbour] = {}
    around = agenda.between(moment.at - gap, moment.until + gap)
    for one in sorted(around, key=lambda other: (abs(other.at - moment.at), other.at)):
        if _concerns(moment, one):
            nearest.setdefault((plain(one.campaign), one.recipients), one)
    return [
        Pair(moment=moment, other=one, recipients=(moment.recipients, one.recipients))
        for one in nearest.values()
    ]


def _concerns(moment: Moment, other: Neighbour) -> bool:
    campaign = moment.change.campaign
    later = (other.at, other.campaign) > (moment.at, campaign)
    judged_there = other.made and (later or not moment.made)
    return not (same_name(other.campaign, campaign) or judged_there)


def overlap(pair: Pair, known: Known) -> int | None:
    """How many contacts two sends share: |A| + |B| - |A or B|; None: not counted.

    Who is in lists that are all among the other's has both. Counts are made one after another,
    while lists change: so they share never less than nobody, nor than a list that both name.
    """
    first, second = pair.recipients
    if first is None or second is None:
        return None
    one, other = contacts_of(first, known), contacts_of(second, known)
    if 0 in {one, other}:
        return 0
    within = contained(first, second)
    if within is not None:
        return contacts_of(within, known)
    if first.segments or second.segments:
        return None
    together = contacts_of(union(first, second), known)
    if one is None or other is None or together is None:
        return None
    common = (known.members.get(each, 0) for each in _common(pair).lists)
    return max(0, one + other - together, *common)


def contained(first: Recipients, second: Recipients) -> Recipients | None:
    """Those of the two that the other names too, all of them; None: neither."""
    if first == second:
        return first
    if first.segments or second.segments:
        return None
    smaller, larger = sorted((first, second), key=lambda one: len(one.lists))
    return smaller if {*smaller.lists} <= {*larger.lists} else None


def union(first: Recipients, second: Recipients) -> Recipients:
    """The lists of both."""
    return Recipients(lists=tuple(sorted({*first.lists, *second.lists})))


def overlaps(scene: Scene) -> tuple[Overlap, ...]:
    """The campaigns that reach the same people, or may, by the time of the earlier send.

    Without the guard: of each send that the plan makes, the nearest less than a day away that are
    known to have somebody in common with it.
    """
    told: dict[tuple[str, str], int | None] = {}
    for pair in sorted(pairs(scene) or _facts(scene), key=_ends):
        (_, first), (_, second) = _ends(pair)
        found, before = overlap(pair, scene.known), told.get((first, second), 0)
        # One of several that is not counted leaves open how many they are.
        told[first, second] = None if found is None or before is None else max(found, before)
    return tuple(
        Overlap(first=first, second=second, contacts=contacts)
        for (first, second), contacts in told.items()
        if contacts != 0
    )


def _facts(scene: Scene) -> Iterator[Pair]:
    """What costs no request and is certain, and no more of it than somebody reads."""
    if scene.rules.min_gap is not None:
        return
    agenda = Agenda(neighbours(scene))
    for moment in [one for one in scene.moments if one.made][:_MOST]:
        near = (one for one in _near(moment, agenda, _DAY) if _certain(one, scene.known))
        yield from islice(near, _NEAREST)


def _certain(pair: Pair, known: Known) -> bool:
    shared = overlap(pair, known)
    return not _common(pair).empty if shared is None else shared > 0


def _ends(pair: Pair) -> list[tuple[datetime, str]]:
    moment, other = pair.moment, pair.other
    return sorted([(moment.at, moment.change.campaign), (other.at, other.campaign)])


def min_gap(scene: Scene) -> Iterator[Objection]:
    """No two sends to the same people within a short time."""
    for pair in pairs(scene):
        contacts = overlap(pair, scene.known)
        if contacts == 0:
            continue
        moment, other = pair.moment, pair.other
        after = "after" if other.at <= moment.at else "before"
        apart = span_in_words(abs(moment.at - other.at)) if moment.at != other.at else "no time"
        yield Objection(
            moment=moment,
            code="CC417",
            message=f'{moment.what} would be sent {apart} {after} "{other.campaign}"',
            label=_shared(contacts, pair),
            help=f"keep {span_in_words(scene.rules.min_gap or timedelta(0))} between them",
        )


def _shared(contacts: int | None, pair: Pair) -> str:
    if contacts is not None:
        return f"{contacts_in_words(contacts)} would have both"
    match _common(pair):
        case Recipients(segments=(_,)):
            return "both go to the same segment; how many contacts it has was not counted"
        case Recipients(lists=(_, *_)):
            return "they have a list in common"
        case _:
            return "how many contacts would have both was not counted"


def _common(pair: Pair) -> Recipients:
    """The lists, or the segment, that both name."""
    first, second = (one or Recipients() for one in pair.recipients)
    return Recipients(
        lists=tuple(sorted({*first.lists} & {*second.lists})),
        segments=tuple({*first.segments} & {*second.segments}),
    )


def max_sends(scene: Scene) -> Iterator[Objection]:
    """No more sends on one day than are allowed."""
    most = scene.rules.max_sends
    if most is None:
        return
    agenda, zone = Agenda(neighbours(scene)), scene.plan.zone
    for moment in scene.moments:
        day = day_of(moment.at, zone)
        near = agenda.between(moment.at - _MORE_THAN_A_DAY, moment.at + _MORE_THAN_A_DAY)
        ranked = {(one.made, one.at, one.campaign) for one in near if day_of(one.at, zone) == day}
        before = sum(rank < _rank(moment) for rank in ranked)
        if before >= most:
            yield Objection(
                moment=moment,
                code="CC422",
                message=f'"{moment.change.campaign}" would be one send too many on its day',
                label=f"sends on that day before it: {before}; allowed in all: {most}",
                help="write another day",
            )


def _rank(moment: Moment) -> tuple[bool, datetime, str]:
    """What stands already comes first, so that what is made is what is too much."""
    return moment.made, moment.at, moment.change.campaign
