"""Guards of sends beside each other: too soon after one another, and too many on a day."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ccops.errors import InvalidInput
from ccops.model import Desired, Now, Recipients, When
from ccops.planning.audience import Overlap
from ccops.planning.case import completed
from ccops.planning.facts import Known, contacts_of
from ccops.planning.guarding.scene import Moment, Objection, Scene, makes_send
from ccops.planning.names import same_name
from ccops.planning.plan import (
    Change,
    Verdict,
)
from ccops.planning.resolve import Catalogue, resolve
from ccops.planning.words import contacts_in_words, span_in_words

_MORE_THAN_A_DAY = timedelta(hours=49)
"""A day has at most 25 hours, but where a country changed its zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another send: which manifest's, and when. `made`: this plan makes or moves it."""

    manifest: Desired
    change: Change | None
    at: datetime
    made: bool

    @property
    def campaign(self) -> str:
        """The campaign's name."""
        return self.manifest.campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two sends nearer to each other than allowed; the guard objects to `moment`.

    `recipients` are those of the two; None: whom the other reaches is not known.
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
    agenda = _Agenda(neighbours(scene))
    return tuple(
        Pair(
            moment=moment,
            other=other,
            recipients=(moment.change.target.recipients, _recipients(other, scene.catalogue)),
        )
        for moment in scene.moments
        for other in _nearest(moment, agenda.around(moment.at, gap))
    )


class _Agenda:
    """Neighbours by time, so that those around an instant are found at once."""

    def __init__(self, found: Iterable[Neighbour]) -> None:
        self._sends = sorted(found, key=lambda one: (one.at, one.campaign))
        self._times = [one.at for one in self._sends]

    def around(self, at: datetime, span: timedelta) -> list[Neighbour]:
        """Those less than a span away."""
        first = bisect_right(self._times, at - span)
        return self._sends[first : bisect_left(self._times, at + span)]


def _concerns(moment: Moment, other: Neighbour) -> bool:
    campaign = moment.change.campaign
    later = (other.at, other.campaign) > (moment.at, campaign)
    judged_there = other.made and (later or not moment.made)
    return not (same_name(other.campaign, campaign) or judged_there)


def _nearest(moment: Moment, others: list[Neighbour]) -> Iterator[Neighbour]:
    nearest: dict[str, Neighbour] = {}
    for one in sorted(others, key=lambda other: (abs(other.at - moment.at), other.at)):
        if _concerns(moment, one):
            nearest.setdefault(one.campaign, one)
    yield from (nearest[name] for name in sorted(nearest))


def neighbours(scene: Scene) -> tuple[Neighbour, ...]:
    """Every send that is known: made, standing, declared and completed, of all manifests.

    Of manifests that the selection left out, what they declare.
    """
    changes = {change.place: change for change in scene.plan.changes}
    return tuple(
        Neighbour(
            manifest=manifest,
            change=changes.get(manifest.place),
            at=scene.now if isinstance(when, Now) else when,
            made=made,
        )
        for manifest in scene.manifests
        for when, made in _sends(manifest, changes.get(manifest.place))
    )


def _sends(manifest: Desired, change: Change | None) -> Iterator[tuple[When, bool]]:
    if change is not None and change.before is not None:
        yield from ((one.ran_at, False) for one in completed(change.before))
    if change is None or change.verdict is Verdict.SENT:
        # When a `now` went out, only a history tells.
        times = (one.when for one in manifest.sends if not isinstance(one.when, Now))
        yield from ((when, False) for when in times)
        return
    if change.send is not None and change.verdict is not Verdict.UNSCHEDULE:
        yield change.send, makes_send(change)
    yield from ((one.when, False) for one in change.waiting)
    yield from ((when, False) for when in _attached(change))


def _attached(change: Change) -> Iterator[datetime]:
    """When Constant Contact resends to non-openers, who are some of the same people.

    It follows the send that it belongs to (inferred), so its date is only right where none moves.
    """
    for one in change.attached:
        if isinstance(change.send, datetime) and one.delay is not None:
            yield change.send + one.delay
        elif one.at is not None:
            yield one.at


def _recipients(other: Neighbour, catalogue: Catalogue) -> Recipients | None:
    if other.change is not None and other.change.target.recipients is not None:
        return other.change.target.recipients
    try:
        return resolve(other.manifest, catalogue)
    except InvalidInput:
        return None


def overlap(pair: Pair, known: Known) -> int | None:
    """How many contacts two sends share: |A| + |B| - |A or B|; None: not counted.

    Counts are made one after another, while lists change: never less than nobody.
    """
    first, second = pair.recipients
    if first is not None and first == second:
        return contacts_of(first, known)
    if first is None or second is None or first.segments or second.segments:
        return None
    one, other = contacts_of(first, known), contacts_of(second, known)
    if 0 in {one, other}:
        return 0
    together = contacts_of(union(first, second), known)
    if one is None or other is None or together is None:
        return None
    return max(0, one + other - together)


def union(first: Recipients, second: Recipients) -> Recipients:
    """The lists of both."""
    return Recipients(lists=tuple(sorted({*first.lists, *second.lists})))


def overlaps(scene: Scene) -> tuple[Overlap, ...]:
    """The pairs that reach the same people, or may, by the time of the earlier."""
    found = []
    for pair in pairs(scene):
        contacts, (moment, other) = overlap(pair, scene.known), (pair.moment, pair.other)
        if contacts == 0:
            continue
        ends = sorted([(moment.at, moment.change.campaign), (other.at, other.campaign)])
        found.append((ends, contacts))
    return tuple(
        Overlap(first=ends[0][1], second=ends[1][1], contacts=contacts)
        for ends, contacts in sorted(found, key=lambda one: one[0])
    )


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
            message=f'"{moment.change.campaign}" would be sent {apart} {after} "{other.campaign}"',
            label=_shared(contacts, pair),
            help=f"keep {span_in_words(scene.rules.min_gap or timedelta(0))} between them",
        )


def _shared(contacts: int | None, pair: Pair) -> str:
    first, second = pair.recipients
    if contacts is not None:
        return f"{contacts_in_words(contacts)} would have both"
    if first is not None and second is not None and {*first.lists} & {*second.lists}:
        return "they have a list in common"
    return "how many contacts would have both was not counted"


def max_sends(scene: Scene) -> Iterator[Objection]:
    """No more sends on one day than are allowed."""
    most = scene.rules.max_sends
    if most is None:
        return
    agenda = _Agenda(neighbours(scene))
    for moment in scene.moments:
        zone, day = ZoneInfo(moment.zone), moment.wall.date()
        ranked = {
            (one.made, one.at, one.campaign)
            for one in agenda.around(moment.at, _MORE_THAN_A_DAY)
            if one.at.astimezone(zone).date() == day
        }
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
