"""What `ccops verify` found, as a value, and its words: the same in a terminal and in Markdown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ccops.errors import ExitCode
from ccops.model import NOW, Account
from ccops.planning.delivery import Delivery, DeliveryState
from ccops.planning.words import contacts_in_words
from ccops.render.moment import absolute, moment
from ccops.render.outcome import MEANING
from ccops.render.phrases import counted
from ccops.render.style import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All deliveries since an instant, in the order of their times.

    `fresh`: no run ever recorded anything in this store. All times are the server's clock, UTC.
    """

    account: Account
    origin: str
    zone: str
    since: datetime
    as_of: datetime
    deliveries: tuple[Delivery, ...]
    selection: tuple[str, ...] = ()
    fresh: bool = False
    requests: int = 0

    @property
    def trouble(self) -> tuple[Delivery, ...]:
        """What a person must look at."""
        return tuple(one for one in self.deliveries if not one.state.as_applied)

    @property
    def exit_code(self) -> ExitCode:
        """10 when a write is open, 6 when a person is needed, else 0 (design §7)."""
        if any(one.state is DeliveryState.UNKNOWN for one in self.trouble):
            return ExitCode.UNKNOWN
        return ExitCode.BLOCKED if self.trouble else ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one state is spoken of: what it is, what it means to a marketer, and what to do."""

    says: str
    means: str
    meaning: Meaning
    todo: str = ""


_LOOK = "look at the campaign in Constant Contact"
_PLAN = "run ccops plan: it says what can be done"

WORDING: Mapping[DeliveryState, Wording] = {
    DeliveryState.SENT: Wording(
        says="sent", means="The email went out as applied.", meaning=Meaning.OK
    ),
    DeliveryState.TO_COME: Wording(
        says="still to come",
        means="It is scheduled as applied, and goes out at that time.",
        meaning=Meaning.SCHEDULE,
    ),
    DeliveryState.DUE: Wording(
        says="due",
        means="Its time has just come. Look again in some minutes.",
        meaning=Meaning.SCHEDULE,
    ),
    DeliveryState.SENDING: Wording(
        says="being sent", means="Constant Contact is sending it now.", meaning=Meaning.SCHEDULE
    ),
    DeliveryState.RETRIED: Wording(
        says="failed and retried",
        means="This try reached nobody. Another one was applied since.",
        meaning=Meaning.DIM,
    ),
    DeliveryState.WITHDRAWN: Wording(
        says="not to be sent",
        means="ccops unscheduled it, as it was to; or a person decided that its request had no"
        " effect.",
        meaning=Meaning.UNSCHEDULE,
    ),
    DeliveryState.NOT_SCHEDULED: Wording(
        says="not scheduled",
        means="ccops was to schedule it, and could not, or took it back. It was not sent.",
        meaning=Meaning.ERROR,
        todo=f"{_PLAN}; if it is not to be sent any more, nothing is missing",
    ),
    DeliveryState.NOBODY: Wording(
        says="sent to nobody",
        means="Constant Contact counts it as sent, but no contact received it.",
        meaning=Meaning.ERROR,
        todo="look whether its recipients hold contacts who may be mailed; a further send is one"
        " more entry of resend_to_new_contacts",
    ),
    DeliveryState.FAILED: Wording(
        says="failed",
        means="The email did not go out as it should have.",
        meaning=Meaning.ERROR,
        todo="correct the cause in Constant Contact; to send it after all, declare a further send",
    ),
    DeliveryState.HELD: Wording(
        says="held",
        means="Constant Contact holds it back for a review. It may still go out, at any time.",
        meaning=Meaning.ERROR,
        todo=f"{_LOOK}, and do not send it in another way before the review is over",
    ),
    DeliveryState.GONE: Wording(
        says="gone",
        means="ccops scheduled it, and now it is not scheduled any more, and no send shows.",
        meaning=Meaning.ERROR,
        todo=f"find out who unscheduled or deleted it; then {_PLAN}",
    ),
    DeliveryState.CHANGED: Wording(
        says="changed",
        means="It is not, or was not, what was applied: somebody changed it in Constant Contact,"
        " or it was delayed there.",
        meaning=Meaning.ERROR,
        todo=f"find out who or what changed it; then {_PLAN}",
    ),
    DeliveryState.OVERDUE: Wording(
        says="overdue",
        means="Its time has passed, and nothing shows that it was sent.",
        meaning=Meaning.ERROR,
        todo=f"{_LOOK}, and ask its support if nothing explains it",
    ),
    DeliveryState.ELSEWHERE: Wording(
        says="sent elsewhere",
        means="An email goes or went out that ccops did not apply.",
        meaning=Meaning.ERROR,
        todo="find out who sent or scheduled it in Constant Contact",
    ),
    DeliveryState.UNKNOWN: Wording(
        says="OUTCOME UNKNOWN",
        means="It is not certain whether the request of ccops took effect.",
        meaning=Meaning.IRREVERSIBLE,
        todo="run ccops journal show: it says what is known, and what can be decided",
    ),
}


def asked(one: Delivery, *, zone: str, now: datetime) -> str:
    """When it was to be sent, in words; empty when ccops asked for nothing."""
    if one.when is None:
        return ""
    if one.when is NOW:
        return f"at once, asked for {moment(one.instant, zone=zone, now=now)}"
    return moment(one.instant, zone=zone, now=now)


def ran(one: Delivery, *, zone: str) -> str:
    """When it ran and for how many contacts, as the send history says; empty: it did not run."""
    if one.ran_at is None:
        return ""
    return f"{absolute(one.ran_at, zone=zone)}, to {contacts_in_words(one.count or 0)}"


def briefly(one: Delivery, *, zone: str, now: datetime) -> str:
    """What became of a send that is as applied, in one line."""
    parts = (ran(one, zone=zone) or asked(one, zone=zone, now=now), one.detail, one.noted)
    told = "; ".join(part for part in parts if part)
    return f"{WORDING[one.state].says}{f': {told}' if told else ''}"


def totals(found: Verification) -> str:
    """For example `5 sends: 3 sent, 1 still to come, 1 gone`, in the order of the states."""
    states = [one.state for one in found.deliveries]
    parts = (
        f"{states.count(state):,} {wording.says.lower()}"
        for state, wording in WORDING.items()
        if state in states
    )
    return f"{counted(len(states), 'send')}{': ' if states else ''}{', '.join(parts)}"


def nothing(found: Verification) -> str:
    """Say that nothing was applied, and why that may mislead."""
    if found.fresh:
        return (
            "Nothing was ever applied with this store. Was it another machine, or another"
            " CCOPS_STORE?"
        )
    return "Nothing was applied that was to be sent since then."


def legend(found: Verification) -> Iterator[tuple[str, str]]:
    """What each state means that is as applied and occurs, in plain words."""
    states = {one.state for one in found.deliveries}
    for state, wording in WORDING.items():
        if state in states and state.as_applied:
            yield wording.says, wording.means


def verdict(found: Verification) -> str:
    """What the exit code means here."""
    if found.exit_code is ExitCode.BLOCKED:
        return "a person is needed"
    if found.exit_code is ExitCode.DONE:
        return "all is as applied"
    return MEANING[found.exit_code]
