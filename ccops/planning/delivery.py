"""What became of the sends that ccops applied: the journal's word beside the account's. Pure.

What stands in an activity's send history at a send's place is what became of it, whoever else
sent the activity before or after. Where the reading leaves a doubt, the state is one that needs a
person.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ccops.model import NOW, Live, SendRecord, Status, When
from ccops.planning.applied import AppliedSend, Watched, due
from ccops.planning.case import EARLY, PARTIAL, STAGING
from ccops.planning.shown import shows
from ccops.planning.words import contacts_in_words, instant_in_words, reason_in_words

PATIENCE = timedelta(minutes=15)
"""How long after its time a send may show nothing, or may run, before that is trouble (inferred)."""
NO_CONTACTS = 12
"""The reason of a COMPLETED send that reached nobody (spec): it looks like a success."""
_HELD = frozenset({2, STAGING})
"""Held back for a review (spec); whether it goes out after reason 2 is open (inferred)."""
_UNCERTAIN = frozenset({2, STAGING, PARTIAL})


class DeliveryState(StrEnum):
    """What became of one send.

    SENT, TO_COME (scheduled as applied), DUE (its time has just come), SENDING, RETRIED (failed,
    and applied once more since), WITHDRAWN (unscheduled by ccops, or given up by a person): as
    applied. NOT_SCHEDULED (asked for in vain, or taken back), NOBODY (counts as sent, and reached
    nobody), FAILED, HELD (for a review: it may still go out), GONE (neither scheduled nor sent),
    CHANGED (another time or other recipients), OVERDUE (its time has passed and nothing shows),
    ELSEWHERE (sent beyond what was applied): a person is needed. UNKNOWN: the outcome of its
    request is open.
    """

    SENT = "sent"
    TO_COME = "to-come"
    DUE = "due"
    SENDING = "sending"
    RETRIED = "retried"
    WITHDRAWN = "withdrawn"
    NOT_SCHEDULED = "not-scheduled"
    NOBODY = "sent-to-nobody"
    FAILED = "failed"
    HELD = "held"
    GONE = "gone"
    CHANGED = "changed"
    OVERDUE = "overdue"
    ELSEWHERE = "sent-elsewhere"
    UNKNOWN = "unknown"

    @property
    def as_applied(self) -> bool:
        """Whether nobody need look at it."""
        return self in _AS_APPLIED


_AS_APPLIED = frozenset(
    {
        DeliveryState.SENT,
        DeliveryState.TO_COME,
        DeliveryState.DUE,
        DeliveryState.SENDING,
        DeliveryState.RETRIED,
        DeliveryState.WITHDRAWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one send.

    `when` is what was applied (None: nothing was). `ran_at`, `count` and `reason` are those of
    its entry in the send history, None without one; `count` counts contacts. `detail` says in
    words what is not told by these. `noted` is what the journal adds.
    """

    campaign: str
    activity_id: str
    state: DeliveryState
    when: When | None = None
    ran_at: datetime | None = None
    count: int | None = None
    reason: int | None = None
    detail: str = ""
    noted: str = ""
    write_id: str = ""
    run: str = ""
    instant: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """From when on sends count, the server's clock (both UTC), and the zone of times in words."""

    since: datetime
    now: datetime
    zone: str


def deliveries(
    seen: Iterable[tuple[Watched, Live | None]], *, since: datetime, now: datetime, zone: str
) -> tuple[Delivery, ...]:
    """Say what became of every send since `since`, in the order of their times, then names.

    Each activity comes with its reading, whose history was read; None: it does not exist. `now`
    is the server's clock, UTC; `zone` the one in which `detail` tells times. Total: never raises.
    """
    look = _Look(since=since, now=now, zone=zone)
    found = [one for watch, live in seen for one in _of(watch, live, look)]
    return tuple(sorted(found, key=lambda one: (one.instant, one.campaign, one.activity_id)))


def _of(watch: Watched, live: Live | None, look: _Look) -> Iterator[Delivery]:
    for send in watch.sends:
        # What became of a withdrawn send was known when ccops wrote to the activity again.
        if due(send, look.since) and (send is watch.newest or not send.withdrawn):
            yield _delivery(watch, send, live, look)
    for record in _history(live)[watch.newest.slot + 1 :]:
        if record.ran_at >= look.since:
            detail = "no request of ccops asked for it"
            yield _recorded(_stranger(watch, record.ran_at, detail), record)
    if live is not None and _place(live, watch.newest) and not watch.newest.open:
        for at in live.schedules:
            told = f"it is scheduled once more, for {instant_in_words(at, zone=look.zone)}"
            yield _stranger(watch, at, told)


def _stranger(watch: Watched, instant: datetime, detail: str) -> Delivery:
    """Tell of a send after the newest that ccops knows of: the ones before were in its plans."""
    return Delivery(
        campaign=watch.campaign,
        activity_id=watch.activity_id,
        state=DeliveryState.ELSEWHERE,
        detail=detail,
        instant=instant,
    )


def _delivery(watch: Watched, send: AppliedSend, live: Live | None, look: _Look) -> Delivery:
    record = _place(live, send)
    state, detail = _judged(watch, send, live, look)
    told = Delivery(
        campaign=watch.campaign,
        activity_id=watch.activity_id,
        state=state,
        when=send.when,
        detail=detail,
        noted=send.entry.detail,
        write_id=send.entry.write_id,
        run=send.entry.run,
        instant=send.instant,
    )
    return _recorded(told, record) if record else told


def _recorded(told: Delivery, record: SendRecord) -> Delivery:
    return replace(told, ran_at=record.ran_at, count=record.count, reason=record.reason)


def _history(live: Live | None) -> tuple[SendRecord, ...]:
    return (live.history or ()) if live else ()


def _place(live: Live | None, send: AppliedSend) -> SendRecord | None:
    """Return the entry at the send's place in the history; None: there is none yet."""
    return dict(enumerate(_history(live))).get(send.slot)


Judgement = tuple[DeliveryState, str]
"""What became of a send, and what there is to say about it."""


def _judged(watch: Watched, send: AppliedSend, live: Live | None, look: _Look) -> Judgement:
    if send.open:
        return DeliveryState.UNKNOWN, f"Constant Contact shows: {shows(live, zone=look.zone)}"
    record = _place(live, send)
    if send.withdrawn:
        return _withdrawn(send, live, record, look)
    if record is not None:
        return _ran(watch, send, live, record)
    if live is None or live.status is Status.REMOVED:
        passed = "; whether it was sent before cannot be told" if send.instant <= look.now else ""
        return DeliveryState.GONE, f"it was deleted in Constant Contact{passed}"
    return _waiting(watch, send, live, look)


def _withdrawn(
    send: AppliedSend, live: Live | None, record: SendRecord | None, look: _Look
) -> Judgement:
    """What is not to go out must neither be sent nor be scheduled by somebody else."""
    if record is not None or (live is not None and live.status is Status.EXECUTING):
        going = "was sent" if record else "is being sent"
        return DeliveryState.ELSEWHERE, f"for ccops it was not scheduled, and yet it {going}"
    if live is not None and live.status is Status.SCHEDULED:
        shown = shows(live, zone=look.zone)
        return DeliveryState.CHANGED, f"for ccops it was not scheduled, and yet it is {shown}"
    if send.wanted:
        return DeliveryState.NOT_SCHEDULED, f"Constant Contact shows: {shows(live, zone=look.zone)}"
    return DeliveryState.WITHDRAWN, ""


def _ran(watch: Watched, send: AppliedSend, live: Live | None, record: SendRecord) -> Judgement:
    if not record.completed:
        return _failed(watch, send, record)
    if not record.count or record.reason == NO_CONTACTS:
        return DeliveryState.NOBODY, _newcomers(send)
    if record.reason:
        return DeliveryState.FAILED, reason_in_words(record.reason)
    if record.ran_at < send.instant - EARLY or record.ran_at > send.instant + PATIENCE:
        when = "earlier" if record.ran_at < send.instant else "later"
        return DeliveryState.CHANGED, f"it was sent {when} than applied"
    last = send is watch.newest and len(_history(live)) == send.slot + 1
    if last and live is not None and _other_recipients(watch, live):
        told = "its recipients now are not those applied; since when, the history does not tell"
        return DeliveryState.CHANGED, told
    return DeliveryState.SENT, ""


def _newcomers(send: AppliedSend) -> str:
    """A resend goes to contacts who have not had it (spec): there may rightly be none."""
    return "it was a resend, and perhaps no contact was new" if send.slot else ""


def _failed(watch: Watched, send: AppliedSend, record: SendRecord) -> Judgement:
    why = reason_in_words(record.reason)
    if record.count:
        reached = f"{why}; but {contacts_in_words(record.count)} may have it"
        return DeliveryState.FAILED, reached
    if send is not watch.newest and record.reason not in _UNCERTAIN:
        return DeliveryState.RETRIED, why
    return (DeliveryState.HELD if record.reason in _HELD else DeliveryState.FAILED), why


def _waiting(watch: Watched, send: AppliedSend, live: Live, look: _Look) -> Judgement:
    """Judge a send that the history does not show, by the activity's status."""
    match live.status:
        case Status.EXECUTING if look.now < send.instant - EARLY:
            return DeliveryState.CHANGED, "it is being sent, earlier than applied"
        case Status.EXECUTING:
            return DeliveryState.SENDING, ""
        case Status.SCHEDULED:
            return _scheduled(watch, send, live, look)
        case Status.UNKNOWN:
            return DeliveryState.CHANGED, "it has a status that ccops does not know"
        case _ if look.now < send.instant:
            return DeliveryState.GONE, "it is not scheduled any more"
        case _:
            return _passed(send, look.now, "it is not scheduled, and the history shows no send")


def _scheduled(watch: Watched, send: AppliedSend, live: Live, look: _Look) -> Judgement:
    if live.schedules != (send.when,):
        instead = "instead of sent at once" if send.when is NOW else "instead"
        return DeliveryState.CHANGED, f"it is {shows(live, zone=look.zone)} {instead}"
    if _other_recipients(watch, live):
        return DeliveryState.CHANGED, "it is scheduled, but to other recipients than applied"
    if look.now < send.instant:
        return DeliveryState.TO_COME, ""
    return _passed(send, look.now, "it is still scheduled, though its time has passed")


def _passed(send: AppliedSend, now: datetime, why: str) -> Judgement:
    overdue = now > send.instant + PATIENCE
    return (DeliveryState.OVERDUE, why) if overdue else (DeliveryState.DUE, "")


def _other_recipients(watch: Watched, live: Live) -> bool:
    return watch.recipients is not None and watch.recipients != live.recipients
