"""What a reading says about a write: a table of traces, and laws over all readings."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.applying.judgement import Trace, content, trace
from ccops.constantcontact.wire import schedule_step, unschedule_step, update_step
from ccops.model import NOW, Live, SendRecord, Status, Step, Target, When
from ccops.planning.plan import Change, Verdict
from ccops.ports import JournalEntry, WriteState
from tests.simulation.campaign import (
    ACTIVITY,
    BOARD,
    DONORS,
    DRAFT,
    HOUR,
    MINUTE,
    NAME,
    PLACE,
    STRANGERS,
    scheduled,
    sent,
    target,
)
from tests.simulation.vendor import START

WHEN = START + 3 * HOUR
OLD = START - 24 * HOUR
SENT = replace(DRAFT, status=Status.DONE, history=sent(OLD))
EXECUTING = replace(DRAFT, status=Status.EXECUTING)
FAILED = replace(
    DRAFT,
    status=Status.ERROR,
    history=(SendRecord(ran_at=WHEN, completed=False, count=0, reason=1),),
)
DELETE, PUT, POST = unschedule_step(ACTIVITY), update_step(DRAFT, DONORS), schedule_step
TOOK, ABSENT, FOREIGN, OTHER = Trace.TOOK, Trace.ABSENT, Trace.FOREIGN, Trace.OTHER
SENT_FOREIGN, SENT_OTHER = Trace.SENT_FOREIGN, Trace.SENT_OTHER


def change(before: Live | None, wanted: Target) -> Change:
    return Change(
        campaign=NAME,
        verdict=Verdict.UPDATE,
        row=0,
        place=PLACE,
        target=wanted,
        zone="UTC",
        before=before,
    )


def entry(step: Step, when: When | None, past: int = 0) -> JournalEntry:
    return JournalEntry(
        write_id="w1",
        run="r1",
        plan="sha256:0",
        activity_id=ACTIVITY,
        campaign=NAME,
        step=step,
        when=when,
        recipients=DONORS,
        state=WriteState.INTENT,
        fingerprint="sha256:0",
        at=START,
        past=past,
    )


TWICE = replace(SENT, history=sent(OLD, WHEN))
UNSCHEDULE_TABLE = [
    (scheduled(DRAFT, WHEN), DRAFT, TOOK),
    (scheduled(DRAFT, WHEN), scheduled(DRAFT, WHEN), ABSENT),
    (scheduled(DRAFT, WHEN), scheduled(DRAFT, WHEN + HOUR), ABSENT),
    (scheduled(DRAFT, WHEN), EXECUTING, ABSENT),
    (scheduled(DRAFT, WHEN), replace(SENT, history=sent(WHEN)), ABSENT),
    (scheduled(DRAFT, WHEN), FAILED, ABSENT),
    (scheduled(DRAFT, WHEN), replace(DRAFT, status=Status.DONE), ABSENT),
    (scheduled(DRAFT, WHEN), replace(DRAFT, status=Status.ERROR), ABSENT),
    (scheduled(SENT, WHEN), SENT, TOOK),
    (scheduled(SENT, WHEN), TWICE, ABSENT),
    (DRAFT, DRAFT, TOOK),
    (None, SENT, TOOK),
    (None, TWICE, ABSENT),
    (scheduled(DRAFT, WHEN), None, ABSENT),
]


@pytest.mark.parametrize(("before", "live", "expected"), UNSCHEDULE_TABLE)
def test_an_unscheduling_shows_as_a_schedule_that_was_removed_and_not_used_up(
    before: Live | None, live: Live | None, expected: Trace
) -> None:
    """Back where it was before, with nothing sent since: removed. Else it may have gone out."""
    past = 1 if live in {SENT, TWICE} else 0
    found = trace(entry(DELETE, WHEN, past), live, change(before, target(WHEN)), START)
    assert found is expected


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (DRAFT, TOOK),
        (replace(DRAFT, recipients=BOARD), ABSENT),
        (scheduled(DRAFT, WHEN), TOOK),
        (None, ABSENT),
    ],
)
def test_new_recipients_show_as_themselves(live: Live | None, expected: Trace) -> None:
    """Whatever the status."""
    assert trace(entry(PUT, WHEN), live, change(DRAFT, target(WHEN)), START) is expected


STRANGE = replace(DRAFT, recipients=STRANGERS)
OTHER_SUBJECT = replace(DRAFT, subject="Something else")
SCHEDULE_TABLE = [
    (scheduled(DRAFT, WHEN), START, TOOK),
    (scheduled(STRANGE, WHEN), START, FOREIGN),
    (scheduled(OTHER_SUBJECT, WHEN), START, FOREIGN),
    (scheduled(DRAFT, WHEN + HOUR), START, OTHER),
    (replace(scheduled(DRAFT, WHEN), schedules=(WHEN, WHEN + HOUR)), START, OTHER),
    (DRAFT, START, ABSENT),
    (None, START, ABSENT),
    (EXECUTING, WHEN, TOOK),
    (EXECUTING, WHEN - MINUTE, TOOK),
    (replace(EXECUTING, recipients=STRANGERS), WHEN, SENT_FOREIGN),
    (EXECUTING, START, SENT_OTHER),
    (replace(SENT, history=sent(WHEN)), WHEN + HOUR, TOOK),
    (replace(SENT, history=sent(WHEN), recipients=STRANGERS), WHEN + HOUR, SENT_FOREIGN),
    (replace(SENT, history=sent(WHEN), subject="Something else"), WHEN + HOUR, SENT_FOREIGN),
    (replace(SENT, history=sent(START)), START + HOUR, SENT_OTHER),
    (replace(SENT, history=()), START, ABSENT),
    (FAILED, WHEN + HOUR, TOOK),
]


@pytest.mark.parametrize(("live", "read_at", "expected"), SCHEDULE_TABLE)
def test_a_schedule_shows_until_its_send_shows(
    live: Live | None, read_at: object, expected: Trace
) -> None:
    """Ours by time, recipients and content; a send well before its time is not ours."""
    assert isinstance(read_at, type(START))
    wanted = change(DRAFT, target(WHEN))
    assert trace(entry(POST(ACTIVITY, WHEN), WHEN), live, wanted, read_at) is expected


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (DRAFT, ABSENT),
        (EXECUTING, TOOK),
        (replace(SENT, history=sent(START)), TOOK),
        (replace(FAILED, history=FAILED.history), TOOK),
        (replace(EXECUTING, recipients=STRANGERS), Trace.SENT_FOREIGN),
        (scheduled(DRAFT, WHEN), ABSENT),
    ],
)
def test_now_shows_as_a_send(live: Live, expected: Trace) -> None:
    """EXECUTING, DONE or a history entry (spec); a schedule is somebody else's."""
    wanted = change(DRAFT, target(NOW))
    assert trace(entry(POST(ACTIVITY, NOW), NOW), live, wanted, START) is expected


def test_a_change_of_the_manifest_does_not_hide_an_earlier_send() -> None:
    """Which sends are declared now says nothing about what an earlier run's POST did."""
    live = replace(SENT, history=sent(WHEN))
    later = change(live, target(WHEN + 24 * HOUR))
    post = entry(POST(ACTIVITY, WHEN), WHEN)
    assert trace(post, live, later, WHEN + HOUR) is TOOK
    resend = change(SENT, target(WHEN))
    again = entry(POST(ACTIVITY, WHEN), WHEN, past=1)
    assert trace(again, SENT, resend, START) is ABSENT


def test_without_a_plan_the_content_is_what_it_is() -> None:
    """An earlier run's write is judged by time and recipients when no plan read the content."""
    post = entry(POST(ACTIVITY, WHEN), WHEN)
    assert trace(post, scheduled(OTHER_SUBJECT, WHEN), change(None, target()), START) is TOOK
    assert trace(post, scheduled(STRANGE, WHEN), change(None, target()), START) is FOREIGN


FIELDS = ["name", "role", "from_name", "from_email", "reply_to", "subject", "preheader"]
values = st.one_of(
    st.tuples(st.sampled_from(FIELDS), st.text(min_size=1, max_size=5)),
    st.tuples(st.just("ab_test"), st.just(True)),
    st.tuples(st.just("format_type"), st.integers(4, 9)),
)


@given(values)
def test_content_is_all_that_ccops_never_changes(value: tuple[str, object]) -> None:
    """A schedule with anything of it different is foreign."""
    name, other = value
    edited = replace(scheduled(DRAFT, WHEN), **{name: other})  # type: ignore[arg-type]  # by name
    if getattr(edited, name) == getattr(DRAFT, name):
        return
    assert content(edited) != content(DRAFT)
    post = entry(POST(ACTIVITY, WHEN), WHEN)
    assert trace(post, edited, change(DRAFT, target(WHEN)), START) is FOREIGN


@given(st.sampled_from(list(Status)), st.sampled_from([DONORS, BOARD]), st.integers(0, 3))
def test_recipients_status_and_schedules_are_no_content(
    status: Status, recipients: object, hours: int
) -> None:
    """What ccops does change is judged for itself."""
    times = tuple(WHEN + timedelta(hours=one) for one in range(hours))
    assert isinstance(recipients, type(DONORS))
    other = replace(DRAFT, status=status, recipients=recipients, schedules=times, history=None)
    assert content(other) == content(DRAFT)
