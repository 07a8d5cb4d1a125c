"""Every send that is known around those of a plan: made, standing, declared, past, of all campaigns."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ccops.errors import InvalidInput
from ccops.model import Desired, Live, Now, Recipients, SendRecord, Status, When
from ccops.planning.case import PARTIAL, STAGING
from ccops.planning.facts import Beside, sent_to
from ccops.planning.following import following, times
from ccops.planning.guarding.scene import Scene, holds, known_or_none, makes_send
from ccops.planning.names import plain
from ccops.planning.plan import Change, Verdict
from ccops.planning.resolve import Catalogue, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """One send: of which campaign, when (UTC), and to whom; None: that is not known.

    `made`: this plan makes or moves it.
    """

    campaign: str
    at: datetime
    recipients: Recipients | None
    made: bool = False


def neighbours(scene: Scene) -> tuple[Neighbour, ...]:
    """Every send that is known, each once.

    Of a campaign that was read, what Constant Contact holds and what the plan makes of it; of any
    other, what its manifest declares.
    """
    told = {
        *(plain(one.campaign) for one in scene.plan.changes if not _listed_only(one)),
        *(plain(one.live.name) for one in scene.known.beside),
    }
    found = [
        *(one for change in scene.plan.changes for one in _of_change(change, scene.now)),
        *(one for beside in scene.known.beside for one in _of_beside(beside, scene.now)),
        *(
            one
            for manifest in scene.manifests
            if plain(manifest.campaign) not in told
            for one in _declared(manifest, scene.catalogue)
        ),
    ]
    return tuple(dict.fromkeys(found))


def _listed_only(change: Change) -> bool:
    """Whether the listing alone settled it, so that its sends are known from its manifest only."""
    return change.verdict is Verdict.SENT and change.before is None


class Agenda:
    """Neighbours by time, so that those around an instant are found at once."""

    def __init__(self, found: Iterable[Neighbour]) -> None:
        self._sends = sorted(found, key=lambda one: (one.at, one.campaign))
        self._times = [one.at for one in self._sends]

    def between(self, after: datetime, before: datetime) -> list[Neighbour]:
        """Those after one instant and before another, earliest first."""
        first = bisect_right(self._times, after)
        return self._sends[first : bisect_left(self._times, before)]


def _of_change(change: Change, now: datetime) -> Iterator[Neighbour]:
    """What comes of a campaign that was read; of the others the manifest tells."""
    live, name = change.before, change.campaign
    if live is not None:
        yield from _past(name, live)
    if makes_send(change) and change.send is not None:
        at = _instant(change.send, now)
        yield Neighbour(campaign=name, at=at, recipients=holds(change), made=True)
    elif live is not None and change.verdict is not Verdict.UNSCHEDULE:
        yield from _standing(name, live, now)
    for waiting in change.waiting:
        yield Neighbour(campaign=name, at=waiting.when, recipients=change.target.recipients)
    for one in following(change, now=now):
        yield Neighbour(campaign=name, at=one.at, recipients=holds(change))


def _of_beside(beside: Beside, now: datetime) -> Iterator[Neighbour]:
    live, name = beside.live, beside.live.name
    yield from _past(name, live)
    yield from _standing(name, live, now)
    send = next(iter(live.schedules), None)
    for one in beside.attached:
        for at in times(one, send=send, history=live.history or (), now=now):
            yield Neighbour(campaign=name, at=at, recipients=known_or_none(live.recipients))


def _past(name: str, live: Live) -> Iterator[Neighbour]:
    for record in live.history or ():
        if _went_out(record):
            to = sent_to(record, live)
            yield Neighbour(campaign=name, at=record.ran_at, recipients=known_or_none(to))


def _went_out(record: SendRecord) -> bool:
    """Whether somebody has it or may still get it: a failed send may be partial, or held (spec)."""
    return record.completed or record.count > 0 or record.reason in {STAGING, PARTIAL}


def _standing(name: str, live: Live, now: datetime) -> Iterator[Neighbour]:
    """What Constant Contact sends whatever becomes of the plan, and to whom it does.

    Of a send that is going on, the history is still silent: it counts as of now.
    """
    to = known_or_none(live.recipients)
    going_on = (now,) if live.status is Status.EXECUTING else ()
    for at in (*going_on, *live.schedules):
        yield Neighbour(campaign=name, at=at, recipients=to)


def _declared(manifest: Desired, catalogue: Catalogue) -> Iterator[Neighbour]:
    """What a manifest says; when a `now` went out, only a history tells."""
    try:
        recipients: Recipients | None = resolve(manifest, catalogue)
    except InvalidInput:
        recipients = None
    for one in manifest.sends:
        if isinstance(one.when, datetime):
            yield Neighbour(campaign=manifest.campaign, at=one.when, recipients=recipients)


def _instant(when: When, now: datetime) -> datetime:
    return now if isinstance(when, Now) else when
