"""A person's decision about an open write: what may be decided, and what it leads to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import InvalidInput
from ccops.model import NOW, Live, Status, StepKind, When
from ccops.planning.case import newest_lines
from ccops.planning.plan import Verdict
from ccops.planning.resolution import (
    Choice,
    consequence,
    contradiction,
    decided,
    open_write,
    recorded,
)
from ccops.planning.verdict import decide
from ccops.ports import JournalEntry, WriteState
from tests.planning.samples import (
    DAY,
    HOUR,
    LISTS,
    LIVE,
    NOW_IS,
    OTHER_LISTS,
    completed,
    facts,
    scheduled,
    target,
)
from tests.planning.strategies import lives
from tests.verify.lines import ASKED, write

SOON = NOW_IS + DAY
TOOK, NONE = Choice.TOOK_EFFECT, Choice.NO_EFFECT
UNKNOWN = WriteState.UNKNOWN
UPDATE, UNSCHEDULE, SCHEDULE = StepKind.UPDATE, StepKind.UNSCHEDULE, StepKind.SCHEDULE
OPEN = sorted(state for state in WriteState if state.open)


def entry(kind: StepKind = SCHEDULE, when: When = SOON, past: int = 0) -> JournalEntry:
    return write(1, kind, when=when, past=past, state=UNKNOWN)[-1]


def sent(*, status: Status = Status.DONE) -> Live:
    return replace(LIVE, status=status, history=(completed(NOW_IS),))


def is_in(status: Status) -> Live:
    return replace(LIVE, status=status)


@pytest.mark.parametrize(
    ("one", "live", "refused"),
    [
        # at once
        (entry(when=NOW), LIVE, {TOOK}),
        (entry(when=NOW), scheduled(SOON), {TOOK}),
        (entry(when=NOW), is_in(Status.EXECUTING), {NONE}),
        (entry(when=NOW), sent(), {NONE}),
        (entry(when=NOW), sent(status=Status.ERROR), {NONE}),
        (entry(when=NOW, past=1), sent(), {TOOK}),
        (entry(when=NOW), None, set()),
        # at a time
        (entry(), scheduled(SOON), {NONE}),
        (entry(), scheduled(SOON + HOUR), set()),
        (entry(), LIVE, set()),
        (entry(), is_in(Status.EXECUTING), {NONE}),
        (entry(), sent(), {NONE}),
        (entry(past=1), sent(), set()),
        (entry(past=1), scheduled(SOON, sent()), {NONE}),
        (entry(), None, set()),
        # recipients
        (entry(UPDATE), LIVE, {NONE}),
        (entry(UPDATE), replace(LIVE, recipients=OTHER_LISTS), {TOOK}),
        (entry(UPDATE), None, set()),
        # taking a schedule away
        (entry(UNSCHEDULE), scheduled(SOON), {TOOK}),
        (entry(UNSCHEDULE), LIVE, {NONE}),
        (entry(UNSCHEDULE), sent(), {NONE}),
        (entry(UNSCHEDULE), None, set()),
    ],
)
def test_what_the_account_contradicts(
    one: JournalEntry, live: Live | None, refused: set[Choice]
) -> None:
    """What it plainly shows beats a person; what it leaves open, a person may decide."""
    assert {choice for choice in Choice if contradiction(one, live, choice, zone="UTC")} == refused


@given(
    st.sampled_from(StepKind), st.sampled_from([SOON, NOW]), st.integers(0, 3), st.none() | lives()
)
def test_there_is_always_a_way_out(
    kind: StepKind, when: When, past: int, live: Live | None
) -> None:
    """Whatever the account shows, at least one decision about every write can be recorded."""
    one = write(1, kind, when=when, past=past, state=UNKNOWN)[-1]
    assert any(not contradiction(one, live, choice, zone="UTC") for choice in Choice)


@given(st.sampled_from(OPEN), st.integers(0, 3), lives())
def test_nothing_visible_is_called_unmade(state: WriteState, past: int, live: Live) -> None:
    """While a POST can be seen, or something was sent since, it cannot be said to have failed."""
    one = write(1, when=SOON, past=past, state=state)[-1]
    visible = (
        live.schedules == (SOON,)
        or live.status is Status.EXECUTING
        or len(live.history or ()) > past
    )
    assert bool(contradiction(one, live, NONE, zone="UTC")) is visible


@pytest.mark.parametrize(("choice", "state"), [(TOOK, "verified"), (NONE, "resolved")])
@pytest.mark.parametrize("live", [LIVE, None])
def test_the_line_that_closes_a_write(choice: Choice, state: str, live: Live | None) -> None:
    """The same write, closed, with the person's words and the reading behind them."""
    one = entry()
    line = decided(one, choice, reason="I looked", live=live, at=NOW_IS)
    assert (line.state, line.at, line.detail) == (state, NOW_IS, "decided by a person: I looked")
    assert not line.state.open
    assert (line.fingerprint == "absent") is (live is None)
    same = {"state": one.state, "at": one.at, "detail": one.detail, "fingerprint": one.fingerprint}
    assert replace(line, **same) == one  # type: ignore[arg-type]  # of four kinds, by name


def verdict(when: When, live: Live, choice: Choice) -> Verdict:
    """What the next plan makes of a decision, when the manifest still says the same."""
    one = write(1, when=when, state=UNKNOWN)
    line = decided(one[-1], choice, reason="x", live=live, at=NOW_IS)
    newest = newest_lines([*one, line]).get(line.activity_id)
    return decide(replace(facts(target(when), live), newest=newest)).verdict


@pytest.mark.parametrize(
    ("when", "live", "choice", "expected"),
    [
        (SOON, LIVE, TOOK, Verdict.UNSCHEDULED_ELSEWHERE),
        (SOON, LIVE, NONE, Verdict.SCHEDULE),
        (SOON, scheduled(SOON), TOOK, Verdict.IN_SYNC),
        (SOON, scheduled(SOON + HOUR), TOOK, Verdict.RESCHEDULE),
        (SOON, scheduled(SOON + HOUR), NONE, Verdict.RESCHEDULE),
        (NOW, LIVE, NONE, Verdict.SEND_NOW),
        (NOW, sent(), TOOK, Verdict.SENT),
    ],
)
def test_what_the_next_plan_makes_of_it(
    when: When, live: Live, choice: Choice, expected: Verdict
) -> None:
    """Just what `consequence` says: a decision alone schedules and sends nothing."""
    assert verdict(when, live, choice) is expected


@pytest.mark.parametrize(
    ("one", "choice", "words"),
    [
        (entry(), TOOK, 'schedules it again only with --allow reschedule="Fall Appeal"'),
        (entry(), NONE, "still says Wed 2026-10-07 12:00 UTC, the next plan offers to schedule"),
        (entry(when=NOW), TOOK, "the next plan counts the send that the history shows"),
        (entry(when=NOW), NONE, 'which takes its own --allow send-now="Fall Appeal"'),
        (entry(UPDATE), TOOK, "recorded as carried out"),
        (entry(UNSCHEDULE), NONE, "recorded as never made"),
        (replace(entry(), when=None), NONE, "still says its time"),
    ],
)
def test_the_consequence_is_said(one: JournalEntry, choice: Choice, words: str) -> None:
    """Before and after it is recorded."""
    assert words in consequence(one, choice, zone="UTC")


def test_times_are_told_in_the_zone_asked_for() -> None:
    """In what follows, and in what the account shows."""
    there, zone = "Wed 2026-10-07 08:00 America/New_York", "America/New_York"
    for choice in Choice:
        assert there in consequence(entry(), choice, zone=zone)
    assert there in contradiction(entry(), scheduled(SOON), NONE, zone=zone)


FIRST, SECOND = "4c08372c-957a-48b5-bc45-72c7f00796cd", "b6e5a7e0-0e9b-4a3b-8f6c-1d2f3a4b5c6d"
ENTRIES = (
    *write(1, activity=FIRST, state=UNKNOWN),
    *write(1, activity=SECOND, when=NOW, state=WriteState.ACKED),
    *write(2, activity=SECOND, detail="seen"),
)
RUN = "20261004T120000Z-a1b2c3"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (f"{RUN}:{FIRST}:1", FIRST),
        (f"{RUN}:{FIRST}", FIRST),
        (f"{RUN}:4c", FIRST),
        (f"{RUN}:b", SECOND),
    ],
)
def test_an_unambiguous_beginning_will_do(name: str, meant: str) -> None:
    """Closed writes of the same beginning do not count."""
    found = open_write(ENTRIES, name)
    assert (found.entry.activity_id, found.begun) == (meant, ASKED)
    assert found.entry.state.open


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("", "CC720", "has no write"),
        ("x", "CC720", "has no write"),
        (RUN, "CC721", f"{RUN}:{FIRST}:1, {RUN}:{SECOND}:1"),
        (f"{RUN}:{SECOND}:2", "CC722", "is not open: it is verified (seen)"),
    ],
)
def test_any_other_name_is_refused(name: str, code: str, words: str) -> None:
    """With the state of the write, or those that may be meant."""
    with pytest.raises(InvalidInput) as caught:
        open_write(ENTRIES, name)
    assert caught.value.diagnostics[0].code == code
    assert words in str(caught.value)


def test_a_closed_write_without_words() -> None:
    """The state alone is told."""
    with pytest.raises(InvalidInput, match=r"it is verified$"):
        open_write(write(), RUN)


def test_every_write_is_told_once() -> None:
    """By its newest line, with the time of its first."""
    found = recorded(ENTRIES)
    assert [one.entry for one in found] == [ENTRIES[1], ENTRIES[3], ENTRIES[5]]
    assert {one.begun for one in found} == {ASKED}
    assert found[0].entry.recipients == LISTS
