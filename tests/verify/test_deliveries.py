"""The judgement on every send: the journal's word beside one reading."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.model import NOW, Live, SendRecord, Status, StepKind
from ccops.planning.applied import watched
from ccops.planning.delivery import PATIENCE, Delivery, DeliveryState, deliveries
from ccops.planning.resolution import BY_PERSON
from ccops.planning.shown import shows
from ccops.ports import JournalEntry, WriteState
from tests.planning.samples import (
    DAY,
    HOUR,
    LIVE,
    NAME,
    NOW_IS,
    OTHER_LISTS,
    completed,
    errored,
    scheduled,
)
from tests.planning.strategies import lives
from tests.verify.lines import ASKED, AT, write

State = DeliveryState
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
WEEK_AGO = NOW_IS - 7 * DAY
SOON = NOW_IS + HOUR
UNSCHEDULE = StepKind.UNSCHEDULE
TAKEN_BACK = (*write(1), *write(2, UNSCHEDULE, when=None))
RESENT = (*write(1), *write(2, past=1, when=SOON))


def done(*history: SendRecord, live: Live = LIVE) -> Live:
    """The activity at rest after these sends."""
    status = Status.DONE if history[-1].completed else Status.ERROR
    return replace(live, status=status, history=history)


def other(live: Live) -> Live:
    """The same with other recipients."""
    return replace(live, recipients=OTHER_LISTS)


def is_in(status: Status) -> Live:
    return replace(LIVE, status=status)


def judged(
    lines: tuple[JournalEntry, ...], live: Live | None, now: datetime = NOW_IS
) -> tuple[Delivery, ...]:
    seen = [(one, live) for one in watched(lines, WEEK_AGO)]
    return deliveries(seen, since=WEEK_AGO, now=now, zone="UTC")


TABLE = [
    # sent
    (write(), done(completed(AT)), NOW_IS, [State.SENT]),
    (write(when=NOW), done(completed(ASKED)), NOW_IS, [State.SENT]),
    (write(), done(completed(AT - 5 * MINUTE)), NOW_IS, [State.SENT]),
    (write(), done(completed(AT + PATIENCE)), NOW_IS, [State.SENT]),
    (write(past=1), done(completed(WEEK_AGO), completed(AT)), NOW_IS, [State.SENT]),
    # … and not quite
    (write(), done(completed(AT, 0)), NOW_IS, [State.NOBODY]),
    (write(), done(completed(AT, 0, 12)), NOW_IS, [State.NOBODY]),
    (write(), done(completed(AT, 3, 12)), NOW_IS, [State.NOBODY]),
    (write(), done(completed(AT, 3, 6)), NOW_IS, [State.FAILED]),
    (write(), done(completed(AT - 5 * MINUTE - SECOND)), NOW_IS, [State.CHANGED]),
    (write(), done(completed(AT + PATIENCE + SECOND)), NOW_IS, [State.CHANGED]),
    (write(), other(done(completed(AT))), NOW_IS, [State.CHANGED]),
    (write(recipients=None), other(done(completed(AT))), NOW_IS, [State.SENT]),
    # failed
    (write(), done(errored(AT)), NOW_IS, [State.FAILED]),
    (write(), done(errored(AT, reason=9)), NOW_IS, [State.FAILED]),
    (write(), done(errored(AT, 40, 5)), NOW_IS, [State.FAILED]),
    (write(), done(errored(AT, reason=6)), NOW_IS, [State.FAILED]),
    (write(), done(errored(AT, reason=99)), NOW_IS, [State.FAILED]),
    (write(), done(errored(AT, reason=5)), NOW_IS, [State.HELD]),
    (write(), done(errored(AT, reason=2)), NOW_IS, [State.HELD]),
    (RESENT, scheduled(SOON, done(errored(AT))), NOW_IS, [State.RETRIED, State.TO_COME]),
    (RESENT, scheduled(SOON, done(errored(AT, reason=5))), NOW_IS, [State.HELD, State.TO_COME]),
    # still to come
    (write(when=SOON), scheduled(SOON), NOW_IS, [State.TO_COME]),
    (write(when=SOON), scheduled(SOON), SOON, [State.DUE]),
    (write(when=SOON), scheduled(SOON), SOON + PATIENCE, [State.DUE]),
    (write(when=SOON), scheduled(SOON), SOON + PATIENCE + SECOND, [State.OVERDUE]),
    (write(when=SOON), scheduled(SOON + MINUTE), NOW_IS, [State.CHANGED]),
    (write(when=SOON), other(scheduled(SOON)), NOW_IS, [State.CHANGED]),
    (write(when=SOON), is_in(Status.SCHEDULED), NOW_IS, [State.CHANGED]),
    (write(when=NOW, at=NOW_IS), scheduled(SOON), NOW_IS, [State.CHANGED]),
    (write(when=SOON), is_in(Status.UNKNOWN), NOW_IS, [State.CHANGED]),
    (RESENT, scheduled(SOON, done(completed(AT))), NOW_IS, [State.SENT, State.TO_COME]),
    (
        RESENT,
        other(scheduled(SOON, done(completed(AT)))),
        NOW_IS,
        [State.SENT, State.CHANGED],
    ),
    # being sent
    (write(when=SOON), is_in(Status.EXECUTING), SOON, [State.SENDING]),
    (write(when=SOON), is_in(Status.EXECUTING), SOON - 5 * MINUTE, [State.SENDING]),
    (write(when=SOON), is_in(Status.EXECUTING), NOW_IS, [State.CHANGED]),
    (write(when=NOW), is_in(Status.EXECUTING), NOW_IS, [State.SENDING]),
    # neither scheduled nor sent
    (write(when=SOON), LIVE, NOW_IS, [State.GONE]),
    (write(when=SOON), None, NOW_IS, [State.GONE]),
    (write(when=SOON), is_in(Status.REMOVED), NOW_IS, [State.GONE]),
    (write(), None, NOW_IS, [State.GONE]),
    (write(), LIVE, NOW_IS, [State.OVERDUE]),
    (write(), LIVE, AT, [State.DUE]),
    (write(), LIVE, AT + PATIENCE, [State.DUE]),
    (write(), is_in(Status.DONE), AT + PATIENCE + SECOND, [State.OVERDUE]),
    (write(), is_in(Status.ERROR), NOW_IS, [State.OVERDUE]),
    (write(when=NOW, at=NOW_IS), LIVE, NOW_IS, [State.DUE]),
    (write(when=NOW), LIVE, NOW_IS, [State.OVERDUE]),
    (RESENT, done(completed(AT)), NOW_IS, [State.SENT, State.GONE]),
    # taken back
    (TAKEN_BACK, LIVE, NOW_IS, [State.WITHDRAWN]),
    (TAKEN_BACK, None, NOW_IS, [State.WITHDRAWN]),
    (TAKEN_BACK, scheduled(SOON), NOW_IS, [State.CHANGED]),
    (TAKEN_BACK, is_in(Status.EXECUTING), NOW_IS, [State.ELSEWHERE]),
    (TAKEN_BACK, done(completed(AT)), NOW_IS, [State.ELSEWHERE]),
    (write(state=WriteState.RESOLVED), done(completed(AT)), NOW_IS, [State.ELSEWHERE]),
    (write(state=WriteState.COMPENSATED), LIVE, NOW_IS, [State.NOT_SCHEDULED]),
    (write(state=WriteState.RESOLVED), LIVE, NOW_IS, [State.NOT_SCHEDULED]),
    (write(state=WriteState.RESOLVED, detail=f"{BY_PERSON}x"), LIVE, NOW_IS, [State.WITHDRAWN]),
    ((*write(1), *write(2, UNSCHEDULE, when=SOON)), LIVE, NOW_IS, [State.NOT_SCHEDULED]),
    (
        (*TAKEN_BACK, *write(3, past=1, when=SOON)),
        scheduled(SOON, done(completed(AT))),
        NOW_IS,
        [State.TO_COME],
    ),
    # sent by nobody of ours
    (write(), done(completed(AT), completed(AT + HOUR)), NOW_IS, [State.SENT, State.ELSEWHERE]),
    (
        write(),
        done(completed(AT), errored(AT + HOUR), completed(AT + DAY)),
        NOW_IS,
        [State.SENT, State.ELSEWHERE, State.ELSEWHERE],
    ),
    (write(), scheduled(SOON, done(completed(AT))), NOW_IS, [State.SENT, State.ELSEWHERE]),
    (
        (*write(1), *write(2, past=2, when=SOON)),
        scheduled(SOON, done(completed(AT), completed(AT + HOUR))),
        NOW_IS,
        [State.SENT, State.TO_COME],
    ),
    # open
    (write(state=WriteState.UNKNOWN), done(completed(AT)), NOW_IS, [State.UNKNOWN]),
    (write(when=NOW, state=WriteState.INTENT), None, NOW_IS, [State.UNKNOWN]),
    (write(state=WriteState.ACKED), scheduled(AT, done(completed(AT))), NOW_IS, [State.UNKNOWN]),
    (
        (*write(1), *write(2, past=1, when=SOON, state=WriteState.ACKED)),
        done(completed(AT)),
        NOW_IS,
        [State.SENT, State.UNKNOWN],
    ),
]


@pytest.mark.parametrize(("lines", "live", "now", "expected"), TABLE)
def test_the_table(
    lines: tuple[JournalEntry, ...],
    live: Live | None,
    now: datetime,
    expected: list[DeliveryState],
) -> None:
    """One state per send, in the order of their times."""
    assert [one.state for one in judged(lines, live, now)] == expected


def test_every_state_is_in_the_table() -> None:
    """No state is judged without a case."""
    assert {state for row in TABLE for state in row[3]} == set(DeliveryState)


def test_what_is_as_applied_needs_nobody() -> None:
    """All else needs a person; so does what is not known."""
    calm = {State.SENT, State.TO_COME, State.DUE, State.SENDING, State.RETRIED, State.WITHDRAWN}
    assert {one for one in DeliveryState if one.as_applied} == calm


def test_a_delivery_tells_what_the_history_says() -> None:
    """When it ran, for how many contacts and why, beside what was applied."""
    (one,) = judged(write(), done(errored(AT, 40, 6)))
    assert (one.campaign, one.when, one.instant) == (NAME, AT, AT)
    assert (one.ran_at, one.count, one.reason) == (AT, 40, 6)
    assert one.detail == "only some of the contacts received it; but 40 contacts may have it"
    (sent,) = judged(write(detail="decided by a person: seen"), done(completed(AT)))
    assert sent.noted == "decided by a person: seen"
    assert sent.write_id.startswith(sent.run)


@pytest.mark.parametrize(
    ("lines", "live", "now", "words"),
    [
        (write(), None, NOW_IS, "it was deleted in Constant Contact; whether it was sent before"),
        (write(when=SOON), None, NOW_IS, "it was deleted in Constant Contact"),
        (write(), done(completed(AT - HOUR)), NOW_IS, "it was sent earlier than applied"),
        (write(), done(completed(AT + 2 * HOUR)), NOW_IS, "it was sent later than applied"),
        (write(), done(errored(AT, reason=9)), NOW_IS, "the sender's address could not be"),
        (write(when=SOON), scheduled(NOW_IS + DAY), NOW_IS, "it is scheduled for Wed 2026-10-07"),
        (write(when=NOW, at=NOW_IS), scheduled(SOON), NOW_IS, "UTC instead of sent at once"),
        (write(), scheduled(SOON, done(completed(AT))), NOW_IS, "it is scheduled once more, for"),
        (write(state=WriteState.ACKED), LIVE, NOW_IS, "Constant Contact shows: a draft, not"),
        (
            write(past=1),
            done(completed(WEEK_AGO), completed(AT, 0, 12)),
            NOW_IS,
            "it was a resend, and perhaps no contact was new",
        ),
    ],
)
def test_the_detail_says_what_was_found(
    lines: tuple[JournalEntry, ...], live: Live | None, now: datetime, words: str
) -> None:
    """In plain words, as far as numbers and times do not tell it."""
    assert words in judged(lines, live, now)[-1].detail


def test_strangers_before_the_span_are_old_news() -> None:
    """Only what was sent since is told of."""
    ran = (completed(AT), completed(AT + HOUR))
    seen = [(one, done(*ran)) for one in watched(write(), WEEK_AGO)]
    assert [one.state for one in deliveries(seen, since=AT + DAY, now=NOW_IS, zone="UTC")] == []
    later = deliveries(seen, since=AT + HOUR, now=NOW_IS, zone="UTC")
    assert [one.state for one in later] == [State.ELSEWHERE]
    assert (later[0].when, later[0].ran_at, later[0].write_id) == (None, AT + HOUR, "")


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (None, "no such campaign"),
        (LIVE, "a draft, not scheduled"),
        (scheduled(SOON), "scheduled for Tue 2026-10-06 13:00 UTC"),
        (is_in(Status.SCHEDULED), "scheduled, for no time that it tells"),
        (done(completed(AT)), "sent, with 1 send in its history"),
        (done(completed(AT), errored(AT)), "failed, with 2 sends in its history"),
        (
            scheduled(SOON, done(completed(AT))),
            "scheduled for Tue 2026-10-06 13:00 UTC, with 1 send in its history",
        ),
        (is_in(Status.EXECUTING), "being sent now"),
        (is_in(Status.REMOVED), "deleted"),
        (is_in(Status.UNKNOWN), "in a status that ccops does not know"),
    ],
)
def test_a_reading_in_words(live: Live | None, words: str) -> None:
    """One line, the same wherever a reading is shown."""
    assert shows(live, zone="UTC") == words


def test_times_are_told_in_the_zone_asked_for() -> None:
    """Whoever reads them thinks in that one."""
    there = "Tue 2026-10-06 09:00 America/New_York"
    zone = "America/New_York"
    assert shows(scheduled(SOON), zone=zone) == f"scheduled for {there}"
    again = scheduled(SOON, done(completed(AT)))
    for lines, live in ((write(), scheduled(SOON)), (write(), again)):
        seen = [(one, live) for one in watched(lines, WEEK_AGO)]
        found = deliveries(seen, since=WEEK_AGO, now=AT + HOUR, zone=zone)
        assert there in found[-1].detail


WRITES = st.builds(
    write,
    st.integers(1, 5),
    st.sampled_from(StepKind),
    when=st.sampled_from([AT, SOON, NOW]),
    state=st.sampled_from(WriteState),
    past=st.integers(0, 2),
)


@given(
    st.lists(WRITES, max_size=6),
    st.none() | lives(),
    st.sampled_from([ASKED, AT, NOW_IS, SOON + DAY]),
)
def test_the_judgement_is_total(
    lines: list[tuple[JournalEntry, ...]], live: Live | None, now: datetime
) -> None:
    """Whatever the journal and the account hold: it never raises, and is in order."""
    found = judged(tuple(entry for one in lines for entry in one), live, now)
    assert [one.instant for one in found] == sorted(one.instant for one in found)
    for one in found:
        assert one.detail or one.state.as_applied or one.state is State.NOBODY


@given(st.sampled_from(TABLE), st.lists(st.just(completed(AT + HOUR, 7)), max_size=2))
def test_an_open_write_is_never_explained_away(
    row: tuple[tuple[JournalEntry, ...], Live | None, datetime, list[DeliveryState]],
    more: list[SendRecord],
) -> None:
    """Whatever the account shows, only the journal can close a write."""
    lines, live, now, _ = row
    opened = write(9, past=5, when=SOON, state=WriteState.UNKNOWN)
    shown = live and replace(live, history=(*(live.history or ()), *more))
    assert State.UNKNOWN in {one.state for one in judged((*lines, *opened), shown, now)}
