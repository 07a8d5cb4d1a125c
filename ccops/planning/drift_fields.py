"""The three sides of one campaign, field by field: declared, applied last, live. Pure and total.

What time alone changed is no difference: a send that simply happened, one that was missed, and
a further send whose apply is still to come.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ccops.model import NOW, Live, SendRecord, Status, When
from ccops.planning.case import EARLY, completed
from ccops.planning.diff import Names, in_words
from ccops.planning.drift import Compared, DriftField, Moved
from ccops.planning.drift_applied import LastApplied
from ccops.planning.names import same_name
from ccops.planning.plan import Change
from ccops.planning.words import send_in_words

BEING_SENT = "being sent now"
NO_CAMPAIGN = "no such campaign"
ANOTHER = "another text, of which only the fingerprint is kept"
_UNUSABLE, _CONTRADICTORY = 1, 3
"""Rows of the verdict table after which nothing of the reading is to be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What there is to compare of one campaign.

    `live` is the plan's reading. `applied` is what the journal knows (None: no line of it).
    `content` digests what ccops never writes, as read now; `now` is the server's clock, UTC.
    """

    change: Change
    live: Live
    applied: LastApplied | None
    content: str
    now: datetime
    names: Names

    @property
    def history(self) -> tuple[SendRecord, ...]:
        """The send history; one that was not read counts as empty."""
        return self.live.history or ()

    @property
    def next(self) -> When | None:
        """The declared send that is still to happen."""
        done = len(completed(self.live))
        return self.change.target.sends[done] if done < len(self.change.target.sends) else None

    @property
    def at(self) -> datetime | None:
        """The live schedule."""
        return self.live.schedules[0] if self.live.schedules else None

    @property
    def was(self) -> When | None:
        """The send that ccops left scheduled."""
        return self.applied.scheduled(self.history) if self.applied else None

    @property
    def running(self) -> bool:
        """Whether it is being sent."""
        return self.live.status is Status.EXECUTING

    @property
    def declared_ahead(self) -> bool:
        """Whether the next declared send can still happen."""
        return self.next is NOW or (isinstance(self.next, datetime) and self.next >= self.now)

    @property
    def ahead(self) -> bool:
        """Whether something goes out, or is to."""
        return self.running or self.at is not None or self.declared_ahead

    @property
    def never_sent_now(self) -> bool:
        """Whether `now` is declared of a draft: a draft was never sent, so that is to come."""
        return self.next is NOW and self.live.status is Status.DRAFT


def fields_of(sides: Sides) -> tuple[DriftField, ...]:
    """Return every difference between the sides, with who moved."""
    row, live = sides.change.row, sides.live
    if row == _UNUSABLE and not same_name(live.name, sides.change.campaign):
        return (_name(sides),)
    if row in {_UNUSABLE, _CONTRADICTORY}:
        return ()
    found = (_send_at(sides), _recipients(sides), *_content(sides), _sends(sides))
    return tuple(one for one in found if one is not None)


def gone(change: Change, applied: LastApplied | None, now: datetime) -> DriftField:
    """Return what was to be sent of a campaign that is not there: the next declared send."""
    sends = change.target.sends
    upcoming = (one for one in sends if one is NOW or one >= now)
    declared = next(upcoming, sends[-1] if sends else None)
    was = applied.scheduled(()) if applied else None
    return DriftField(
        compared=Compared.SEND_AT,
        moved=who_moved(declared, was, NO_CAMPAIGN, known=applied is not None),
        declared=declared,
        applied=was,
        live=NO_CAMPAIGN,
    )


def _name(sides: Sides) -> DriftField:
    known, declared = sides.applied, sides.change.campaign
    was = known.campaign if known else None
    return DriftField(
        compared=Compared.CAMPAIGN,
        moved=who_moved(declared, was, sides.live.name, known=known is not None),
        declared=declared,
        applied=was,
        live=sides.live.name,
    )


def who_moved(declared: object, applied: object, live: object, *, known: bool) -> Moved:
    """Say who moved, of two sides that differ."""
    if not known:
        return Moved.UNKNOWN
    if live == applied:
        return Moved.GIT
    return Moved.ACCOUNT if declared == applied else Moved.BOTH


def _send_at(sides: Sides) -> DriftField | None:
    if sides.running:
        return _running(sides)
    if sides.next == sides.at or (sides.was is None and not sides.ahead):
        return None
    found = DriftField(
        compared=Compared.SEND_AT,
        moved=who_moved(sides.next, sides.was, sides.at, known=sides.applied is not None),
        declared=sides.next,
        applied=sides.was,
        live=sides.at,
    )
    return replace(found, moved=Moved.GIT) if _by_time(sides) else found


def _by_time(sides: Sides) -> bool:
    """Whether, without a journal, time explains that a declared send is not scheduled.

    The send before it has happened, and a further one waits for its apply.
    """
    waits = sides.live.status is Status.DONE and sides.at is None
    return sides.applied is None and (waits or sides.never_sent_now)


def _running(sides: Sides) -> DriftField | None:
    """Compare a send under way with what was due. Its history is not read while it runs."""
    known, sends = sides.applied, sides.change.target.sends
    last = known.newest if known else None
    was = last.when if last else None
    if any(_due(one, sides.now) for one in (sends if known is None else (was,))):
        return None
    agreed = was in sends if was else not sends
    moved = Moved.ACCOUNT if agreed else Moved.BOTH
    return DriftField(
        compared=Compared.SEND_AT,
        moved=Moved.UNKNOWN if known is None else moved,
        declared=was if agreed else sides.next,
        applied=was,
        live=BEING_SENT,
    )


def _due(when: When | None, now: datetime) -> bool:
    return when is NOW or (isinstance(when, datetime) and when - EARLY <= now)


def _recipients(sides: Sides) -> DriftField | None:
    """Compare recipients where they matter: something goes out, or a draft keeps them."""
    wanted, live = sides.change.target.recipients, sides.live
    kept = live.status is Status.DRAFT and sides.next is None
    if wanted is None or wanted == live.recipients or not (sides.ahead or kept):
        return None
    was = sides.applied.recipients if sides.applied else None
    moved = who_moved(wanted, was, live.recipients, known=was is not None)
    unasked = sides.applied is None and sides.never_sent_now
    return DriftField(
        compared=Compared.RECIPIENTS,
        moved=Moved.GIT if unasked else moved,
        declared=in_words(wanted, sides.names),
        applied=None if was is None else in_words(was, sides.names),
        live=in_words(live.recipients, sides.names),
    )


def _content(sides: Sides) -> Iterator[DriftField]:
    """Compare what ccops never writes, while an email that was approved is to go out.

    A draft that nobody scheduled may be edited freely. What `expect` tells is said field by
    field; of the rest the journal keeps a digest alone.
    """
    if not _approved(sides):
        return
    moved = _content_moved(sides)
    expected = tuple(_unmet(sides, moved))
    yield from expected
    if moved is Moved.ACCOUNT and not expected:
        live = f'"{sides.live.subject}" from {sides.live.from_name} <{sides.live.from_email}>'
        yield DriftField(compared=Compared.CONTENT, moved=moved, applied=ANOTHER, live=live)


def _content_moved(sides: Sides) -> Moved:
    if sides.applied is None or not sides.applied.content:
        return Moved.UNKNOWN
    return Moved.GIT if sides.applied.content == sides.content else Moved.ACCOUNT


def _approved(sides: Sides) -> bool:
    """Whether an email goes out, or is to, that ccops scheduled, or whose first send it did."""
    scheduled = sides.applied is not None and sides.applied.newest is not None
    return sides.running or sides.at is not None or (scheduled and sides.declared_ahead)


def _unmet(sides: Sides, moved: Moved) -> Iterator[DriftField]:
    wanted, live = sides.change.target.expect, sides.live
    pairs = (
        (Compared.SUBJECT, wanted.subject, live.subject),
        (Compared.FROM, wanted.from_email, live.from_email),
    )
    for name, declared, found in pairs:
        if declared is not None and declared != found:
            applied = found if moved is Moved.GIT else ANOTHER
            yield DriftField(
                compared=name, moved=moved, declared=declared, applied=applied, live=found
            )


def _sends(sides: Sides) -> DriftField | None:
    """Compare the sends that happened: those that no declared time explains.

    One that ccops asked for is git's own doing: the manifest was edited since.
    """
    odd = _undeclared(sides)
    if not odd:
        return None
    known = sides.applied
    foreign = [one for one in odd if known is None or not known.asked_for(one[0], one[1])]
    _, record, declared = (foreign or odd)[-1]
    moved = Moved.UNKNOWN if known is None else Moved.ACCOUNT if foreign else Moved.GIT
    told = send_in_words(record, zone=sides.change.zone)
    return DriftField(
        compared=Compared.SENDS,
        moved=moved,
        declared=declared,
        applied=sides.was if foreign else told,
        live=told,
    )


def _undeclared(sides: Sides) -> list[tuple[int, SendRecord, When | None]]:
    """The completed sends beyond the declared ones, and those that ran well before their time.

    Each with its place in the history and its declared time.
    """
    places = [(place, one) for place, one in enumerate(sides.history) if one.completed]
    declared = sides.change.target.sends
    told = [
        (place, record, declared[number] if number < len(declared) else None)
        for number, (place, record) in enumerate(places)
    ]
    return [one for one in told if one[2] is None or _early(one[1], one[2])]


def _early(record: SendRecord, declared: When) -> bool:
    return isinstance(declared, datetime) and declared - record.ran_at > EARLY
