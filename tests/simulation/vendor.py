"""Constant Contact in a few lines: one activity, its schedule, and what it mails to whom.

Written from the API's description for itself. Time is whatever `advance` says; a schedule fires
when time passes it, and a request that is still under way arrives when time passes its moment.
"""

import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count

from ccops.constantcontact.instants import parse_instant
from ccops.model import NOW, Live, Now, Recipients, SendRecord, Status, Step, StepKind, When
from ccops.ports import Reply

START = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
SENDING = timedelta(seconds=40)
"""How long the pretended vendor shows EXECUTING."""
SECOND = timedelta(seconds=1)


class By(StrEnum):
    """Whose schedule it is."""

    CCOPS = "ccops"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What only the live API could tell; `sends_fail`: every send ends in an ERRORED entry."""

    past_date_sends: bool = True
    second_post_overwrites: bool = False
    put_half_applies: bool = True
    answers_200: bool = False
    answers_nothing: bool = False
    sends_fail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One send: when, to whom, with which content, by whose schedule, for when.

    `reached`: whether anybody got it. `request` numbers the POST that asked for it, and `booked`
    is the activity when that took effect; None for what a person did. `misdated`: see Booking.
    """

    at: datetime
    live: Live
    by: By
    when: When
    reached: bool = True
    request: int | None = None
    booked: Live | None = None
    misdated: bool = False

    def __str__(self) -> str:
        asked = "now" if isinstance(self.when, Now) else f"{self.when:%d %H:%M:%S}"
        people = ", ".join(one[:4] for one in self.live.recipients.lists)
        words = f'sent to {people}: "{self.live.subject}", asked for {asked} by {self.by}'
        return f"{self.at:%d %H:%M:%S} {words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Whose schedule it is, and what was asked for; `misdated`: at another time than that."""

    by: By
    when: When
    request: int | None = None
    live: Live | None = None
    misdated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What comes of a request: status, document, and whether it took effect."""

    status: int
    document: object
    took: bool


def envelope(status: int, key: str) -> Verb:
    return Verb(status=status, document=[{"error_key": key, "error_message": key}], took=False)


def reply_to(verb: Verb) -> Reply:
    body = b"" if verb.document is None else json.dumps(verb.document).encode()
    return Reply(status=verb.status, headers={}, body=body)


@dataclass(slots=True, kw_only=True)
class Vendor:
    """The account, as far as one activity goes. `mails` is what people got."""

    live: Live
    rules: Rules = Rules()
    now: datetime = START
    booking: Booking | None = field(init=False)
    mails: list[Mail] = field(default_factory=list)
    gone: bool = False
    edited_at: datetime = START - timedelta(days=1)
    edits: list[tuple[datetime, str]] = field(default_factory=list)
    past: list[tuple[datetime, Live | None]] = field(default_factory=list)
    due: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    numbers: Callable[[], int] = field(default_factory=lambda: count().__next__)

    def __post_init__(self) -> None:
        first = self.live.schedules[0] if self.live.schedules else None
        self.booking = None if first is None else Booking(by=By.PERSON, when=first)
        self.past.append((START - timedelta(days=1), self.live))

    # --- time ----------------------------------------------------------------------------

    def advance(self, until: datetime) -> None:
        """Let time pass; everything due happens in its order."""
        while True:
            moments = [self.due[0][0]] if self.due else []
            moments += self.live.schedules
            first = min(moments, default=until + SECOND)
            if first > until:
                break
            self.now = max(self.now, first)
            if self.due and self.due[0][0] == first:
                heapq.heappop(self.due)[2]()
            else:
                self._fire()
        self.now = max(self.now, until)

    def later(self, at: datetime, happening: Callable[[], object]) -> None:
        """Let something happen when time passes `at`."""
        heapq.heappush(self.due, (at, self.numbers(), happening))

    def shown(self, at: datetime) -> Live | None:
        """The activity as it was at a moment; None when it did not exist."""
        return next(live for since, live in reversed(self.past) if since <= at)

    def _set(self, live: Live) -> None:
        self.live = live
        self.past.append((self.now, None if self.gone else live))

    def _fire(self) -> None:
        assert self.booking is not None
        self._send(self.booking)

    def _send(self, booking: Booking) -> None:
        self.mails.append(
            Mail(
                at=self.now,
                live=self.live,
                by=booking.by,
                when=booking.when,
                reached=not self.rules.sends_fail,
                request=booking.request,
                booked=booking.live,
                misdated=booking.misdated,
            )
        )
        ran_at = self.now.replace(microsecond=0)
        self.booking = None
        self._set(replace(self.live, status=Status.EXECUTING, schedules=()))

        def end() -> None:
            fails = self.rules.sends_fail
            entry = SendRecord(
                ran_at=ran_at, completed=not fails, count=0 if fails else 100, reason=int(fails)
            )
            history = (*(self.live.history or ()), entry)
            status = Status.ERROR if fails else Status.DONE
            self._set(replace(self.live, status=status, history=history))

        self.later(self.now + SENDING, end)

    # --- the three writes ----------------------------------------------------------------

    def take(self, step: Step, request: int | None = None) -> Verb:
        """Let a request of ccops take effect, if it can."""
        if self.gone:
            return envelope(404, "not_found")
        match step.kind:
            case StepKind.UNSCHEDULE:
                return self._unschedule()
            case StepKind.UPDATE:
                return self._update(json.loads(step.body or ""))
            case StepKind.SCHEDULE:
                date = json.loads(step.body or "")["scheduled_date"]
                return self._schedule(NOW if date == "0" else parse_instant(date), request)

    def _unschedule(self) -> Verb:
        if self.live.status is not Status.SCHEDULED:
            return envelope(400, "not_scheduled")
        self.booking = None
        self._set(replace(self.live, status=self._base(), schedules=()))
        return Verb(status=204, document=None, took=True)

    def _base(self) -> Status:
        if not self.live.history:
            return Status.DRAFT
        return Status.DONE if self.live.history[-1].completed else Status.ERROR

    def _update(self, document: dict[str, object]) -> Verb:
        allowed = self.live.status in {Status.DRAFT, Status.DONE}
        scheduled = self.live.status is Status.SCHEDULED
        if allowed or (scheduled and self.rules.put_half_applies):
            self._set(replace(self.live, recipients=_recipients(document)))
        if not allowed:
            return envelope(400, "wrong_status")
        self._set(
            replace(
                self.live,
                subject=str(document["subject"]),
                from_name=str(document["from_name"]),
                from_email=str(document["from_email"]),
                reply_to=str(document["reply_to_email"]),
            )
        )
        return Verb(status=200, document={"subject": self.live.subject}, took=True)

    def _schedule(self, when: When | None, request: int | None) -> Verb:
        status, rules = self.live.status, self.rules
        free = status in {Status.DRAFT, Status.DONE, Status.ERROR}
        replaced = status is Status.SCHEDULED and rules.second_post_overwrites
        if when is None or self.live.recipients.empty or not (free or replaced):
            return envelope(400, "cannot_schedule")
        past = isinstance(when, datetime) and when <= self.now
        if past and not rules.past_date_sends:
            return envelope(400, "past_date")
        booking = Booking(by=By.CCOPS, when=when, request=request, live=self.live)
        if past or isinstance(when, Now):
            self._send(booking)
        else:
            self._book(when, booking)
        dates = [] if isinstance(when, Now) else [when]
        return self._created(dates)

    def _created(self, dates: Sequence[datetime]) -> Verb:
        told = () if self.rules.answers_nothing else dates
        document = [{"scheduled_date": when.isoformat()} for when in told]
        return Verb(status=200 if self.rules.answers_200 else 201, document=document, took=True)

    def _book(self, at: datetime, booking: Booking) -> None:
        self.booking = booking
        self._set(replace(self.live, status=Status.SCHEDULED, schedules=(at,)))

    def misdate(self, step: Step, by: timedelta, request: int | None = None) -> Verb:
        """Take a POST of an instant, but schedule for another one."""
        verb = self.take(step, request)
        if not verb.took or not self.live.schedules or self.booking is None:
            return verb
        at = self.live.schedules[0] + by
        self._book(at, replace(self.booking, misdated=True))
        return self._created([at])

    # --- what people do in the browser -----------------------------------------------------

    def _edited(self, words: str) -> None:
        self.edited_at = self.now
        self.edits.append((self.now, f"somebody {words}"))

    def edit(self, **changes: object) -> None:
        """Change any field, whatever the status; a schedule is kept as whose it is."""
        self._edited(f"changes {', '.join(changes)}")
        self._set(replace(self.live, **changes))  # type: ignore[arg-type]  # fields by name

    def person_schedules(self, when: datetime) -> None:
        """Somebody schedules it, if it is at rest."""
        if self.live.status in {Status.DRAFT, Status.DONE, Status.ERROR} and not self.gone:
            self._edited("schedules it")
            self._book(when, Booking(by=By.PERSON, when=when))

    def person_unschedules(self) -> None:
        """Somebody takes the schedule away, if there is one."""
        if self.live.status is Status.SCHEDULED:
            self._edited("unschedules it")
            self._unschedule()

    def person_sends(self) -> None:
        """Somebody presses "send now", if it is at rest."""
        if self.live.status in {Status.DRAFT, Status.DONE} and not self.gone:
            self._edited("sends it now")
            self._send(Booking(by=By.PERSON, when=NOW))

    def person_deletes(self) -> None:
        """Somebody deletes the campaign; it cannot be read any more."""
        if self.live.status is not Status.SCHEDULED:
            self._edited("deletes it")
            self.gone = True
            self._set(self.live)


def _recipients(document: dict[str, object]) -> Recipients:
    lists, segments = document["contact_list_ids"], document["segment_ids"]
    assert isinstance(lists, list)
    assert isinstance(segments, list)
    return Recipients(lists=tuple(sorted(lists)), segments=tuple(map(str, segments)))
