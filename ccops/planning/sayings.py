"""What each row of the verdict table says to a person: why, and what can be done about it."""

import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.model import SendRecord, Status, StepKind
from ccops.planning.case import LOOK, Case, contradiction, early, obstacle, unusable
from ccops.planning.words import (
    contacts_in_words,
    instant_in_words,
    reason_in_words,
    send_in_words,
    span_in_words,
    when_in_words,
)

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A reason and a remedy; empty where the verdict's name says it all."""

    reason: str = ""
    remedy: str = ""


def nothing(_: Case) -> Saying:
    """The verdict speaks for itself."""
    return Saying()


def is_unusable(case: Case) -> Saying:
    """Row 1."""
    reason, remedy = unusable(case) or ("", "")
    return Saying(reason=reason, remedy=remedy)


def is_sending(_: Case) -> Saying:
    """Row 2."""
    return Saying(reason="Constant Contact is sending it now", remedy="wait, and plan again")


def is_contradictory(case: Case) -> Saying:
    """Row 3."""
    return Saying(reason=f"Constant Contact contradicts itself: {contradiction(case)}", remedy=LOOK)


def ran_early(case: Case) -> Saying:
    """Row 4."""
    at = early(case) or 0
    zone, ran = case.facts.zone, case.done[at]
    declared = when_in_words(case.facts.target.sends[at], zone=zone)
    reason = f"it was {send_in_words(ran, zone=zone)}, before the declared time, {declared}"
    key = "that entry of resend_to_new_contacts" if at else "send_at"
    remedy = (
        f"write {_at(case, ran.ran_at)} as {key}; a further send is one more entry of "
        "resend_to_new_contacts"
    )
    return Saying(reason=reason, remedy=remedy)


def is_sent(case: Case) -> Saying:
    """Row 5."""
    zone, last = case.facts.zone, case.done[-1] if case.done else None
    return Saying(reason=send_in_words(last, zone=zone) if last else "it was sent before")


def has_failed(case: Case) -> Saying:
    """Row 6."""
    remedy = "correct the cause in Constant Contact; to send it after all, declare a further send"
    return Saying(reason=_failure(case, case.history[-1]), remedy=remedy)


def _failure(case: Case, record: SendRecord) -> str:
    told = f"the send of {_at(case, record.ran_at)} failed: {reason_in_words(record.reason)}"
    return f"{told} (but {contacts_in_words(record.count)} may have it)" if record.count else told


def is_to_be_unscheduled(case: Case) -> Saying:
    """Row 7."""
    sends = case.facts.target.sends
    why = "every declared send has happened" if sends else "the manifest says unscheduled"
    return Saying(reason=f"it is scheduled, but {why}")


def must_be_unscheduled_first(case: Case) -> Saying:
    """Row 10."""
    if case.status is Status.SCHEDULED:
        return Saying(
            reason="it is already scheduled; `now` is only for a draft",
            remedy="declare it unscheduled and apply that first, or write a time",
        )
    return Saying(
        reason=f"{_failure(case, case.history[-1])}; `now` is only for a draft",
        remedy="write a time instead",
    )


def is_frozen(case: Case) -> Saying:
    """Row 11."""
    freeze = span_in_words(case.facts.limits.freeze)
    at = ", ".join(_at(case, one) for one in case.live.schedules)
    return Saying(
        reason=f"it is scheduled for {at}, less than {freeze} away: too late to change it",
        remedy="let it go out as it is, or declare it unscheduled to stop it",
    )


def is_missed(case: Case) -> Saying:
    """Row 12."""
    told = f"the declared time, {_time(case)}, has passed without a send"
    latest = case.latest
    if latest is not None and not latest.completed:
        told = f"{told}: {_failure(case, latest)}"
    return Saying(reason=told, remedy="write a new time; a missed send is never made up for")


def is_too_late(case: Case) -> Saying:
    """Row 13."""
    at = _at(case, earliest(case))
    return Saying(
        reason=f"the declared time, {_time(case)}, is too near; the earliest that works is {at}",
        remedy="write that time or a later one",
    )


def earliest(case: Case) -> datetime:
    """The earliest send time that works: the notice from now, rounded up to the minute."""
    exact = case.facts.now + case.notice
    floor = exact.replace(second=0, microsecond=0)
    return floor if floor == exact else floor + _MINUTE


def was_halted(case: Case) -> Saying:
    """Row 23, between 8 and 9."""
    halt, campaign = case.facts.halt, case.facts.target.campaign
    told = f"a person halted it on {_at(case, halt.at)}: {halt.reason}" if halt else ""
    permission = f"{allow('halted', campaign)} with a --reason"
    if case.status is Status.SCHEDULED:
        return Saying(
            reason=f"it is still scheduled, although {told}",
            remedy=f"run `ccops halt` again to stop it, or grant {permission} to let it go out",
        )
    return Saying(reason=told, remedy=f"write another time or unscheduled, or grant {permission}")


def was_unscheduled_elsewhere(case: Case) -> Saying:
    """Row 14."""
    campaign = case.facts.target.campaign
    return Saying(
        reason=f"ccops scheduled it for {_time(case)}, and somebody unscheduled it since",
        remedy=f"write another time or unscheduled, or grant {allow('reschedule', campaign)} "
        "with a --reason",
    )


def may_have_gone_out(case: Case) -> Saying:
    """Row 15."""
    remedy = f"{LOOK}: it may be partly sent, or may still go out"
    return Saying(reason=_failure(case, case.history[-1]), remedy=remedy)


def cannot_be_rewritten(case: Case) -> Saying:
    """Row 16."""
    remedy = "correct it in Constant Contact, or write other recipients"
    return Saying(reason=obstacle(case), remedy=remedy)


def goes_out_now(_: Case) -> Saying:
    """Row 18."""
    return Saying(reason="it goes out as soon as this plan is applied and cannot be recalled")


def is_scheduled(case: Case) -> Saying:
    """Row 19."""
    failed = case.status is Status.ERROR
    return Saying(reason=f"another try: {_failure(case, case.history[-1])}" if failed else "")


def is_replaced(case: Case) -> Saying:
    """Rows 20 and 21."""
    what = "send time"
    if StepKind.UPDATE in case.before_post:
        what = "recipients" if case.scheduled_at == case.time else "send time and recipients"
    return Saying(reason=f"its {what} cannot be changed while it is scheduled: unscheduled first")


def goes_to_new_contacts(_: Case) -> Saying:
    """Row 22. Constant Contact leaves out who has had this activity before (spec)."""
    return Saying(reason="only contacts who have not had it receive it")


def allow(rule: str, campaign: str) -> str:
    """Write the exact flag that grants a permission, quoted for a shell.

    Between double quotes bash still looks for a `!`, and no backslash takes that away for good.
    """
    if "!" in campaign:
        return f"--allow {rule}={shlex.quote(campaign)}"
    quoted = "".join(f"\\{char}" if char in '\\"$`' else char for char in campaign)
    return f'--allow {rule}="{quoted}"'


def _time(case: Case) -> str:
    return "" if case.time is None else _at(case, case.time)


def _at(case: Case, instant: datetime) -> str:
    return instant_in_words(instant, zone=case.facts.zone)
