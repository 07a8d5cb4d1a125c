"""When a cached reading may still be believed: a table, one doubt in each row."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ccops.model import NOW, SendRecord, Status, Target
from ccops.planning.cache import MARGIN, Reading
from ccops.planning.stale import (
    Recollection,
    keeps_history,
    last_written,
    must_be_read,
    overtaken,
)
from ccops.ports import WriteState
from tests.planning.samples import (
    ACTIVITY,
    DAY,
    HOUR,
    LIMITS,
    LIVE,
    NOW_IS,
    OTHER_LISTS,
    completed,
    errored,
    journal,
    row,
    scheduled,
    target,
)

READ_AT = NOW_IS - DAY
SECOND = timedelta(seconds=1)
ROW = replace(row(), updated_at=READ_AT - DAY)
DRAFT = Reading(row=ROW, live=LIVE, read_at=READ_AT)
SENT = completed(READ_AT - DAY)


def known(reading: Reading = DRAFT, **changes: object) -> Recollection:
    values = {"reading": reading, "row": reading.row, "written": None, **changes}
    return Recollection(**values)  # type: ignore[arg-type]  # by name


def reading(status: Status, *history: SendRecord, **changes: object) -> Reading:
    """A reading of this status, in the listing too."""
    live = replace(LIVE, status=status, history=history, **changes)  # type: ignore[arg-type]  # by name
    return replace(DRAFT, live=live, row=replace(ROW, status=status))


def believed(recollection: Recollection, wanted: Target) -> bool:
    return not must_be_read(recollection, wanted, now=NOW_IS, limits=LIMITS)


QUIET: dict[str, tuple[Reading, Target]] = {
    "a draft as it is wanted": (DRAFT, target()),
    "a draft whose time passed before": (DRAFT, target(READ_AT - HOUR)),
    "sent, and nothing more is declared": (reading(Status.DONE, SENT), target(SENT.ran_at)),
    "sent at once, long ago": (reading(Status.DONE, SENT), target(NOW)),
    "a draft whose names lead nowhere": (DRAFT, target(recipients=None)),
    "failed": (reading(Status.ERROR, errored(READ_AT - DAY)), target(READ_AT - DAY)),
    "sent, to recipients that differ": (
        reading(Status.DONE, SENT),
        target(SENT.ran_at, recipients=OTHER_LISTS),
    ),
}


@pytest.mark.parametrize("case", QUIET)
def test_what_is_quiet_is_believed(case: str) -> None:
    """Nothing is under way, nothing is to come, nothing moved, and nothing would be written."""
    found, wanted = QUIET[case]
    assert believed(known(found), wanted)


DOUBTS: dict[str, tuple[Recollection, Target]] = {
    "not listed any more": (known(row=None), target()),
    "changed since": (known(row=replace(ROW, updated_at=READ_AT + HOUR)), target()),
    "renamed on the same date": (known(row=replace(ROW, name="Other")), target()),
    "of another status on the same date": (known(row=replace(ROW, status=Status.DONE)), target()),
    "of no date": (known(replace(DRAFT, row=replace(ROW, updated_at=None))), target()),
    "changed right before it was read": (
        known(replace(DRAFT, row=replace(ROW, updated_at=READ_AT - MARGIN + SECOND))),
        target(),
    ),
    "written of since": (known(written=READ_AT + HOUR), target()),
    "written of right before": (known(written=READ_AT - MARGIN + SECOND), target()),
    "scheduled": (known(replace(DRAFT, live=scheduled(NOW_IS + DAY))), target(NOW_IS + DAY)),
    "scheduled, by the listing": (
        known(replace(DRAFT, row=replace(ROW, status=Status.SCHEDULED))),
        target(),
    ),
    "being sent": (known(reading(Status.EXECUTING)), target()),
    "of an unknown status": (known(reading(Status.UNKNOWN)), target()),
    "removed": (known(reading(Status.REMOVED)), target()),
    "to be scheduled": (known(), target(NOW_IS + DAY)),
    "to be sent at once": (known(), target(NOW)),
    "to be sent again": (known(reading(Status.DONE, SENT)), target(SENT.ran_at, NOW_IS + DAY)),
    "read in the future": (known(replace(DRAFT, read_at=NOW_IS + SECOND)), target()),
    "due since": (known(), target(READ_AT + HOUR)),
    "due right before it was read": (known(), target(READ_AT - MARGIN + SECOND)),
    "a draft that is to go to others": (known(), target(recipients=OTHER_LISTS)),
    "an A/B test by now": (known(row=replace(ROW, ab_test=True)), target()),
    "without a history that is asked for": (
        known(replace(DRAFT, live=replace(LIVE, history=None))),
        target(READ_AT - HOUR),
    ),
    "at odds with itself": (known(reading(Status.DONE)), target()),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_what_may_be_otherwise_is_read(case: str) -> None:
    """One doubt is enough."""
    recollection, wanted = DOUBTS[case]
    assert not believed(recollection, wanted)


def test_the_margin_is_no_doubt_in_itself() -> None:
    """What lies the whole margin before a reading is certain."""
    edge = READ_AT - MARGIN
    settled = known(replace(DRAFT, row=replace(ROW, updated_at=edge)), written=edge)
    assert believed(settled, target(edge))


def test_the_newest_word_of_the_journal_counts() -> None:
    """An open write may take effect at any time, so its word is never old."""
    old, new = journal(NOW_IS), replace(journal(NOW_IS), at=NOW_IS)
    assert last_written([old, new]) == {ACTIVITY: NOW_IS}
    still = last_written([old, replace(new, state=WriteState.UNKNOWN)])
    assert still[ACTIVITY] > NOW_IS + 10_000 * DAY
    assert last_written([]) == {}


AHEAD = NOW_IS + DAY
WAITS = replace(DRAFT, live=replace(scheduled(AHEAD), history=(SENT,)))


def test_the_history_of_what_still_waits_is_kept() -> None:
    """The same schedule stood before and stands now, ahead of both; nothing else moved."""
    assert keeps_history(known(WAITS), scheduled(AHEAD), NOW_IS)


OTHERWISE = {
    "it was not read": (replace(WAITS, live=scheduled(AHEAD, replace(LIVE, history=None))), AHEAD),
    "it was no schedule": (replace(WAITS, live=replace(LIVE, schedules=(AHEAD,))), AHEAD),
    "it was another schedule": (WAITS, AHEAD + HOUR),
    "its time has come": (replace(WAITS, live=scheduled(NOW_IS)), NOW_IS),
    "it was changed": (replace(WAITS, row=replace(ROW, updated_at=READ_AT)), AHEAD),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_the_history_is_read_otherwise(case: str) -> None:
    """Whatever leaves room for a send between the two readings."""
    found, when = OTHERWISE[case]
    assert not keeps_history(known(found), scheduled(when), NOW_IS)


def test_the_history_is_read_of_what_is_not_scheduled_once() -> None:
    """A draft, or one with two schedules against the rules."""
    assert not keeps_history(known(WAITS), replace(LIVE, schedules=(AHEAD,)), NOW_IS)
    twice = replace(scheduled(AHEAD), schedules=(AHEAD, AHEAD + HOUR))
    same = replace(WAITS, live=replace(twice, history=()))
    assert not keeps_history(known(same), twice, NOW_IS)


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        (DRAFT, target(), False),
        (DRAFT, target(NOW_IS + HOUR), False),
        (DRAFT, target(NOW), False),
        (DRAFT, target(READ_AT - HOUR), False),
        (DRAFT, target(READ_AT - MARGIN), False),
        (DRAFT, target(READ_AT - MARGIN + SECOND), True),
        (DRAFT, target(NOW_IS), True),
        (replace(DRAFT, live=scheduled(NOW_IS - HOUR)), target(), True),
        (replace(DRAFT, live=scheduled(NOW_IS + HOUR)), target(), False),
        (reading(Status.EXECUTING), target(), True),
    ],
)
def test_time_alone_overtakes_a_reading(found: Reading, wanted: Target, *, expected: bool) -> None:
    """Something was being sent, or was due since: a plan that reads nothing cannot tell."""
    assert overtaken(found, wanted, NOW_IS) is expected
