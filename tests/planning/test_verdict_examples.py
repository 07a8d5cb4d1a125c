"""One example per way in which a verdict speaks, with its exact words; and the borders of rows."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ccops.constantcontact.wire import unschedule_step
from ccops.model import NOW, Limits, Live, Recipients, SendRecord, Status, StepKind, Target
from ccops.planning.case import base_status, wants_history
from ccops.planning.plan import Verdict
from ccops.planning.verdict import Facts, decide
from ccops.ports import Halt, JournalEntry, WriteState
from tests.planning.samples import (
    ACTIVITY,
    DAY,
    DONORS,
    LISTS,
    LIVE,
    NOW_IS,
    OTHER_LISTS,
    SEGMENT,
    SEGMENTED,
    completed,
    errored,
    facts,
    journal,
    scheduled,
    target,
)

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
THEN = NOW_IS - 30 * DAY
SOON = NOW_IS + DAY
LOOK = "look at the campaign in Constant Contact"
LET_GO = "remove the manifest, or name another campaign in it"
HALT = Halt(
    activity_id=ACTIVITY, campaign="", reason="The price is wrong", at=NOW_IS, sends=(SOON,)
)
ELSEWHERE = Recipients(lists=(DONORS,), segments=(SEGMENT,))


def live(status: Status, *history: SendRecord) -> Live:
    return replace(LIVE, status=status, history=history)


BLOCKED = {
    "absent": (
        facts(target(SOON), None),
        1,
        "Constant Contact has no such campaign",
        "correct the campaign's name or its activity id",
    ),
    "absent, with words": (
        replace(facts(target(SOON), None), absent_reason="two campaigns have this name"),
        1,
        "two campaigns have this name",
        "correct the campaign's name or its activity id",
    ),
    "deleted": (
        facts(target(), live(Status.REMOVED)),
        1,
        "it was deleted in Constant Contact",
        LET_GO,
    ),
    "wrong pin": (
        facts(target(), replace(LIVE, name="Spring")),
        1,
        'the activity belongs to the campaign "Spring"',
        "correct `campaign:` or `activity:`",
    ),
    "wrong role": (
        facts(target(), replace(LIVE, role="permalink")),
        1,
        "the activity is not the campaign's email, but its permalink",
        "leave `activity:` out, or pin the campaign's email",
    ),
    "A/B test": (
        facts(target(), replace(LIVE, ab_test=True)),
        1,
        "it is an A/B test, which ccops does not manage",
        LET_GO,
    ),
    "unknown status": (
        facts(target(), live(Status.UNKNOWN)),
        1,
        "it has a status that ccops does not know",
        LOOK,
    ),
    "lists and segment": (
        facts(target(), replace(LIVE, recipients=ELSEWHERE)),
        1,
        "it has lists and a segment at once, which Constant Contact forbids",
        LOOK,
    ),
    "sent without a send": (
        facts(target(SOON), live(Status.DONE)),
        3,
        (
            "Constant Contact contradicts itself: it counts as sent, but its newest send is not a "
            "completed one"
        ),
        LOOK,
    ),
    "failed without a failure": (
        facts(target(SOON), live(Status.ERROR, completed(THEN))),
        3,
        (
            "Constant Contact contradicts itself: it counts as failed, but its newest send is not a "
            "failed one"
        ),
        LOOK,
    ),
    "draft with a history": (
        facts(target(SOON), live(Status.DRAFT, completed(THEN))),
        3,
        "Constant Contact contradicts itself: it is a draft, but has been sent before",
        LOOK,
    ),
    "scheduled nowhere": (
        facts(target(SOON), live(Status.SCHEDULED)),
        3,
        "Constant Contact contradicts itself: it is scheduled, but has 0 schedules instead of one",
        LOOK,
    ),
    "now, but scheduled": (
        facts(target(NOW), scheduled(SOON)),
        10,
        "it is already scheduled; `now` is only for a draft",
        "declare it unscheduled and apply that first, or write a time",
    ),
    "now, but failed": (
        facts(target(NOW), live(Status.ERROR, errored(THEN, reason=8))),
        10,
        (
            "the send of Sun 2026-09-06 12:00 UTC failed: it has a link longer than 1,005 characters; "
            "`now` is only for a draft"
        ),
        "write a time instead",
    ),
    "held": (
        facts(target(SOON), live(Status.ERROR, errored(THEN, reason=5))),
        15,
        (
            "the send of Sun 2026-09-06 12:00 UTC failed: it is held in staging for a review by "
            "Constant Contact"
        ),
        "look at the campaign in Constant Contact: it may be partly sent, or may still go out",
    ),
    "partly sent": (
        facts(target(SOON), live(Status.ERROR, errored(THEN, count=1))),
        15,
        (
            "the send of Sun 2026-09-06 12:00 UTC failed: a general problem, after which it may be "
            "scheduled again (but 1 contact may have it)"
        ),
        "look at the campaign in Constant Contact: it may be partly sent, or may still go out",
    ),
    "other recipients after a failure": (
        facts(target(SOON, recipients=OTHER_LISTS), live(Status.ERROR, errored(THEN))),
        16,
        "recipients cannot be changed after a failed send",
        "correct it in Constant Contact, or write other recipients",
    ),
    "other recipients after a send": (
        facts(target(THEN, SOON, recipients=OTHER_LISTS), live(Status.DONE, completed(THEN))),
        16,
        "recipients of a sent campaign of format 5 cannot be changed, only of format 3",
        "correct it in Constant Contact, or write other recipients",
    ),
    "segment on an old format": (
        facts(target(SOON, recipients=SEGMENTED), replace(LIVE, format_type=1)),
        16,
        "a campaign of format 1 cannot go to a segment",
        "correct it in Constant Contact, or write other recipients",
    ),
    "empty fields": (
        facts(target(recipients=OTHER_LISTS), replace(LIVE, subject=" ", from_name="")),
        16,
        "it has no from name and no subject yet",
        "correct it in Constant Contact, or write other recipients",
    ),
    "unresolved recipients": (
        facts(target(SOON, recipients=None), LIVE),
        16,
        "its recipients could not be resolved",
        "correct it in Constant Contact, or write other recipients",
    ),
    "recipients of both kinds wanted": (
        facts(target(SOON, recipients=ELSEWHERE), LIVE),
        16,
        "its recipients could not be resolved",
        "correct it in Constant Contact, or write other recipients",
    ),
}
"""Facts, row, reason, remedy of what is blocked."""

TOLD = {
    "sending": (
        facts(target(NOW_IS), live(Status.EXECUTING)),
        Verdict.SENDING,
        "Constant Contact is sending it now",
        "wait, and plan again",
    ),
    "sent before its time": (
        facts(target(SOON), live(Status.DONE, completed(THEN))),
        Verdict.SENT_EARLY,
        (
            "it was sent on Sun 2026-09-06 12:00 UTC to 100 contacts, before the declared time, "
            "Wed 2026-10-07 12:00 UTC"
        ),
        (
            "write Sun 2026-09-06 12:00 UTC as send_at; a further send is one more entry of "
            "resend_to_new_contacts"
        ),
    ),
    "sent again before its time": (
        facts(target(THEN, SOON), live(Status.DONE, completed(THEN), completed(THEN + DAY))),
        Verdict.SENT_EARLY,
        (
            "it was sent on Mon 2026-09-07 12:00 UTC to 100 contacts, before the declared time, "
            "Wed 2026-10-07 12:00 UTC"
        ),
        (
            "write Mon 2026-09-07 12:00 UTC as that entry of resend_to_new_contacts; a further send "
            "is one more entry of resend_to_new_contacts"
        ),
    ),
    "sent": (
        facts(target(THEN), live(Status.DONE, completed(THEN, count=1234))),
        Verdict.SENT,
        "sent on Sun 2026-09-06 12:00 UTC to 1,234 contacts",
        "",
    ),
    "sent to nobody": (
        facts(target(THEN), live(Status.DONE, completed(THEN, count=0, reason=12))),
        Verdict.SENT,
        "sent on Sun 2026-09-06 12:00 UTC to nobody: no contact was eligible to receive it",
        "",
    ),
    "sent, undeclared": (
        facts(target(), live(Status.DONE, completed(THEN))),
        Verdict.SENT,
        "sent on Sun 2026-09-06 12:00 UTC to 100 contacts",
        "",
    ),
    "failed": (
        facts(target(), live(Status.ERROR, errored(THEN, reason=9))),
        Verdict.FAILED,
        (
            "the send of Sun 2026-09-06 12:00 UTC failed: the sender's address could not be "
            "authenticated"
        ),
        "correct the cause in Constant Contact; to send it after all, declare a further send",
    ),
    "unscheduled": (
        facts(target(), scheduled(NOW_IS + SECOND)),
        Verdict.UNSCHEDULE,
        "it is scheduled, but the manifest says unscheduled",
        "",
    ),
    "scheduled once too often": (
        facts(target(THEN), replace(scheduled(SOON), history=(completed(THEN),))),
        Verdict.UNSCHEDULE,
        "it is scheduled, but every declared send has happened",
        "",
    ),
    "draft as declared": (facts(target(), LIVE), Verdict.IN_SYNC, "", ""),
    "scheduled as declared": (facts(target(SOON), scheduled(SOON)), Verdict.IN_SYNC, "", ""),
    "frozen": (
        facts(target(SOON), scheduled(NOW_IS + 14 * MINUTE)),
        Verdict.FROZEN,
        (
            "it is scheduled for Tue 2026-10-06 12:14 UTC, less than 15 minutes away: too late to "
            "change it"
        ),
        "let it go out as it is, or declare it unscheduled to stop it",
    ),
    "missed": (
        facts(target(THEN), LIVE),
        Verdict.MISSED,
        "the declared time, Sun 2026-09-06 12:00 UTC, has passed without a send",
        "write a new time; a missed send is never made up for",
    ),
    "missed, since it failed": (
        facts(target(THEN), live(Status.ERROR, errored(THEN, reason=3))),
        Verdict.MISSED,
        (
            "the declared time, Sun 2026-09-06 12:00 UTC, has passed without a send: the send of "
            "Sun 2026-09-06 12:00 UTC failed: the account cannot send: billing, or an expired trial"
        ),
        "write a new time; a missed send is never made up for",
    ),
    "too late, by the second": (
        facts(target(NOW_IS + 15 * MINUTE), LIVE, now=NOW_IS + SECOND),
        Verdict.TOO_LATE,
        (
            "the declared time, Tue 2026-10-06 12:15 UTC, is too near; the earliest that works is "
            "Tue 2026-10-06 12:16 UTC"
        ),
        "write that time or a later one",
    ),
    "too late for two writes before": (
        facts(target(NOW_IS + 20 * MINUTE, recipients=OTHER_LISTS), scheduled(SOON)),
        Verdict.TOO_LATE,
        (
            "the declared time, Tue 2026-10-06 12:20 UTC, is too near; the earliest that works is "
            "Tue 2026-10-06 12:21 UTC"
        ),
        "write that time or a later one",
    ),
    "unscheduled elsewhere": (
        replace(facts(target(SOON), LIVE), newest=journal(SOON)),
        Verdict.UNSCHEDULED_ELSEWHERE,
        "ccops scheduled it for Wed 2026-10-07 12:00 UTC, and somebody unscheduled it since",
        'write another time or unscheduled, or grant --allow reschedule="Fall Appeal" with a --reason',
    ),
    "halted": (
        replace(facts(target(SOON), LIVE), halt=HALT),
        Verdict.HALTED,
        "a person halted it on Tue 2026-10-06 12:00 UTC: The price is wrong",
        'write another time or unscheduled, or grant --allow halted="Fall Appeal" with a --reason',
    ),
    "halted, and still scheduled": (
        replace(facts(target(SOON), scheduled(SOON)), halt=HALT),
        Verdict.HALTED,
        (
            "it is still scheduled, although a person halted it on Tue 2026-10-06 12:00 UTC: "
            "The price is wrong"
        ),
        (
            'run `ccops halt` again to stop it, or grant --allow halted="Fall Appeal" with a '
            "--reason to let it go out"
        ),
    ),
    "draft with other recipients": (
        facts(target(recipients=OTHER_LISTS), LIVE),
        Verdict.UPDATE,
        "",
        "",
    ),
    "now": (
        facts(target(NOW), LIVE),
        Verdict.SEND_NOW,
        "it goes out as soon as this plan is applied and cannot be recalled",
        "",
    ),
    "schedule": (facts(target(SOON), LIVE), Verdict.SCHEDULE, "", ""),
    "schedule again after a failure": (
        facts(target(SOON), live(Status.ERROR, errored(THEN, reason=7))),
        Verdict.SCHEDULE,
        "another try: the send of Sun 2026-09-06 12:00 UTC failed: it has invalid images",
        "",
    ),
    "reschedule": (
        facts(target(SOON), scheduled(SOON + DAY)),
        Verdict.RESCHEDULE,
        "its send time cannot be changed while it is scheduled: unscheduled first",
        "",
    ),
    "other time and recipients": (
        facts(target(SOON, recipients=OTHER_LISTS), scheduled(SOON + DAY)),
        Verdict.UPDATE,
        "its send time and recipients cannot be changed while it is scheduled: unscheduled first",
        "",
    ),
    "other recipients": (
        facts(target(SOON, recipients=OTHER_LISTS), scheduled(SOON)),
        Verdict.UPDATE,
        "its recipients cannot be changed while it is scheduled: unscheduled first",
        "",
    ),
    "resend": (
        facts(target(THEN, SOON), live(Status.DONE, completed(THEN))),
        Verdict.RESEND,
        "only contacts who have not had it receive it",
        "",
    ),
}
"""Facts, verdict, reason, remedy of everything else."""


@pytest.mark.parametrize("case", BLOCKED.values(), ids=BLOCKED)
def test_what_is_blocked_says_why(case: tuple[Facts, int, str, str]) -> None:
    """Each obstacle is named in plain words, with what a person can do."""
    known, row, reason, remedy = case
    decision = decide(known)
    assert (decision.verdict, decision.row) == (Verdict.BLOCKED, row)
    assert (decision.reason, decision.remedy) == (reason, remedy)


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_a_verdict_says_why(case: tuple[Facts, Verdict, str, str]) -> None:
    """Every other verdict in its exact words."""
    known, verdict, reason, remedy = case
    decision = decide(known)
    assert (decision.verdict, decision.reason, decision.remedy) == (verdict, reason, remedy)


def test_every_verdict_has_an_example() -> None:
    """None of the sixteen was forgotten."""
    assert {verdict for _, verdict, _, _ in TOLD.values()} | {Verdict.BLOCKED} == set(Verdict)


def test_the_requests_are_those_of_the_api() -> None:
    """An update of a scheduled campaign: unschedule, set recipients, schedule, to the byte."""
    decision = decide(facts(target(SOON, recipients=OTHER_LISTS), scheduled(SOON + DAY)))
    assert [f"{step.method} {step.path}" for step in decision.steps] == [
        f"DELETE /emails/activities/{LIVE.activity_id}/schedules",
        f"PUT /emails/activities/{LIVE.activity_id}",
        f"POST /emails/activities/{LIVE.activity_id}/schedules",
    ]
    assert decision.steps[2].body == '{"scheduled_date":"2026-10-07T12:00:00.000Z"}'
    assert decision.when == SOON


def test_unscheduling_leaves_the_draft_as_declared() -> None:
    """A schedule is taken away even from a draft with other recipients; those are set next."""
    other = target(recipients=OTHER_LISTS)
    decision = decide(facts(other, scheduled(SOON)))
    assert decision.verdict is Verdict.UNSCHEDULE
    assert decision.kinds == (StepKind.UNSCHEDULE, StepKind.UPDATE)


@pytest.mark.parametrize(
    "stuck",
    [
        facts(target(recipients=SEGMENTED), scheduled(SOON, replace(LIVE, format_type=2))),
        facts(target(recipients=None), scheduled(SOON)),
        facts(
            target(THEN, recipients=OTHER_LISTS),
            replace(scheduled(SOON), format_type=3, history=(completed(THEN),)),
        ),
        facts(target(recipients=OTHER_LISTS), replace(scheduled(SOON), history=(errored(THEN),))),
    ],
)
def test_nothing_hinders_unscheduling(stuck: Facts) -> None:
    """Recipients that cannot be set, or matter no more, do not stand before a DELETE."""
    decision = decide(stuck)
    assert (decision.verdict, decision.kinds) == (Verdict.UNSCHEDULE, (StepKind.UNSCHEDULE,))


@pytest.mark.parametrize(
    ("ran", "verdict"),
    [
        (NOW_IS - DAY - 5 * MINUTE, Verdict.SENT),
        (NOW_IS - DAY - 5 * MINUTE - SECOND, Verdict.SENT_EARLY),
    ],
)
def test_a_send_may_run_five_minutes_early(ran: datetime, verdict: Verdict) -> None:
    """Five minutes is still the declared send; more is not."""
    record = replace(completed(THEN), ran_at=ran)
    assert decide(facts(target(NOW_IS - DAY), live(Status.DONE, record))).verdict is verdict


def test_an_undeclared_schedule_on_top_of_an_early_send_is_taken_away() -> None:
    """A send that nobody declared must not go out because an earlier one ran early."""
    record = replace(completed(THEN), ran_at=NOW_IS - 2 * DAY)
    again = replace(scheduled(SOON), history=(record,))
    decision = decide(facts(target(NOW_IS - DAY), again))
    assert decision.verdict is Verdict.UNSCHEDULE
    assert decision.kinds == (StepKind.UNSCHEDULE,)


def test_a_history_that_matters_and_was_not_read_is_no_empty_one() -> None:
    """A draft may have been sent: without its history nothing is scheduled."""
    decision = decide(facts(target(SOON), replace(LIVE, history=None)))
    assert (decision.verdict, decision.contradiction) == (Verdict.BLOCKED, True)
    assert decision.steps == ()


def test_a_send_now_is_never_early() -> None:
    """Whatever ran first is the `now` that was declared."""
    known = facts(target(NOW, SOON), live(Status.DONE, completed(THEN)))
    assert decide(known).verdict is Verdict.RESEND


def test_a_run_that_has_begun_needs_no_head_start() -> None:
    """After its own DELETE a run goes on until the lead; a new one would not begin."""
    near = facts(target(NOW_IS + 16 * MINUTE, recipients=OTHER_LISTS), LIVE)
    assert decide(near).verdict is Verdict.TOO_LATE
    assert decide(replace(near, started=True)).verdict is Verdict.SCHEDULE


def test_without_settling_there_is_no_head_start() -> None:
    """Where nothing need settle (the sandbox), the lead alone counts."""
    quick = Limits(settle=timedelta(0))
    near = facts(target(NOW_IS + 15 * MINUTE, recipients=OTHER_LISTS), LIVE)
    assert decide(replace(near, limits=quick)).verdict is Verdict.SCHEDULE


def test_a_permission_brings_back_what_was_unscheduled_elsewhere() -> None:
    """`--allow reschedule` is the only way to schedule exactly the same again."""
    gone = replace(facts(target(SOON), LIVE), newest=journal(SOON))
    assert decide(replace(gone, restored=True)).verdict is Verdict.SCHEDULE


@pytest.mark.parametrize(
    "line",
    [
        *(journal(SOON, state) for state in WriteState if state is not WriteState.VERIFIED),
        journal(SOON + DAY),
        replace(journal(SOON), recipients=OTHER_LISTS),
        replace(journal(SOON), step=unschedule_step(ACTIVITY)),
        None,
    ],
)
def test_only_our_own_verified_schedule_is_missed_by_us(line: JournalEntry | None) -> None:
    """Anything else in the journal says nothing about who unscheduled it."""
    known = replace(facts(target(SOON), LIVE), newest=line)
    assert decide(known).verdict is Verdict.SCHEDULE


def test_names_are_equal_however_accents_are_composed() -> None:
    """One é or e with an accent: the same campaign."""
    wanted = replace(target(SOON), campaign="Cafe\u0301")
    assert decide(facts(wanted, replace(LIVE, name="Caf\u00e9"))).verdict is Verdict.SCHEDULE


NEEDED: tuple[tuple[Status, Target, bool], ...] = (
    (Status.ERROR, target(), True),
    (Status.DRAFT, target(), False),
    (Status.DRAFT, target(SOON), True),
    (Status.DRAFT, target(recipients=OTHER_LISTS), True),
    (Status.SCHEDULED, target(), True),
    (Status.SCHEDULED, target(SOON), True),
    (Status.SCHEDULED, target(recipients=OTHER_LISTS), True),
    (Status.DONE, target(recipients=OTHER_LISTS), True),
    (Status.DONE, target(THEN), True),
    (Status.EXECUTING, target(SOON), False),
    (Status.REMOVED, target(SOON), False),
    (Status.UNKNOWN, target(SOON), False),
)


@pytest.mark.parametrize(("status", "wanted", "needed"), NEEDED)
def test_a_history_is_read_only_where_it_matters(
    status: Status, wanted: Target, needed: bool
) -> None:
    """A reading costs a request: it is made where a verdict rests on it."""
    assert wants_history(wanted, replace(LIVE, status=status, recipients=LISTS)) is needed


@pytest.mark.parametrize(
    ("history", "base"),
    [
        (None, Status.DRAFT),
        ((), Status.DRAFT),
        ((completed(THEN),), Status.DONE),
        ((completed(THEN), errored(THEN + DAY)), Status.ERROR),
    ],
)
def test_unscheduling_returns_to_the_base_status(
    history: tuple[SendRecord, ...] | None, base: Status
) -> None:
    """What a DELETE of the schedule leaves follows from the newest send."""
    assert base_status(replace(LIVE, status=Status.SCHEDULED, history=history)) is base


def test_an_unread_history_never_sends_what_was_done() -> None:
    """Without its history, a sent campaign is a contradiction, not a resend."""
    blind = replace(LIVE, status=Status.DONE, history=None)
    decision = decide(facts(target(THEN, SOON), blind))
    assert (decision.row, decision.contradiction, decision.steps) == (3, True, ())
