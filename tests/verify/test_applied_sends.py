"""The journal's lines become the sends of each activity, each at its place in the history."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.model import NOW, StepKind
from ccops.planning.applied import AppliedSend, Watched, watched
from ccops.ports import JournalEntry, WriteState
from tests.planning.samples import DAY, HOUR, LISTS, NOW_IS, OTHER_LISTS
from tests.verify.lines import ASKED, AT, write

WEEK_AGO = NOW_IS - 7 * DAY
LATER = AT + HOUR
UPDATE, UNSCHEDULE = StepKind.UPDATE, StepKind.UNSCHEDULE
INTENT, ACKED, UNKNOWN = WriteState.INTENT, WriteState.ACKED, WriteState.UNKNOWN
RESOLVED, COMPENSATED = WriteState.RESOLVED, WriteState.COMPENSATED


def only(*lines: tuple[JournalEntry, ...]) -> Watched:
    (found,) = watched([entry for one in lines for entry in one], WEEK_AGO)
    return found


def told(send: AppliedSend) -> tuple[object, ...]:
    """A send in short: its place, its time, and what holds of it."""
    standing = "open" if send.open else "withdrawn" if send.withdrawn else "asked"
    return (send.slot, send.when, standing)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((write(),), [(0, AT, "asked")]),
        ((write(when=NOW),), [(0, NOW, "asked")]),
        ((write(past=2),), [(2, AT, "asked")]),
        ((write(1, UPDATE), write(2)), [(0, AT, "asked")]),
        ((write(1), write(2, UNSCHEDULE, when=None)), [(0, AT, "withdrawn")]),
        ((write(1, UNSCHEDULE, when=None),), [(0, None, "withdrawn")]),
        (
            (write(1), write(2, UNSCHEDULE, when=LATER), write(3, when=LATER)),
            [(0, LATER, "asked")],
        ),
        ((write(1), write(2, past=1, when=LATER)), [(0, AT, "asked"), (1, LATER, "asked")]),
        (
            (write(1), write(2, past=1, when=LATER), write(3, UNSCHEDULE, past=1, when=None)),
            [(0, AT, "asked"), (1, LATER, "withdrawn")],
        ),
        ((write(state=INTENT),), [(0, AT, "open")]),
        ((write(state=ACKED),), [(0, AT, "open")]),
        ((write(when=NOW, state=UNKNOWN),), [(0, NOW, "open")]),
        ((write(1, UPDATE, state=INTENT),), [(0, AT, "open")]),
        ((write(1), write(2, UNSCHEDULE, when=None, state=INTENT)), [(0, AT, "open")]),
        ((write(state=RESOLVED),), [(0, AT, "withdrawn")]),
        ((write(1), write(2, UNSCHEDULE, when=None, state=RESOLVED)), [(0, AT, "asked")]),
        ((write(1), write(2, when=LATER, state=RESOLVED)), [(0, AT, "asked")]),
        (
            (write(1), write(2, UNSCHEDULE), write(3, when=LATER, state=RESOLVED)),
            [(0, LATER, "withdrawn")],
        ),
        ((write(1, state=RESOLVED), write(2)), [(0, AT, "asked")]),
        ((write(state=COMPENSATED),), [(0, AT, "withdrawn")]),
        ((write(1), write(2, state=COMPENSATED)), [(0, AT, "withdrawn")]),
    ],
)
def test_the_newest_write_at_a_place_decides(
    lines: tuple[tuple[JournalEntry, ...], ...], expected: list[tuple[object, ...]]
) -> None:
    """What was asked for again or taken back counts; what had no effect leaves all as it was."""
    assert [told(one) for one in only(*lines).sends] == expected


@pytest.mark.parametrize("state", [RESOLVED, WriteState.VERIFIED])
def test_a_put_alone_is_no_send(state: WriteState) -> None:
    """Nothing was to be sent, so nothing is looked for."""
    assert watched(write(1, UPDATE, state=state), WEEK_AGO) == ()


def test_recipients_are_those_verified_last() -> None:
    """A DELETE's line names what is wanted, not what the activity holds."""
    lines = (write(1), write(2, UPDATE, recipients=OTHER_LISTS), write(3, UNSCHEDULE))
    assert only(*lines).recipients == OTHER_LISTS
    assert only(write(1), write(2, UPDATE, recipients=None)).recipients == LISTS
    assert only(write(1, UNSCHEDULE)).recipients is None


def test_the_newest_name_counts() -> None:
    """A manifest may name the same activity otherwise later."""
    found = only(write(1, campaign="Old"), write(2, past=1, campaign="New"))
    assert (found.campaign, found.newest.slot) == ("New", 1)
    assert found.wrote_at == ASKED + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("lines", "inside"),
    [
        (write(when=WEEK_AGO), True),
        (write(when=WEEK_AGO - timedelta(seconds=1)), False),
        (write(when=NOW_IS + 300 * DAY), True),
        (write(when=NOW), True),
        (write(when=NOW, at=WEEK_AGO - HOUR), False),
        (write(when=WEEK_AGO - 90 * DAY, at=WEEK_AGO - 99 * DAY, state=UNKNOWN), True),
    ],
)
def test_the_time_of_the_send_decides(lines: tuple[JournalEntry, ...], inside: bool) -> None:
    """Not that of the write; one at once has only that; an open one never grows old."""
    assert bool(watched(lines, WEEK_AGO)) is inside


@given(
    st.lists(
        st.builds(
            write,
            st.integers(1, 6),
            st.sampled_from(StepKind),
            when=st.sampled_from([AT, LATER, NOW]),
            state=st.sampled_from(WriteState),
            past=st.integers(0, 3),
            activity=st.sampled_from(
                ["4c08372c-957a-48b5-bc45-72c7f00796cd", "b6e5a7e0-0e9b-4a3b-8f6c-1d2f3a4b5c6d"]
            ),
        ),
        max_size=8,
    )
)
def test_every_open_write_is_watched(lines: list[tuple[JournalEntry, ...]]) -> None:
    """Whatever the journal holds: one value per activity, its sends ascending by place."""
    entries = [entry for one in lines for entry in one]
    found = watched(entries, WEEK_AGO)
    assert len({one.activity_id for one in found}) == len(found)
    for one in found:
        slots = [send.slot for send in one.sends]
        assert slots == sorted(set(slots))
    newest = {entry.activity_id: entry for entry in entries}
    left_open = {activity for activity, entry in newest.items() if entry.state.open}
    assert left_open <= {one.activity_id for one in found}
