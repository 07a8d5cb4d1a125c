"""One campaign's facts, and what follows from them, as the rows of the verdict table need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.constantcontact.wire import PRIMARY_EMAIL
from ccops.model import Limits, Live, Recipients, SendRecord, Status, StepKind, Target, When
from ccops.planning.names import same_name
from ccops.ports import Halt, JournalEntry, WriteState

EARLY = timedelta(minutes=5)
"""A send that ran this much before its declared time is not the declared one."""
LOOK = "look at the campaign in Constant Contact"
_LET_GO = "remove the manifest, or name another campaign in it"
STAGING, PARTIAL = 5, 6
"""Reasons after which an errored send may still go out, or has partly gone out (spec)."""
SEGMENT_FORMATS = frozenset({3, 4, 5})
"""The formats that can be sent to a segment (spec)."""
REWRITABLE_WHEN_DONE = 3
"""The only format whose recipients can be changed after a send (docs; the spec is silent)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a verdict depends on.

    `live` is None when there is no such campaign or activity; `absent_reason` says why in words.
    `now` is the server's clock, UTC. `newest` is the activity's newest journal line, in any
    state. `restored`: `--allow reschedule=<campaign>` was granted. `started`: this run has
    already written to the activity, so that the head start is no longer asked for. `halt` is the
    mark of a person who stopped the campaign, unless `--allow halted=<campaign>` was granted.
    `zone` (IANA) is the manifest's own: no verdict depends on it, only what is said of times.
    """

    target: Target
    live: Live | None
    absent_reason: str = ""
    now: datetime
    limits: Limits
    newest: JournalEntry | None = None
    restored: bool = False
    started: bool = False
    halt: Halt | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Facts about an activity that exists, with everything the table's rows ask about.

    `history` is the send history, oldest first; one that was not read counts as empty. `done`
    is H, its completed entries, and `next` the declared send that is still to happen: D[len(H)].
    `differ`: the recipients are not known to be equal.
    """

    facts: Facts
    live: Live
    status: Status
    history: tuple[SendRecord, ...]
    done: tuple[SendRecord, ...]
    next: When | None
    differ: bool

    @property
    def latest(self) -> SendRecord | None:
        """The newest entry of the send history."""
        return self.history[-1] if self.history else None

    @property
    def time(self) -> datetime | None:
        """The next send, if it is an instant."""
        return self.next if isinstance(self.next, datetime) else None

    @property
    def scheduled_at(self) -> datetime | None:
        """The one live schedule; None when there is none, or when there are several."""
        return self.live.schedules[0] if len(self.live.schedules) == 1 else None

    @property
    def before_post(self) -> tuple[StepKind, ...]:
        """The writes that must come before a POST.

        PUT on SCHEDULED is never made: it fails, and yet may change the audience (probe).
        """
        unschedule = (StepKind.UNSCHEDULE,) if self.status is Status.SCHEDULED else ()
        return (*unschedule, StepKind.UPDATE) if self.differ else unschedule

    @property
    def notice(self) -> timedelta:
        """The least time between now and the send for a sequence to begin."""
        limits = self.facts.limits
        ahead = timedelta(0) if self.facts.started else limits.head_start
        return limits.lead + len(self.before_post) * ahead


def case_of(facts: Facts, live: Live) -> Case:
    """Work out what the table's rows ask about."""
    done, declared = completed(live), facts.target.sends
    return Case(
        facts=facts,
        live=live,
        status=live.status,
        history=live.history or (),
        done=done,
        next=declared[len(done)] if len(done) < len(declared) else None,
        differ=recipients_differ(facts.target, live),
    )


def completed(live: Live) -> tuple[SendRecord, ...]:
    """The sends that count: completed ones, oldest first. Reaching nobody counts too (spec)."""
    return tuple(entry for entry in live.history or () if entry.completed)


def recipients_differ(target: Target, live: Live) -> bool:
    """Whether the live recipients are not (known to be) the wanted ones."""
    wanted = target.recipients
    return wanted is None or not one_kind(wanted) or wanted != live.recipients


def one_kind(recipients: Recipients) -> bool:
    """Whether these can be written: some lists, or exactly one segment, never both (spec)."""
    if recipients.lists:
        return not recipients.segments
    return len(recipients.segments) == 1


def base_status(live: Live) -> Status:
    """The status that a DELETE of the schedule would return the activity to (spec).

    DRAFT if it was never sent, ERROR if its newest send failed, else DONE.
    """
    if not live.history:
        return Status.DRAFT
    return Status.DONE if live.history[-1].completed else Status.ERROR


def unusable(case: Case) -> tuple[str, str] | None:
    """Say why the activity can never be managed, and what to do; None if it can (row 1)."""
    live, campaign = case.live, case.facts.target.campaign
    both = bool(live.recipients.lists and live.recipients.segments)
    reasons = (
        (live.status is Status.REMOVED, "it was deleted in Constant Contact", _LET_GO),
        (
            not same_name(live.name, campaign),
            f'the activity belongs to the campaign "{live.name}"',
            "correct `campaign:` or `activity:`",
        ),
        (
            live.role != PRIMARY_EMAIL,
            f"the activity is not the campaign's email, but its {live.role}",
            "leave `activity:` out, or pin the campaign's email",
        ),
        (live.ab_test, "it is an A/B test, which ccops does not manage", _LET_GO),
        (live.status is Status.UNKNOWN, "it has a status that ccops does not know", LOOK),
        (both, "it has lists and a segment at once, which Constant Contact forbids", LOOK),
    )
    return next(((why, remedy) for holds, why, remedy in reasons if holds), None)


def contradiction(case: Case) -> str:
    """Say how status, schedule and history disagree; empty if they do not (row 3)."""
    return disagreement(case.facts.target, case.live)


def disagreement(target: Target, live: Live) -> str:
    """Say how an activity's status, schedule and history disagree; empty if they do not.

    A history that a verdict needs and that was not read agrees with nothing; one that nobody
    needed contradicts nothing.
    """
    latest = live.history[-1] if live.history else None
    if live.history is None and wants_history(target, live):
        return "its send history was not read"
    match live.status:
        case Status.DONE if latest is None or not latest.completed:
            return "it counts as sent, but its newest send is not a completed one"
        case Status.ERROR if latest is None or latest.completed:
            return "it counts as failed, but its newest send is not a failed one"
        case Status.DRAFT if latest is not None:
            return "it is a draft, but has been sent before"
        case Status.SCHEDULED if len(live.schedules) != 1:
            return f"it is scheduled, but has {len(live.schedules)} schedules instead of one"
        case _:
            return ""


def wants_history(target: Target, live: Live) -> bool:
    """Whether the send history must be read before anything is decided.

    Whatever was scheduled or sent before: only the history tells which send comes next, and
    whether one happened that nobody declared. A draft has one only against the rules, so it is
    asked when something is to be written. Never where row 1 decides: other roles than the
    campaign's email and its resend have no history to ask for (spec).
    """
    if live.role != PRIMARY_EMAIL or live.ab_test:
        return False
    match live.status:
        case Status.ERROR | Status.SCHEDULED | Status.DONE:
            return True
        case Status.DRAFT:
            return bool(target.sends) or recipients_differ(target, live)
        case _:
            return False


def early(case: Case) -> int | None:
    """The number, from 0, of the first send that ran well before its declared time (row 4)."""
    pairs = zip(case.done, case.facts.target.sends, strict=False)
    return next((at for at, (ran, declared) in enumerate(pairs) if _early(ran, declared)), None)


def _early(ran: SendRecord, declared: When) -> bool:
    return isinstance(declared, datetime) and declared - ran.ran_at > EARLY


def newest_lines(entries: Sequence[JournalEntry]) -> dict[str, JournalEntry]:
    """Return the newest journal line of each activity that says something about it.

    A write that was refused or lost left the activity as it was: its lines are passed over.
    """
    telling = (entry for entry in entries if entry.state is not WriteState.RESOLVED)
    lost = {entry.write_id for entry in entries if entry.state is WriteState.RESOLVED}
    return {entry.activity_id: entry for entry in telling if entry.write_id not in lost}


def ours(case: Case) -> bool:
    """Whether ccops' last verified write scheduled exactly what is wanted now (row 14)."""
    newest = case.facts.newest
    return (
        newest is not None
        and newest.state is WriteState.VERIFIED
        and newest.step.kind is StepKind.SCHEDULE
        and newest.when == case.next
        and newest.recipients == case.facts.target.recipients
    )


def may_be_out(case: Case) -> bool:
    """Whether the newest send failed, but may have reached people or still may (row 15)."""
    latest = case.latest
    if latest is None or latest.completed:
        return False
    return latest.count > 0 or latest.reason in {STAGING, PARTIAL}


def obstacle(case: Case) -> str:
    """Say why the recipients cannot be written; empty if they can, or need not be (row 16)."""
    wanted = case.facts.target.recipients
    if not case.differ:
        return ""
    if wanted is None or not one_kind(wanted):
        return "its recipients could not be resolved"
    return _standing(case) or _unfit(case.live, wanted)


def _standing(case: Case) -> str:
    """What Constant Contact does not allow after a send."""
    match base_status(case.live):
        case Status.ERROR:
            return "recipients cannot be changed after a failed send"
        case Status.DONE if case.live.format_type != REWRITABLE_WHEN_DONE:
            return (
                f"recipients of a sent campaign of format {case.live.format_type} cannot be "
                f"changed, only of format {REWRITABLE_WHEN_DONE}"
            )
        case _:
            return ""


def _unfit(live: Live, wanted: Recipients) -> str:
    """What the activity itself lacks. All four fields are required in a PUT (spec)."""
    if wanted.segments and live.format_type not in SEGMENT_FORMATS:
        return f"a campaign of format {live.format_type} cannot go to a segment"
    required = {
        "from email": live.from_email,
        "from name": live.from_name,
        "reply-to email": live.reply_to,
        "subject": live.subject,
    }
    empty = [name for name, text in required.items() if not text.strip()]
    return f"it has no {' and no '.join(empty)} yet" if empty else ""
