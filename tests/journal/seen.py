"""Views of a journal, by hand and at random, for the tests of its renderers."""

from dataclasses import replace

from hypothesis import strategies as st

from ccops.constantcontact.wire import schedule_step
from ccops.errors import ExitCode
from ccops.model import NOW, Recipients, StepKind
from ccops.planning.resolution import Choice, recorded
from ccops.ports import JournalEntry, WriteState
from ccops.render.journaling import JournalView, OpenWrite, Resolved
from tests.planning.samples import BOARD, DAY, DONORS, LIVE, NOW_IS, SEGMENTED, scheduled
from tests.planning.strategies import lives
from tests.render.hostile import hostile
from tests.verify.lines import write

SOON = NOW_IS + DAY
OTHER, THIRD = "b6e5a7e0-0e9b-4a3b-8f6c-1d2f3a4b5c6d", "11111111-1111-1111-1111-111111111111"
NAMES = {DONORS: "Donors", BOARD: "Board, old", "77": "Volunteers"}
LINES = (
    *write(
        1,
        when=NOW,
        state=WriteState.UNKNOWN,
        campaign="Recall",
        detail="the request to schedule was made, but no reading shows it",
    ),
    *write(1, StepKind.UPDATE, campaign="Spring", activity=OTHER),
    *write(2, when=SOON, campaign="Spring", activity=OTHER, recipients=SEGMENTED)[:1],
    *write(
        1,
        StepKind.UNSCHEDULE,
        when=None,
        campaign="Summer",
        activity=THIRD,
        state=WriteState.ACKED,
        detail="answered 204",
    ),
)


def open_writes(*, read: bool) -> tuple[OpenWrite, ...]:
    """Three open writes, and what was read of them."""
    readings = (LIVE, scheduled(SOON), None)
    left = [one for one in recorded(LINES) if one.entry.state.open]
    return tuple(
        OpenWrite(write=one, read=read, live=live if read else None)
        for one, live in zip(left, readings, strict=True)
    )


def view(*, read: bool = True) -> JournalView:
    return JournalView(
        store="/state/journal.sqlite3",
        zone="America/New_York",
        writes=open_writes(read=read),
        names=NAMES,
        zones={one.write_id: "Europe/London" for one in LINES if one.campaign == "Spring"},
        unread="" if read else "CC520: Constant Contact does not accept the access token",
        failure=None if read else ExitCode.ACCESS,
    )


def whole() -> JournalView:
    return replace(view(read=False), lines=LINES, unread="it was not asked", failure=None)


recipients = st.builds(
    Recipients,
    lists=st.lists(hostile, max_size=2).map(tuple),
    segments=st.lists(hostile, max_size=2).map(tuple),
)
entries = st.builds(
    JournalEntry,
    write_id=hostile,
    run=hostile,
    plan=hostile,
    activity_id=hostile,
    campaign=hostile,
    step=st.builds(
        lambda kind, method, path, body: replace(
            schedule_step(OTHER, NOW), kind=kind, method=method, path=path, body=body
        ),
        st.sampled_from(StepKind),
        hostile,
        hostile,
        st.none() | hostile,
    ),
    when=st.sampled_from([None, NOW, SOON]),
    recipients=st.none() | recipients,
    state=st.sampled_from(WriteState),
    fingerprint=hostile,
    at=st.just(NOW_IS),
    past=st.integers(0, 3),
    detail=hostile,
)
views = st.builds(
    lambda found, live, read, whole_one, names, store: JournalView(
        store=store,
        zone="America/New_York",
        writes=tuple(
            OpenWrite(write=one, read=read, live=live)
            for one in recorded(found)
            if one.entry.state.open
        ),
        lines=tuple(found) if whole_one else None,
        names=dict.fromkeys((DONORS, BOARD), names),
        unread=store,
    ),
    st.lists(entries, max_size=4),
    st.none() | lives(),
    st.booleans(),
    st.booleans(),
    hostile,
    hostile,
)
resolutions = st.builds(
    Resolved,
    entry=entries,
    choice=st.sampled_from(Choice),
    live=st.none() | lives(),
    zone=st.just("America/New_York"),
)
