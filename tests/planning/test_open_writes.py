"""What a plan says of writes of which nobody knows what became: each once, and never as a block."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import Severity
from ccops.model import NOW, StepKind, When
from ccops.planning.open_writes import OPEN_WRITE, open_writes
from ccops.planning.plan import Change, Finding
from ccops.planning.resolution import recorded
from ccops.ports import JournalEntry, WriteState
from tests.journal.seen import OTHER, THIRD, entries
from tests.planning.samples import ACTIVITY, DAY, NAME, NOW_IS
from tests.render import render_builders as build
from tests.verify.lines import write

ZONE = "America/New_York"
SOON = NOW_IS + DAY


def change(activity: str = ACTIVITY) -> Change:
    """A change of this activity, whatever it does."""
    made = build.scheduled()
    return replace(made, target=replace(made.target, activity_id=activity))


def one(*lines: JournalEntry, changes: tuple[Change, ...] = ()) -> Finding:
    """The finding about a journal with one open write."""
    (found,) = open_writes(lines, changes, zone=ZONE)
    return found


@settings(max_examples=60)
@given(st.lists(entries, max_size=5), st.sampled_from([(), (change(),)]))
def test_each_open_write_is_told_once(
    lines: list[JournalEntry], changes: tuple[Change, ...]
) -> None:
    """In the journal's order; a closed one is not, and none blocks anything."""
    found = open_writes(lines, changes, zone=ZONE)
    left = [one.entry for one in recorded(lines) if one.entry.state.open]
    assert [one.campaign for one in found] == [entry.campaign for entry in left]
    assert {(one.guard, one.blocking, one.diagnostic.code) for one in found} <= {
        (OPEN_WRITE, False, "CC716")
    }
    assert all(one.diagnostic.severity is Severity.WARNING for one in found)


@pytest.mark.parametrize("state", WriteState)
def test_open_is_what_the_journal_calls_open(state: WriteState) -> None:
    """Recorded, answered, being taken back, or unknown to those who looked."""
    assert bool(open_writes(write(state=state), (), zone=ZONE)) is state.open


@pytest.mark.parametrize(
    ("kind", "when", "said"),
    [
        (StepKind.SCHEDULE, SOON, "to schedule it for Wed 2026-10-07 08:00 America/New_York"),
        (StepKind.SCHEDULE, NOW, "to send it at once"),
        (StepKind.UPDATE, SOON, "to set its recipients"),
        (StepKind.UNSCHEDULE, SOON, "to unschedule it"),
    ],
)
def test_what_it_was_and_since_when(kind: StepKind, when: When | datetime, said: str) -> None:
    """The first line tells when it was begun, the newest what is known."""
    found = one(*write(1, kind, when=when, state=WriteState.UNKNOWN)).diagnostic
    begun = "begun Sun 2026-10-04 08:00 America/New_York"
    assert found.message == (
        f'what became of an earlier write to "{NAME}" is not known yet: {said}, {begun}'
    )
    assert "`ccops apply` looks first" in found.help
    assert "`ccops journal show`" in found.help
    assert "`ccops verify`" in found.help


def test_a_campaign_of_the_plan_is_named_as_the_plan_does() -> None:
    """At the line of its manifest, whatever it was called when the write was made."""
    found = one(*write(state=WriteState.ACKED), changes=(change(OTHER), change()))
    assert (found.campaign, found.diagnostic.place) == (change().campaign, change().place)


def test_a_campaign_outside_the_plan_is_told_too() -> None:
    """An apply looks for it all the same."""
    found = one(*write(state=WriteState.ACKED, activity=THIRD), changes=(change(),))
    assert (found.campaign, found.diagnostic.place) == (NAME, None)
