"""What holds of every drift: nothing is lost, what was applied is none, what a person did is one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ccops.constantcontact.wire import PRIMARY_EMAIL
from ccops.model import Live, Recipients, SendRecord, Status, StepKind, When
from ccops.planning.drift import DriftState
from ccops.planning.plan import Plan, Verdict
from ccops.ports import JournalEntry, WriteState
from tests.drift.three_sides import assessed, drift_of, planned, seen, state_of, with_content
from tests.planning.samples import ACTIVITY, DAY, LIVE, NOW_IS, completed, scheduled
from tests.planning.strategies import audiences, instants, lives, plans, sends, upcoming
from tests.verify.lines import write

STATE = DriftState
LIMITS = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
STRANGE = (Status.UNKNOWN, Status.REMOVED, Status.DONE, Status.ERROR)
"""What an activity often cannot be taken further from."""
BEFORE = NOW_IS - 30 * DAY
"""When the first send of a campaign ran that was sent before."""

writes = st.builds(
    write,
    st.integers(1, 4),
    st.sampled_from(StepKind),
    when=st.none() | instants,
    state=st.sampled_from(WriteState),
    past=st.integers(0, 2),
    recipients=st.none() | audiences,
)
journals = st.lists(writes, max_size=4).map(lambda found: [line for one in found for line in one])


def as_left(when: When, people: Recipients, history: Sequence[SendRecord] = ()) -> Live:
    """The account after an apply that scheduled it."""
    base = replace(LIVE, recipients=people, history=tuple(history))
    return scheduled(when, base)  # type: ignore[arg-type]  # an instant


def the_apply(when: When, people: Recipients, past: int = 0) -> tuple[JournalEntry, ...]:
    return with_content(write(when=when, recipients=people, past=past))


@LIMITS
@given(plans(), journals)
def test_every_campaign_is_judged_once(plan: Plan, entries: list[JournalEntry]) -> None:
    """Whatever the journal holds: nothing is raised, nothing is left out, all is in order."""
    known = [
        replace(one, activity_id=change.target.activity_id or ACTIVITY)
        for change in plan.changes
        for one in entries
    ]
    found = assessed(plan, known)
    assert found.in_sync + len(found.items) == len(plan.changes)
    times = [one.soonest for one in found.items if one.soonest]
    assert times == sorted(times)
    assert all(one.state is not STATE.IN_SYNC for one in found.items)
    doubts = any(one.state.is_doubt for one in found.items)
    assert found.exit_code(detailed=True) in ({6, 10} if doubts else {0, 2})
    assert (found.exit_code(detailed=False) == 0) is not doubts


@LIMITS
@given(lives(statuses=STRANGE), sends(), audiences, journals)
def test_what_is_blocked_is_never_no_drift(
    live: Live, times: tuple[When, ...], people: Recipients, entries: list[JournalEntry]
) -> None:
    """Drift, or an exit code of its own."""
    one = replace(live, activity_id=ACTIVITY)
    plan = planned([seen(*times, live=one, recipients=people)], entries)
    found = assessed(plan, entries)
    doubt = found.exit_code(detailed=False) in {6, 10}
    assert found.drifted or doubt or plan.changes[0].verdict is not Verdict.BLOCKED


@LIMITS
@given(st.lists(upcoming, min_size=1, max_size=3, unique=True).map(sorted), audiences)
def test_after_an_apply_there_is_no_drift(times: list[When], people: Recipients) -> None:
    """Whatever was applied; nor at any hour until it was sent, nor after it."""
    first, *rest = times
    one = seen(*times, live=as_left(first, people), recipients=people)
    lines = the_apply(first, people)
    assert state_of(drift_of(one, lines)) is STATE.IN_SYNC
    sent = replace(LIVE, status=Status.DONE, recipients=people, history=(completed(first),))  # type: ignore[arg-type]
    later = first + timedelta(minutes=1)  # type: ignore[operator]
    over = drift_of(replace(one, live=sent), lines, now=later)
    assert not over.drifted
    assert state_of(over) in ({STATE.PENDING, STATE.STALLED} if rest else {STATE.IN_SYNC})


@LIMITS
@given(upcoming, audiences, sends(), audiences, st.booleans())
def test_editing_the_manifest_alone_makes_no_drift(
    when: When, people: Recipients, times: tuple[When, ...], others: Recipients, again: bool
) -> None:
    """Before its send, and before a further one; a doubt, if the plan cannot go on."""
    history = (completed(BEFORE),) if again else ()
    live = as_left(when, people, history)
    declared = (BEFORE, *times) if again else times
    assume(not any(isinstance(one, type(BEFORE)) and one <= BEFORE for one in times))
    one = seen(*declared, live=live, recipients=others)
    lines = [*(write(1, when=BEFORE, recipients=people) if again else ())]
    lines += the_apply(when, people, len(history))
    assert not drift_of(one, tuple(lines)).drifted


@st.composite
def edits(draw: st.DrawFn) -> Live:
    """What somebody can make of an activity that is scheduled for the day after tomorrow."""
    live = as_left(NOW_IS + 2 * DAY, LIVE.recipients)
    moved = st.sampled_from([NOW_IS + days * DAY for days in (1, 3, 9)])
    return draw(
        st.one_of(
            moved.map(lambda when: replace(live, schedules=(when,))),
            st.just(replace(live, status=Status.DRAFT, schedules=())),
            st.just(replace(live, status=Status.EXECUTING, schedules=(), history=None)),
            st.just(
                replace(live, status=Status.DONE, schedules=(), history=(completed(NOW_IS - DAY),))
            ),
            audiences.filter(lambda one: one != LIVE.recipients).map(
                lambda people: replace(live, recipients=people)
            ),
            st.sampled_from(["Other", ""]).map(lambda text: replace(live, subject=text)),
            st.just(replace(live, name="Renamed")),
        )
    )


@LIMITS
@given(edits(), st.none() | upcoming)
def test_any_outside_edit_is_one_drift(live: Live, declared: When | None) -> None:
    """Exactly one item of the right class, also if git was changed to something third."""
    applied = NOW_IS + 2 * DAY
    wanted = declared or applied
    assume(wanted not in live.schedules or wanted == applied)
    found = drift_of(seen(wanted, live=live), the_apply(applied, LIVE.recipients))
    assert [one.state for one in found.items] == [STATE.CHANGED]
    assert found.exit_code(detailed=True) == 2


@LIMITS
@given(lives())
def test_a_manifest_that_was_pulled_makes_no_drift(live: Live) -> None:
    """Declared as it is, a campaign is in sync; or the plan says why a person is needed."""
    whole = replace(live, role=PRIMARY_EMAIL, ab_test=False)
    assume(whole.status not in {Status.REMOVED, Status.EXECUTING})
    done = [one.ran_at for one in whole.history or () if one.completed]
    times = (*done, *whole.schedules)
    assume(len(set(times)) == len(times))
    found = drift_of(seen(*times, live=whole, recipients=whole.recipients))
    assert not found.drifted


@LIMITS
@given(st.none() | upcoming, audiences, st.none() | instants, audiences)
def test_both_moved_to_the_same_is_in_sync(
    when: When | None, people: Recipients, applied: When | None, others: Recipients
) -> None:
    """Where git and the account agree, it does not matter what was applied before."""
    live = as_left(when, people) if when else replace(LIVE, recipients=people)
    kind = StepKind.SCHEDULE if applied else StepKind.UPDATE
    lines = write(1, kind, when=applied, recipients=others)
    times = (when,) if when else ()
    assert state_of(drift_of(seen(*times, live=live, recipients=people), lines)) is STATE.IN_SYNC
